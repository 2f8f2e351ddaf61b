// What a database schema says that matters here (ovsdb-server(7), RFC 7047 §3.2): which tables keep unreferenced rows,
// which columns are unique together, and which columns refer to other tables, strongly or weakly.
// The four schemas of OVN are in schemas.ts.

import type { RowId } from '../../model/tables.ts'

/** A unique index over one or more columns. */
export interface IndexSchema<Row> {
  readonly columns: readonly (keyof Row & string)[]
  /** One value per combination of column values; `findBy` and the uniqueness check compare it. */
  key(row: Row): string | number
}

/** A column that refers to rows of another table of the same database. */
export interface ReferenceSchema<Row> {
  readonly column: keyof Row & string
  readonly to: string
  /** Strong references forbid deleting their target; weak ones disappear with it (RFC 7047 §3.2, `refType`). */
  readonly kind: 'strong' | 'weak'
  /** True for columns that need at least one reference (`min: 1`). */
  readonly required?: boolean
  /** The row without the weak references to rows that `gone` answers true for. */
  without?(row: Row, gone: (id: RowId) => boolean): Row
  /** The references of a row; by default the column holds one RowId, undefined, or an array of them. */
  read?(row: Row): readonly (RowId | undefined)[]
}

export interface TableSchema<Row> {
  /** False: a row that nothing refers to strongly is removed at the end of the transaction (`isRoot`). */
  readonly root: boolean
  readonly indexes: readonly IndexSchema<Row>[]
  readonly references: readonly ReferenceSchema<Row>[]
  /** A new row's column values where `create` gives none. */
  readonly defaults: Row
  /** Least and greatest value of integer columns, where users can write them. */
  readonly ranges?: { readonly [C in keyof Row]?: readonly [least: number, greatest: number] }
  /** Limit of rows, 1 for tables of global settings. */
  readonly rowsMax?: number
}

/** A whole database: its name as OVN calls it (`OVN_Northbound`) and its tables. */
export interface DatabaseSchema<Tables> {
  readonly name: string
  readonly tables: { readonly [T in keyof Tables]: TableSchema<Tables[T]> }
}

/** The index over one column. */
export function uniqueOn<Row>(column: keyof Row & string): IndexSchema<Row> {
  return { columns: [column], key: (row) => row[column] as string | number }
}

/** The index over several columns; NUL cannot occur in a column value. */
export function uniqueTogether<Row>(...columns: (keyof Row & string)[]): IndexSchema<Row> {
  return {
    columns,
    key: (row) => {
      let key = ''
      for (const column of columns) key = `${key}${row[column]}\0`
      return key
    },
  }
}

/** The references a row holds through `reference`, undefined ones skipped. */
export function referencesOf<Row>(reference: ReferenceSchema<Row>, row: Row): readonly RowId[] {
  const value: unknown = reference.read === undefined ? row[reference.column] : reference.read(row)
  if (value === undefined) return NONE
  if (typeof value === 'number') return [value]
  // Only `read` and optional columns can yield undefined members; whole arrays of ids pass untouched.
  if (reference.read === undefined) return value as readonly RowId[]
  return (value as readonly (RowId | undefined)[]).filter((id) => id !== undefined)
}

/** The row without weak references to rows that are gone; the same object when it has none. */
export function withoutReferences<Row>(
  reference: ReferenceSchema<Row>,
  row: Row,
  gone: (id: RowId) => boolean,
): Row {
  if (!referencesOf(reference, row).some(gone)) return row
  if (reference.without !== undefined) return reference.without(row, gone)
  const value: unknown = row[reference.column]
  const left = Array.isArray(value) ? (value as RowId[]).filter((id) => !gone(id)) : undefined
  return { ...row, [reference.column]: left }
}

const NONE: readonly RowId[] = []
