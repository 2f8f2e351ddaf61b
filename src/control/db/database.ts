// A small in-memory OVSDB (RFC 7047): tables of immutable rows, transactions that hold as a whole or not at all, commit
// notifications, and a server that can be down. Rules of a commit are in integrity.ts, schemas in schemas.ts.
// Surprise: `findBy` answers from the committed state, so a transaction's own inserts are found only by `rows` and `get`.

import type { DatabaseSnapshot, RowId } from '../../model/tables.ts'
import { uuidFrom } from '../../net/random.ts'
import { type AnyTable, commit, ReferenceCounts, type Refusal } from './integrity.ts'
import type { DatabaseSchema } from './schema.ts'
import { Table } from './table.ts'
import { sameValue } from './value.ts'

/** How a transaction ended. */
export type TransactionResult =
  | { readonly kind: 'committed' }
  /** Nothing in it differed from what was there; no version grows and nobody is told. */
  | { readonly kind: 'unchanged' }
  | ({ readonly kind: 'refused' } & Refusal)

/** What an open transaction may do. Writes are visible through the database at once and taken back on a refusal. */
export interface Transaction<Tables> {
  /** Stores `row` itself, not a copy, so that equal rows of many databases can be one object. */
  insert<T extends keyof Tables>(table: T, row: Tables[T]): RowId
  /** Inserts a row whose missing columns have the schema's defaults. */
  create<T extends keyof Tables>(table: T, columns: Partial<Tables[T]>): RowId
  /** Changes columns; equal values are no change. Throws a RangeError when the row is not there. */
  update<T extends keyof Tables>(table: T, id: RowId, columns: Partial<Tables[T]>): void
  /** Stores `row` itself in place of the present one. Throws a RangeError when there is none. */
  replace<T extends keyof Tables>(table: T, id: RowId, row: Tables[T]): void
  /** Removes a row; a row that is not there is ignored. */
  delete<T extends keyof Tables>(table: T, id: RowId): void
}

/** What a commit changed, for listeners; valid only while they run. */
export interface Commit<Tables> {
  readonly author: string
  /** Changed rows of a table with their value before the commit, undefined where the row is new. */
  touched<T extends keyof Tables>(table: T): ReadonlyMap<RowId, Tables[T] | undefined>
}

export class Database<Tables> {
  readonly schema: DatabaseSchema<Tables>
  /** Names this database among others of its schema: `az1 OVN_Northbound`. */
  readonly name: string
  /** Number of commits so far. */
  version = 0
  readonly #seed: number
  readonly #tables: ReadonlyMap<keyof Tables, AnyTable>
  readonly #counts = new ReferenceCounts()
  readonly #commitListeners = new Set<(commit: Commit<Tables>) => void>()
  readonly #availabilityListeners = new Set<(available: boolean) => void>()
  #nextId: RowId = 1
  #leader: number | undefined = 0
  #open = false
  #snapshot: { readonly version: number; readonly value: DatabaseSnapshot<Tables> } | undefined

  /** `name` and `seed` decide the UUIDs of the rows. */
  constructor(schema: DatabaseSchema<Tables>, name: string, seed: number) {
    this.schema = schema
    this.name = name
    this.#seed = seed
    const names = Object.keys(schema.tables) as (keyof Tables & string)[]
    this.#tables = new Map(names.map((table) => [table, new Table(table, schema.tables[table])]))
  }

  /** The rows of a table now. The map changes with later transactions; keep a `snapshot` instead of it. */
  rows<T extends keyof Tables>(table: T): ReadonlyMap<RowId, Tables[T]> {
    return this.#table(table).rows
  }

  get<T extends keyof Tables>(table: T, id: RowId): Tables[T] | undefined {
    return this.#table(table).rows.get(id)
  }

  /** The committed row with these values in the columns of a unique index; throws a RangeError when there is no such index. */
  findBy<T extends keyof Tables, C extends keyof Tables[T] & string>(
    table: T,
    columns: readonly C[],
    values: Pick<Tables[T], C>,
  ): RowId | undefined {
    const { schema, indexes } = this.#table(table)
    const number = schema.indexes.findIndex((index) => index.columns.join() === columns.join())
    if (number < 0) throw noIndex(table, columns)
    return indexes[number]!.get(schema.indexes[number]!.key(values as Tables[T]))
  }

  /** The committed row whose first column-wise unique index (mostly its name) has this value. */
  find<T extends keyof Tables>(
    table: T,
    column: keyof Tables[T] & string,
    value: string | number,
  ): RowId | undefined {
    const { schema, indexes } = this.#table(table)
    // The key of an index over one column is its value; this is asked a million times an hour of a large mesh.
    for (let number = 0; number < indexes.length; number++) {
      const { columns } = schema.indexes[number]!
      if (columns.length === 1 && columns[0] === column) return indexes[number]!.get(value)
    }
    throw noIndex(table, [column])
  }

  /** Number of commits that changed this table; equal numbers mean equal content. */
  tableVersion(table: keyof Tables): number {
    return this.#table(table).version
  }

