// Fourth step of ovn-ic: bindings of the transit switches' ports. Own router ports are published with address and active
// gateway, those of other zones become `remote` ports bound to the remote chassis (PB-1 to PB-6, TS-5).
// Surprise: port names are unique over all zones and switches; a name in use elsewhere makes the whole transaction fail (PB-8).

import type {
  IcPortBindingRow,
  LogicalSwitchPortRow,
  RowId,
  SbPortBindingRow,
} from '../../../model/tables.ts'
import { allocateKey, type IcStep } from './step.ts'
import type { LocalTransitSwitch } from './transit-switches.ts'

export const PORT_KEY_MAX = 0x7fff

export interface PortMemory {
  /** PB-1: key given out last by this process, whatever the switch. */
  keyHint: number
  /** Versions seen when the last loop ended with everything in place, and what it found. */
  seen: string
  own: readonly OwnPort[]
  /** By transit switch: its ports as they were listed when the Northbound last changed. */
  readonly layouts: Map<string, Layout>
}

/** The ports of a logical switch by what they are, good as long as the column and the table of ports stand still. */
interface Layout {
  readonly ports: readonly RowId[]
  readonly tableVersion: number
  readonly routerPorts: readonly (readonly [RowId, LogicalSwitchPortRow])[]
  readonly remotePorts: ReadonlyMap<string, RowId>
}

/** A router port of this zone on a transit switch, as it is published after this loop. */
export interface OwnPort {
  readonly id: RowId
  readonly row: IcPortBindingRow
  readonly lsp: LogicalSwitchPortRow
}

export function portStep(
  step: IcStep,
  zone: RowId,
  switches: readonly LocalTransitSwitch[],
  memory: PortMemory,
  versions: string,
): readonly OwnPort[] {
  if (memory.seen === versions) return memory.own
  const own: OwnPort[] = []
  const visited = new Set<string>()
  for (const transitSwitch of switches) {
    visited.add(transitSwitch.name)
    own.push(...switchStep(step, zone, transitSwitch, memory))
  }
  // TS-5: own bindings on switches that are gone.
  for (const name of step.icSb.switchesWithPorts) {
    if (visited.has(name)) continue
    for (const [id, row] of step.icSb.ports(name)) {
      if (row.availability_zone === zone) step.write.icSb.delete('Port_Binding', id)
    }
  }
  memory.seen = versions
  memory.own = own
  return own
}

function switchStep(step: IcStep, zone: RowId, on: LocalTransitSwitch, memory: PortMemory): OwnPort[] {
  const bindings = step.icSb.ports(on.name)
  const ownBindings = new Map<string, [RowId, IcPortBindingRow]>()
  for (const [id, row] of bindings)
    if (row.availability_zone === zone) ownBindings.set(row.logical_port, [id, row])

  const { routerPorts, remotePorts } = layout(step, on, memory)
  const own: OwnPort[] = []
  const missing: LogicalSwitchPortRow[] = []
  for (const [id, lsp] of routerPorts) {
    const present = ownBindings.get(lsp.name)
    ownBindings.delete(lsp.name)
    if (present === undefined) {
      // PB-7: a router port that names no peer is withdrawn and not published again.
      if (lsp.options['router-port'] !== undefined) missing.push(lsp)
    } else own.push({ id: present[0], row: syncOwn(step, ...present, id, lsp), lsp })
  }
  for (const [id] of ownBindings.values()) step.write.icSb.delete('Port_Binding', id)
  if (missing.length > 0) {
    const used = new Set([...bindings.values()].map((row) => row.tunnel_key))
    for (const lsp of missing) publish(step, zone, on.name, lsp, used, memory)
  }
  syncRemotePorts(step, zone, on, remotePorts)
  return own
}

function layout(step: IcStep, on: LocalTransitSwitch, memory: PortMemory): Layout {
  const { ports } = on.row
  const tableVersion = step.nb.tableVersion('Logical_Switch_Port')
  const before = memory.layouts.get(on.name)
  if (before !== undefined && before.ports === ports && before.tableVersion === tableVersion) return before
  const routerPorts: [RowId, LogicalSwitchPortRow][] = []
  const remotePorts = new Map<string, RowId>()
  for (const id of ports) {
    const lsp = step.nb.get('Logical_Switch_Port', id)
    if (lsp?.type === 'router') routerPorts.push([id, lsp])
    else if (lsp?.type === 'remote') remotePorts.set(lsp.name, id)
  }
  const now = { ports, tableVersion, routerPorts, remotePorts }
  memory.layouts.set(on.name, now)
  return now
}

/** PB-1: the bare row; address and gateway follow in the next loop, and are lost with it where it is refused (ADV-10). */
function publish(
  step: IcStep,
  zone: RowId,
  transit_switch: string,
  lsp: LogicalSwitchPortRow,
  used: Set<number>,
  memory: PortMemory,
): void {
  const tunnel_key = allocateKey(used, 1, PORT_KEY_MAX, memory.keyHint)
  if (tunnel_key === undefined) return
  memory.keyHint = tunnel_key
  used.add(tunnel_key)
  step.write.icSb.create('Port_Binding', {
    logical_port: lsp.name,
    transit_switch,
    availability_zone: zone,
    tunnel_key,
  })
}

