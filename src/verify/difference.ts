/** What a change does: routes that come and go, and pairs of subnets that reach each other differently, by their names. */
import type { End } from './reachability/outcomes.ts'
import { nameOf, type PairVerdict, type Summary } from './reachability/summary.ts'

/** A network as one side of a comparison. */
export interface Side {
  readonly summary: Summary
  /** Routes in words, by `cluster router`. */
  readonly routes: ReadonlyMap<string, readonly string[]>
}

export interface RouteChange {
  /** `cluster router`. */
  readonly where: string
  readonly kind: 'added' | 'removed'
  readonly text: string
}

export interface PairChange {
  readonly from: string
  readonly to: string
  readonly before: PairVerdict
  readonly after: PairVerdict
  /** How packets that do not arrive end now, and how they ended before. */
  readonly endsBefore: readonly End[]
  readonly endsAfter: readonly End[]
}

export interface Difference {
  readonly routes: readonly RouteChange[]
  readonly subnetsAdded: readonly string[]
  readonly subnetsRemoved: readonly string[]
  /** Pairs of subnets that both sides have. */
  readonly pairs: readonly PairChange[]
}

/** Compares two networks. */
export function difference(before: Side, after: Side): Difference {
  const [old, now] = [before, after].map(({ summary }) => new Verdicts(summary))
  const subnetsAdded = now!.names.filter((name) => !old!.has(name))
  const subnetsRemoved = old!.names.filter((name) => !now!.has(name))
  const keys = [...new Set([...old!.keys, ...now!.keys])]
  const pairs = keys.flatMap((key): PairChange[] => {
    const [from = '', to = ''] = key.split(' ')
    if (![from, to].every((name) => old!.has(name) && now!.has(name))) return []
    const [a, b] = [old!.of(key), now!.of(key)]
    if (a.verdict === b.verdict && endsKey(a.ends) === endsKey(b.ends)) return []
    return [{ from, to, before: a.verdict, after: b.verdict, endsBefore: a.ends, endsAfter: b.ends }]
  })
  return { routes: routeChanges(before.routes, after.routes), subnetsAdded, subnetsRemoved, pairs }
}

/** Ends that differ in what people would call the same, such as which node's port, are the same. */
function endsKey(ends: readonly End[]): string {
  const kinds = ends.map((end) => (end.kind === 'pod' ? `pod ${end.cluster}` : JSON.stringify(end)))
  return [...new Set(kinds)].sort().join()
}

/** True when there is nothing to tell. */
export function isSame({ routes, subnetsAdded, subnetsRemoved, pairs }: Difference): boolean {
  return [routes, subnetsAdded, subnetsRemoved, pairs].every(({ length }) => length === 0)
}

function routeChanges(before: Side['routes'], after: Side['routes']): RouteChange[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((where) => {
    const [old, now] = [before.get(where) ?? [], after.get(where) ?? []]
    return [
      ...old
        .filter((text) => !now.includes(text))
        .map((text): RouteChange => ({ where, kind: 'removed', text })),
      ...now
        .filter((text) => !old.includes(text))
        .map((text): RouteChange => ({ where, kind: 'added', text })),
    ]
  })
}

/** Verdicts of a summary by `from to`. */
class Verdicts {
  readonly names: readonly string[]
  readonly #known: ReadonlySet<string>
  readonly #bad = new Map<string, { verdict: PairVerdict; ends: readonly End[] }>()

  constructor({ endpoints, pairs, troubles }: Summary) {
    this.names = endpoints.map(nameOf)
    this.#known = new Set(this.names)
    const ends = new Map<string, End[]>()
    for (const trouble of troubles)
      for (const { endpoint } of trouble.from)
        for (const owner of trouble.to) {
          const key = `${nameOf(endpoint)} ${nameOf(owner)}`
          ends.set(key, [...(ends.get(key) ?? []), ...trouble.ends])
        }
    for (const { from, to, verdict } of pairs) {
      const key = `${nameOf(from)} ${nameOf(to)}`
      this.#bad.set(key, { verdict, ends: ends.get(key) ?? [] })
    }
  }

  get keys(): string[] {
    return [...this.#bad.keys()]
  }

  has(name: string): boolean {
    return this.#known.has(name)
  }

  of(key: string): { verdict: PairVerdict; ends: readonly End[] } {
    return this.#bad.get(key) ?? { verdict: 'reached', ends: [] }
  }
}
