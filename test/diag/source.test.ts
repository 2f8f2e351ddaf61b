import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineText, positionAt, sourceFile, spanAt } from '../../src/diag/source.ts'

describe('SourceFile', () => {
  it('knows lines with either line end and an unfinished last line', () => {
    const source = sourceFile('a', 'one\r\n\ntwo\rtwo\n\r\nlast')
    expect([1, 2, 3, 4, 5, 6, 0].map((line) => lineText(source, line))).toEqual([
      'one',
      '',
      'two\rtwo',
      '',
      'last',
      '',
      '',
    ])
    expect(lineText(sourceFile('a', 'x\r'), 1)).toBe('x\r')
    expect(lineText(sourceFile('a', ''), 1)).toBe('')
  })

  it('turns every offset into line and column as counting line by line does', () => {
    const text = fc
      .array(fc.constantFrom('a', '\n', '\r\n', '日', '😀'), { maxLength: 60 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, (content) => {
        const source = sourceFile('a', content)
        let line = 1
        let column = 1
        for (let offset = 0; offset <= content.length; offset++) {
          expect(positionAt(source, offset)).toEqual({ line, column })
          if (content[offset] === '\n') {
            line++
            column = 1
          } else column++
        }
      }),
    )
  })

  it('clamps offsets outside the text', () => {
    const source = sourceFile('a', 'ab\nc')
    expect(positionAt(source, -5)).toEqual({ line: 1, column: 1 })
    expect(positionAt(source, 99)).toEqual({ line: 2, column: 2 })
  })

  it('keeps the part of a span on its first line, one column at the least', () => {
    const source = sourceFile('a.yaml', 'key: [1,\n  2]\n')
    expect(spanAt(source, 5, 12)).toEqual({ file: 'a.yaml', line: 1, column: 6, endColumn: 9 })
    expect(spanAt(source, 3, 3)).toEqual({ file: 'a.yaml', line: 1, column: 4, endColumn: 5 })
    expect(spanAt(source, 14, 14)).toEqual({ file: 'a.yaml', line: 3, column: 1, endColumn: 2 })
  })
})
