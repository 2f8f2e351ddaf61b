/**
 * SARIF 2.1.0. The standard's schema is in no package that could be installed with the others (`@types/sarif`, by which TypeScript holds
 * names and enumerations, has its types only), so what it and the text of the standard demand of the objects that are written is asked
 * here, clause by clause. With the schema at hand, `SARIF_SCHEMA=schema.json npx vitest run test/plans/sarif` asks that too; the Rust
 * crate serde-sarif has it as src/schema.json, OASIS at the address that the reports name.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadPlan } from '../../src/input/plan/load.ts'
import { checkPlan } from '../../src/plan/check.ts'
import { findingsReport } from '../../src/report/findings/report.ts'
import { CASES } from './cases.ts'

// biome-ignore lint/suspicious/noExplicitAny: JSON that is taken apart
type Json = Record<string, any>

const ODD_NAMES =
  'clusters: { "a{0}": { pods: { "[x](1)": 10.0.0.0/8 } }, "b\\u0001\\"": { pods: { "{": 10.0.0.0/8 } } }\n'
const OVERLAP =
  'technology: ovn-ic\nclusters:\n  az1: { pods: 10.16.0.0/16, autoRoute: true }\n  az2: { pods: 10.16.0.0/16, autoRoute: true }\n'
const TEXTS: readonly (readonly [string, string])[] = [
  ...Object.entries(CASES).flatMap(([code, { fires }]) =>
    typeof fires === 'string' ? [[code, fires] as const] : [],
  ),
  ['odd names', ODD_NAMES],
  ['no findings', 'clusters: { a: { pods: 10.0.0.0/8 } }\n'],
]

function logOf(text: string, path = 'plan.yaml'): Json {
  const { plan, sources } = loadPlan([path], { read: () => text, list: () => undefined })
  return JSON.parse(findingsReport('sarif', checkPlan(plan!), sources, { ok: false }))
}

/** §3.11.3, §3.11.5: text, in which braces stand for arguments unless they are doubled; none of ours have arguments. */
function expectPlainText(text: unknown): void {
  expect(text).toBeTypeOf('string')
  expect(text).not.toBe('')
  expect((text as string).replaceAll('{{', '').replaceAll('}}', '')).not.toMatch(/[{}]/)
}

