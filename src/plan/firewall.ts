// What a firewall of the plan lets through.

import type { Span } from '../diag/diagnostic.ts'
import type { PlanFirewall } from '../model/plan.ts'

/** Where traffic such as `udp/6081` or `esp` is closed; undefined when it may pass. */
export function closedBy({ open, closed }: PlanFirewall, entry: string): Span | undefined {
  const explicit = closed.find(({ value }) => matches(value, entry))
  if (explicit !== undefined) return explicit.span
  if (open === undefined || open.entries.some(({ value }) => matches(value, entry))) return undefined
  return open.span
}

/** `udp/6081` is let through by `udp/6081`, `udp/6000-6100`, `udp`, `6081/udp` and `all`. */
function matches(written: string, entry: string): boolean {
  if (written === 'all' || written === 'any' || written === entry) return true
  const [protocol, port] = entry.split('/')
  const [first = '', second] = written.split('/')
  const [name, ports] = /^\d/.test(first) && second !== undefined ? [second, first] : [first, second]
  if (name !== protocol) return false
  if (ports === undefined || port === undefined) return ports === undefined
  const [low, high = low] = ports.split('-').map(Number)
  return Number(port) >= low! && Number(port) <= high!
}
