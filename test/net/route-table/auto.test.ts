import { describe, expect, it } from 'vitest'
import { choose } from '../../../src/net/route-table/auto.ts'
import type { Shape } from '../../../src/net/route-table/shape.ts'
import {
  createLpm4,
  createLpm6,
  STRUCTURES,
  structure4,
  structure6,
} from '../../../src/net/route-table/structures.ts'

/** Counts by length. */
function shape(counts: Record<number, number>, updates?: boolean): Shape {
  const lengths = Array.from({ length: 129 }, (_, length) => counts[length] ?? 0)
  return updates === undefined ? { lengths } : { lengths, updates }
}

describe('auto', () => {
  it.each([
    [4, shape({}), 'length-hash'],
    [4, shape({ 16: 100, 24: 300 }), 'length-hash'],
    [4, shape({ 16: 100, 24: 800 }), 'stride-16-8-8'],
    [4, shape({ 16: 10, 24: 2000, 32: 10_000 }), 'stride-16-8-8'],
    [4, shape({ 16: 100, 24: 20_000, 32: 100_000 }), 'length-hash'],
    [4, shape({ 16: 3_000, 20: 12_000, 22: 15_000, 23: 15_000, 24: 80_000 }), 'stride-16-2'],
    [4, shape({ 16: 20_000, 20: 80_000, 22: 100_000, 23: 100_000, 24: 500_000 }), 'stride-20-4'],
    [4, shape({ 16: 20_000, 20: 80_000, 22: 100_000, 23: 100_000, 24: 500_000 }, true), 'stride-16-8-8'],
    [6, shape({ 48: 10, 64: 2000, 128: 10_000 }), 'length-hash'],
    [6, shape({ 29: 300, 32: 1400, 40: 600, 44: 900, 48: 4700 }), 'stride-16-8'],
    [6, shape({ 29: 300, 32: 1400, 40: 600, 44: 900, 48: 4700 }, false), 'dxr6'],
    [6, shape({ 29: 5000, 32: 14_000, 40: 6000, 44: 9000, 48: 47_000 }), 'length-hash'],
    [6, shape({ 29: 5000, 32: 14_000, 40: 6000, 44: 9000, 48: 47_000 }, false), 'dxr6'],
  ] as const)('IPv%i %#: takes %3$s and says why', (family, table, name) => {
    const choice = choose(family, table)
    expect(choice.name).toBe(name)
    expect(choice.why).toMatch(/\w.*: \w/)
  })

  it('makes tables of the structure it chose; a name makes that one', () => {
    expect(createLpm4().structure).toBe('length-hash')
    expect(createLpm4('auto', shape({ 24: 10_000 })).structure).toBe('stride-16-8-8')
    expect(createLpm6('trie').structure).toBe('trie')
    expect(structure6('auto', shape({ 32: 9000, 36: 9, 40: 9000, 48: 9000, 56: 9000 }, false)).name).toBe(
      'dxr6',
    )
  })

  it('refuses names that are not there, and updates of what is built once', () => {
    expect(() => structure4('dxr6')).toThrow(/no IPv4 structure dxr6; there are list, trie/)
    expect(() => createLpm6('dxr6')).toThrow(/built once/)
  })
})

describe('the list of structures', () => {
  it('has each name once a family, each structure answering to its name', () => {
    const names = STRUCTURES.map(({ family, name }) => `${family} ${name}`)
    expect(new Set(names).size).toBe(names.length)
    const nothing = {
      count: 0,
      addresses: new Uint32Array(),
      lengths: new Uint8Array(),
      values: new Uint32Array(),
    }
    for (const { name, build, create } of STRUCTURES) {
      expect(build(nothing).structure).toBe(name)
      if (create !== undefined) expect(create().structure).toBe(name)
    }
  })
})
