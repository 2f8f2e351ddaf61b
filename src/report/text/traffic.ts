// The traffic table: sent, received, lost, TTL on arrival, round-trip times and gaps in milliseconds of virtual time, then
// a line for whatever a table has no column for (ICMP errors, traceroute hops, TCP).

import { MILLISECOND } from '../../model/time.ts'
import type { TrafficResult } from '../../model/traffic.ts'
import { shortMs } from '../figures.ts'
import { type TextContext, tableOptions } from './context.ts'
import { type Column, tableLines, wrap } from './table.ts'

/** Gaps told in the table. */
const GAPS_MAX = 2

const COLUMNS: readonly Column[] = [
  { title: 'NAME', shrinks: true },
  { title: 'SENT', align: 'right' },
  { title: 'RECV', align: 'right' },
  { title: 'LOST', align: 'right' },
  { title: 'TTL', align: 'right' },
  { title: 'RTT MS', align: 'right' },
  { title: 'GAPS MS' },
]

/** The table and the notes below it; nothing when no traffic was sent. */
export function trafficLines(results: readonly TrafficResult[], context: TextContext): string[] {
  if (results.length === 0) return []
  const rows = results.map((result) => [
    result.traffic.name,
    String(result.sent),
    String(result.received.length),
    String(result.lost.length),
    result.replyTtls.join(',') || '-',
    result.rtt.length === 0 ? '-' : shortMs(median(result.rtt)),
    gapsText(result) || '-',
  ])
  const notes = results.flatMap((result) =>
    notesOf(result).flatMap((note) => {
      const [first = '', ...rest] = wrap(`${result.traffic.name}: ${note}`, context.columns - 4)
      return [`  ${first}`, ...rest.map((line) => `    ${line}`)]
    }),
  )
  return [...tableLines(COLUMNS, rows, tableOptions(context, 2)), ...notes]
}

/** `3000-5600` for an interval, `9000-end` for one that lasts until the end. */
function gapsText({ gaps }: TrafficResult): string {
  const ms = (t: number): string => String(Math.round(t / MILLISECOND))
  const shown = gaps
    .slice(0, GAPS_MAX)
    .map((gap) => `${ms(gap.from)}-${gap.to === undefined ? 'end' : ms(gap.to)}`)
  return gaps.length > GAPS_MAX ? `${shown.join(' ')} +${gaps.length - GAPS_MAX}` : shown.join(' ')
}

function notesOf(result: TrafficResult): string[] {
  // The errors that a traceroute provokes are its hops.
  const isTraceroute = result.traffic.kind === 'traceroute'
  const notes = (isTraceroute ? [] : result.icmpErrors).map(({ from, type, code, ttl, mtu, count }) => {
    const size = mtu === undefined ? '' : `, MTU ${mtu}`
    return `ICMP type ${type} code ${code} from ${from}${size}, arrived with TTL ${ttl}${times(count)}`
  })
  for (const { error, count } of result.localErrors)
    notes.push(`${error} from the sender's own stack${times(count)}`)
  if (isTraceroute) {
    const hops = result.hops.map((hop, i) => `${i + 1} ${hop === undefined ? '*' : hop.from}`)
    notes.push(`hops ${hops.join(', ') || 'none'}`)
  }
  if (result.tcp !== undefined) {
    const { connected, echoed, connectTime } = result.tcp
    const after = connectTime === undefined ? '' : ` in ${shortMs(connectTime)} ms`
    notes.push(connected ? `connected${after}, ${echoed} bytes echoed` : 'the connection was not established')
  }
  if (!isTraceroute && result.repliers.length > 1)
    notes.push(`replies came from ${result.repliers.join(', ')}`)
  return notes
}

function times(count: number): string {
  return count > 1 ? ` (${count} times)` : ''
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}
