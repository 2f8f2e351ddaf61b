// A policy's match as the classes of destinations for which it holds, everything else about the packet being known
// (ovn-sb(5), "Expressions"). The twin of forward/ovn/match.ts, which asks about one packet.

import type { Match } from '../../model/match.ts'
import type { Ip } from '../../net/ip.ts'
import { contains } from '../../net/prefix.ts'
import { type AddressRange, rangeOf } from '../../net/range.ts'
import type { ClassRange, Cuts } from './cuts.ts'

/** What is known of the packets that are asked about, but for their destination. */
export interface PacketKind {
  readonly family: 4 | 6
  readonly protocol: 'icmp' | 'tcp' | 'udp'
  readonly sourcePort: number
  readonly destinationPort: number
}

/** Destination ranges that a match names: they have to cut. */
export function destinationsIn(match: Match): AddressRange[] {
  return addressesIn(match, 'dst')
}

/** Source ranges that a match names. */
export function sourcesIn(match: Match): AddressRange[] {
  return addressesIn(match, 'src')
}

function addressesIn(match: Match, end: 'src' | 'dst'): AddressRange[] {
  switch (match.kind) {
    case 'and':
    case 'or':
      return match.terms.flatMap((term) => addressesIn(term, end))
    case 'not':
      return addressesIn(match.term, end)
    case 'address':
      return match.field.endsWith(end) ? match.prefixes.map(rangeOf) : []
    default:
      return []
  }
}

/** Whether a match asks about the source address. */
export function asksSource(match: Match): boolean {
  return sourcesIn(match).length > 0
}

/** Router ports that a match names. */
export function portsIn(match: Match): readonly string[] {
  switch (match.kind) {
    case 'and':
    case 'or':
      return match.terms.flatMap(portsIn)
    case 'not':
      return portsIn(match.term)
    case 'port':
      return match.names
    default:
      return []
  }
}

/** Classes of destinations for which the match holds, sorted and apart. `ip.ttl` is taken to hold no value that is asked for. */
export function classesOf(
  match: Match,
  kind: PacketKind,
  source: Ip | undefined,
  inport: string,
  cuts: Cuts,
): ClassRange[] {
  const whole: ClassRange[] = [[0, cuts.classes]]
  const constant = (holds: boolean): ClassRange[] => (holds ? whole : [])
  const of = (part: Match): ClassRange[] => {
    switch (part.kind) {
      case 'and':
        return part.terms.map(of).reduce(both, whole)
      case 'or':
        return without(
          part.terms.map((term) => without(of(term), cuts.classes)).reduce(both, whole),
          cuts.classes,
        )
      case 'not':
        return without(of(part.term), cuts.classes)
      case 'const':
        return constant(part.value)
      case 'protocol':
        return constant(isProtocol(part.name, kind))
      case 'port':
        return constant(part.names.includes(inport) === part.equal)
      case 'number':
        return constant(holdsNumber(part, kind))
      case 'address': {
        if (kind.family !== (part.field.startsWith('ip4') ? 4 : 6)) return []
        if (part.field.endsWith('src'))
          return constant(
            source !== undefined && part.prefixes.some((prefix) => contains(prefix, source)) === part.equal,
          )
        const named = sortRanges(part.prefixes.map((prefix) => cuts.classesIn(rangeOf(prefix))))
        return part.equal ? named : without(named, cuts.classes)
      }
    }
  }
  return of(match)
}

function isProtocol(name: Extract<Match, { kind: 'protocol' }>['name'], kind: PacketKind): boolean {
  switch (name) {
    case 'ip':
      return true
    case 'ip4':
    case 'ip6':
      return name === `ip${kind.family}`
    case 'icmp4':
    case 'icmp6':
      return kind.protocol === 'icmp' && name === `icmp${kind.family}`
    case 'icmp':
    case 'tcp':
    case 'udp':
      return kind.protocol === name
  }
}

const NUMBERS = { icmp: { 4: 1, 6: 58 }, tcp: { 4: 6, 6: 6 }, udp: { 4: 17, 6: 17 } } as const

function holdsNumber(part: Extract<Match, { kind: 'number' }>, kind: PacketKind): boolean {
  const { field, values, equal } = part
  if (field === 'ip.proto') return values.includes(NUMBERS[kind.protocol][kind.family]) === equal
  if (field === 'ip.ttl') return !equal
  if (!field.startsWith(kind.protocol)) return false
  return values.includes(field.endsWith('src') ? kind.sourcePort : kind.destinationPort) === equal
}

function sortRanges(ranges: ClassRange[]): ClassRange[] {
  const sorted = ranges.sort((a, b) => a[0] - b[0])
  const merged: [number, number][] = []
  for (const [from, to] of sorted) {
    const last = merged.at(-1)
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to)
    else merged.push([from, to])
  }
  return merged
}

/** Classes in both; both are sorted. */
function both(a: readonly ClassRange[], b: readonly ClassRange[]): ClassRange[] {
  const common: ClassRange[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const from = Math.max(a[i]![0], b[j]![0])
    const to = Math.min(a[i]![1], b[j]![1])
    if (from < to) common.push([from, to])
    if (a[i]![1] < b[j]![1]) i++
    else j++
  }
  return common
}

/** All classes but these. */
function without(ranges: readonly ClassRange[], classes: number): ClassRange[] {
  const rest: ClassRange[] = []
  let at = 0
  for (const [from, to] of ranges) {
    if (at < from) rest.push([at, from])
    at = to
  }
  if (at < classes) rest.push([at, classes])
  return rest
}
