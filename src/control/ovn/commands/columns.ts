// Column values as the database commands take them (ovs ovsdb-data text, ovn-nbctl(8) "Database Values"): integers, words or
// quoted text, sets `[a,b]`, maps `{k=v}`, references by UUID or `@name`.
// Kinds of columns follow from a schema's defaults and references; nothing is declared twice.

import type { RowId } from '../../../model/tables.ts'
import type { TableSchema } from '../../db/schema.ts'
import { fail } from './failure.ts'

// biome-ignore lint/suspicious/noExplicitAny: commands name tables and columns at run time
export type AnySchema = TableSchema<any>
export type Row = Readonly<Record<string, unknown>>

export type ColumnKind =
  | 'text'
  | 'optional-text'
  | 'integer'
  | 'boolean'
  | 'texts'
  | 'map'
  | 'reference'
  | 'references'

/** Resolves `@name` or a UUID to a row of a table. */
export type ResolveRow = (text: string, table: string) => RowId

/** The full name of a column from the start of it; fails as the tools do. */
export function columnName(table: string, schema: AnySchema, text: string): string {
  const names = Object.keys(schema.defaults as Row)
  const wanted = text.toLowerCase().replaceAll('-', '_')
  const exact = names.find((name) => name === wanted)
  if (exact !== undefined) return exact
  const found = wanted === '' ? [] : names.filter((name) => name.startsWith(wanted))
  if (found.length === 1) return found[0]!
  if (found.length > 1) fail(`${table} contains more than one column whose name matches "${text}"`)
  fail(`${table} does not contain a column whose name matches "${text}"`)
}

export function columnKind(table: string, schema: AnySchema, column: string): ColumnKind {
  const value = (schema.defaults as Row)[column]
  const reference = schema.references.find((candidate) => candidate.column === column)
  if (reference?.read !== undefined) fail(`column ${column} of ${table} cannot be edited here`)
  if (reference !== undefined) return Array.isArray(value) ? 'references' : 'reference'
  if (Array.isArray(value)) return 'texts'
  switch (typeof value) {
    case 'number':
      return 'integer'
    case 'boolean':
      return 'boolean'
    case 'undefined':
      return 'optional-text'
    case 'object':
      return 'map'
    default:
      return 'text'
  }
}

/** A column's whole value from text. */
export function parseValue(kind: ColumnKind, text: string, target: string, resolve: ResolveRow): unknown {
  switch (kind) {
    case 'text':
      return unquote(text)
    case 'optional-text':
      return text === '[]' ? undefined : unquote(text)
    case 'integer':
      if (!/^-?\d+$/.test(text)) fail(`"${text}" is not a valid integer`)
      return Number(text)
    case 'boolean':
      if (text !== 'true' && text !== 'false')
        fail(`"${text}" is not a valid boolean (use "true" or "false")`)
      return text === 'true'
    case 'texts':
      return elements(text, '[').map(unquote)
    case 'map':
      return Object.fromEntries(elements(text, '{').map(keyAndValue))
    case 'reference':
      return text === '[]' ? undefined : resolve(text, target)
    case 'references':
      return elements(text, '[').map((element) => resolve(element, target))
  }
}

/** `key=value`, either side quoted or not. */
export function keyAndValue(text: string): [string, string] {
  const match = /^("(?:[^"\\]|\\.)*"|[^=]*)=(.*)$/s.exec(text)
  if (match === null) fail(`${text}: argument does not end in "=" followed by a value.`)
  return [unquote(match[1]!), unquote(match[2]!)]
}

/** Quoted text without its quotes; other text as it is. */
export function unquote(text: string): string {
  if (!/^"(?:[^"\\]|\\.)*"$/.test(text)) return text
  try {
    return JSON.parse(text) as string
  } catch {
    fail(`${text}: not a valid quoted string`)
  }
}

/** The comma-separated elements of `[…]` or `{…}`, or of the same without brackets. */
export function elements(text: string, open: '[' | '{'): string[] {
  const close = open === '[' ? ']' : '}'
  const inner = text.startsWith(open) && text.endsWith(close) ? text.slice(1, -1) : text
  return (inner.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? [])
    .map((element) => element.trim())
    .filter((e) => e !== '')
}
