/**
 * Reachability in the words of people: every pair of subnets with one verdict, and what is wrong with the pairs that are not simply
 * reached, put together so that each sentence is said once.
 */

import { cidrsOfRanges } from '../../net/cidr-set.ts'
import { familyOf } from '../../net/ip.ts'
import { formatPrefix, type Prefix } from '../../net/prefix.ts'
import { type AddressRange, rangeOf, sizeOf } from '../../net/range.ts'
import type { End } from './outcomes.ts'
import type { Reachability, Unreached } from './reachability.ts'
import type { Endpoint, Senders } from './sources.ts'

/** Whether senders of one subnet reach the addresses of another: all, some, or none of them. */
export type PairVerdict = 'reached' | 'partly' | 'unreached'

export interface Pair {
  readonly from: Endpoint
  readonly to: Endpoint
  readonly verdict: PairVerdict
}

/** What happens to packets that do not simply arrive. */
export type Fate =
  /** They end at a subnet that is not the one meant. */
  | 'captured'
  /** A route or policy hands them to a port that it names, such as a node's. */
  | 'diverted'
  | 'black-holed'
  | 'looping'
  /** Which of two equal routes or policies acts is not specified. */
  | 'undefined'
  /** Members of an ECMP group differ. */
  | 'depends'

export interface Trouble {
  readonly fate: Fate
  /** `az1/apps`, or some of its addresses. */
  readonly from: readonly { readonly endpoint: Endpoint; readonly blocks: readonly Prefix[] | undefined }[]
  /** Whose addresses they are; nobody's for packets that go round. */
  readonly to: readonly Endpoint[]
  /** The addresses, as the shortest list of blocks. */
  readonly blocks: readonly Prefix[]
  readonly ends: readonly End[]
}

export interface Summary {
  /** All subnets, and those whose pairs are told: senders and owners. */
  readonly endpoints: readonly Endpoint[]
  readonly from: readonly Endpoint[]
  readonly to: readonly Endpoint[]
  /** How many ordered pairs there are. */
  readonly count: (from: readonly Endpoint[], to: readonly Endpoint[]) => number
  /** Pairs that are not `reached`; a subnet and itself is a pair, pairs without a common family are none. */
  readonly pairs: readonly Pair[]
  /** Requests arrive, and what is sent back does not: pairs whose other direction is not `reached`. */
  readonly oneWay: readonly Pair[]
  readonly troubles: readonly Trouble[]
}

/** `az1/apps`. */
export function nameOf({ cluster, subnet }: Endpoint): string {
  return `${cluster}/${subnet}`
}

/** Which pairs are told. */
export interface Selection {
  readonly from?: (endpoint: Endpoint) => boolean
  readonly to?: (endpoint: Endpoint) => boolean
  /** Subnets that only their own cluster sends to; with senders elsewhere they are no pair. */
  readonly isLocal?: (endpoint: Endpoint) => boolean
}

/** Puts an answer into words. */
export function summarize(answer: Reachability, selection: Selection = {}): Summary {
  const { endpoints, unreached } = answer
  const isFrom = selection.from ?? (() => true)
  const isTo = selection.to ?? (() => true)
  const isLocal = selection.isLocal ?? (() => false)
  const isPair = (from: Endpoint, to: Endpoint): boolean => from.cluster === to.cluster || !isLocal(to)
  const isSelected = ({ from, to }: Pair): boolean => isFrom(from) && isTo(to) && isPair(from, to)
  const sent = new SenderCount(answer.senders)
  const pairs = pairsOf(unreached, sent)
  const bad = new Set(pairs.map(({ from, to }) => `${nameOf(from)} ${nameOf(to)}`))
  const oneWay = pairs
    .filter(({ from, to }) => !bad.has(`${nameOf(to)} ${nameOf(from)}`))
    .map(({ from, to, verdict }): Pair => ({ from: to, to: from, verdict }))
  const told = unreached.flatMap((one): Unreached[] => {
    const [end] = one.ends
    const owners = one.to.filter(
      // Where several have the addresses, the one that gets the packets misses nothing.
      (owner) => isTo(owner) && !(one.ends.length === 1 && isAt(end!, owner)),
    )
    return splitSenders(one.from, (senders) => {
      const { endpoint } = senders
      return isFrom(endpoint)
        ? owners.filter((owner) => owner !== endpoint && isPair(endpoint, owner))
        : undefined
    }).flatMap(([to, from]) => (to.length === 0 && one.to.length > 0 ? [] : [{ ...one, from, to }]))
  })
  return {
    endpoints,
    from: endpoints.filter(isFrom),
    to: endpoints.filter(isTo),
    count: (from, to) => countPairs(from, to, isLocal),
    pairs: pairs.filter(isSelected),
    oneWay: oneWay.filter(isSelected),
    troubles: troublesOf(told, sent),
  }
}