describe('SARIF 2.1.0', () => {
  it.each(TEXTS)('what the standard demands: %s', (_, text) => {
    const log = logOf(text)
    // §3.13.2 to 3.13.4: version, an absolute URI for the schema, runs, and nothing that the schema does not have.
    expect(Object.keys(log).sort()).toEqual(['$schema', 'runs', 'version'])
    expect(log.version).toBe('2.1.0')
    expect(new URL(log.$schema).protocol).toBe('https:')
    expect(log.runs).toHaveLength(1)
    // §3.14.6, 3.14.17, 3.14.23: tool; columns count what spans count; results are there even when there are none.
    const run = log.runs[0] as Json
    expect(Object.keys(run).sort()).toEqual(['columnKind', 'results', 'tool'])
    expect(run.columnKind).toBe('utf16CodeUnits')
    // §3.18.2, 3.19.8, 3.19.23: a driver with a name; rules are different from each other.
    expect(Object.keys(run.tool)).toEqual(['driver'])
    const { name, rules, ...more } = run.tool.driver
    expect(more).toEqual({})
    expect(name).toBe('isthmus check')
    expect(new Set(rules.map(({ id }: Json) => id)).size).toBe(rules.length)
    for (const rule of rules) {
      // §3.49.3, 3.49.9, 3.49.10, 3.49.13; §3.12.3: each of the texts has its plain form.
      expect(Object.keys(rule).sort()).toEqual(['fullDescription', 'help', 'id', 'shortDescription'])
      expect(rule.id).toMatch(/^[A-Z]{2}\d{3}$/)
      for (const key of ['fullDescription', 'help', 'shortDescription']) {
        expect(Object.keys(rule[key])).toEqual(['text'])
        expectPlainText(rule[key].text)
      }
    }
    const used = new Set(run.results.map(({ ruleId }: Json) => ruleId))
    expect(rules.map(({ id }: Json) => id).sort()).toEqual([...used].sort())
    for (const result of run.results) expectResult(result, rules)
  })

  function expectResult(result: Json, rules: readonly Json[]): void {
    const known = [
      'level',
      'locations',
      'message',
      'partialFingerprints',
      'properties',
      'relatedLocations',
      'ruleId',
      'ruleIndex',
    ]
    expect(Object.keys(result).filter((key) => !known.includes(key))).toEqual([])
    // §3.27.5 to 3.27.7: the index names the same rule as the id.
    expect(rules[result.ruleIndex]!.id).toBe(result.ruleId)
    // §3.27.10: `none` is for results that are no failures, of which there are none.
    expect(['note', 'warning', 'error']).toContain(result.level)
    // §3.27.11: a message, whose first sentence can stand alone.
    expect(Object.keys(result.message)).toEqual(['text'])
    expectPlainText(result.message.text)
    expect(result.message.text).toMatch(/\.$/)
    // §3.27.12: one location unless a problem has to be mended in several places at once.
    expect(result.locations).toHaveLength(1)
    // §3.27.22, 3.28.2: ids of related locations are numbers from 0, each once; no element is there twice.
    const related: Json[] = result.relatedLocations ?? []
    expect(related.map(({ id }) => id)).toEqual(related.map((_, i) => i))
    for (const location of [...result.locations, ...related]) expectLocation(location)
    // §3.27.17: every value is text; §3.5.4.2: names end with a version.
    for (const [key, value] of Object.entries(result.partialFingerprints)) {
      expect(key).toMatch(/\/v\d+$/)
      expect(value).toBeTypeOf('string')
    }
    // §3.8: a property bag is an object.
    expect(Object.keys(result.properties).sort()).toEqual(['addresses', 'clusters'])
  }

  function expectLocation(location: Json): void {
    expect(
      Object.keys(location).filter((key) => !['id', 'message', 'physicalLocation'].includes(key)),
    ).toEqual([])
    if (location.message !== undefined) expectPlainText(location.message.text)
    // §3.29.3, 3.29.4; §3.4.3: a valid URI reference, in the normal form of RFC 3986: no `..`, escapes in capitals.
    const { artifactLocation, region, ...more } = location.physicalLocation
    expect(more).toEqual({})
    expect(Object.keys(artifactLocation)).toEqual(['uri'])
    expect(() => new URL(artifactLocation.uri, 'file:///root/')).not.toThrow()
    expect(artifactLocation.uri).toMatch(/^(?:[\w.~!$&'()*+,;=:@/-]|%[0-9A-F]{2})+$/)
    // §3.30.5 to 3.30.8: lines and columns from 1; the end is exclusive, and not before the start.
    expect(
      Object.keys(region).filter((key) => !['startLine', 'startColumn', 'endColumn'].includes(key)),
    ).toEqual([])
    for (const value of Object.values(region)) expect(Number.isSafeInteger(value)).toBe(true)
    expect(region.startLine).toBeGreaterThanOrEqual(1)
    expect(region.startColumn).toBeGreaterThanOrEqual(1)
    expect(region.endColumn ?? region.startColumn).toBeGreaterThanOrEqual(region.startColumn)
  }

  // Defined only where somebody brings the schema along, as golden files are written only when that is asked for.
  if (process.env.SARIF_SCHEMA !== undefined) {
    // Zod takes relative references for broken addresses; those are asked for above.
    const text = readFileSync(process.env.SARIF_SCHEMA, 'utf8').replace(
      /"format": *"uri-reference"/g,
      '"format": "x"',
    )
    const schema = z.fromJSONSchema(JSON.parse(text))
    it.each(TEXTS)('its schema: %s', (_, text) => {
      expect(schema.safeParse(logOf(text)).error?.issues ?? []).toEqual([])
    })

    it('its schema refuses what is none', () => {
      const log = logOf(OVERLAP)
      log.runs[0].results[0].level = 'fatal'
      log.runs[0].results[0].locations[0].physicalLocation.region.startLine = 0
      expect(schema.safeParse(log).error?.issues).toHaveLength(2)
    })
  }

  it('columns are those of the text that is meant', () => {
    const { results } = logOf(OVERLAP).runs[0]
    const line = OVERLAP.split('\n')
    for (const { physicalLocation } of [...results[0].locations, ...results[0].relatedLocations]) {
      const { startLine, startColumn, endColumn } = physicalLocation.region
      expect(line[startLine - 1]!.slice(startColumn - 1, endColumn - 1)).toBe('10.16.0.0/16')
    }
  })

  it('names of files become references that a URI may have; braces in names are no arguments', () => {
    const { results } = logOf(ODD_NAMES, 'my plan#1.yaml').runs[0]
    expect(results[0].locations[0].physicalLocation.artifactLocation.uri).toBe('my%20plan%231.yaml')
    expect(JSON.stringify(results)).toContain('a{{0}}')
  })
})
