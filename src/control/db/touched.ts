// What an open transaction has touched in one table, as a map from row id to the row before it. Inserted rows have none and
// come in ascending order, so they are a list: learning ten thousand routes would spend most of its time in a hash table.
// Surprise: rows that were there come first, then the inserted ones, whatever the order of the writes.

import type { RowId } from '../../model/tables.ts'

export class Touched<Row> implements ReadonlyMap<RowId, Row | undefined> {
  readonly [Symbol.toStringTag] = 'Map'
  /** Rows that were there before, as they were. */
  readonly changed = new Map<RowId, Row>()
  /** Ids of rows that were not, ascending. */
  inserted: RowId[] = []

  get size(): number {
    return this.changed.size + this.inserted.length
  }

  get(id: RowId): Row | undefined {
    return this.changed.get(id)
  }

  has(id: RowId): boolean {
    return this.changed.has(id) || this.#wasInserted(id)
  }

  forEach(
    callback: (before: Row | undefined, id: RowId, map: ReadonlyMap<RowId, Row | undefined>) => void,
  ): void {
    for (const [id, before] of this) callback(before, id, this)
  }

  *keys(): MapIterator<RowId> {
    yield* this.changed.keys()
    yield* this.inserted
    return undefined
  }

  *values(): MapIterator<Row | undefined> {
    for (const [, before] of this) yield before
    return undefined
  }

  *entries(): MapIterator<[RowId, Row | undefined]> {
    yield* this.changed
    for (const id of this.inserted) yield [id, undefined]
    return undefined
  }

  [Symbol.iterator](): MapIterator<[RowId, Row | undefined]> {
    return this.entries()
  }

  #wasInserted(id: RowId): boolean {
    const { inserted } = this
    let low = 0
    let high = inserted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (inserted[middle]! < id) low = middle + 1
      else high = middle
    }
    return inserted[low] === id
  }
}
