// Third step of ovn-ic: own interconnection gateways go into the IC-SB, those of other zones become remote chassis in the
// local Southbound (GW-1 to GW-5). A tunnel address that two gateways share makes one of the two transactions fail (GW-5).

import type { ChassisRow, EncapRow, IcEncapRow, IcGatewayRow, RowId } from '../../../model/tables.ts'
import { enumerate, type IcStep } from './step.ts'

/** What the process remembers to skip a loop in which nothing about gateways changed. */
export interface GatewayMemory {
  seen: string
}

type TypeAndIp = readonly [type: string, ip: string]

export function gatewayStep(step: IcStep, zone: RowId, memory: GatewayMemory, versions: string): void {
  if (memory.seen === versions) return
  memory.seen = versions
  const local = new Map<string, ChassisRow>()
  const remote = new Map<string, [RowId, ChassisRow]>()
  for (const [id, row] of step.sb.rows('Chassis')) {
    if (row.other_config['is-interconn'] === 'true') local.set(row.name, row)
    else if (row.other_config['is-remote'] === 'true') remote.set(row.name, [id, row])
  }
  const added: string[] = []
  const encaps: EncapRows = { local: step.sb.rows('Encap'), global: step.icSb.tables.Encap }
  for (const [id, gateway] of step.icSb.tables.Gateway) {
    if (gateway.availability_zone === zone) {
      const chassis = local.get(gateway.name)
      local.delete(gateway.name)
      if (chassis === undefined) step.write.icSb.delete('Gateway', id)
      else followChassis(step, id, gateway, chassis)
    } else {
      const present = remote.get(gateway.name)
      remote.delete(gateway.name)
      if (present !== undefined && mirrors(encaps, gateway, present[1])) continue
      if (followGateway(step, gateway, present)) added.push(gateway.name)
    }
  }
  for (const chassis of local.values()) publish(step, zone, chassis)
  for (const [id] of remote.values()) step.write.sb.delete('Chassis', id)
  if (remote.size > 0) step.log('config', `removes remote chassis ${enumerate([...remote.keys()])}`)
  if (added.length > 0) step.log('config', `adds remote chassis ${enumerate(added)}`)
}

/** GW-1. */
function publish(step: IcStep, zone: RowId, chassis: ChassisRow): void {
  const encaps = chassisEncaps(step, chassis)
  if (encaps.length === 0) return
  const gateway_name = chassis.name
  step.write.icSb.insert('Gateway', {
    name: chassis.name,
    availability_zone: zone,
    hostname: chassis.hostname,
    encaps: encaps.map(([type, ip]) => step.write.icSb.insert('Encap', { type, ip, gateway_name })),
  })
}

/** Own gateway: the IC-SB row follows the chassis. */
function followChassis(step: IcStep, id: RowId, gateway: IcGatewayRow, chassis: ChassisRow): void {
  step.write.icSb.update('Gateway', id, { hostname: chassis.hostname })
  const wanted = chassisEncaps(step, chassis)
  if (wanted.length === 0 || sameEncaps(gatewayEncaps(step, gateway), wanted)) return
  const gateway_name = chassis.name
  step.write.icSb.update('Gateway', id, {
    encaps: wanted.map(([type, ip]) => step.write.icSb.insert('Encap', { type, ip, gateway_name })),
  })
}

/** GW-3: another zone's gateway; the remote chassis follows it. True when it is new. */
function followGateway(
  step: IcStep,
  gateway: IcGatewayRow,
  present: [RowId, ChassisRow] | undefined,
): boolean {
  const encaps = gatewayEncaps(step, gateway)
  if (present !== undefined) {
    const [id, chassis] = present
    if (chassis.hostname !== gateway.hostname)
      step.write.sb.update('Chassis', id, { hostname: gateway.hostname })
    if (sameEncaps(chassisEncaps(step, chassis), encaps)) return false
    step.write.sb.update('Chassis', id, { encaps: insertEncaps(step, gateway.name, encaps) })
    return false
  }
  step.write.sb.insert('Chassis', {
    name: gateway.name,
    hostname: gateway.hostname,
    encaps: insertEncaps(step, gateway.name, encaps),
    other_config: REMOTE,
  })
  return true
}

/** Encaps of both sides, fetched once a loop. */
interface EncapRows {
  readonly local: ReadonlyMap<RowId, EncapRow>
  readonly global: ReadonlyMap<RowId, IcEncapRow>
}

/** The usual case, told without making anything: equal, in the same order. */
function mirrors(encaps: EncapRows, gateway: IcGatewayRow, chassis: ChassisRow): boolean {
  if (chassis.hostname !== gateway.hostname || chassis.encaps.length !== gateway.encaps.length) return false
  for (let i = 0; i < chassis.encaps.length; i++) {
    const local = encaps.local.get(chassis.encaps[i]!)
    const global = encaps.global.get(gateway.encaps[i]!)
    if (local === undefined || global === undefined || local.ip !== global.ip || local.type !== global.type)
      return false
  }
  return true
}

function insertEncaps(step: IcStep, chassis_name: string, encaps: readonly TypeAndIp[]): RowId[] {
  return encaps.map(([type, ip]) => step.write.sb.insert('Encap', { type, ip, chassis_name, options: CSUM }))
}

function chassisEncaps(step: IcStep, chassis: ChassisRow): TypeAndIp[] {
  return typesAndIps(chassis.encaps.map((id) => step.sb.get('Encap', id)))
}

function gatewayEncaps(step: IcStep, gateway: IcGatewayRow): TypeAndIp[] {
  return typesAndIps(gateway.encaps.map((id) => step.icSb.tables.Encap.get(id)))
}

function typesAndIps(
  rows: readonly ({ readonly type: string; readonly ip: string } | undefined)[],
): TypeAndIp[] {
  return rows.filter((row) => row !== undefined).map((row) => [row.type, row.ip] as const)
}

/** Equal as sets: the order of references says nothing. */
function sameEncaps(a: readonly TypeAndIp[], b: readonly TypeAndIp[]): boolean {
  return (
    a.length === b.length && a.every(([type, ip]) => b.some((other) => other[0] === type && other[1] === ip))
  )
}

const REMOTE = { 'is-remote': 'true' }
const CSUM = { csum: 'true' }
