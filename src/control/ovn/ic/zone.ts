// First step of ovn-ic: its availability zone's row in the IC-SB (AZ-1 to AZ-3).
// Surprise: the row is found by name alone, so two clusters of one name share it without any error (AZ-2).

import type { RowId } from '../../../model/tables.ts'
import { hasDefect, type IcStep } from './step.ts'

/** What the process remembers about its zone. */
export interface ZoneMemory {
  /** The name this process registered under. */
  name: string | undefined
}

/** The zone's row, and whether this transaction is the one that inserts it. */
export interface Registration {
  readonly id: RowId
  readonly isNew: boolean
}

/** Registers the zone; undefined when there is nothing to run for. */
export function zoneStep(step: IcStep, memory: ZoneMemory): Registration | undefined {
  const name = zoneName(step)
  if (memory.name !== undefined && memory.name !== name) {
    const old = step.icSb.zone(memory.name)
    const renames = !hasDefect(step.profile, 'rename-inserts-second-az') && name !== ''
    if (old !== undefined && renames && step.icSb.zone(name) === undefined) {
      step.log('config', `availability zone ${memory.name} is renamed ${name}`)
      memory.name = name
      step.write.icSb.update('Availability_Zone', old, { name })
      return { id: old, isNew: false }
    }
    // AZ-3: fails as long as gateways, ports or routes refer to the old row, and takes this round's other writes along.
    if (old !== undefined) step.write.icSb.delete('Availability_Zone', old)
    memory.name = undefined
  }
  if (name === '') return undefined
  memory.name = name
  const present = step.icSb.zone(name)
  if (present !== undefined) return { id: present, isNew: false }
  const inserted = step.write.icSb.insert('Availability_Zone', { name })
  if (inserted === 0) return undefined
  step.log('config', `registers availability zone ${name}`)
  return { id: inserted, isNew: true }
}

/** AZ-1: `NB_Global.name`, empty when there is none. */
export function zoneName(step: Pick<IcStep, 'nb'>): string {
  for (const row of step.nb.rows('NB_Global').values()) return row.name
  return ''
}
