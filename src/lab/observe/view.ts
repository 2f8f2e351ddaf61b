/**
 * One AZ's logical network as its real Southbound says: datapaths and ports with their tunnel keys, routes and policies out of northd's
 * flows. The same type as the simulator's, so that whoever names keys of a capture or judges routes need not know whose they are.
 */
import type {
  LogicalDatapath,
  LogicalRouter,
  LogicalSwitch,
  LogicalView,
  PortRef,
  RouterPort,
  SwitchPort,
} from '../../model/forwarding.ts'
import { type Ip, parseIp } from '../../net/ip.ts'
import { parseMac } from '../../net/mac.ts'
import { type Prefix, parsePrefix } from '../../net/prefix.ts'
import { policiesOf, type RouterFlow, routesOf } from './flows.ts'
import { listOf, mapOf, type Replica, type Row, textOf } from './ovsdb-client.ts'

interface Binding {
  readonly name: string
  readonly type: string
  readonly datapath: string
  readonly key: number
  readonly row: Row
}

/** The view of a cluster as its databases stand. */
export function viewOf(
  cluster: string,
  nb: Replica,
  sb: Replica,
  ecmpHash: LogicalView['ecmpHash'],
): LogicalView {
  const bindings = [...sb.rows('Port_Binding').values()].map(
    (row): Binding => ({
      name: textOf(row, 'logical_port'),
      type: textOf(row, 'type'),
      datapath: textOf(row, 'datapath'),
      key: Number(textOf(row, 'tunnel_key')),
      row,
    }),
  )
  const keys = new Map(
    [...sb.rows('Datapath_Binding')].map(([uuid, row]) => [uuid, Number(textOf(row, 'tunnel_key'))]),
  )
  const byPort = new Map(bindings.map((binding) => [binding.name, binding]))
  const peerOf = (binding: Binding): PortRef | undefined => {
    const peer = byPort.get(mapOf(binding.row, 'options').peer ?? '')
    return peer === undefined ? undefined : { datapath: keys.get(peer.datapath) ?? 0, port: peer.name }
  }
  const datapaths = new Map<number, LogicalDatapath>()
  const flows = routerFlows(sb)
  for (const [uuid, row] of sb.rows('Datapath_Binding')) {
    const external = mapOf(row, 'external_ids')
    const key = keys.get(uuid) ?? 0
    const own = bindings.filter(({ datapath }) => datapath === uuid)
    const datapath =
      external['logical-router'] === undefined
        ? switchOf(external, key, own, sb, peerOf)
        : routerOf(external.name ?? '', key, own, nb, sb, flows.get(uuid) ?? [], peerOf)
    datapaths.set(key, datapath)
  }
  const all = [...datapaths.values()]
  return {
    cluster,
    datapaths,
    byName: new Map(all.map((datapath) => [datapath.name, datapath])),
    switchOfPort: new Map(
      all.flatMap((datapath) =>
        datapath.kind === 'switch' ? datapath.ports.map((port) => [port.name, datapath.key] as const) : [],
      ),
    ),
    ecmpHash,
  }
}

function switchOf(
  external: Readonly<Record<string, string>>,
  key: number,
  bindings: readonly Binding[],
  sb: Replica,
  peerOf: (binding: Binding) => PortRef | undefined,
): LogicalSwitch {
  const ports = bindings.map((binding): SwitchPort => {
    const [mac, ...ips] = listOf(binding.row, 'mac')[0]?.split(' ') ?? []
    const chassis = sb.rows('Chassis').get(textOf(binding.row, 'chassis'))
    return {
      kind: binding.type === 'patch' ? 'router' : binding.type === 'remote' ? 'remote' : 'vif',
      name: binding.name,
      key: binding.key,
      chassis: chassis === undefined ? undefined : textOf(chassis, 'name'),
      mac: parseMac(mac ?? ''),
      ips: ips.flatMap((text): Ip[] => {
        const ip = parseIp(text.split('/')[0] ?? '')
        return ip === undefined ? [] : [ip]
      }),
      peer: peerOf(binding),
    }
  })
  return {
    kind: 'switch',
    name: external.name ?? '',
    key,
    transit: external['interconn-ts'] !== undefined,
    ports,
    portByKey: new Map(ports.map((port) => [port.key, port])),
    portByName: new Map(ports.map((port) => [port.name, port])),
  }
}

