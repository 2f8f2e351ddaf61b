import { describe, expect, it } from 'vitest'
import { allCodes, defineCodes, findCode } from '../../src/diag/codes.ts'
import { Diagnostics, diagnosticOf } from '../../src/diag/diagnostic.ts'

const at = (file: string, line: number, column: number) => ({ span: { file, line, column } })

describe('Diagnostics', () => {
  it('collects by severity and leaves undefined parts out', () => {
    const diagnostics = new Diagnostics()
    diagnostics.warning('SC002', 'w', { span: undefined, hint: undefined, related: [] })
    expect(diagnostics.hasErrors).toBe(false)
    diagnostics.error('SC001', 'e', at('a', 1, 1))
    diagnostics.info('SC003', 'i', { expected: 'x' })
    expect(diagnostics.hasErrors).toBe(true)
    expect(diagnostics.all()).toStrictEqual([
      { code: 'SC002', severity: 'warning', message: 'w' },
      { code: 'SC001', severity: 'error', message: 'e', span: { file: 'a', line: 1, column: 1 } },
      { code: 'SC003', severity: 'info', message: 'i', expected: 'x' },
    ])
    expect([diagnostics.count(), diagnostics.count('error'), diagnostics.count('info')]).toEqual([3, 1, 1])
  })

  it('sorts in reading order and keeps the order of arrival at one place', () => {
    const diagnostics = new Diagnostics()
    diagnostics.addAll([
      diagnosticOf('error', 'A01', '6', at('b', 1, 1)),
      diagnosticOf('error', 'A01', '4', at('a', 10, 1)),
      diagnosticOf('error', 'A01', '1'),
      diagnosticOf('error', 'A01', '5', at('a', 10, 1)),
      diagnosticOf('error', 'A01', '3', at('a', 9, 5)),
      diagnosticOf('error', 'A01', '2', at('a', 9, 4)),
    ])
    expect(
      diagnostics
        .sorted()
        .map((one) => one.message)
        .join(''),
    ).toBe('123456')
    expect(diagnostics.all()[0]?.message).toBe('6')
  })

  it('counts beyond its ceiling without keeping, and still knows of errors', () => {
    const diagnostics = new Diagnostics(2)
    for (let i = 0; i < 5; i++) diagnostics.warning('SC002', `w${i}`)
    diagnostics.error('SC001', 'late')
    expect(diagnostics.all()).toHaveLength(2)
    expect([diagnostics.count(), diagnostics.dropped, diagnostics.hasErrors]).toEqual([6, 4, true])
  })
})

describe('codes', () => {
  const scenario = defineCodes([{ code: 'SC012', title: 'host bits', explanation: 'long' }])
  const plan = defineCodes([{ code: 'PL001', title: 'overlap', explanation: 'longer' }])

  it('finds a code in any list and either case', () => {
    expect(findCode('pl001', [scenario, plan])?.title).toBe('overlap')
    expect(findCode('XX999', [scenario, plan])).toBeUndefined()
    expect(allCodes([scenario, plan]).map((entry) => entry.code)).toEqual(['PL001', 'SC012'])
  })

  it('refuses a list with a malformed code or one code twice', () => {
    const entry = { code: 'SC001', title: '', explanation: '' }
    expect(() => defineCodes([entry, entry])).toThrow('SC001 is defined twice')
    expect(() => defineCodes([{ ...entry, code: 'sc1' }])).toThrow('sc1')
  })
})
