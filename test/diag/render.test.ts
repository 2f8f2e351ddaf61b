import { describe, expect, it } from 'vitest'
import { type DiagnosticDetail, diagnosticOf, type Severity, type Span } from '../../src/diag/diagnostic.ts'
import {
  type RenderOptions,
  renderDiagnostic,
  renderDiagnostics,
  renderSummary,
} from '../../src/diag/render.ts'
import { sourceFile, spanAt } from '../../src/diag/source.ts'

const SCENARIO = sourceFile(
  'scenario.yaml',
  [
    'isthmus: 1',
    'clusters:',
    '  az1:',
    '    subnets: { ovn-default: 10.16.0.1/16 }',
    '\tkey:\tvalue',
    '  名前: "日本" x',
    `${'x'.repeat(300)} BAD ${'y'.repeat(300)}`,
    'tail',
    '',
    'esc \x1b[31m red \u202e end',
  ].join('\n'),
)
const SOURCES = new Map([[SCENARIO.path, SCENARIO]])

function spanOf(text: string, length = text.length): Span {
  const start = SCENARIO.text.indexOf(text)
  return spanAt(SCENARIO, start, start + length)
}

function rendered(
  severity: Severity,
  message: string,
  detail: DiagnosticDetail,
  options?: RenderOptions,
): string[] {
  return renderDiagnostic(diagnosticOf(severity, 'SC012', message, detail), SOURCES, options).split('\n')
}

