// Whole fixes against every combination of everything that a fix may do: each network stays, moves or is withheld, each cluster keeps
// its automatic routes or not; both families, pins and costs.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Plan, PlanNetwork } from '../../../src/model/plan.ts'
import { checkPlan } from '../../../src/plan/check.ts'
import { manualCost, withholdCost } from '../../../src/plan/fix/changes.ts'
import { FIXABLE } from '../../../src/plan/fix/judge.ts'
import { ROLE_COSTS } from '../../../src/plan/fix/networks.ts'
import { fixed, read } from './fixing.ts'

const network = fc
  .tuple(fc.boolean(), fc.nat(1), fc.boolean(), fc.nat(60))
  .map(([six, second, wide, pods]) => ({
    cidr: six
      ? `fd00:${wide ? 0 : second}::/${wide ? 31 : 48}`
      : `10.${16 + second}.0.0/${wide ? 15 : 16}`.replace(/^10\.17(.*15)$/, '10.16$1'),
    pods,
  }))
const cluster = fc.record({
  pods: fc.array(network, { minLength: 1, maxLength: 2 }),
  services: fc.option(network, { nil: undefined, freq: 2 }),
  auto: fc.constantFrom('autoRoute: true, ', 'autoRoute: false, ', ''),
})
const problem = fc
  .array(cluster, { minLength: 2, maxLength: 3 })
  .filter((all) => all.reduce((sum, { pods, services }) => sum + pods.length + (services ? 1 : 0), 0) <= 5)
  .chain((clusters) => {
    const names = clusters.flatMap(({ pods, services }, i) => [
      ...pods.map((_, k) => `c${i}/s${k}`),
      ...(services === undefined ? [] : [`c${i}/services`]),
    ])
    return fc.record({
      clusters: fc.constant(clusters),
      cost: fc.uniqueArray(fc.tuple(fc.constantFrom(...names), fc.integer({ min: 1, max: 900 })), {
        maxLength: 4,
        selector: ([name]) => name,
      }),
      pin: fc.uniqueArray(fc.constantFrom(...names, 'c0', 'c1'), { maxLength: 2 }),
    })
  })
  .map(({ clusters, cost, pin }) => {
    const lines = clusters.map(
      ({ pods, services, auto }, i) =>
        `  c${i}: { ${auto}${services === undefined ? '' : `services: '${services.cidr}', `}pods: { ${pods
          .map(({ cidr, pods: wanted }, k) => `s${k}: { cidr: '${cidr}', pods: ${wanted} }`)
          .join(', ')} } }`,
    )
    return {
      text: `technology: ovn-ic\nclusters:\n${lines.join('\n')}\n`,
      cost: new Map(cost),
      pin,
    }
  })

const hasErrors = (plan: Plan): boolean =>
  checkPlan(plan).findings.some(({ code, severity }) => severity === 'error' && FIXABLE.has(code))

