// Whatever a file holds, there is an answer: a plan that can be judged and printed, or problems with places. Never an exception.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderDiagnostics } from '../../src/diag/render.ts'
import { loadPlan } from '../../src/input/plan/load.ts'
import { checkPlan } from '../../src/plan/check.ts'
import { findingsReport } from '../../src/report/findings/report.ts'
import { CASES } from './cases.ts'

const TEXTS = Object.values(CASES).flatMap(({ fires }) =>
  typeof fires === 'string' ? [fires] : Object.values(fires),
)

function answer(text: string): void {
  const { plan, diagnostics, sources } = loadPlan(['f'], { read: () => text, list: () => undefined })
  renderDiagnostics(diagnostics, sources)
  expect(plan !== undefined || diagnostics.some(({ severity }) => severity === 'error')).toBe(true)
  if (plan === undefined) return
  const result = checkPlan(plan)
  for (const format of ['text', 'json', 'sarif', 'junit', 'github', 'markdown'] as const)
    findingsReport(format, result, sources, { ok: true })
}

describe('hostile input', () => {
  it('documents with a piece cut out, doubled or replaced', () => {
    const junk = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom(
        'null',
        '[]',
        '{}',
        '-1',
        '1e999',
        '\u0000',
        '\u2028',
        '"',
        ':',
        '- ',
        '::/0',
        '0.0.0.0/0',
        '__proto__',
        '999',
      ),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...TEXTS),
        fc.nat(),
        fc.nat({ max: 30 }),
        junk,
        (text, at, length, piece) => {
          const start = at % (text.length + 1)
          answer(text.slice(0, start) + piece + text.slice(start + length))
        },
      ),
      { numRuns: 600 },
    )
  })

  it('values of every kind in the place of every value', () => {
    const value = fc.jsonValue({ maxDepth: 2 })
    fc.assert(
      fc.property(
        fc.constantFrom(
          'ConfigMap',
          'Subnet',
          'Vpc',
          'IPPool',
          'Node',
          'Pod',
          'Deployment',
          'ClusterConfiguration',
          'Cluster',
          'Submariner',
          'SpiderIPPool',
          'SpiderMultusConfig',
          'List',
        ),
        value,
        value,
        (kind, spec, metadata) => {
          answer(
            JSON.stringify({ kind, spec, metadata, data: spec, status: spec, networking: spec, items: spec }),
          )
          answer(
            JSON.stringify({
              clusters: {
                a: spec,
                b: { pods: spec, nodes: metadata, submariner: spec, routes: spec, gateways: metadata },
              },
              underlay: metadata,
              firewall: spec,
              transitSwitches: metadata,
            }),
          )
          answer(
            JSON.stringify({
              isthmus: 1,
              clusters: {
                a: {
                  nodes: spec,
                  subnets: metadata,
                  transitPorts: spec,
                  staticRoutes: metadata,
                  commands: spec,
                  manifests: metadata,
                },
              },
              interconnect: { 'ovn-ic': spec },
              timeline: metadata,
            }),
          )
        },
      ),
      { numRuns: 300 },
    )
  })
})