/** PB-2. */
function syncOwn(
  step: IcStep,
  id: RowId,
  binding: IcPortBindingRow,
  lspId: RowId,
  lsp: LogicalSwitchPortRow,
): IcPortBindingRow {
  const row = asPublished(step, binding, lsp)
  step.write.icSb.replace('Port_Binding', id, row)
  requestKey(step, lspId, lsp, row.tunnel_key)
  return row
}

/** The binding with address, gateway and router as they are now. A router that is gone keeps its old id (ADV-14). */
function asPublished(step: IcStep, binding: IcPortBindingRow, lsp: LogicalSwitchPortRow): IcPortBindingRow {
  const lrp = lsp.options['router-port']
  if (lrp === undefined) return { ...binding, address: '', gateway: '' }
  const peer = bindingOf(step, lrp)
  const chassis = bindingOf(step, `cr-${lrp}`)?.chassis
  const gateway = chassis === undefined ? '' : (step.sb.get('Chassis', chassis)?.name ?? '')
  const router = routerOfPort(step, lrp)
  const external_ids =
    router === undefined
      ? binding.external_ids
      : { ...binding.external_ids, 'router-id': step.nb.uuid(router) }
  const address = router === undefined ? '' : (peer?.mac[0] ?? '')
  return { ...binding, address, gateway, external_ids }
}

function requestKey(step: IcStep, id: RowId, lsp: LogicalSwitchPortRow, key: number): void {
  step.write.nb.update('Logical_Switch_Port', id, {
    options: { ...lsp.options, 'requested-tnl-key': String(key) },
  })
}

/** PB-3 to PB-5. */
function syncRemotePorts(
  step: IcStep,
  zone: RowId,
  on: LocalTransitSwitch,
  present: ReadonlyMap<string, RowId>,
): void {
  const added: RowId[] = []
  let met = 0
  for (const binding of step.icSb.ports(on.name).values()) {
    if (binding.availability_zone === zone) continue
    const wanted = step.icSb.remotePort(binding)
    const id = present.get(binding.logical_port)
    if (id === undefined) {
      added.push(step.write.nb.insert('Logical_Switch_Port', wanted))
      continue
    }
    met++
    const row = step.nb.get('Logical_Switch_Port', id)!
    if (row !== wanted) syncRemoteColumns(step, id, row, wanted)
    bindRemote(step, binding)
  }
  if (added.length === 0 && met === present.size) return
  const gone = met === present.size ? NO_IDS : portsWithoutBinding(step, zone, on, present)
  const ports = gone.size === 0 ? on.row.ports : on.row.ports.filter((id) => !gone.has(id))
  step.write.nb.update('Logical_Switch', on.id, { ports: ports.concat(added) })
}

function portsWithoutBinding(
  step: IcStep,
  zone: RowId,
  on: LocalTransitSwitch,
  present: ReadonlyMap<string, RowId>,
): ReadonlySet<RowId> {
  const gone = new Map(present)
  for (const binding of step.icSb.ports(on.name).values()) {
    if (binding.availability_zone !== zone) gone.delete(binding.logical_port)
  }
  return new Set(gone.values())
}

/** Usually nobody else writes to a remote port, and all zones can hold one object; options of others are kept. */
function syncRemoteColumns(
  step: IcStep,
  id: RowId,
  row: LogicalSwitchPortRow,
  wanted: LogicalSwitchPortRow,
): void {
  const options = { ...row.options, ...wanted.options }
  const shared = row.up === wanted.up && Object.keys(options).length === Object.keys(wanted.options).length
  step.write.nb.replace(
    'Logical_Switch_Port',
    id,
    shared ? wanted : { ...row, addresses: wanted.addresses, options },
  )
}

/** PB-4: the remote port sits on the active gateway; an unknown chassis changes nothing, an empty one clears. */
function bindRemote(step: IcStep, binding: IcPortBindingRow): void {
  const id = step.sb.find('Port_Binding', 'logical_port', binding.logical_port)
  if (id === undefined) return
  const chassis = binding.gateway === '' ? undefined : step.sb.find('Chassis', 'name', binding.gateway)
  if (binding.gateway !== '' && chassis === undefined) return
  const present = step.sb.get('Port_Binding', id)
  if (present === undefined || present.chassis === chassis) return
  step.write.sb.update('Port_Binding', id, { chassis })
  const where = binding.gateway === '' ? 'is bound to no gateway' : `is bound to ${binding.gateway}`
  step.log('binding', `remote port ${binding.logical_port} ${where}`)
}

function bindingOf(step: IcStep, logicalPort: string): SbPortBindingRow | undefined {
  const id = step.sb.find('Port_Binding', 'logical_port', logicalPort)
  return id === undefined ? undefined : step.sb.get('Port_Binding', id)
}

/** The logical router that owns a router port. */
function routerOfPort(step: IcStep, lrp: string): RowId | undefined {
  const port = step.nb.find('Logical_Router_Port', 'name', lrp)
  if (port === undefined) return undefined
  for (const [id, row] of step.nb.rows('Logical_Router')) if (row.ports.includes(port)) return id
  return undefined
}

const NO_IDS: ReadonlySet<RowId> = new Set()
