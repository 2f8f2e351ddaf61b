// Where there is no room: how many networks would have to move, how many places there are for them, and what would make more.

import { formatPrefix, type Prefix } from '../../net/prefix.ts'
import type { PlanIndex } from '../index.ts'
import { type Change, type NetworkChange, Places } from './changes.ts'
import type { Movable } from './networks.ts'
import type { FixOptions } from './options.ts'

/** Networks of one length that have to go to the same pools, and cannot all. */
export interface Shortage {
  /** Prefix length of the places that are looked for. */
  readonly length: number
  readonly pools: readonly Prefix[]
  /** How many networks would have to move. */
  readonly needed: number
  /** How many places the pools have. */
  readonly free: number
  /** The shortest prefix with which all of them would fit; undefined where none does. */
  readonly fits: number | undefined
  /** True when they would fit if nothing were reserved. */
  readonly reserved: boolean
}

/** Renumberings that compete for the places of the same pools. */
export interface Competition {
  /** How many of the smallest blocks each takes. */
  readonly shares: ReadonlyMap<Change, number>
  /** How many of them there are. */
  readonly capacity: number
}

/** Who competes with whom, by pools. */
export function competitionsIn(places: Places, changes: Iterable<Change>): Competition[] {
  const groups = new Map<string, NetworkChange[]>()
  for (const change of changes) {
    if (change.kind !== 'renumber') continue
    const key = places.room(change.movable, change.length).pools.map(formatPrefix).sort().join(' ')
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [change])
    else group.push(change)
  }
  return [...groups.values()].map((group) => {
    const longest = Math.max(...group.map(({ length }) => length))
    return {
      shares: new Map(group.map((change) => [change, 2 ** (longest - change.length)])),
      capacity: places.room(group[0]!.movable, longest).free,
    }
  })
}

/** Longest prefixes of networks that somebody would want. */
const LONGEST = { number: 29, object: 64 } as const

/** What changes lack that were chosen as if there were room. */
export function shortagesOf(
  index: PlanIndex,
  options: FixOptions,
  places: Places,
  changes: readonly Change[],
): Shortage[] {
  const groups = new Map<string, { movable: Movable; length: number; needed: number }>()
  for (const change of changes) {
    if (change.kind !== 'renumber') continue
    const { movable, length } = change
    const { pools } = places.room(movable, length)
    const key = `/${length} ${pools.map(formatPrefix).join(' ')}`
    const group = groups.get(key) ?? { movable, length, needed: 0 }
    group.needed++
    groups.set(key, group)
  }
  const unreserved = options.reserved.length === 0 ? places : new Places(index, { ...options, reserved: [] })
  return [...groups.values()].flatMap(({ movable, length, needed }) => {
    const { pools, free } = places.room(movable, length)
    const last = LONGEST[typeof movable.network.prefix.ip as 'number' | 'object']
    let fits = length + 1
    while (fits <= last && places.room(movable, fits).free < needed) fits++
    return {
      length,
      pools,
      needed,
      free,
      fits: free >= needed || fits > last ? undefined : fits,
      reserved: unreserved !== places && unreserved.room(movable, length).free >= needed,
    }
  })
}
