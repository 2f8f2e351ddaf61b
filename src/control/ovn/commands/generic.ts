// The database commands that all of OVN's tools share: set, add, remove, clear, create, destroy (ovs-vsctl(8), "Database
// Commands"; ovn-nbctl(8)). They work on whatever tables the schema has.

import type { SubCommand } from '../../../model/command-line.ts'
import type { RowId } from '../../../model/tables.ts'
import type { Database, Transaction } from '../../db/database.ts'
import {
  type AnySchema,
  columnKind,
  columnName,
  elements,
  keyAndValue,
  parseValue,
  type Row,
  unquote,
} from './columns.ts'
import { fail } from './failure.ts'

// biome-ignore lint/suspicious/noExplicitAny: commands name tables and columns at run time
type AnyDatabase = Database<any>
// biome-ignore lint/suspicious/noExplicitAny: see above
type AnyTransaction = Transaction<any>

/** One command line at work: its database, its transaction, and the rows it named with `--id=@…`. */
export interface Session {
  readonly database: AnyDatabase
  readonly write: AnyTransaction
  readonly named: Map<string, RowId>
}

/** Carries out a shared command; false when `step` is none of them. */
export function genericCommand(session: Session, step: SubCommand): boolean {
  const [tableText, ...rest] = step.args
  switch (step.name) {
    case 'create':
      create(session, tableNamed(session, tableText!), rest, step.options.get('--id'))
      return true
    case 'destroy':
      destroy(session, tableNamed(session, tableText!), rest, step)
      return true
    case 'set':
    case 'add':
    case 'remove':
    case 'clear': {
      const table = tableNamed(session, tableText!)
      const id = findRow(session, table, rest[0]!)
      if (id !== undefined) EDITS[step.name]({ session, table, id }, rest.slice(1))
      else if (!step.options.has('--if-exists')) fail(`no row "${rest[0]}" in table ${table}`)
      return true
    }
    default:
      return false
  }
}

/** A row by UUID (or the first four and more digits of it), `@name`, or the value of its naming column; `.` for the only row. */
export function findRow(session: Session, table: string, text: string): RowId | undefined {
  const rows = session.database.rows(table) as ReadonlyMap<RowId, Row>
  if (text === '.') {
    if (schemaOf(session, table).rowsMax === 1) return [...rows.keys()][0]
    return undefined
  }
  if (text.startsWith('@')) return session.named.get(text)
  const naming = NAMING.find((column) => column in (schemaOf(session, table).defaults as Row))
  const name = unquote(text)
  const found = [...rows].filter(([, row]) => naming !== undefined && row[naming] === name).map(([id]) => id)
  if (found.length > 1) fail(`multiple rows in ${table} match "${text}"`)
  if (found.length === 1 || !/^[0-9a-f-]{4,36}$/i.test(text)) return found[0]
  return [...rows.keys()].find((id) => session.database.uuid(id).startsWith(text.toLowerCase()))
}

interface Target {
  readonly session: Session
  readonly table: string
  readonly id: RowId
}

const EDITS = {
  set(target: Target, assignments: readonly string[]): void {
    for (const assignment of assignments) set(target, assignment)
  },
  add(target: Target, [columnText, ...values]: readonly string[]): void {
    const { column, kind, value } = columnOf(target, columnText!)
    const added = values.flatMap((text) => elements(text, kind === 'map' ? '{' : '['))
    if (kind === 'map') {
      // A key that is there keeps its value (ovn-nbctl(8), add).
      write(target, column, { ...Object.fromEntries(added.map(keyAndValue)), ...(value as object) })
    } else {
      const more = parse(target, column, added.join(',')) as unknown[]
      if (!Array.isArray(value)) fail(`cannot add to column ${column}: it holds one value`)
      write(target, column, [...value, ...more.filter((one) => !value.includes(one))])
    }
  },
  remove(target: Target, [columnText, ...values]: readonly string[]): void {
    const { column, kind, value } = columnOf(target, columnText!)
    const removed = values.flatMap((text) => elements(text, kind === 'map' ? '{' : '['))
    if (kind === 'map') {
      const gone = new Map(
        removed.map((text) => (text.includes('=') ? keyAndValue(text) : [unquote(text), undefined])),
      )
      const left = Object.entries(value as object).filter(([key, present]) => {
        return !gone.has(key) || (gone.get(key) ?? present) !== present
      })
      write(target, column, Object.fromEntries(left))
    } else if (Array.isArray(value)) {
      const gone = parse(target, column, removed.join(',')) as unknown[]
      write(
        target,
        column,
        value.filter((one) => !gone.includes(one)),
      )
    } else write(target, column, undefined)
  },
  clear(target: Target, columns: readonly string[]): void {
    for (const text of columns) {
      const { column } = columnOf(target, text)
      write(target, column, (schemaOf(target.session, target.table).defaults as Row)[column])
    }
  },
}

