// One table inside a database: rows by id, unique indexes, and what the open transaction has touched. Only database.ts
// and integrity.ts use it. Rows given out by a snapshot stay as they are (see rows.ts).

import type { RowId } from '../../model/tables.ts'
import { Rows } from './rows.ts'
import type { IndexSchema, TableSchema } from './schema.ts'
import { Touched } from './touched.ts'

/** A unique index: which row has a key. */
export type UniqueIndex = Map<string | number, RowId>

export class Table<Row> {
  readonly name: string
  readonly schema: TableSchema<Row>
  /** Grows with every committed change of this table. */
  version = 0
  readonly indexes: readonly UniqueIndex[]
  /** Rows touched by the open transaction, as they were before it; undefined for inserted ones. */
  touched = new Touched<Row>()
  /** The open transaction removed rows, so references to this table have to be looked at. */
  removed = false
  readonly rows = new Rows<Row>()

  constructor(name: string, schema: TableSchema<Row>) {
    this.name = name
    this.schema = schema
    this.indexes = schema.indexes.map(() => new Map())
  }

  /** The rows as they are now, for ever; costs nothing until the next write. */
  share(): ReadonlyMap<RowId, Row> {
    return this.rows.share()
  }

  /** Puts a row under an id never used before and higher than all others. */
  insert(id: RowId, row: Row): void {
    this.touched.inserted.push(id)
    this.rows.put(id, row)
  }

  /** Puts or removes a row and remembers what was there before the transaction. */
  write(id: RowId, row: Row | undefined): void {
    const before = this.rows.get(id)
    if (before !== undefined && !this.touched.has(id)) this.touched.changed.set(id, before)
    if (row === undefined) this.removed = true
    this.rows.put(id, row)
  }

  /** Takes back everything the open transaction did. */
  rollBack(): void {
    for (const [id, before] of this.touched.changed) this.rows.put(id, before)
    for (const id of this.touched.inserted) this.rows.put(id, undefined)
    this.touched = new Touched()
    this.removed = false
  }

  /** Drops touched rows that ended as they began; true when something is left. */
  settle(): boolean {
    const { touched, rows } = this
    for (const [id, before] of touched.changed) if (rows.get(id) === before) touched.changed.delete(id)
    // Inserted rows can only have ended as they began where something was removed.
    if (this.removed) touched.inserted = touched.inserted.filter((id) => rows.has(id))
    return touched.size > 0
  }

  /** Ends a transaction that holds; returns what it touched. */
  accept(): ReadonlyMap<RowId, Row | undefined> {
    const touched = this.touched
    this.version++
    this.touched = new Touched()
    this.removed = false
    return touched
  }

  /** Moves the unique indexes to the state after the transaction; stops at the first two rows of equal key. */
  indexForward(): Conflict | undefined {
    const { changed, inserted } = this.touched
    for (const [number, schema] of this.schema.indexes.entries()) {
      for (const [id, before] of changed) {
        if (!this.#keeps(schema, id, before)) unset(this.indexes[number]!, schema.key(before), id)
      }
      for (const [id, before] of changed) {
        const conflict = this.#keeps(schema, id, before) ? undefined : this.#index(number, id)
        if (conflict !== undefined) return conflict
      }
      for (const id of inserted) {
        const conflict = this.#index(number, id)
        if (conflict !== undefined) return conflict
      }
    }
    return undefined
  }

  /** Undoes `indexForward`, also one that stopped half-way. */
  indexBack(): void {
    const { changed, inserted } = this.touched
    for (const [number, schema] of this.schema.indexes.entries()) {
      const index = this.indexes[number]!
      for (const ids of [changed.keys(), inserted]) {
        for (const id of ids) {
          const row = this.rows.get(id)
          const before = changed.get(id)
          if (row === undefined || (before !== undefined && this.#keeps(schema, id, before))) continue
          unset(index, schema.key(row), id)
        }
      }
      for (const [id, before] of changed) {
        if (!this.#keeps(schema, id, before)) index.set(schema.key(before), id)
      }
    }
  }

  #index(number: number, id: RowId): Conflict | undefined {
    const row = this.rows.get(id)
    if (row === undefined) return undefined
    const index = this.indexes[number]!
    const key = this.schema.indexes[number]!.key(row)
    const first = index.get(key)
    if (first !== undefined) return { index: number, first, second: id }
    index.set(key, id)
    return undefined
  }

  /** The row stays where it is in an index: most edits leave the key columns alone. */
  #keeps({ columns }: IndexSchema<Row>, id: RowId, before: Row): boolean {
    const after = this.rows.get(id)
    if (after === undefined) return false
    for (const column of columns) if ((after as Row)[column] !== before[column]) return false
    return true
  }
}

/** Two rows with equal values in the columns of an index. */
export interface Conflict {
  /** Number of the index in the schema. */
  readonly index: number
  readonly first: RowId
  readonly second: RowId
}

function unset(index: UniqueIndex, key: string | number, id: RowId): void {
  if (index.get(key) === id) index.delete(key)
}
