import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { didYouMean, editDistance, suggest } from '../../src/diag/suggest.ts'

const KEYS = [
  'name',
  'profile',
  'interconnect',
  'clusters',
  'underlay',
  'traffic',
  'timeline',
  'expect',
  'at',
  'as',
]

/** The definition of the optimal string alignment distance, as it is written down: exponential, for short words. */
function distanceByDefinition(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length
  const [x, y] = [a.slice(0, -1), b.slice(0, -1)]
  const swapped = a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)
  return Math.min(
    distanceByDefinition(x, b) + 1,
    distanceByDefinition(a, y) + 1,
    distanceByDefinition(x, y) + (a.at(-1) === b.at(-1) ? 0 : 1),
    swapped ? distanceByDefinition(a.slice(0, -2), b.slice(0, -2)) + 1 : Number.POSITIVE_INFINITY,
  )
}

describe('editDistance', () => {
  it('agrees with its definition', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 })
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(distanceByDefinition(a, b))
      }),
    )
  })
})

describe('suggest', () => {
  it.each([
    ['cluster', 'clusters'],
    ['clsuters', 'clusters'],
    ['Clusters', 'clusters'],
    ['timline', 'timeline'],
    ['inter-connect', 'interconnect'],
    ['nmae', 'name'],
    ['expects', 'expect'],
    ['ta', 'at'],
  ])('%s: %s', (word, expected) => {
    expect(suggest(word, KEYS)).toBe(expected)
  })

  it.each(['banana', 'x', '', 'nodes', 'subnets', 'zz', 'q'.repeat(10_000)])(
    'has nothing near %.12s',
    (word) => {
      expect(suggest(word, KEYS)).toBeUndefined()
    },
  )

  it('never suggests the word itself, prefers a difference of case, then the same first letter, then the first', () => {
    expect(suggest('name', ['name'])).toBeUndefined()
    expect(suggest('AZ1', ['az2', 'az1'])).toBe('az1')
    expect(suggest('az3', ['bz3', 'az1'])).toBe('az1')
    expect(suggest('az3', ['az2', 'az1'])).toBe('az2')
  })

  it('makes a hint of it', () => {
    expect(didYouMean('clutsers', KEYS)).toBe('did you mean "clusters"?')
    expect(didYouMean('banana', KEYS)).toBeUndefined()
  })
})
