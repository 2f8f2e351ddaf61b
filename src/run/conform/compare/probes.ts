/** What every probe got back: exactly where nothing happens to the network, how long answers were
 * missing where something does. */
import type { RunResult } from '../../../model/observation.ts'
import { formatNanos, type Nanos, SECOND } from '../../../model/time.ts'
import type { TrafficResult } from '../../../model/traffic.ts'
import { formatIp } from '../../../net/ip.ts'
import { gapLength } from '../../../verify/traffic.ts'
import {
  type Comparison,
  isMatterOfTimers,
  isQuiet,
  notAsked,
  row,
  type Sides,
  setDifferences,
} from './comparison.ts'
import { type Outages, outagesOf, periodsOf } from './outages.ts'

/** What every probe got back. */
export function compareProbes({ real, model, outages, tolerance }: Sides): Comparison[] {
  const hasUndefined = model.drops.some(({ drop }) => drop.kind === 'undefined')
  return real.result.traffic.map((theirs) => {
    const { name } = theirs.traffic
    const ours = model.traffic.find((one) => one.traffic.name === name)
    if (ours === undefined)
      return row('probe', name, probeText(theirs, true), 'not sent', ['the model did not send it'])
    const quiet = outages === undefined || isQuiet(model, theirs, ours)
    const lengths = quiet ? [] : outageLines(theirs, model, outages, tolerance)
    const differences = [
      ...probeDifferences(theirs, ours, quiet, addressesOf(model, theirs)),
      ...lengths.flatMap(({ difference }) => difference ?? []),
    ]
    const words = (result: TrafficResult, side: 'real' | 'model'): string =>
      [probeText(result, quiet), ...lengths.map((line) => line[side])].join(', ')
    const compared = {
      ...row('probe', name, words(theirs, 'real'), words(ours, 'model'), differences),
      ...(lengths.length > 0 && { outages: lengths.map(({ real, model }) => ({ real, model })) }),
    }
    if (notAsked(real, theirs) || isMatterOfTimers(model, theirs, ours))
      return { ...compared, verdict: 'not asked', differences: [] }
    return hasUndefined && differences.length > 0 ? { ...compared, verdict: 'undefined' } : compared
  })
}

/** Addresses of the pod that sends. */
function addressesOf({ scenario }: RunResult, { traffic: { from } }: TrafficResult): string[] {
  const cluster = scenario.network.clusters.find(({ id }) => id === from.cluster)
  return cluster?.pods.find(({ name }) => name === from.pod)?.ips.map(formatIp) ?? []
}

/**
 * What a probe that ends this soon after an event has to say about it is left out: real programs send a little later than asked, so that
 * one side's last requests fall before the event and the other's behind it.
 */
const PARTING: Nanos = SECOND / 2

/** One disturbance and what it cost a probe, on both sides. */
interface OutageLine {
  readonly real: string
  readonly model: string
  readonly difference: string | undefined
}

/** Outages of one probe, those that neither side has left out. */
function outageLines(
  theirs: TrafficResult,
  { scenario }: RunResult,
  outages: Outages,
  tolerance: Nanos,
): OutageLine[] {
  const { traffic } = theirs
  if (traffic.kind !== 'ping' && traffic.kind !== 'udp') return []
  const periods = periodsOf(scenario)
  const slack = spacing(theirs.sentAt, traffic.interval) + tolerance
  return outagesOf(theirs, periods).flatMap((measured, i) => {
    const { from } = periods[i]!
    const { shortest, longest } = outages.get(traffic.name)?.[i] ?? { shortest: 0, longest: 0 }
    const over = from + PARTING > traffic.at + traffic.count * traffic.interval
    if (over || (measured === 0 && longest === 0)) return []
    const when = from === Number.NEGATIVE_INFINITY ? 'before anything happens' : `after ${formatNanos(from)}`
    const real = `${lengthText(measured)} ${when}`
    const model = `${shortest === longest ? lengthText(longest) : `${lengthText(shortest)} to ${lengthText(longest)}`} ${when}`
    const inside = measured >= shortest - slack && measured <= longest + slack
    return [{ real, model, difference: inside ? undefined : `without answers: OVN ${real}, model ${model}` }]
  })
}

