// What the renderers of OVN's layouts share: the quoting of ovsdb's atoms (ovsdb(7), "Database and Table Names"; lib/json of
// ovn-sbctl), C's string order, and rows behind references. Surprise: a name in the form of a UUID is quoted even when it
// begins with a letter.

import type { RowId } from '../../model/tables.ts'

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_.-]*$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** A string atom as ovn-sbctl prints it: bare where it is an identifier, in JSON quotes otherwise. */
export function ovsdbAtom(text: string): string {
  const bare = IDENTIFIER.test(text) && text !== 'true' && text !== 'false' && !UUID.test(text)
  return bare ? text : JSON.stringify(text)
}

/** A map column as ovn-sbctl prints it: keys in ovsdb's order, `{csum="true"}`. */
export function ovsdbMap(map: Readonly<Record<string, string>>): string {
  const entries = Object.entries(map).sort(([a], [b]) => compareText(a, b))
  return `{${entries.map(([key, value]) => `${ovsdbAtom(key)}=${ovsdbAtom(value)}`).join(', ')}}`
}

/** strcmp for names: by code unit, no locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The rows behind a column of references, in its order; references to rows that are gone are left out, as the IDL does. */
export function follow<T>(table: ReadonlyMap<RowId, T>, ids: readonly RowId[]): T[] {
  return ids.flatMap((id) => {
    const row = table.get(id)
    return row === undefined ? [] : [row]
  })
}

/** The row with this name and its id; undefined when the table has none. */
export function findNamed<T extends { readonly name: string }>(
  table: ReadonlyMap<RowId, T>,
  name: string,
): readonly [RowId, T] | undefined {
  for (const entry of table) if (entry[1].name === name) return entry
  return undefined
}

/** Names of all rows of a table in alphabetical order. */
export function namesOf<T extends { readonly name: string }>(table: ReadonlyMap<RowId, T>): string[] {
  return [...table.values()].map((row) => row.name).sort(compareText)
}

/** Lines with a final line end; nothing for no lines. */
export function textOf(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}
