// An OVSDB of three tables by brute force, the slow obvious twin of control/db: every commit copies everything, removes
// unreferenced rows until none is left, clears weak references, and looks at all pairs for uniqueness.

export interface NaiveRow {
  readonly name: string
  readonly key: number
  /** Strong references to `leaf`, or to `owner` from `root`. */
  readonly strong: readonly number[]
  readonly weak: number | undefined
}

export interface NaiveTables {
  root: NaiveRow
  owner: NaiveRow
  leaf: NaiveRow
}

export type NaiveTable = keyof NaiveTables
export type NaiveContent = Readonly<Record<NaiveTable, ReadonlyMap<number, NaiveRow>>>

/** Where the references of a table lead. `leaf` is not a root table; names are unique per table, keys of `leaf` too. */
export const STRONG: Readonly<Record<NaiveTable, NaiveTable | undefined>> = {
  root: 'owner',
  owner: 'leaf',
  leaf: undefined,
}

/** The content after a transaction that leads to `wanted`, or undefined when it has to be refused. */
export function naiveCommit(wanted: NaiveContent): NaiveContent | undefined {
  const leaf = new Map(wanted.leaf)
  const content = { root: new Map(wanted.root), owner: new Map(wanted.owner), leaf }
  for (const id of leaf.keys()) {
    const referenced = [...content.owner.values()].some((row) => row.strong.includes(id))
    if (!referenced) leaf.delete(id)
  }
  for (const table of Object.values(content)) {
    for (const [id, row] of table) {
      if (row.weak !== undefined && !content.root.has(row.weak)) table.set(id, { ...row, weak: undefined })
    }
  }
  for (const [name, table] of Object.entries(content) as [NaiveTable, Map<number, NaiveRow>][]) {
    const rows = [...table]
    for (const [id, row] of rows) {
      const to = STRONG[name]
      if (to !== undefined && row.strong.some((target) => !content[to].has(target))) return undefined
      if (rows.some(([other, { name: same }]) => other !== id && same === row.name)) return undefined
      if (name === 'leaf' && rows.some(([other, { key }]) => other !== id && key === row.key))
        return undefined
    }
  }
  return content
}
