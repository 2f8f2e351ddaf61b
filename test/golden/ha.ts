// HA-6 restated word by word, one rule a line, with no thought for speed: the twin of src/control/ovn/ha.ts.

import type { HaGroup } from '../../src/control/ovn/ha.ts'

/** Rules 1 to 5 of HA-6 in their order; the first that applies answers. */
export function isActiveByTheBook(self: string, group: HaGroup, bfdUp: ReadonlySet<string>): boolean {
  const live = group.members.filter((m) => m.alive).map((m) => m.chassis)
  const rule1 = group.members.length === 1
  if (rule1) return live.length === 1 && live[0] === self
  const rule2 = live.length === 1 && live[0] === self
  if (rule2) return true
  const rule3 = [...bfdUp].length === 0
  if (rule3) return false
  const kept = group.members
    .filter((m) => m.alive)
    .filter((m) => m.chassis === self || [...bfdUp].includes(m.chassis))
  const onlyMe = kept.length === 1 && kept[0]!.chassis === self
  const rule4 = onlyMe && ![...group.refChassis].some((c) => bfdUp.has(c))
  if (rule4) return false
  // Rule 5: by priority, then by name, both descending; names here have one letter and sort by it.
  const highest = Math.max(...kept.map((m) => m.priority))
  const names = kept.filter((m) => m.priority === highest).map((m) => m.chassis)
  names.sort()
  return names[names.length - 1] === self
}
