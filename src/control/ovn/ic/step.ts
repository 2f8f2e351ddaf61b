// What one loop of ovn-ic hands from step to step: the open transactions, what can be seen, and what the process remembers.
// ovn-ic(8); the order of the steps is in daemon.ts (IC-2).

import type { IcDefect, Profile } from '../../../model/profile.ts'
import type {
  IcNbTables,
  IcSbTables,
  NbTables,
  RowId,
  SbTables,
  TransitSwitchRow,
} from '../../../model/tables.ts'
import type { LogEntry } from '../../../model/trace.ts'
import type { Database, Transaction } from '../../db/database.ts'
import type { SouthboundIndex } from './southbound-index.ts'

/** One loop. Reads of the IC databases go through `icSb` and `transitSwitches`, which a lost connection freezes. */
export interface IcStep {
  readonly profile: Profile
  readonly nb: Database<NbTables>
  readonly sb: Database<SbTables>
  readonly icSb: SouthboundIndex
  readonly transitSwitches: ReadonlyMap<RowId, TransitSwitchRow>
  readonly write: {
    readonly nb: Transaction<NbTables>
    readonly sb: Transaction<SbTables>
    /** Swallows everything while the connection is lost. */
    readonly icSb: Transaction<IcSbTables>
  }
  readonly log: (kind: LogEntry['kind'], text: string) => void
}

/** A transaction whose writes go nowhere: the server cannot be reached. */
export const LOST: Transaction<IcSbTables & IcNbTables> = {
  insert: () => 0,
  create: () => 0,
  update: () => {},
  replace: () => {},
  delete: () => {},
}

export function hasDefect(profile: Profile, defect: IcDefect): boolean {
  return profile.icDefects.includes(defect)
}

/**
 * The next free tunnel key after `hint`, wrapping at `max`; undefined when all are taken. The hint lives as long as the
 * process and is one for all transit switches (PB-1), so keys depend on who came first.
 */
export function allocateKey(
  used: ReadonlySet<number>,
  min: number,
  max: number,
  hint: number,
): number | undefined {
  const next = (key: number): number => (key + 1 <= max ? Math.max(key + 1, min) : min)
  for (let key = next(hint), tries = 0; tries <= max - min; key = next(key), tries++)
    if (!used.has(key)) return key
  return undefined
}

/** The first four as text, then how many more: log entries stay one line in a mesh of a thousand zones. */
export function enumerate<T>(things: readonly T[], text: (thing: T) => string = String): string {
  const more = things.length - 4
  return things.slice(0, 4).map(text).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