function routerOf(
  name: string,
  key: number,
  bindings: readonly Binding[],
  nb: Replica,
  sb: Replica,
  flows: readonly RouterFlow[],
  peerOf: (binding: Binding) => PortRef | undefined,
): LogicalRouter {
  const rows = new Map([...nb.rows('Logical_Router_Port').values()].map((row) => [textOf(row, 'name'), row]))
  const ports = bindings
    .filter(({ type }) => type === 'patch')
    .map((binding): RouterPort => {
      const row = rows.get(binding.name) ?? {}
      const redirect = bindings.find(
        (other) =>
          other.type === 'chassisredirect' &&
          mapOf(other.row, 'options')['distributed-port'] === binding.name,
      )
      const chassis =
        redirect === undefined ? undefined : sb.rows('Chassis').get(textOf(redirect.row, 'chassis'))
      const mtu = mapOf(row, 'options').gateway_mtu
      return {
        name: binding.name,
        key: binding.key,
        mac: parseMac(textOf(row, 'mac')) ?? 0,
        networks: listOf(row, 'networks').flatMap(
          (text): Prefix | readonly Prefix[] => parsePrefix(text) ?? [],
        ),
        peer: peerOf(binding),
        routeTable: 0,
        gatewayMtu: mtu === undefined ? undefined : Number(mtu),
        gateway:
          redirect === undefined
            ? undefined
            : {
                redirectPort: redirect.name,
                redirectKey: redirect.key,
                members: membersOf(row, nb),
                boundTo: chassis === undefined ? undefined : textOf(chassis, 'name'),
              },
      }
    })
  const learned = learnedHints(nb)
  return {
    kind: 'router',
    name,
    key,
    ports,
    portByKey: new Map(ports.map((port) => [port.key, port])),
    portByName: new Map(ports.map((port) => [port.name, port])),
    routes: routesOf(flows, (hint) => learned.get(hint) ?? 'connected'),
    policies: policiesOf(
      flows,
      new Map(
        [...nb.rows('Address_Set').values()].map((row) => [textOf(row, 'name'), listOf(row, 'addresses')]),
      ),
    ),
  }
}

function membersOf(row: Row, nb: Replica): { chassis: string; priority: number }[] {
  return listOf(row, 'gateway_chassis')
    .flatMap((uuid) => {
      const gateway = nb.rows('Gateway_Chassis').get(uuid)
      return gateway === undefined
        ? []
        : [{ chassis: textOf(gateway, 'chassis_name'), priority: Number(textOf(gateway, 'priority')) }]
    })
    .sort((a, b) => b.priority - a.priority)
}

/** Static routes by the first eight digits of their UUID. */
function learnedHints(nb: Replica): Map<string, 'static' | 'learned'> {
  return new Map(
    [...nb.rows('Logical_Router_Static_Route')].map(([uuid, row]) => [
      uuid.slice(0, 8),
      mapOf(row, 'external_ids')['ic-learned-route'] === undefined ? 'static' : 'learned',
    ]),
  )
}

/** Flows of the routing and policy stages by router datapath; one flow may stand for a group of datapaths. */
function routerFlows(sb: Replica): Map<string, RouterFlow[]> {
  const flows = new Map<string, RouterFlow[]>()
  for (const row of sb.rows('Logical_Flow').values()) {
    const external = mapOf(row, 'external_ids')
    const stage = external['stage-name'] ?? ''
    if (!/^lr_in_(ip_routing|policy)(_ecmp)?$/.test(stage)) continue
    const flow: RouterFlow = {
      stage,
      priority: Number(textOf(row, 'priority')),
      match: textOf(row, 'match'),
      actions: textOf(row, 'actions'),
      hint: external['stage-hint'] ?? '',
    }
    const group = sb.rows('Logical_DP_Group').get(textOf(row, 'logical_dp_group'))
    for (const datapath of [
      ...listOf(row, 'logical_datapath'),
      ...(group === undefined ? [] : listOf(group, 'datapaths')),
    ]) {
      const known = flows.get(datapath)
      if (known === undefined) flows.set(datapath, [flow])
      else known.push(flow)
    }
  }
  return flows
}
