/**
 * Every truth case as a scenario in the simulator, held against what the real OVN 23.03.1 answered. Whoever wants to see one case:
 * `npx vitest run test/truth -t basic-2az`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TruthCase } from './case-format.ts'
import { compareDatabases, compareNeighbours, compareProbes, compareUnderlay } from './compare.ts'
import { type Observed, observe } from './observe.ts'

const folder = join(import.meta.dirname, 'cases')
/** Cases whose outcome differs from one real run to the next; what is stable about them is asked in their own tests below. */
const UNSTABLE = ['dup-az', 'lrp-deleted', 'rt12-equal-connected', 'two-lrs-one-ts']
const all = readdirSync(folder).map((file) => basename(file, '.json'))

function truthOf(name: string): TruthCase {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as TruthCase
}

describe.each(all.filter((name) => !UNSTABLE.includes(name)))('%s', (name) => {
  const truth = truthOf(name)
  let observed: Observed | undefined
  const run = (): Observed => {
    observed ??= observe(truth)
    return observed
  }

  it('databases and flows agree', () => expect(compareDatabases(truth, run())).toEqual([]))
  it('probes agree', () => expect(compareProbes(truth, run())).toEqual([]))
  it('underlay packets agree', () => expect(compareUnderlay(truth, run())).toEqual([]))
  it('neighbour discovery agrees', () => expect(compareNeighbours(truth, run())).toEqual([]))
})

describe('dup-az', () => {
  const truth = truthOf('dup-az')
  const { result } = observe(truth)

  it('AZ-2: two clusters of one name share one zone, never come to rest and learn nothing', () => {
    expect(truth.converged).toBe(false)
    expect(result.settled.ok).toBe(false)
    for (const { icSb, clusters } of result.snapshots.values()) {
      expect([...icSb.tables.Availability_Zone.values()].map((row) => row.name)).toEqual(['az1'])
      for (const { nb } of clusters.values()) expect(nb.tables.Logical_Router_Static_Route.size).toBe(0)
    }
  })

  it('AZ-2: port bindings are made anew all the time, with ever new keys', () => {
    const keys = [...result.snapshots.values()].map(({ icSb }) =>
      Math.max(0, ...[...icSb.tables.Port_Binding.values()].map((row) => row.tunnel_key)),
    )
    expect(Math.max(...keys)).toBeGreaterThan(100)
  })

  it('no ping gets an answer, as on the real one', () => {
    expect(truth.probes[0]?.lost).toBe('1-20')
    expect(result.traffic[0]?.received).toEqual([])
  })
})

describe('lrp-deleted', () => {
  const truth = truthOf('lrp-deleted')
  const observed = observe(truth)

  it('ADV-14: az2 learns the one route again and again, more often than the sixty rows that were written down', () => {
    const { nb } = observed.result.snapshots.get('lrp gone')!.clusters.get('az2')!
    const rows = [...nb.tables.Logical_Router_Static_Route.values()]
    expect(rows.length).toBeGreaterThan(60)
    expect(new Set(rows.map((row) => `${row.ip_prefix} ${row.nexthop}`))).toEqual(
      new Set(['10.16.0.1/16 169.254.100.41']),
    )
  })

  it('everything but those copies agrees', () => {
    const differences = compareDatabases(truth, observed).filter(
      (text) => !text.includes('az2 lr-route-list'),
    )
    expect(differences).toEqual([])
    expect(compareProbes(truth, observed)).toEqual([])
    expect(compareUnderlay(truth, observed)).toEqual([])
    expect(compareNeighbours(truth, observed)).toEqual([])
  })
})

describe('rt12-equal-connected', () => {
  const truth = truthOf('rt12-equal-connected')
  const observed = observe(truth)
  const { result } = observed

  it('RT-12: databases and flows agree, the two flows of equal match and priority included', () => {
    expect(compareDatabases(truth, observed)).toEqual([])
  })

  it('RT-12: every packet whose route is a tie is reported as undefined with both candidates, and none is delivered', () => {
    const ties = result.drops.filter(({ drop }) => drop.kind === 'undefined')
    expect(new Set(ties.map(({ drop }) => drop.where))).toEqual(new Set(['az1/az1-w1', 'az2/az2-w1']))
    for (const { drop } of ties) expect(drop.candidates).toHaveLength(2)
    expect(result.ok).toBe(false)
    expect(result.diagnostics.map((d) => d.code)).toContain('RUN001')
  })

  it('traffic that avoids the tie agrees', () => {
    const differences = compareProbes(truth, observed).filter((text) => text.startsWith('p4 '))
    expect(differences).toEqual([])
    expect(result.traffic.find((one) => one.traffic.name === 'p4')?.lost).toEqual([])
  })
})

describe('two-lrs-one-ts', () => {
  const truth = truthOf('two-lrs-one-ts')
  const { result } = observe(truth)

  it('ADV-11: of two routers on one switch one is published, the other is not, at every look', () => {
    for (const snapshot of truth.snapshots) {
      const { icSb } = result.snapshots.get(snapshot.label)!
      const zone = [...icSb.tables.Availability_Zone].find(([, row]) => row.name === 'az1')?.[0]
      const routes = [...icSb.tables.Route.values()].filter((row) => row.availability_zone === zone)
      expect(routes).toHaveLength(1)
      const real =
        snapshot.ic_sb === 'same'
          ? (truth.snapshots[0]!.ic_sb as Record<string, Record<string, string>[]>)
          : (snapshot.ic_sb as Record<string, Record<string, string>[]>)
      expect(real.Route?.filter((row) => row.availability_zone === 'az1')).toHaveLength(1)
    }
  })

  it('ADV-11: both learn, and pods behind the other one get no answer', () => {
    const { nb } = result.snapshots.get('end')!.clusters.get('az1')!
    for (const router of nb.tables.Logical_Router.values()) expect(router.static_routes).toHaveLength(1)
    const received = (name: string) =>
      result.traffic.find((one) => one.traffic.name === name)!.received.length
    expect([received('p0'), received('p1')].sort((a, b) => a - b)).toEqual([0, 15])
  })
})
