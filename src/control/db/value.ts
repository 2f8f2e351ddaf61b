// Equality of column values. OVSDB drops writes that change nothing before they are sent (ovsdb_idl_txn_write), which is
// what lets level-triggered daemons come to rest; this is that comparison.

/** True when two column values are equal: scalars, arrays in order, and maps regardless of key order. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (!sameValue(a[i], b[i])) return false
    return true
  }
  if (Array.isArray(b)) return false
  const left = a as Readonly<Record<string, unknown>>
  const right = b as Readonly<Record<string, unknown>>
  let size = 0
  for (const key in left) {
    if (!sameValue(left[key], right[key]) || !(key in right)) return false
    size++
  }
  for (const _ in right) size--
  return size === 0
}
