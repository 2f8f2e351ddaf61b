/**
 * Reachability in the words of people: every pair of subnets with one verdict, and what is wrong with the pairs that are not simply
 * reached, put together so that each sentence is said once.
 */
import { familyOf } from '../../net/ip.ts'
import { formatPrefix, type Prefix } from '../../net/prefix.ts'
import { type AddressRange, blocksOf, rangeOf, sizeOf } from '../../net/range.ts'
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
  readonly endpoints: readonly Endpoint[]
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

/** Puts an answer into words. */
export function summarize(answer: Reachability): Summary {
  const { endpoints, unreached } = answer
  const sent = new SenderCount(answer.senders)
  const pairs = pairsOf(unreached, sent)
  const bad = new Set(pairs.map(({ from, to }) => `${nameOf(from)} ${nameOf(to)}`))
  const oneWay = pairs
    .filter(({ from, to }) => !bad.has(`${nameOf(to)} ${nameOf(from)}`))
    .map(({ from, to, verdict }): Pair => ({ from: to, to: from, verdict }))
  return { endpoints, pairs, oneWay, troubles: troublesOf(unreached, sent) }
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
    blocks: blocksOf(ranges),
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
    return { endpoint, blocks: isAll ? undefined : blocksOf(ranges) }
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
  return blocksOf([range]).map(formatPrefix).join()
}
