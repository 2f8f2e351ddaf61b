/**
 * What a packet ended of, judged by the last flow it met on a real switch: the Southbound row behind the flow's cookie names the stage,
 * and the stage the reason. Behind the logical pipelines, in the tables that ovn-controller fills by itself, the port that the packet
 * was to leave by tells.
 */
import type { ChassisState, RouterPort } from '../../model/forwarding.ts'
import type { Drop, DropKind } from '../../model/trace.ts'
import { formatMac } from '../../net/mac.ts'
import type { FlowStep } from './ofproto-trace.ts'

/** A row of the Southbound's Logical_Flow. */
export interface SbFlow {
  /** Name of the logical switch or router; empty until it is known which of a group is meant. */
  readonly datapath: string
  readonly pipeline: 'ingress' | 'egress'
  readonly table: number
  readonly stage: string
  readonly priority: number
  readonly match: string
  readonly actions: string
}

/** Where and how a packet ended. */
export interface Last {
  readonly chassis: ChassisState
  readonly last: FlowStep | undefined
  readonly flow: SbFlow | undefined
  readonly fromTunnel: boolean
  /** MAC address that the packet was sent to, as text. */
  readonly destination: string
}

/** The disposition of a packet that left by no port. */
export function endOf({ chassis, last, flow, fromTunnel, destination }: Last): Drop {
  if (flow === undefined) return endInOutput(chassis, last, fromTunnel)
  const kind = kindOf(flow, isGatewayMac(chassis, destination))
  const what = flow.match === '1' ? 'nothing else matched' : `flow ${flow.priority}, ${flow.match},`
  const verb = flow.match === '1' ? '' : /^\s*drop;/.test(flow.actions) ? ' drops' : ' takes it out'
  return { kind, where: chassis.key, datapath: flow.datapath, stage: flow.stage, reason: `${what}${verb}` }
}

function kindOf({ stage, priority, match, actions }: SbFlow, gatewayMac: boolean): DropKind {
  switch (stage) {
    case 'lr_in_ip_routing':
      return priority === 0 ? 'no-route' : 'discard-route'
    case 'lr_in_policy':
      return 'policy'
    case 'lr_in_arp_request':
    case 'lr_in_arp_resolve':
      return 'unknown-neighbour'
    case 'lr_in_larger_pkts':
      return 'mtu-exceeded'
    case 'ls_in_l2_unknown':
    case 'ls_in_l2_lkup':
      return gatewayMac ? 'not-resident' : 'unknown-destination'
    case 'lr_in_admission':
      return gatewayMac ? 'not-resident' : 'admission'
    case 'lr_in_ip_input':
      if (/frag_mtu|icmp6\.type = 2;/.test(actions)) return 'mtu-exceeded'
      if (/ip\.ttl == \{0, ?1\}/.test(match)) return 'ttl-exceeded'
      return /ip[46]\.dst == /.test(match) && priority < 100 ? 'own-address' : 'admission'
    default:
      return /acl|reject/.test(stage) ? 'policy' : 'admission'
  }
}

/** Whether a MAC address is that of a gateway port which is active elsewhere. */
function isGatewayMac({ view, resident }: ChassisState, mac: string): boolean {
  return [...(view?.datapaths.values() ?? [])].some(
    (datapath) =>
      datapath.kind === 'router' &&
      datapath.ports.some(
        (port) => port.gateway !== undefined && !resident.has(port.name) && formatMac(port.mac) === mac,
      ),
  )
}

/** PB-4, HA-8, HA-9: no flow of the output tables leads anywhere. */
function endInOutput(chassis: ChassisState, last: FlowStep | undefined, fromTunnel: boolean): Drop {
  const datapath = chassis.view?.datapaths.get(last?.datapath ?? -1)
  const found = (kind: DropKind, reason: string): Drop => ({
    kind,
    where: chassis.key,
    datapath: datapath?.name ?? '',
    stage: `OpenFlow table ${last?.table ?? 0}`,
    reason,
  })
  if (datapath === undefined)
    return found('unknown-destination', `no datapath has the key ${last?.datapath ?? 0} here`)
  const key = last?.outport ?? 0
  if (datapath.kind === 'router') {
    const port = datapath.ports.find(({ gateway }) => gateway?.redirectKey === key)
    return port === undefined
      ? found('unknown-destination', `no port of ${datapath.name} has the key ${key}`)
      : endAtGateway(port, fromTunnel, found)
  }
  const port = datapath.portByKey.get(key)
  if (port === undefined)
    return found('unknown-destination', `no port of ${datapath.name} has the key ${key}`)
  if (fromTunnel) return found('unbound', `${port.name} is not on this chassis, and nothing is relayed`)
  return port.chassis === undefined
    ? found('unbound', `${port.name} is bound to no chassis`)
    : found('tunnel-down', `${port.name} is on ${port.chassis}, and no tunnel leads there`)
}

function endAtGateway(
  { gateway }: RouterPort,
  fromTunnel: boolean,
  found: (kind: DropKind, reason: string) => Drop,
): Drop {
  const { redirectPort, members, boundTo } = gateway!
  if (fromTunnel) return found('not-resident', `${redirectPort} is not active on this chassis`)
  return members.length === 1 && boundTo === undefined
    ? found('unbound', `${redirectPort} is bound to no chassis`)
    : found('tunnel-down', `no live tunnel to a gateway of ${redirectPort}`)
}
