// What ovsdb-server does when a transaction ends (RFC 7047 §4.1.2 and §3.2): rows of non-root tables that nothing refers to go,
// weak references to removed rows are cleared, and strong references and unique indexes must hold, or all is refused.
// References are counted in one typed array a database; row ids are small and never used twice.

import type { RowId } from '../../model/tables.ts'
import { danglingMessage, limitMessage, remainingMessage, uniqueMessage } from './messages.ts'
import { referencesOf, withoutReferences } from './schema.ts'
import type { Table } from './table.ts'

// biome-ignore lint/suspicious/noExplicitAny: tables of different rows are kept in one list
export type AnyTable = Table<any>

/** Why a transaction was refused. */
export interface Refusal {
  readonly constraint: 'unique' | 'reference' | 'limit' | 'unavailable'
  /** What ovsdb-server would say, error first: `constraint violation: Transaction causes …`. */
  readonly message: string
}

/** How often each row is referred to strongly. */
export class ReferenceCounts {
  #counts = new Uint32Array(256)

  of(id: RowId): number {
    return id < this.#counts.length ? this.#counts[id]! : 0
  }

  add(id: RowId, n: 1 | -1): void {
    if (id >= this.#counts.length) {
      const grown = new Uint32Array(Math.max(id + 1, Math.ceil(this.#counts.length * 1.5)))
      grown.set(this.#counts)
      this.#counts = grown
    }
    this.#counts[id]! += n
  }
}

type Tables = ReadonlyMap<string, AnyTable>
type Uuid = (id: RowId) => string

/** Ends the open transaction of `tables`; on a refusal everything is as before it. */
export function commit(tables: Tables, counts: ReferenceCounts, uuid: Uuid): Refusal | undefined {
  collectGarbage(tables, counts)
  clearWeakReferences(tables)
  const refusal = checkReferences(tables, counts, uuid) ?? checkLimits(tables) ?? checkUnique(tables, uuid)
  if (refusal === undefined) return undefined
  for (const table of tables.values()) countTouched(table, counts, -1)
  for (const table of tables.values()) table.rollBack()
  return refusal
}

/** Counts the strong references of touched rows: `direction` 1 from before to after, -1 back again. */
function countTouched(table: AnyTable, counts: ReferenceCounts, direction: 1 | -1): void {
  for (const reference of table.schema.references) {
    if (reference.kind !== 'strong') continue
    const back = direction === 1 ? -1 : 1
    for (const [id, before] of table.touched.changed) {
      const after = table.rows.get(id)
      // Most edits leave the column alone.
      if (
        after !== undefined &&
        reference.read === undefined &&
        after[reference.column] === before[reference.column]
      )
        continue
      if (after !== undefined) for (const to of referencesOf(reference, after)) counts.add(to, direction)
      for (const to of referencesOf(reference, before)) counts.add(to, back)
    }
    for (const id of table.touched.inserted) {
      const row = table.rows.get(id)
      if (row !== undefined) for (const to of referencesOf(reference, row)) counts.add(to, direction)
    }
  }
}

/** Counts references and removes unreferenced rows of non-root tables, then what only those referred to, and so on. */
function collectGarbage(tables: Tables, counts: ReferenceCounts): void {
  for (const table of tables.values()) countTouched(table, counts, 1)
  const suspects: [AnyTable, RowId][] = []
  for (const table of tables.values()) {
    if (!table.schema.root) {
      for (const id of table.touched.changed.keys()) if (counts.of(id) === 0) suspects.push([table, id])
      for (const id of table.touched.inserted) if (counts.of(id) === 0) suspects.push([table, id])
    }
    for (const reference of table.schema.references) {
      const target = tables.get(reference.to)!
      if (reference.kind === 'weak' || target.schema.root) continue
      for (const before of table.touched.changed.values()) {
        for (const id of referencesOf(reference, before)) if (counts.of(id) === 0) suspects.push([target, id])
      }
    }
  }
  for (let next = suspects.pop(); next !== undefined; next = suspects.pop()) {
    const [table, id] = next
    const row = table.rows.get(id)
    if (row === undefined || counts.of(id) > 0) continue
    table.write(id, undefined)
    for (const reference of table.schema.references) {
      if (reference.kind !== 'strong') continue
      for (const to of referencesOf(reference, row)) {
        counts.add(to, -1)
        if (!tables.get(reference.to)!.schema.root) suspects.push([tables.get(reference.to)!, to])
      }
    }
  }
}

/** Clears weak references of all rows to removed rows, and of touched rows to rows that never were. */
function clearWeakReferences(tables: Tables): void {
  for (const table of tables.values()) {
    for (const reference of table.schema.references) {
      if (reference.kind !== 'weak') continue
      const target = tables.get(reference.to)!
      const gone = (id: RowId): boolean => !target.rows.has(id)
      const removed = target.removed && [...target.touched.keys()].some(gone)
      for (const id of removed ? [...table.rows.keys()] : [...table.touched.keys()]) {
        const row = table.rows.get(id)
        const cleared = row === undefined ? row : withoutReferences(reference, row, gone)
        if (cleared !== row) table.write(id, cleared)
      }
    }
  }
}

function checkReferences(tables: Tables, counts: ReferenceCounts, uuid: Uuid): Refusal | undefined {
  for (const table of tables.values()) {
    if (!table.removed && table.schema.references.length === 0) continue
    for (const id of table.touched.keys()) {
      const row = table.rows.get(id)
      if (row === undefined) {
        if (counts.of(id) > 0) return reference(remainingMessage(table.name, uuid(id), counts.of(id)))
        continue
      }
      for (const schema of table.schema.references) {
        if (schema.kind === 'weak') continue
        const ids = referencesOf(schema, row)
        if (ids.length === 0 && schema.required !== true) continue
        const target = tables.get(schema.to)!.rows
        const missing = ids.length === 0 ? 0 : ids.find((to) => !target.has(to))
        if (missing === undefined) continue
        const place = { table: table.name, column: schema.column, row: uuid(id) }
        return reference(danglingMessage(place, missing === 0 ? NIL_UUID : uuid(missing), schema.to))
      }
    }
  }
  return undefined
}

function checkLimits(tables: Tables): Refusal | undefined {
  for (const { name, rows, schema } of tables.values()) {
    if (schema.rowsMax !== undefined && rows.size > schema.rowsMax) {
      return { constraint: 'limit', message: limitMessage(name, rows.size, schema.rowsMax) }
    }
  }
  return undefined
}

function checkUnique(tables: Tables, uuid: Uuid): Refusal | undefined {
  const moved: AnyTable[] = []
  for (const table of tables.values()) {
    if (table.touched.size === 0) continue
    moved.push(table)
    const conflict = table.indexForward()
    if (conflict === undefined) continue
    const message = uniqueMessage(table, conflict, uuid)
    for (const back of moved) back.indexBack()
    return { constraint: 'unique', message }
  }
  return undefined
}

function reference(message: string): Refusal {
  return { constraint: 'reference', message }
}

const NIL_UUID = '00000000-0000-0000-0000-000000000000'
