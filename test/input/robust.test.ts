// Whatever a file holds, loading it ends with diagnostics that have a place, never with an exception: everything.yaml uses
// nearly every word of the format, and is broken here in small and large ways.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDocument } from 'yaml'
import { renderDiagnostics } from '../../src/diag/render.ts'
import { loadScenarioText } from '../../src/input/load.ts'

const TEXT = readFileSync(join(import.meta.dirname, 'everything.yaml'), 'utf8')
const VALUE: unknown = parseDocument(TEXT).toJS()

/** Loads and checks what must hold for every input. */
function survive(text: string): void {
  const { scenario, diagnostics, sources } = loadScenarioText(text, 'x.yaml')
  expect(scenario === undefined).toBe(diagnostics.some((one) => one.severity === 'error'))
  const lines = text.split('\n').length
  for (const { span, message, expected, hint } of diagnostics) {
    expect(message).not.toMatch(/undefined|\[object|NaN/)
    for (const note of [expected, hint]) expect(typeof (note ?? '')).toBe('string')
    if (span !== undefined) expect(span.line).toBeLessThanOrEqual(lines)
  }
  renderDiagnostics(diagnostics, sources)
}

/** Every place of a value: the container and the key. */
function* places(value: unknown): Generator<readonly [Record<string, unknown>, string]> {
  if (typeof value !== 'object' || value === null) return
  for (const key of Object.keys(value)) {
    yield [value as Record<string, unknown>, key]
    yield* places((value as Record<string, unknown>)[key])
  }
}

const COUNT = [...places(VALUE)].length
const ODD: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    3,
    1.5,
    '',
    ' ',
    '*',
    'az1',
    'az1/web',
    'az1/web -> az2/web',
    '10.16.0.0/16',
    '10.16.0.10',
    '3s',
    'ts',
    [],
    {},
    [null],
    [[]],
    { '': '' },
  ),
  fc.string({ maxLength: 12 }),
)

describe('loading', () => {
  it('accepts everything.yaml', () => {
    expect(loadScenarioText(TEXT, 'x.yaml').diagnostics).toEqual([])
  })

  it('survives lost, repeated and mangled pieces of text', () => {
    const edit = fc.record({
      at: fc.integer({ min: 0, max: TEXT.length }),
      length: fc.integer({ min: 0, max: 30 }),
      insert: fc.constantFrom(
        '',
        ':',
        '- ',
        '{',
        '}',
        '[',
        '"',
        "'",
        '\n',
        '\t',
        '*',
        '&a ',
        '#',
        '|',
        '%',
        '\u0000',
        'x: ',
        '<<: *a',
      ),
    })
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let text = TEXT
        for (const { at, length, insert } of edits)
          text = text.slice(0, at) + insert + text.slice(at + length)
        survive(text)
      }),
      { numRuns: 40 },
    )
  })

  it('survives any value in any place', () => {
    const change = fc.tuple(fc.integer({ min: 0, max: COUNT - 1 }), ODD)
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const value = structuredClone(VALUE)
        for (const [index, odd] of changes) {
          const all = [...places(value)]
          const [holder, key] = all[index % all.length]!
          holder[key] = structuredClone(odd)
        }
        survive(JSON.stringify(value, undefined, 1))
      }),
      { numRuns: 80 },
    )
  })

  it('survives any key in any place', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: COUNT - 1 }),
        fc.constantFrom('x', '', 'ping', 'fail', 'reach', 'at', '__proto__', 'az1/web', '10.0.0.0/8', '<<'),
        (index, name) => {
          const value = structuredClone(VALUE)
          const [holder, key] = [...places(value)][index]!
          if (Array.isArray(holder)) return
          holder[name] = holder[key]
          delete holder[key]
          survive(JSON.stringify(value))
        },
      ),
      { numRuns: 50 },
    )
  })
})