/** Senders with the same owners to speak of. */
function splitSenders(
  from: readonly Senders[],
  ownersOf: (senders: Senders) => readonly Endpoint[] | undefined,
): [readonly Endpoint[], Senders[]][] {
  const groups = new Map<string, [readonly Endpoint[], Senders[]]>()
  for (const senders of from) {
    const owners = ownersOf(senders)
    if (owners === undefined) continue
    const key = owners.map(nameOf).join()
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [owners, [senders]])
    else group[1].push(senders)
  }
  return [...groups.values()]
}

/** Ordered pairs of different subnets that share a family. */
function countPairs(
  from: readonly Endpoint[],
  to: readonly Endpoint[],
  isLocal: (endpoint: Endpoint) => boolean,
): number {
  // Families and clusters alone count, so that a hundred thousand subnets are a few kinds.
  const kindsOf = (list: readonly Endpoint[], keyOf: (one: Endpoint) => string) => {
    const kinds = new Map<string, { one: Endpoint; count: number }>()
    for (const one of list) {
      const key = `${keyOf(one)} ${[4, 6].filter((family) => one.prefixes.some(({ ip }) => familyOf(ip) === family)).join()}`
      const kind = kinds.get(key)
      if (kind === undefined) kinds.set(key, { one, count: 1 })
      else kind.count++
    }
    return [...kinds.values()]
  }
  const senders = kindsOf(from, ({ cluster }) => cluster)
  const owners = kindsOf(to, (one) => (isLocal(one) ? one.cluster : ''))
  let pairs = 0
  for (const a of senders)
    for (const b of owners)
      if (shareFamily(a.one, b.one) && (!isLocal(b.one) || a.one.cluster === b.one.cluster))
        pairs += a.count * b.count
  const receivers = new Set(to)
  return pairs - from.filter((one) => receivers.has(one) && one.prefixes.length > 0).length
}

/** How many addresses of each subnet send. */
class SenderCount {
  readonly #byEndpoint = new Map<Endpoint, { 4: number; 6: number }>()

  constructor(senders: readonly Senders[]) {
    for (const { endpoint, addresses } of senders) {
      const counts = this.#byEndpoint.get(endpoint) ?? { 4: 0, 6: 0 }
      counts[familyOf(addresses.first)] += sizeOf(addresses)
      this.#byEndpoint.set(endpoint, counts)
    }
  }

  of(endpoint: Endpoint, family: 4 | 6): number {
    return this.#byEndpoint.get(endpoint)?.[family] ?? 0
  }
}

/** Two subnets with a common family can be a pair. */
export function shareFamily(a: Endpoint, b: Endpoint): boolean {
  return a.prefixes.some(({ ip }) => b.prefixes.some((other) => familyOf(other.ip) === familyOf(ip)))
}