/** What removing every finding costs at least, by trying everything that there is room for; undefined where nothing does. */
function leastCost(
  plan: Plan,
  costs: ReadonlyMap<string, number>,
  pin: readonly string[],
  hasRoom: (gone: ReadonlySet<PlanNetwork>) => boolean = () => true,
): number | undefined {
  const nameOf = ({ cluster: id, name }: PlanNetwork): string => `${id}/${name}`
  const pinned = (one: PlanNetwork): boolean => pin.includes(one.cluster) || pin.includes(nameOf(one))
  const free = plan.networks.filter((one) => one.assumed === undefined && !pinned(one))
  const automatic = plan.clusters.filter(
    ({ id, ovnIc }) => ovnIc?.autoRoute?.value === true && !pin.includes(id),
  )
  const options = free.map((one) => (one.role === 'pods' ? 3 : 2))
  const ways = options.reduce((product, n) => product * n, 2 ** automatic.length)
  let least: number | undefined
  for (let way = 0; way < ways; way++) {
    let rest = way
    let cost = 0
    const manual = new Set<string>()
    for (const { id } of automatic) {
      if (rest % 2 === 1) {
        manual.add(id)
        cost += manualCost(plan.clusters.length)
      }
      rest = Math.floor(rest / 2)
    }
    const gone = new Set<PlanNetwork>()
    const withheld = new Set<PlanNetwork>()
    for (const [i, one] of free.entries()) {
      const what = rest % options[i]!
      rest = Math.floor(rest / options[i]!)
      const pods = one.wanted?.value ?? 0
      if (what === 1) {
        gone.add(one)
        cost += costs.get(nameOf(one)) ?? ROLE_COSTS[one.role] + pods
      } else if (what === 2) {
        withheld.add(one)
        cost += withholdCost({ pods } as never)
      }
    }
    if ((least !== undefined && cost >= least) || !hasRoom(gone)) continue
    const changed: Plan = {
      ...plan,
      clusters: plan.clusters.map((one) =>
        one.ovnIc === undefined || !manual.has(one.id)
          ? one
          : { ...one, ovnIc: { ...one.ovnIc, autoRoute: { value: false, span: one.span } } },
      ),
      networks: plan.networks
        .filter((one) => !gone.has(one))
        .map((one) =>
          withheld.has(one) ? { ...one, exported: false, withheld: 'disableInterConnection' as const } : one,
        ),
    }
    if (!hasErrors(changed)) least = cost
  }
  return least
}

describe('a fix with every kind of change', () => {
  it('costs what the cheapest of all combinations costs, and leaves something only where all of them do', () => {
    const kinds = new Set<string>()
    fc.assert(
      fc.property(problem, ({ text, cost, pin }) => {
        const { proposal, now, after } = fixed(text, {
          pin,
          cost: [...cost].map(([name, pods]) => `${name}=${pods}`),
        })
        const least = leastCost(read(text).plan, cost, pin)
        if (least === undefined) {
          expect(proposal.stuck.length).toBeGreaterThan(0)
          return
        }
        expect(proposal.stuck).toEqual([])
        expect(proposal.cost).toBe(least)
        expect(proposal.bound).toBe(least)
        expect(hasErrors(read(now['plan.yaml']!).plan)).toBe(false)
        expect(
          after.findings.filter(({ code, severity }) => severity === 'error' && FIXABLE.has(code)),
        ).toEqual([])
        for (const { change } of proposal.placed) kinds.add(change.kind)
        for (const { kind } of proposal.manual) kinds.add(kind)
      }),
      { numRuns: 120 },
    )
    // Otherwise the property would say nothing about them.
    expect([...kinds].sort()).toEqual(['manual-routes', 'renumber', 'withhold'])
  })

  it('where room is scarce as well: what is said to be proven is, and no way is cheaper than what is said', () => {
    // Blocks of powers of two fit exactly as long as their sizes do.
    const sixteens = (gone: ReadonlySet<PlanNetwork>): number =>
      [...gone].reduce(
        (sum, { prefix }) =>
          sum + (typeof prefix.ip === 'number' ? 2 ** (16 - prefix.len) : Number.POSITIVE_INFINITY),
        0,
      )
    let scarce = 0
    fc.assert(
      fc.property(problem, fc.constantFrom(16, 15), ({ text, cost, pin }, len) => {
        const { proposal } = fixed(text, {
          pin,
          cost: [...cost].map(([name, pods]) => `${name}=${pods}`),
          within: [`10.200.0.0/${len}`],
        })
        const room = 2 ** (16 - len)
        const least = leastCost(read(text).plan, cost, pin, (gone) => sixteens(gone) <= room)
        expect(least === undefined).toBe(proposal.stuck.length + proposal.roomless > 0)
        if (least === undefined) return
        if (least !== leastCost(read(text).plan, cost, pin)) scarce++
        expect(proposal.cost).toBe(least)
        expect(proposal.bound).toBe(least)
      }),
      { numRuns: 100 },
    )
    expect(scarce).toBeGreaterThan(0)
  })
})
