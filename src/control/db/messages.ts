// The sentences with which ovsdb-server refuses a transaction, error tag first, as clients log them. The layout was taken
// from the answers of ovsdb-server 3.1 to provoked violations; tests hold it.

import type { RowId } from '../../model/tables.ts'
import type { Conflict, Table } from './table.ts'

/** Two rows with equal values in a unique index. */
// biome-ignore lint/suspicious/noExplicitAny: rows of every table are described alike
export function uniqueMessage(table: Table<any>, conflict: Conflict, uuid: (id: RowId) => string): string {
  const { columns } = table.schema.indexes[conflict.index]!
  const row = table.rows.get(conflict.second)!
  const references = new Set(table.schema.references.map((reference) => reference.column))
  const values = columns.map((column) =>
    references.has(column) ? uuid(row[column] as RowId) : valueText(row[column] as string | number),
  )
  const on = `index on column${columns.length === 1 ? '' : 's'} ${enumerate(columns.map((column) => `"${column}"`))}`
  const describe = (id: RowId): string => {
    const how = !table.touched.has(id)
      ? 'existed in the database before this transaction and was not modified by the transaction'
      : table.touched.get(id) === undefined
        ? 'was inserted by this transaction'
        : 'had its columns modified by this transaction'
    return `with UUID ${uuid(id)}, ${how}.`
  }
  return (
    `constraint violation: Transaction causes multiple rows in "${table.name}" table to have identical values ` +
    `(${enumerate(values)}) for ${on}.  First row, ${describe(conflict.first)}  Second row, ${describe(conflict.second)}`
  )
}

/** A removed row that others still refer to. */
export function remainingMessage(table: string, row: string, references: number): string {
  return `referential integrity violation: cannot delete ${table} row ${row} because of ${references} remaining reference(s)`
}

/** A strong reference that leads nowhere. */
export function danglingMessage(
  from: { readonly table: string; readonly column: string; readonly row: string },
  row: string,
  table: string,
): string {
  return (
    `referential integrity violation: Table ${from.table} column ${from.column} row ${from.row} ` +
    `references nonexistent row ${row} in table ${table}.`
  )
}

/** More rows than the schema allows. */
export function limitMessage(table: string, rows: number, limit: number): string {
  return (
    `constraint violation: transaction causes "${table}" table to contain ${rows} rows, ` +
    `greater than the schema-defined limit of ${limit} row(s)`
  )
}

/** A value as OVSDB prints it: text is quoted unless it is a plain identifier. */
export function valueText(value: string | number): string {
  if (typeof value === 'number') return String(value)
  return /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(value) && !RESERVED.has(value) ? value : JSON.stringify(value)
}

/** `a`, `a and b`, `a, b, and c`. */
function enumerate(words: readonly string[]): string {
  if (words.length < 3) return words.join(' and ')
  return `${words.slice(0, -1).join(', ')}, and ${words.at(-1)}`
}

const RESERVED = new Set(['true', 'false'])