function pairsOf(unreached: readonly Unreached[], sent: SenderCount): Pair[] {
  const missing = new Map<Endpoint, Map<Endpoint, number>>()
  for (const { from, to, addresses, ends } of unreached) {
    for (const owner of to) {
      if (ends.length === 1 && isAt(ends[0]!, owner)) continue
      const lost = sizeOf(addresses)
      for (const { endpoint, addresses: senders } of from) {
        // Pods reach their own subnet without a router, whoever else uses its addresses.
        if (endpoint === owner) continue
        const row = missing.get(endpoint) ?? new Map<Endpoint, number>()
        row.set(owner, (row.get(owner) ?? 0) + lost * sizeOf(senders))
        missing.set(endpoint, row)
      }
    }
  }
  return [...missing].flatMap(([from, row]) =>
    [...row].map(([to, lost]): Pair => {
      const all = allPairs(from, to, sent)
      return { from, to, verdict: lost > all * NEARLY_ALL ? 'unreached' : 'partly' }
    }),
  )
}

/** All but a few addresses that routers keep for themselves. */
const NEARLY_ALL = 0.97

/** Pairs of single addresses between two subnets, over the families they share. */
function allPairs(from: Endpoint, to: Endpoint, sent: SenderCount): number {
  return to.prefixes.reduce(
    (all, prefix) => all + sent.of(from, familyOf(prefix.ip)) * sizeOf(rangeOf(prefix)),
    0,
  )
}

function isAt(end: End, { cluster, subnet }: Endpoint): boolean {
  return end.kind === 'subnet' && end.cluster === cluster && end.subnet === subnet
}

/** One sentence for each set of senders and way to end, with all the addresses it holds for. */
function troublesOf(unreached: readonly Unreached[], sent: SenderCount): Trouble[] {
  const byAddresses = new Map<string, { one: Unreached; from: Senders[] }>()
  for (const one of unreached) {
    const key = `${endsKey(one.ends)} ${one.to.map(nameOf).join()} ${rangeKey(one.addresses)}`
    const known = byAddresses.get(key)
    if (known === undefined) byAddresses.set(key, { one, from: [...one.from] })
    else known.from.push(...one.from)
  }
  const bySenders = new Map<
    string,
    { one: Unreached; from: Senders[]; ranges: AddressRange[]; to: Set<Endpoint> }
  >()
  for (const { one, from } of byAddresses.values()) {
    const key = `${endsKey(one.ends)} ${[...new Set(from.map(({ endpoint, addresses }) => `${nameOf(endpoint)} ${rangeKey(addresses)}`))].sort().join()}`
    const known = bySenders.get(key) ?? { one, from, ranges: [], to: new Set() }
    known.ranges.push(one.addresses)
    for (const owner of one.to) known.to.add(owner)
    bySenders.set(key, known)
  }
  return [...bySenders.values()].map(({ one, from, ranges, to }) => ({
    fate: fateOf(one),
    from: sendersOf(from, sent),
    to: [...to],
    blocks: cidrsOfRanges(ranges),
    ends: one.ends,
  }))
}

function sendersOf(from: readonly Senders[], sent: SenderCount): Trouble['from'] {
  const byEndpoint = new Map<Endpoint, AddressRange[]>()
  for (const { endpoint, addresses } of from)
    byEndpoint.set(endpoint, [...(byEndpoint.get(endpoint) ?? []), addresses])
  return [...byEndpoint].map(([endpoint, ranges]) => {
    const some = ranges.reduce((total, range) => total + sizeOf(range), 0)
    const isAll = some === sent.of(endpoint, familyOf(ranges[0]!.first))
    return { endpoint, blocks: isAll ? undefined : cidrsOfRanges(ranges) }
  })
}

function fateOf({ ends }: Unreached): Fate {
  const [end] = ends
  if (end === undefined || ends.length > 1) return 'depends'
  if (end.kind === 'dropped')
    return end.why === 'loop' ? 'looping' : end.why === 'undefined' ? 'undefined' : 'black-holed'
  return end.kind === 'pod' ? 'diverted' : 'captured'
}

function endsKey(ends: readonly End[]): string {
  return JSON.stringify(ends)
}

function rangeKey(range: AddressRange): string {
  return cidrsOfRanges([range]).map(formatPrefix).join()
}
