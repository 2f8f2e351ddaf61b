// JUnit XML of findings, held against test/report/junit.rng.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadPlan } from '../../src/input/plan/load.ts'
import { checkPlan } from '../../src/plan/check.ts'
import { findingsReport } from '../../src/report/findings/report.ts'
import { CASES } from './cases.ts'

const SCHEMA = join(import.meta.dirname, '../report/junit.rng')
const OVERLAP =
  'technology: ovn-ic\nclusters:\n  az1: { pods: 10.16.0.0/16, autoRoute: true, gateways: [g1, g2] }\n  az2: { pods: 10.16.0.0/16, autoRoute: true, gateways: [h1] }\n'
const CLEAN = 'clusters: { a: { pods: 10.0.0.0/8 } }\n'

function junitOf(text: string): string {
  const { plan, sources } = loadPlan(['plan.yaml'], { read: () => text, list: () => undefined })
  return findingsReport('junit', checkPlan(plan!), sources, { ok: false })
}

describe('JUnit', () => {
  const xmllint = spawnSync('xmllint', ['--version']).status === 0

  it.skipIf(!xmllint)(
    'is what strict readers take, for every rule and odd names (xmllint; Debian package libxml2-utils)',
    () => {
      for (const [name, text] of [
        ...Object.entries(CASES).flatMap(([code, { fires }]) =>
          typeof fires === 'string' ? [[code, fires] as const] : [],
        ),
        ['odd', 'clusters: { "a<&\\"\\u0001": { pods: 10.0.0.0/8 }, b: { pods: 10.0.0.0/8 } }'] as const,
        ['clean', CLEAN] as const,
      ]) {
        const { status, stderr } = spawnSync('xmllint', ['--noout', '--relaxng', SCHEMA, '-'], {
          input: junitOf(text),
          encoding: 'utf8',
        })
        expect({ name, status, stderr }).toEqual({ name, status: 0, stderr: '- validates\n' })
      }
    },
  )

  it('counts what it holds', () => {
    const text = junitOf(OVERLAP)
    const [, tests, failures] = /<testsuites name="isthmus check" tests="(\d+)" failures="(\d+)"/.exec(text)!
    expect(text.match(/<testcase /g)).toHaveLength(Number(tests))
    expect(text.match(/<failure /g)).toHaveLength(Number(failures))
  })

  it('a plan without findings is a test that passes', () => {
    expect(junitOf(CLEAN)).toContain('<testcase name="no findings"')
  })
})
