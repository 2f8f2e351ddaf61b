// Whole fixes of plans of any shape: against every set of networks that could be moved, and against patch(1).

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Plan, PlanNetwork } from '../../../src/model/plan.ts'
import { formatPrefix } from '../../../src/net/prefix.ts'
import { checkPlan } from '../../../src/plan/check.ts'
import { FIXABLE } from '../../../src/plan/fix/judge.ts'
import { ROLE_COSTS } from '../../../src/plan/fix/networks.ts'
import { unifiedDiff } from '../../../src/plan/fix/patch.ts'
import { fixed, hasPatch, patched, read } from './fixing.ts'

/** Few addresses, so that much overlaps; a gateway and an exclusion inside, a comment behind. */
const network = fc
  .tuple(fc.nat(3), fc.constantFrom(14, 16, 24), fc.nat(1), fc.nat(40))
  .map(([second, len, third, pods]) => {
    const base = len === 14 ? '10.16.0' : `10.${16 + second}.${len === 16 ? 0 : third}`
    return { cidr: `${base}.0/${len}`, gateway: `${base}.1`, exclude: `${base}.1..${base}.9`, pods }
  })
const cluster = fc.record({
  pods: fc.array(network, { minLength: 1, maxLength: 2 }),
  services: fc.option(network, { nil: undefined }),
})
const plan = fc
  .tuple(fc.constantFrom('none', 'ovn-ic', 'submariner'), fc.array(cluster, { minLength: 2, maxLength: 3 }))
  .map(([technology, clusters]) => {
    const lines = [`technology: ${technology} # how`, 'clusters:']
    for (const [i, { pods, services }] of clusters.entries()) {
      lines.push(`  c${i}: # cluster ${i}`)
      if (services !== undefined) lines.push(`    services:   "${services.cidr}" # services of ${i}`)
      lines.push('    pods:')
      for (const [k, { cidr, gateway, exclude, pods: wanted }] of pods.entries())
        lines.push(
          `      s${k}: { cidr: ${cidr}, gateway: ${gateway}, exclude: [${exclude}], pods: ${wanted} } # subnet ${k}`,
        )
    }
    return `${lines.join('\n')}\n`
  })

const errors = (one: Plan): string[] =>
  checkPlan(one).findings.flatMap(({ code, severity }) =>
    severity === 'error' && FIXABLE.has(code) ? [code] : [],
  )

/** What moving a set of networks out of the way costs at least, by trying every set. */
function leastCost(plan: Plan, pinned: (network: PlanNetwork) => boolean): number | undefined {
  const free = plan.networks.filter((one) => one.assumed === undefined && !pinned(one))
  let least: number | undefined
  for (let set = 0; set < 2 ** free.length; set++) {
    const gone = new Set(free.filter((_, i) => set & (1 << i)))
    const cost = [...gone].reduce((sum, { role, wanted }) => sum + ROLE_COSTS[role] + (wanted?.value ?? 0), 0)
    if (least !== undefined && cost >= least) continue
    if (errors({ ...plan, networks: plan.networks.filter((one) => !gone.has(one)) }).length === 0)
      least = cost
  }
  return least
}

describe('a fix', () => {
  it('costs what the cheapest of all sets of networks costs; nothing that it can remove is left, and nothing appears', () => {
    fc.assert(
      fc.property(plan, (text) => {
        const { plan: before } = read(text)
        const { proposal, after, appeared, now } = fixed(text)
        expect(proposal.stuck).toEqual([])
        expect(proposal.cost).toBe(leastCost(before, () => false))
        expect(proposal.bound).toBe(proposal.cost)
        expect(
          after.findings.filter(({ code, severity }) => severity === 'error' && FIXABLE.has(code)),
        ).toEqual([])
        expect(appeared).toEqual([])
        expect(errors(read(now).plan)).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it('keeps what is pinned, and says which pins stand against each other', () => {
    fc.assert(
      fc.property(
        plan,
        fc.constantFrom<readonly string[]>(['c0'], ['c1'], ['c0/s0', 'c1/s0'], ['c0', 'c1']),
        (text, pin) => {
          const { plan: before } = read(text)
          const pinned = (one: PlanNetwork): boolean =>
            pin.includes(one.cluster) || pin.includes(`${one.cluster}/${one.name}`)
          const { proposal, moves, now } = fixed(text, { pin })
          for (const { network: moved } of moves) expect(pinned(moved)).toBe(false)
          const least = leastCost(before, pinned)
          if (least !== undefined) {
            expect(proposal.stuck).toEqual([])
            expect(proposal.cost).toBe(least)
          } else {
            expect(proposal.stuck.length).toBeGreaterThan(0)
            for (const { networks } of proposal.stuck) {
              for (const { network: one } of networks) expect(pinned(one)).toBe(true)
              // Only these two against each other are in the way already, as long as all else is gone.
              const names = networks.map(({ network: { cluster: id, name } }) => `${id}/${name}`)
              const only = before.networks.filter(({ cluster: id, name }) => names.includes(`${id}/${name}`))
              expect(errors({ ...before, networks: only })).not.toEqual([])
            }
          }
          const places = (list: Plan): string[] =>
            list.networks
              .filter(pinned)
              .map(({ cluster: id, name, prefix }) => `${id}/${name} ${formatPrefix(prefix)}`)
          expect(places(read(now).plan)).toEqual(places(before))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('changes addresses and nothing else of a text', () => {
    const shape = (text: string): string => text.replaceAll(/\d+\.\d+\.\d+\.\d+(\/\d+)?/g, '@')
    fc.assert(
      fc.property(plan, (text) => {
        expect(shape(fixed(text).now['plan.yaml']!)).toBe(shape(text))
      }),
      { numRuns: 60 },
    )
  })

  it('goes where it may: within, and not into what is reserved', () => {
    fc.assert(
      fc.property(plan, (text) => {
        const { moves } = fixed(text, { within: ['10.128.0.0/9'], reserve: ['10.128.0.0/10'] })
        for (const { to } of moves) expect((to.ip as number) >>> 22).toBe((10 << 2) | 3)
      }),
      { numRuns: 40 },
    )
  })
})

describe('the patch', () => {
  it.skipIf(!hasPatch)('taken by patch(1) gives the texts of the fix (skipped without patch)', () => {
    fc.assert(
      fc.property(plan, plan, (one, other) => {
        const files = { 'a/plan.yaml': one, 'b c.yaml': other.replaceAll(/c(\d)/g, 'd$1').trimEnd() }
        const { patch, now } = fixed(files)
        if (patch !== '') expect(patched(files, patch)).toEqual(now)
      }),
      { numRuns: 12 },
    )
  })

  it.skipIf(!hasPatch)('of any two texts turns one into the other (skipped without patch)', () => {
    const text = fc
      .tuple(
        fc.array(fc.constantFrom('a', 'b', 'c', '', 'd\r'), { minLength: 1, maxLength: 30 }),
        fc.boolean(),
      )
      .map(([lines, open]) => lines.join('\n') + (open ? '' : '\n'))
      .filter((one) => one.trim() !== '')
    fc.assert(
      fc.property(text, text, (before, after) => {
        const diff = unifiedDiff('f', before, after)
        if (before === after) expect(diff).toBe('')
        else expect(patched({ f: before }, diff)).toEqual({ f: after })
      }),
      { numRuns: 60 },
    )
  })
})