/** An outage is known as exactly as requests are close to each other; real programs send a little later than asked, most of all when unanswered. */
function spacing(sentAt: readonly Nanos[], interval: Nanos): Nanos {
  const longest = sentAt.slice(1).reduce((most, at, i) => Math.max(most, at - sentAt[i]!), interval)
  return Math.min(longest, 2 * interval)
}

function lengthText(outage: Nanos): string {
  return outage === Number.POSITIVE_INFINITY ? 'for ever' : `${(outage / SECOND).toFixed(2)} s`
}

function probeText(result: TrafficResult, quiet: boolean): string {
  const { traffic, sent, received, replyTtls, hops, tcp } = result
  if (traffic.kind === 'traceroute') return hops.map((hop) => hop?.from ?? '*').join(' ')
  if (tcp !== undefined) return tcp.connected ? `${tcp.echoed} bytes back` : 'not connected'
  const ttl = replyTtls.length === 0 ? '' : ` ttl ${replyTtls.join()}`
  if (!quiet) return `${received.length}/${sent}${ttl}`
  const gaps = result.gaps.map((gap) => formatNanos(Math.round(gapLength(result, gap) / 1e6) * 1e6))
  return `${received.length}/${sent}${ttl}${gaps.length === 0 ? '' : ` gaps ${gaps.join(' ')}`}`
}

function probeDifferences(
  theirs: TrafficResult,
  ours: TrafficResult,
  quiet: boolean,
  own: readonly string[],
): string[] {
  const differences: string[] = []
  const same = (what: string, real: string, model: string): void => {
    if (real !== model) differences.push(`${what}: OVN ${real || 'none'}, model ${model || 'none'}`)
  }
  const { traffic } = theirs
  if (traffic.kind === 'traceroute') {
    const text = (result: TrafficResult): string =>
      result.hops
        .map((hop) => (hop === undefined ? '*' : `${hop.from} ${hop.kind} ttl ${hop.ttl}`))
        .join(', ')
    same('hops', text(theirs), text(ours))
    return differences
  }
  const sorted = (values: readonly (string | number)[]): string => [...values].map(String).sort().join(' ')
  if (traffic.kind === 'tcp') {
    same('connected', String(theirs.tcp?.connected), String(ours.tcp?.connected))
    if (quiet) same('bytes echoed', echoText(theirs), echoText(ours))
  } else {
    same('sent', String(theirs.sent), String(ours.sent))
    if (quiet) same('lost', theirs.lost.join(' '), ours.lost.join(' '))
    if (theirs.received.length > 0 || ours.received.length > 0)
      same('reply TTLs', sorted(theirs.replyTtls), sorted(ours.replyTtls))
    same('answers from', sorted(theirs.repliers), sorted(ours.repliers))
    // That its kernel found no neighbour is told to ping by its error queue or by the next send, whichever comes first.
    const isTold = [theirs, ours].some(({ icmpErrors }) => icmpErrors.some(({ from }) => own.includes(from)))
    const local = (result: TrafficResult): string =>
      sorted(result.localErrors.flatMap(({ error }) => (isTold && error === 'EHOSTUNREACH' ? [] : [error])))
    same('local errors', local(theirs), local(ours))
  }
  // What the sender's own kernel tells it crosses no wire, so no capture has it.
  const errors = (result: TrafficResult): string[] =>
    result.icmpErrors
      .filter(({ from }) => !own.includes(from))
      .map(
        (one) =>
          `${one.from} type ${one.type} code ${one.code} ttl ${one.ttl} mtu ${one.mtu ?? '-'} quotes ${result.traffic.kind === 'tcp' ? 'a packet' : `${one.quotedLength} bytes`} with ttl ${one.quotedTtl}`,
      )
  differences.push(
    ...setDifferences([...new Set(errors(theirs))], [...new Set(errors(ours))]).map(
      (text) => `ICMP errors: ${text}`,
    ),
  )
  return differences
}

/** Whether all bytes came back; how many of a stalled connection is a matter of timers. */
function echoText({ traffic, tcp }: TrafficResult): string {
  return traffic.kind === 'tcp' && tcp?.echoed === traffic.bytes ? 'all' : 'not all'
}