describe('renderDiagnostic', () => {
  it('shows place, line, underline, expectation, hint of two lines and a related place', () => {
    const detail = {
      span: spanOf('10.16.0.1/16'),
      expected: 'a network address',
      hint: 'did you mean "10.16.0.0/16"?\nor 10.16.0.1/32',
      related: [{ message: 'the cluster begins here', span: spanOf('az1') }],
    }
    expect(rendered('error', '10.16.0.1/16 has host bits set', detail)).toEqual([
      'error[SC012] 10.16.0.1/16 has host bits set',
      ' --> scenario.yaml:4:29',
      '  |',
      '4 |     subnets: { ovn-default: 10.16.0.1/16 }',
      '  |                             ^^^^^^^^^^^^',
      '  = expected: a network address',
      '  = hint: did you mean "10.16.0.0/16"?',
      '          or 10.16.0.1/32',
      'note: the cluster begins here',
      ' --> scenario.yaml:3:3',
      '  |',
      '3 |   az1:',
      '  |   ^^^',
    ])
  })

  it('widens the gutter to the largest line number of all places', () => {
    const detail = { span: spanOf('az1'), related: [{ message: 'and here', span: spanOf('red') }] }
    expect(rendered('error', 'twice', detail).slice(0, 5)).toEqual([
      'error[SC012] twice',
      '  --> scenario.yaml:3:3',
      '   |',
      ' 3 |   az1:',
      '   |   ^^^',
    ])
  })

  it('sets tabs to stops and underlines a tab as wide as it is shown', () => {
    expect(rendered('warning', 'tab', { span: spanOf('value') }).slice(3)).toEqual([
      '5 |     key:    value',
      '  |             ^^^^^',
    ])
    expect(rendered('warning', 'tab', { span: spanOf('\tkey', 1) }).at(-1)).toBe('  | ^^^^')
  })

  it('counts wide characters as two columns', () => {
    expect(rendered('info', 'wide', { span: spanOf('日本') }).slice(3)).toEqual([
      '6 |   名前: "日本" x',
      '  |          ^^^^',
    ])
  })

  it('shows a long line through a window round the caret, no wider than asked', () => {
    expect(rendered('error', 'long', { span: spanOf('BAD') }, { width: 60 })).toEqual([
      'error[SC012] long',
      ' --> scenario.yaml:7:302',
      '  |',
      '7 | …xxxxxxxxxxxxxxxxxxxxxxxx BAD yyyyyyyyyyyyyyyyyyyyyyyyy…',
      '  |                           ^^^',
    ])
    const whole = rendered('error', 'long', { span: spanOf('xxx', 600) }, { width: 60 })
    expect(whole.slice(3)).toEqual([`7 | ${'x'.repeat(55)}…`, `  | ${'^'.repeat(55)}`])
    const end = rendered(
      'error',
      'long',
      { span: { file: 'scenario.yaml', line: 7, column: 606 } },
      { width: 60 },
    )
    expect(end.slice(3)).toEqual([`7 | …${'y'.repeat(54)}`, `  | ${' '.repeat(55)}^`])
  })

  it('keeps to 100 columns by default and to 40 at the least', () => {
    const widest = (options: RenderOptions): number =>
      Math.max(...rendered('error', 'x', { span: spanOf('BAD') }, options).map((line) => line.length))
    expect([widest({}), widest({ width: 40 }), widest({ width: 3 })]).toEqual([100, 40, 40])
  })

  it('points past the end of a line, at an empty line, and at no line at all', () => {
    const at = (line: number, column: number) => ({ span: { file: 'scenario.yaml', line, column } })
    expect(rendered('error', 'x', at(8, 5)).slice(3)).toEqual(['8 | tail', '  |     ^'])
    expect(rendered('error', 'x', at(8, 99)).slice(3)).toEqual(['8 | tail', '  |     ^'])
    expect(rendered('error', 'x', at(9, 1)).slice(3)).toEqual(['9 |', '  | ^'])
    expect(rendered('error', 'x', at(99, 1))).toEqual(['error[SC012] x', '  --> scenario.yaml:99:1'])
  })

  it('takes length where there is no endColumn', () => {
    const span = { file: 'scenario.yaml', line: 3, column: 3, length: 2 }
    expect(rendered('error', 'x', { span }).at(-1)).toBe('  |   ^^')
    expect(rendered('error', 'x', { span: { ...span, endColumn: 6 } }).at(-1)).toBe('  |   ^^^')
  })

  it('lets no control or bidirectional character of the input reach the terminal', () => {
    const lines = rendered('error', 'key "\x1b[2J\x07"', { span: spanOf('red'), hint: '\u202eevil\r' })
    expect(lines).toEqual([
      'error[SC012] key "␛[2J␇"',
      '  --> scenario.yaml:10:11',
      '   |',
      '10 | esc ␛[31m red � end',
      '   |           ^^^',
      '   = hint: �evil␍',
    ])
  })

  it('does without a source and without a place', () => {
    expect(rendered('error', 'x', { span: { file: 'other.yaml', line: 3, column: 9 } })).toEqual([
      'error[SC012] x',
      ' --> other.yaml:3:9',
    ])
    expect(rendered('error', 'cannot read the file', {})).toEqual(['error[SC012] cannot read the file'])
  })

  it('colours severity, frame and marks when asked, and prints the same text', () => {
    const detail = { span: spanOf('az1'), hint: 'h', expected: 'e' }
    const colored = rendered('warning', 'x', detail, { color: true })
    expect(colored[0]).toBe('\x1b[1;33mwarning[SC012]\x1b[0m \x1b[1mx\x1b[0m')
    expect(colored[4]).toBe('\x1b[1;34m  |\x1b[0m   \x1b[1;33m^^^\x1b[0m')
    expect(colored.map((line) => line.replace(/\x1b\[[\d;]*m/g, ''))).toEqual(
      rendered('warning', 'x', detail),
    )
  })
})

describe('lists', () => {
  const error = diagnosticOf('error', 'SC001', 'a', { span: { file: 'a.yaml', line: 1, column: 1 } })
  const warning = diagnosticOf('warning', 'SC002', 'b', { span: { file: 'b.yaml', line: 1, column: 1 } })
  const info = diagnosticOf('info', 'SC003', 'c')

  it('puts an empty line between, stops at the limit and says so', () => {
    expect(renderDiagnostics([info, info], SOURCES)).toBe('info[SC003] c\n\ninfo[SC003] c')
    expect(renderDiagnostics([info, info, info], SOURCES, { diagnosticsMax: 1 })).toBe(
      'info[SC003] c\n\n… and 2 more problems, not shown',
    )
    expect(renderDiagnostics(Array(51).fill(info), SOURCES)).toMatch(/\n\n… and 1 more problem, not shown$/)
    expect(renderDiagnostics([], SOURCES)).toBe('')
  })

  it('sums up', () => {
    expect(renderSummary([error, error, error, warning], 'scenario.yaml')).toBe(
      '3 errors, 1 warning in scenario.yaml',
    )
    expect(renderSummary([error])).toBe('1 error in a.yaml')
    expect(renderSummary([error, warning, info, info])).toBe('1 error, 1 warning, 2 notes in 2 files')
    expect(renderSummary([info])).toBe('1 note')
    expect(renderSummary([], 'plan.yaml')).toBe('no problems in plan.yaml')
  })
})