  /** The row's UUID as text, a function of seed, database name and row id. Not cached. */
  uuid(id: RowId): string {
    return uuidFrom(this.#seed, this.name, id)
  }

  /** Everything as it is now, for ever. Snapshots between two commits are one object. */
  snapshot(): DatabaseSnapshot<Tables> {
    if (this.#snapshot?.version === this.version) return this.#snapshot.value
    const tables = Object.fromEntries([...this.#tables].map(([name, table]) => [name, table.share()]))
    const value: DatabaseSnapshot<Tables> = {
      tables: tables as DatabaseSnapshot<Tables>['tables'],
      uuid: (id) => this.uuid(id),
    }
    this.#snapshot = { version: this.version, value }
    return value
  }

  /** False while the server is stopped: transactions are refused, and clients keep what they saw last. */
  get available(): boolean {
    return this.#leader !== undefined
  }

  set available(available: boolean) {
    this.leader = available ? 0 : undefined
  }

  /** The server that takes transactions: 0 where there is one only, else a member of the Raft cluster; undefined while there is none. */
  get leader(): number | undefined {
    return this.#leader
  }

  set leader(leader: number | undefined) {
    if (leader === this.#leader) return
    this.#leader = leader
    for (const listener of this.#availabilityListeners) listener(this.available)
  }

  /**
   * Runs `body` as one transaction. Refused, it leaves no trace; an exception thrown by `body` takes everything back as
   * well and is passed on. `author` is for listeners and logs. Transactions do not nest.
   */
  transact(author: string, body: (transaction: Transaction<Tables>) => void): TransactionResult {
    if (!this.available) return UNAVAILABLE
    if (this.#open) throw new Error(`${this.name}: a transaction is open already`)
    this.#open = true
    try {
      body(this.#transaction)
    } catch (error) {
      for (const table of this.#tables.values()) table.rollBack()
      throw error
    } finally {
      this.#open = false
    }
    return this.#end(author)
  }

  /** Calls `listener` after every commit, in the order of subscription; returns how to stop it. */
  onCommit(listener: (commit: Commit<Tables>) => void): () => void {
    this.#commitListeners.add(listener)
    return () => this.#commitListeners.delete(listener)
  }

  /** Calls `listener` when the server stops or comes back, or another member leads; returns how to stop it. */
  onAvailability(listener: (available: boolean) => void): () => void {
    this.#availabilityListeners.add(listener)
    return () => this.#availabilityListeners.delete(listener)
  }

  readonly #transaction: Transaction<Tables> = {
    insert: (table, row) => {
      const id = this.#nextId++
      this.#table(table).insert(id, row)
      return id
    },
    create: (table, columns) => {
      return this.#transaction.insert(table, { ...this.schema.tables[table].defaults, ...columns })
    },
    update: (table, id, columns) => {
      const before = this.#existing(table, id)
      for (const column in columns) {
        if (sameValue(before[column], columns[column])) continue
        this.#table(table).write(id, { ...before, ...columns })
        return
      }
    },
    replace: (table, id, row) => {
      if (!sameValue(this.#existing(table, id), row)) this.#table(table).write(id, row)
    },
    delete: (table, id) => {
      if (this.get(table, id) !== undefined) this.#table(table).write(id, undefined)
    },
  }

  #end(author: string): TransactionResult {
    const tables = this.#tables as ReadonlyMap<string, AnyTable>
    let touched = false
    for (const table of tables.values()) touched = table.settle() || touched
    if (!touched) return UNCHANGED
    const refusal = commit(tables, this.#counts, (id) => this.uuid(id))
    if (refusal !== undefined) return { kind: 'refused', ...refusal }
    const before = new Map<keyof Tables, ReadonlyMap<RowId, unknown>>()
    for (const [name, table] of this.#tables) {
      if (!table.settle()) continue
      before.set(name, table.accept())
    }
    if (before.size === 0) return UNCHANGED
    this.version++
    const commitment: Commit<Tables> = {
      author,
      touched: <T extends keyof Tables>(table: T) =>
        (before.get(table) ?? NOTHING) as ReadonlyMap<RowId, Tables[T] | undefined>,
    }
    for (const listener of this.#commitListeners) listener(commitment)
    return COMMITTED
  }

  #existing<T extends keyof Tables>(table: T, id: RowId): Tables[T] {
    const row = this.get(table, id)
    if (row === undefined) throw new RangeError(`${this.name}: no row ${id} in ${String(table)}`)
    return row
  }

  #table<T extends keyof Tables>(table: T): Table<Tables[T]> {
    return this.#tables.get(table)! as Table<Tables[T]>
  }
}

function noIndex(table: PropertyKey, columns: readonly string[]): RangeError {
  return new RangeError(`${String(table)} has no unique index on ${columns.join()}`)
}

const COMMITTED: TransactionResult = { kind: 'committed' }
const UNCHANGED: TransactionResult = { kind: 'unchanged' }
const UNAVAILABLE: TransactionResult = {
  kind: 'refused',
  constraint: 'unavailable',
  message: 'database connection failed (Connection refused)',
}
const NOTHING: ReadonlyMap<RowId, undefined> = new Map<RowId, undefined>()
