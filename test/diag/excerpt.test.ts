import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layOut, printable } from '../../src/diag/cells.ts'
import { excerptOf } from '../../src/diag/excerpt.ts'

const columnsOf = (text: string): number => layOut(text).reduce((sum, cell) => sum + cell.width, 0)

const character = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', ' ', '{', '-') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\t', '日', '😀', 'e\u0301', '\u0301', '\x1b', '\u202e', '\ud800', '…'),
  },
)
const line = fc.array(character, { maxLength: 400 }).map((characters) => characters.join(''))

describe('excerptOf', () => {
  it('never grows wider than the columns given, whatever the line and the span', () => {
    fc.assert(
      fc.property(line, fc.nat(900), fc.nat(900), fc.integer({ min: 8, max: 120 }), (text, a, b, columns) => {
        const excerpt = excerptOf(text, Math.min(a, b), Math.max(a, b), columns)
        expect(columnsOf(excerpt.text)).toBeLessThanOrEqual(columns)
        expect(excerpt.marks.length).toBeLessThanOrEqual(columns)
        expect(excerpt.marks).toMatch(/^ *\^+$/)
        expect(printable(excerpt.text)).toBe(excerpt.text)
      }),
      { numRuns: 1000 },
    )
  })

  it('marks exactly the word it was asked to mark, wherever it stands', () => {
    const filler = fc
      .array(fc.constantFrom('a', '-', '日', '😀', '\t'), { maxLength: 300 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(filler, filler, fc.integer({ min: 20, max: 120 }), (before, after, columns) => {
        const { text, marks } = excerptOf(`${before}WORD${after}`, before.length, before.length + 4, columns)
        const word = layOut(text).find((cell) => cell.glyph === 'W')
        expect(marks).toBe(`${' '.repeat(word!.at)}^^^^`)
        expect(text).toContain('WORD')
      }),
      { numRuns: 500 },
    )
  })

  it('looks at no more of a huge line than it shows', () => {
    const huge = `${'é'.repeat(20_000_000)}!${'z'.repeat(20_000_000)}`
    const { text, marks } = excerptOf(huge, 20_000_000, 20_000_001, 21)
    expect(text).toBe('…éééééééé' + 'é!zzzzzzzzz…')
    expect(marks).toBe('          ^')
  })
})

describe('cells', () => {
  it('moves a tab to the next stop, gives combining marks no column, wide characters two', () => {
    expect(layOut('a\tb日e\u0301').map(({ at, width, offset }) => [at, width, offset])).toEqual([
      [0, 1, 0],
      [1, 3, 1],
      [4, 1, 2],
      [5, 2, 3],
      [7, 1, 4],
      [8, 0, 5],
    ])
  })

  it('shows stand-ins for what a terminal would obey', () => {
    expect(printable('a\x00\x1b\x7f\x9b\u200f\u2066\ufeff\ud800\u2028z')).toBe('a␀␛␡������z')
    expect(printable('grüße 日本 😀')).toBe('grüße 日本 😀')
  })
})
