import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Rows } from '../../src/control/db/rows.ts'
import { Touched } from '../../src/control/db/touched.ts'

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ put: fc.nat(400), row: fc.option(fc.nat(), { nil: undefined }) }) },
  { weight: 1, arbitrary: fc.constant({ share: true as const }) },
)

describe('Rows', () => {
  it('is a map in the order of ids, and snapshots of it stay as they were', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const rows = new Rows<number>()
        const twin = new Map<number, number>()
        const sorted = (): [number, number][] => [...twin].sort(([a], [b]) => a - b)
        const snapshots: { readonly shared: Rows<number>; readonly content: [number, number][] }[] = []
        for (const item of steps) {
          if ('share' in item) {
            snapshots.push({ shared: rows.share(), content: sorted() })
            continue
          }
          rows.put(item.put, item.row)
          if (item.row === undefined) twin.delete(item.put)
          else twin.set(item.put, item.row)
          expect([rows.size, rows.get(item.put), rows.has(item.put)]).toEqual([
            twin.size,
            item.row,
            item.row !== undefined,
          ])
        }
        for (const { shared, content } of [...snapshots, { shared: rows, content: sorted() }]) {
          expect([...shared]).toEqual(content)
          expect([...shared.keys()]).toEqual(content.map(([id]) => id))
          expect([...shared.values()]).toEqual(content.map(([, row]) => row))
          expect(shared.size).toBe(content.length)
        }
      }),
    )
  })
})

describe('Touched', () => {
  it('knows changed and inserted rows alike', () => {
    const touched = new Touched<string>()
    touched.changed.set(3, 'before')
    touched.inserted.push(5, 8, 9)
    expect([...touched]).toEqual([
      [3, 'before'],
      [5, undefined],
      [8, undefined],
      [9, undefined],
    ])
    expect([3, 4, 5, 6, 8, 9, 10].filter((id) => touched.has(id))).toEqual([3, 5, 8, 9])
    expect([touched.size, touched.get(3), touched.get(5)]).toEqual([4, 'before', undefined])
  })
})
