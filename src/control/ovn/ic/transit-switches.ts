// Second step of ovn-ic: a logical switch for every transit switch, with one tunnel key for all zones (TS-1 to TS-5).
// Any zone may allocate the key; a race for it ends at the unique index and is settled in the next loop (TS-3).

import type { LogicalSwitchRow, RowId } from '../../../model/tables.ts'
import { allocateKey, type IcStep } from './step.ts'

/** Tunnel keys of transit switches: 0xFF0001 is the hint nobody gets, so the first switch has 0xFF0002 (TS-3). */
export const TRANSIT_KEY_MIN = 0xff0001
export const TRANSIT_KEY_MAX = 0xffffff

export interface TransitMemory {
  /** Key given out last by this process. */
  keyHint: number
}

/** One transit switch with its logical switch in this zone. */
export interface LocalTransitSwitch {
  readonly name: string
  /** Row of the Logical_Switch; new in this transaction where the switch was missing. */
  readonly id: RowId
  readonly row: LogicalSwitchRow
}

export function transitSwitchStep(step: IcStep, memory: TransitMemory): LocalTransitSwitch[] {
  const datapaths = syncDatapaths(step, memory)
  const present = new Map<string, [RowId, LogicalSwitchRow]>()
  for (const [id, row] of step.nb.rows('Logical_Switch')) {
    if (row.other_config['interconn-ts'] !== undefined) present.set(row.name, [id, row])
  }
  const switches: LocalTransitSwitch[] = []
  for (const { name } of step.transitSwitches.values()) {
    const key = datapaths.get(name)
    const other_config = {
      'interconn-ts': name,
      ...(key === undefined ? {} : { 'requested-tnl-key': String(key) }),
    }
    const found = present.get(name)
    present.delete(name)
    if (found === undefined) {
      const row: LogicalSwitchRow = { name, ports: [], other_config }
      switches.push({ name, id: step.write.nb.insert('Logical_Switch', row), row })
      step.log('config', `adds transit switch ${name}`)
    } else {
      const [id, row] = found
      step.write.nb.update('Logical_Switch', id, { other_config: { ...row.other_config, ...other_config } })
      switches.push({ name, id, row })
    }
  }
  // TS-2: with its ports, which nothing refers to any more.
  for (const [name, [id]] of present) {
    step.write.nb.delete('Logical_Switch', id)
    step.log('config', `removes transit switch ${name}`)
  }
  return switches
}

/** Makes the IC-SB have one datapath per transit switch; returns the keys. */
function syncDatapaths(step: IcStep, memory: TransitMemory): Map<string, number> {
  const wanted = new Set([...step.transitSwitches.values()].map((row) => row.name))
  const keys = new Map<string, number>()
  const used = new Set<number>()
  for (const [id, row] of step.icSb.tables.Datapath_Binding) {
    if (!wanted.has(row.transit_switch)) {
      step.write.icSb.delete('Datapath_Binding', id)
      continue
    }
    keys.set(row.transit_switch, row.tunnel_key)
    used.add(row.tunnel_key)
  }
  for (const name of wanted) {
    if (keys.has(name)) continue
    const key = allocateKey(used, TRANSIT_KEY_MIN, TRANSIT_KEY_MAX, memory.keyHint)
    if (key === undefined) continue
    if (step.write.icSb.insert('Datapath_Binding', { transit_switch: name, tunnel_key: key }) === 0) continue
    memory.keyHint = key
    used.add(key)
    keys.set(name, key)
  }
  return keys
}
