import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { RunResult } from '../../src/model/observation.ts'
import { escapeXml, toJunit } from '../../src/report/junit.ts'
import { runData } from '../../src/report/run-data.ts'
import { toJson, toYaml } from '../../src/report/structured.ts'
import { failedResult, resultOf, unreachedResult } from './fixtures.ts'

const hasXmllint = spawnSync('xmllint', ['--version']).error === undefined
const JUNIT_RNG = join(import.meta.dirname, 'junit.rng')
const hasPython = spawnSync('python3', ['--version']).error === undefined

describe('JSON', () => {
  it('holds what the command line promises', async () => {
    const data = runData([resultOf(), failedResult()])
    await expect(toJson(data)).toMatchFileSnapshot('golden/text/run.json')
    expect(data.schemaVersion).toBe(1)
    expect(data.ok).toBe(false)
    const [good] = data.scenarios
    expect(good).toMatchObject({ name: 'two clusters', ok: true })
    expect(good!.clusters.az1!.routes[0]).toEqual({
      router: 'ovn-cluster',
      table: '<main>',
      prefix: '10.17.0.0/16',
      nexthop: '169.254.100.42',
      policy: 'dst-ip',
      learned: true,
      ecmp: true,
      origin: 'connected',
    })
    expect(data.scenarios[1]!.traffic[0]).toMatchObject({
      sent: 10,
      received: 6,
      lost: [4, 5, 7, 10],
      ttl: 62,
      gaps: [
        { fromMs: 3000, toMs: 5000 },
        { fromMs: 6000, toMs: 7000 },
        { fromMs: 9000, toMs: null },
      ],
    })
  })

  it('what was not reached is told from what failed', () => {
    const of = (result: RunResult) =>
      runData([result]).scenarios[0]!.expectations.map((one) => ({ ...one, reproduce: undefined }))
    expect(of(unreachedResult())[1]).toMatchObject({
      ok: false,
      notReached: true,
      detail: 'not reached: the run ended at 2.9s.',
    })
    expect(of(failedResult())[1]).not.toHaveProperty('notReached')
  })

  it('same result, same bytes', () => {
    expect(toJson(runData([failedResult()]))).toBe(toJson(runData([failedResult()])))
  })
})

describe('YAML', () => {
  it('is the same object, read back by an independent parser', () => {
    const data = runData([resultOf(), failedResult()])
    expect(parse(toYaml(data))).toEqual(JSON.parse(toJson(data)))
  })

  it('any plain data survives, in YAML 1.1 as well', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const expected = JSON.parse(JSON.stringify(value))
        expect(parse(toYaml(value), { maxAliasCount: 0 })).toEqual(expected)
        expect(parse(toYaml(value), { version: '1.1' })).toEqual(expected)
      }),
      { numRuns: 300, examples: [['no'], ['-'], ['1e3'], [{ '': [] }], [[[], [[{}]]]], ['a: b'], ['0x10']] },
    )
  })
})

describe('JUnit', () => {
  const xml = toJunit([resultOf(), failedResult(), resultOf({ expectations: [] })])

  it('a suite per scenario, a case per expectation', async () => {
    await expect(xml).toMatchFileSnapshot('golden/text/junit.xml')
    expect(xml).toContain('<testsuites name="isthmus" tests="5" failures="1" errors="1">')
  })

  it('what was not reached is skipped, and the run is the error', () => {
    const report = toJunit([unreachedResult()])
    expect(report).toContain('tests="3" failures="0" errors="1" skipped="1" file="test.yaml" time="2.900">')
    expect(report).toMatch(
      /name="az: az1, at: 7s"[^>]*>\n {6}<skipped message="not reached: the run ended at 2.9s."\/>\n/,
    )
    expect(report).toContain('<error message="inconclusive: more than 1000 events')
  })

  it('where no limit explains it, what was not reached is an error: a skipped test would pass', () => {
    const report = toJunit([{ ...unreachedResult(), inconclusive: undefined }])
    expect(report).toContain('tests="2" failures="0" errors="1" skipped="0"')
    expect(report).toContain('<error message="not reached: the run ended at 2.9s."/>')
  })

  it('escapes what XML cannot hold', () => {
    expect(escapeXml('a<b>&"\'\r\u0000\ud800z')).toBe('a&lt;b&gt;&amp;&quot;&apos;&#13;\ufffd\ufffdz')
  })

  it.skipIf(!hasXmllint)('is what strict readers take (xmllint; Debian package libxml2-utils)', () => {
    for (const input of [xml, toJunit([unreachedResult()])])
      execFileSync('xmllint', ['--noout', '--relaxng', JUNIT_RNG, '-'], { input, stdio: 'pipe' })
    const broken = xml.replace(/tests="\d+"/, 'tests="many"')
    expect(() =>
      execFileSync('xmllint', ['--noout', '--relaxng', JUNIT_RNG, '-'], { input: broken, stdio: 'pipe' }),
    ).toThrow()
  })

  it.skipIf(!hasPython)('any text comes back out of an independent XML parser (python3)', () => {
    const names = fc.sample(fc.string({ unit: 'binary' }), { numRuns: 60, seed: 7 })
    const results = names.map((name) =>
      resultOf({ scenario: { ...resultOf().scenario, name }, expectations: [] }),
    )
    const program =
      'import sys,json,xml.etree.ElementTree as E;print(json.dumps([s.get("name") for s in E.fromstring(sys.stdin.buffer.read())]))'
    const back = JSON.parse(
      execFileSync('python3', ['-c', program], { input: toJunit(results), encoding: 'utf8' }),
    ) as string[]
    expect(back).toEqual(
      names.map((name) =>
        name
          .replace(/\p{Cs}/gu, '\ufffd')
          .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd'),
      ),
    )
  })
})
