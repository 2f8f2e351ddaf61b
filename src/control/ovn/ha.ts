// Who is active for a distributed gateway port: the rules of ovn-controller's ha-chassis.c (OVN 23.03), as pure
// functions. Rule ids HA-2, HA-3, HA-6, HA-8.
// Surprise: a chassis that sees no BFD peer at all concludes that it is cut off itself, and is not active (rule 3).
// In an AZ of two gateways and nothing else, the death of either therefore stops both (HA-7).

/** One member of a group. `alive`: the chassis has a row in the Southbound database, whatever its state. */
export interface HaMember {
  readonly chassis: string
  /** 0 to 32767; the highest is wanted first. */
  readonly priority: number
  readonly alive: boolean
}

/** An HA_Chassis_Group as one chassis reads it: members in any order, and who has ports that use the gateway. */
export interface HaGroup {
  readonly members: readonly HaMember[]
  /** Names of the chassis in `ref_chassis`, those of other AZs left out (HA-4). */
  readonly refChassis: readonly string[]
}

/** HA-2: priority descending; in a tie the chassis name descending, compared byte by byte. Fit for `sort`. */
export function compareMembers(
  a: { readonly chassis: string; readonly priority: number },
  b: { readonly chassis: string; readonly priority: number },
): number {
  return b.priority - a.priority || (a.chassis < b.chassis ? 1 : a.chassis > b.chassis ? -1 : 0)
}

/**
 * HA-6: whether `self` considers itself active for the group, judged from nothing but its own BFD sessions.
 * `bfdUp` names the chassis to which this chassis has a tunnel whose BFD session is up, members or not.
 */
export function isActive(self: string, group: HaGroup, bfdUp: ReadonlySet<string>): boolean {
  const { members } = group
  // Rule 1: a single row decides alone; no BFD runs (HA-3).
  if (members.length === 1) return members[0]!.chassis === self && members[0]!.alive
  const alive = members.filter((member) => member.alive)
  if (!alive.some((member) => member.chassis === self)) return false
  if (alive.length === 1) return true
  if (bfdUp.size === 0) return false
  const reachable = alive.filter((member) => member.chassis === self || bfdUp.has(member.chassis))
  // Rule 4: alone among the members, somebody who uses the gateway must still be in reach.
  if (reachable.length === 1) return group.refChassis.some((chassis) => bfdUp.has(chassis))
  return (
    reachable.reduce((best, member) => (compareMembers(member, best) < 0 ? member : best)).chassis === self
  )
}

/**
 * HA-8: the chassis to which one that is not active sends what leaves through the gateway port, best first. The
 * datapath takes the first whose tunnel is alive by itself, without asking the databases. Members without a row have
 * no tunnel and are left out, as is `self`.
 */
export function redirectTargets(self: string, group: HaGroup): readonly string[] {
  return group.members
    .filter((member) => member.alive && member.chassis !== self)
    .sort(compareMembers)
    .map((member) => member.chassis)
}

/**
 * HA-4: the chassis to which `self` runs BFD because of this group, itself excluded: members with members, and members
 * with those that use the gateway. A group of one needs none.
 */
export function bfdPeers(self: string, group: HaGroup): readonly string[] {
  if (group.members.length < 2) return []
  const peers = new Set<string>()
  for (const member of group.members) if (member.alive) peers.add(member.chassis)
  if (peers.has(self)) {
    for (const chassis of group.refChassis) peers.add(chassis)
  } else if (!group.refChassis.includes(self)) {
    return []
  }
  peers.delete(self)
  return [...peers]
}