function set(target: Target, assignment: string): void {
  const match = /^([A-Za-z_-]+)(?::("(?:[^"\\]|\\.)*"|[^=]*))?=(.+)$/s.exec(assignment)
  if (match === null) fail(`${assignment}: argument does not end in "=" followed by a value.`)
  const { column, kind, value } = columnOf(target, match[1]!)
  if (match[2] === undefined) write(target, column, parse(target, column, match[3]!))
  else if (kind === 'map')
    write(target, column, { ...(value as object), [unquote(match[2])]: unquote(match[3]!) })
  else fail(`cannot specify key to set for non-map column ${column}`)
}

function create(
  session: Session,
  table: string,
  assignments: readonly string[],
  id: string | undefined,
): void {
  const row = session.write.insert(table, schemaOf(session, table).defaults as Row)
  if (id !== undefined) {
    if (!id.startsWith('@')) fail(`row id "${id}" does not begin with "@"`)
    if (session.named.has(id)) fail(`row id "${id}" may only be specified on one --id option`)
    session.named.set(id, row)
  }
  EDITS.set({ session, table, id: row }, assignments)
}

function destroy(session: Session, table: string, records: readonly string[], step: SubCommand): void {
  if (step.options.has('--all')) {
    for (const id of [...session.database.rows(table).keys()]) session.write.delete(table, id)
    return
  }
  if (records.length === 0) fail('either --all or records argument should be specified')
  for (const record of records) {
    const id = findRow(session, table, record)
    if (id !== undefined) session.write.delete(table, id)
    else if (!step.options.has('--if-exists')) fail(`no row "${record}" in table ${table}`)
  }
}

function columnOf({ session, table, id }: Target, text: string) {
  const schema = schemaOf(session, table)
  const column = columnName(table, schema, text)
  const value = (session.database.get(table, id) as Row)[column]
  return { column, kind: columnKind(table, schema, column), value }
}

function parse({ session, table }: Target, column: string, text: string): unknown {
  const schema = schemaOf(session, table)
  const to = schema.references.find((reference) => reference.column === column)?.to ?? ''
  const value = parseValue(columnKind(table, schema, column), text, to, (reference, target) => {
    const row = findRow(session, target, reference)
    if (row === undefined) fail(`${reference}: no such row in table ${target}`)
    return row
  })
  const [least, greatest] = schema.ranges?.[column] ?? []
  if (
    least !== undefined &&
    greatest !== undefined &&
    ((value as number) < least || (value as number) > greatest)
  )
    fail(`constraint violation: ${value} is not in the valid range ${least} to ${greatest} (inclusive)`)
  return value
}

function write({ session, table, id }: Target, column: string, value: unknown): void {
  session.write.update(table, id, { [column]: value })
}

/** A table by name; the tools take any clear beginning of it, in any case. */
function tableNamed(session: Session, text: string): string {
  const names = Object.keys(session.database.schema.tables)
  const wanted = text.toLowerCase().replaceAll('-', '_')
  const exact = names.find((name) => name.toLowerCase() === wanted)
  if (exact !== undefined) return exact
  const found = names.filter((name) => name.toLowerCase().startsWith(wanted))
  if (found.length === 1) return found[0]!
  fail(found.length > 1 ? `multiple table names match "${text}"` : `unknown table "${text}"`)
}

function schemaOf(session: Session, table: string): AnySchema {
  return session.database.schema.tables[table] as AnySchema
}

/** Columns that name a row, the first that a table has. */
const NAMING = ['name', 'logical_port'] as const
