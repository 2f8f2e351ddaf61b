// Overlaps of whole plans against the obvious way: every two networks compared, on plans of any shape.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadPlan } from '../../src/input/plan/load.ts'
import type { Plan, PlanNetwork } from '../../src/model/plan.ts'
import { shortestCidrs } from '../../src/net/cidr-set.ts'
import { formatPrefix, overlaps } from '../../src/net/prefix.ts'
import { checkPlan } from '../../src/plan/check.ts'
import { indexPlan } from '../../src/plan/index.ts'
import { eachOverlap, facing } from '../../src/plan/overlap.ts'

/** Few clusters and few bits, so that much overlaps: rows `cluster,pods,10.x.y.0/len`. */
const row = fc
  .tuple(
    fc.integer({ min: 0, max: 4 }),
    fc.integer({ min: 0, max: 7 }),
    fc.integer({ min: 8, max: 24 }),
    fc.boolean(),
  )
  .map(([cluster, n, len, six]) => {
    const text = six
      ? `fd00:${n}00::/${len + 16}`
      : `10.${(n << 5) & (len >= 16 ? 255 : (255 << (16 - len)) & 255)}.0.0/${len}`
    return `c${cluster},pods,${text}`
  })

function planOf(rows: readonly string[]): Plan {
  const { plan, diagnostics } = loadPlan(['p.csv'], {
    read: () => `cluster,role,cidr\n${rows.join('\n')}\n`,
    list: () => undefined,
  })
  expect(diagnostics).toEqual([])
  return plan!
}

const key = (a: PlanNetwork, b: PlanNetwork): string =>
  [a, b]
    .map(({ span, prefix }) => `${span.line} ${formatPrefix(prefix)}`)
    .sort()
    .join(' ~ ')

describe('overlaps of a plan', () => {
  it('between clusters are those of comparing all pairs', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
        const plan = planOf(rows)
        const expected = new Set<string>()
        for (const a of plan.networks)
          for (const b of plan.networks)
            if (a !== b && a.cluster !== b.cluster && overlaps(a.prefix, b.prefix)) expected.add(key(a, b))
        const found = new Set<string>()
        eachOverlap(
          indexPlan(plan),
          () => true,
          (overlap) => {
            const [outer, inner] = facing(overlap)
            for (const a of outer) for (const b of inner) if (a.cluster !== b.cluster) found.add(key(a, b))
          },
        )
        expect([...found].sort()).toEqual([...expected].sort())
      }),
      { numRuns: 300 },
    )
  })

  it('NP001 is silent exactly where no two clusters share an address, and names none but shared ones', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 25 }), (rows) => {
        const plan = planOf(rows)
        const findings = checkPlan(plan).findings.filter(({ code }) => code === 'NP001')
        const shared = plan.networks.some((a) =>
          plan.networks.some((b) => a.cluster !== b.cluster && overlaps(a.prefix, b.prefix)),
        )
        expect(findings.length > 0).toBe(shared)
        for (const { addresses } of findings) {
          expect(addresses).toEqual(shortestCidrs(addresses))
          for (const one of addresses) {
            const clusters = new Set(
              plan.networks.filter(({ prefix }) => overlaps(prefix, one)).map(({ cluster }) => cluster),
            )
            expect(clusters.size).toBeGreaterThan(1)
          }
        }
      }),
      { numRuns: 150 },
    )
  })

  it('the order of rows changes neither findings nor their fingerprints', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 12 }), (rows) => {
        const subjects = (list: readonly string[]) =>
          checkPlan(planOf(list))
            .findings.filter(({ code }) => code === 'NP001')
            .map(({ code, subject }) => `${code} ${subject}`)
            .sort()
        expect(subjects([...rows].reverse())).toEqual(subjects(rows))
      }),
      { numRuns: 100 },
    )
  })
})
