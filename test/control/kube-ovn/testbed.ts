// Clusters of Kube-OVN for tests: databases, the real ovn-ic and northd of the simulator, and KubeOvn, on one clock. Chassis rows are
// written by the testbed, as ovn-controllers would; nobody claims gateway ports.

import { DaemonHost } from '../../../src/control/daemon.ts'
import { Database } from '../../../src/control/db/database.ts'
import { IC_NB_SCHEMA, IC_SB_SCHEMA, NB_SCHEMA, SB_SCHEMA } from '../../../src/control/db/schemas.ts'
import { createTransitSwitches } from '../../../src/control/kube-ovn/ic-server.ts'
import { KubeOvn } from '../../../src/control/kube-ovn/kube-ovn.ts'
import { DB_NOTIFICATION, NORTHD_RUN } from '../../../src/control/latencies.ts'
import { addIcDaemon } from '../../../src/control/ovn/ic/daemon.ts'
import { Northd } from '../../../src/control/ovn/northd/northd.ts'
import type {
  Cluster,
  IcConfig,
  Network,
  Node,
  Pod,
  Subnet,
  TransitSwitch,
} from '../../../src/model/network.ts'
import type { ProfileName } from '../../../src/model/profile.ts'
import { PROFILES } from '../../../src/model/profile-table.ts'
import type { IcNbTables, IcSbTables, NbTables, SbTables } from '../../../src/model/tables.ts'
import { seconds } from '../../../src/model/time.ts'
import type { TimelineEvent } from '../../../src/model/timeline.ts'
import type { LogEntry } from '../../../src/model/trace.ts'
import { addToIp, formatIp, type Ip, parseIp } from '../../../src/net/ip.ts'
import { type Prefix, parsePrefix } from '../../../src/net/prefix.ts'
import { Clock } from '../../../src/sim/clock.ts'

export const ip = (text: string): Ip => parseIp(text)!
export const prefix = (text: string): Prefix => parsePrefix(text)!

/** A ConfigMap with automatic routes and both gateways. */
export function icConfig(azName: string, changes: Partial<IcConfig> = {}): IcConfig {
  return {
    enable: true,
    azName,
    dbHosts: ['192.168.65.3'],
    nbPort: 6645,
    sbPort: 6646,
    gatewayNodes: [`${azName}-gw1`, `${azName}-gw2`],
    autoRoute: true,
    ...changes,
  }
}

/** A subnet of the default VPC: `10.16.0.0/16` has its gateway at .1; several CIDRs are dual stack. */
export function subnet(name: string, cidrs: readonly string[], changes: Partial<Subnet> = {}): Subnet {
  return {
    name,
    router: 'ovn-cluster',
    lrp: `ovn-cluster-${name}`,
    lsp: `${name}-ovn-cluster`,
    mac: 0x0000aa,
    gateways: cidrs.map(prefix).map((cidr) => ({ ip: addToIp(cidr.ip, 1), len: cidr.len })),
    routeTable: '',
    disableInterConnection: false,
    isJoin: name === 'join',
    gatewayType: 'distributed',
    gatewayNodes: [],
    lrpOptions: {},
    ...changes,
  }
}

export function pod(name: string, node: string, ...ips: string[]): Pod {
  const lsp = `${name}.default`
  return { name, subnet: 'ovn-default', node, mac: 0xbb, ips: ips.map(ip), mtu: 1400, lsp }
}

/** Cluster number `n` (1, 2, …): nodes azn-gw1, azn-gw2, azn-w1, subnets ovn-default 10.(15+n).0.0/16 and join, one pod. */
export function cluster(n: number, profile: ProfileName, changes: Partial<Cluster> = {}): Cluster {
  const id = `az${n}`
  const nodes = ['gw1', 'gw2', 'w1'].map((role, index): Node => {
    const name = `${id}-${role}`
    return {
      name,
      chassis: `${name}-chassis`,
      hostname: name,
      encapIp: ip(`192.168.42.${10 * n + index}`),
      encapType: 'geneve',
      internalIps: [ip(`192.168.42.${10 * n + index}`)],
      joinIps: [ip(`100.64.0.${2 + index}`)],
      isInterconn: false,
      underlayMac: 16 * n + index,
    }
  })
  return {
    id,
    azName: id,
    profile: PROFILES[profile],
    icDaemon: true,
    nodes,
    ic: icConfig(id),
    options: {},
    routers: [],
    subnets: [subnet('ovn-default', [`10.${15 + n}.0.0/16`]), subnet('join', ['100.64.0.0/16'])],
    pods: [pod('web', `${id}-w1`, `10.${15 + n}.0.10`)],
    transitPorts: [],
    commands: [],
    ecmpOrder: {},
    ...changes,
  }
}

/** `ts` 169.254.100.0/24, `ts1` 169.254.101.0/24, …, with fe80:a9fe:64::/112 and so on (KO-TS-1). */
function transitSwitches(count: number, families: readonly (4 | 6)[]): TransitSwitch[] {
  return Array.from({ length: count }, (_, i) => ({
    name: i === 0 ? 'ts' : `ts${i}`,
    subnets: families.map((family) =>
      prefix(family === 4 ? `169.254.${100 + i}.0/24` : `fe80:a9fe:${(100 + i).toString(16)}::/112`),
    ),
  }))
}

interface Member {
  readonly nb: Database<NbTables>
  readonly sb: Database<SbTables>
  readonly kubeOvn: KubeOvn
  readonly vifs: Map<string, string>
}

export class Testbed {
  readonly clock = new Clock()
  readonly log: LogEntry[] = []
  readonly host = new DaemonHost(this.clock, (entry) => this.log.push(entry))
  readonly icNb = new Database<IcNbTables>(IC_NB_SCHEMA, 'ic-nb', 1)
  readonly icSb = new Database<IcSbTables>(IC_SB_SCHEMA, 'ic-sb', 1)
  readonly members = new Map<string, Member>()

  constructor(clusters: readonly Cluster[], { switches = 1, families = [4] as (4 | 6)[], seed = 1 } = {}) {
    const wanted = transitSwitches(switches, families)
    const network: Network = {
      name: 'test',
      profile: clusters[0]!.profile,
      seed,
      interconnect: { dbHosts: ['192.168.65.3'], transitSwitches: wanted, icSbResidue: [] },
      clusters,
      underlay: { mtu: 1500, latency: 0, loss: 0, nodes: {}, wan: {} },
    }
    createTransitSwitches(this.icNb, wanted)
    for (const one of clusters) this.members.set(one.id, this.#member(network, one))
    for (const { kubeOvn } of this.members.values()) kubeOvn.start()
  }

  /** Runs for this many seconds. */
  run(duration: number): this {
    this.clock.runUntil(this.clock.now + seconds(duration))
    return this
  }

  apply(event: TimelineEvent): boolean {
    return [...this.members.values()].map(({ kubeOvn }) => kubeOvn.apply(event)).some((taken) => taken)
  }

  member(id: string): Member {
    return this.members.get(id)!
  }

  /** `10.17.0.1/16 169.254.100.42` of every learned route, sorted. */
  learned(id: string): string[] {
    const routes = [...this.member(id).nb.rows('Logical_Router_Static_Route').values()]
    return routes
      .filter((route) => route.external_ids['ic-learned-route'] !== undefined)
      .map((route) => `${route.ip_prefix} ${route.nexthop}`)
      .sort()
  }

  /** `29500 ip4.dst == 10.17.0.1/16 allow`, highest first. */
  policies(id: string): string[] {
    const rows = [...this.member(id).nb.rows('Logical_Router_Policy').values()]
    return rows
      .map((row) => [row.priority, row.match, row.action, ...row.nexthops].join(' '))
      .sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10) || (a < b ? -1 : 1))
  }

  /** Transit ports of a cluster: `az1-ts 169.254.100.45/24 az1-gw1-chassis:100 …`. */
  transitPorts(id: string): string[] {
    const { nb } = this.member(id)
    return [...nb.rows('Logical_Router_Port').values()]
      .filter((port) => port.gateway_chassis.length > 0)
      .map((port) => {
        const gateways = port.gateway_chassis.map((row) => nb.get('Gateway_Chassis', row)!)
        const order = gateways.map((row) => `${row.chassis_name}:${row.priority}`)
        return [port.name, ...port.networks, ...order].join(' ')
      })
      .sort()
  }

  /** `NB_Global.options` of a cluster. */
  options(id: string): Readonly<Record<string, string>> {
    return [...this.member(id).nb.rows('NB_Global').values()][0]?.options ?? {}
  }

  /** Names of nodes whose chassis is an interconnection gateway. */
  interconn(id: string): string[] {
    const rows = [...this.member(id).sb.rows('Chassis').values()]
    return rows.filter((row) => row.other_config['is-interconn'] === 'true').map((row) => row.hostname)
  }

  says(text: string | RegExp): LogEntry[] {
    return this.log.filter((entry) =>
      typeof text === 'string' ? entry.text.includes(text) : text.test(entry.text),
    )
  }

  #member(network: Network, one: Cluster): Member {
    const { clock, host, icNb, icSb } = this
    const log = (entry: LogEntry): void => void this.log.push(entry)
    const nb = new Database<NbTables>(NB_SCHEMA, `${one.id} nb`, 1)
    const sb = new Database<SbTables>(SB_SCHEMA, `${one.id} sb`, 1)
    nb.transact('testbed', (tx) => tx.create('NB_Global', {}))
    sb.transact('testbed', (tx) => {
      for (const node of one.nodes) {
        const address = formatIp(node.encapIp)
        const encap = tx.create('Encap', { ip: address, chassis_name: node.chassis })
        tx.create('Chassis', { name: node.chassis, hostname: node.hostname, encaps: [encap] })
      }
    })
    host.add(new Northd({ cluster: one.id, nb, sb, clock, log }), {
      watches: [nb, sb],
      latency: DB_NOTIFICATION + NORTHD_RUN,
    })
    const ic = addIcDaemon(
      host,
      { cluster: one.id, profile: one.profile, clock, nb, sb, icNb, icSb, log },
      false,
    )
    const vifs = new Map<string, string>()
    const setInterconn = (node: string, on: boolean): void => {
      const chassis = one.nodes.find(({ name }) => name === node)!.chassis
      const row = sb.find('Chassis', 'name', chassis)!
      sb.transact('testbed', (tx) =>
        tx.update('Chassis', row, { other_config: { 'is-interconn': String(on) } }),
      )
    }
    const setVif = (node: string, port: string, present: boolean): void => {
      if (present) vifs.set(port, node)
      else vifs.delete(port)
    }
    const hooks = { setInterconn, setVif, startIc: () => ic.start(), stopIc: () => ic.end('stop') }
    const kubeOvn = new KubeOvn({ network, cluster: one, nb, sb, icNb, icSb, host, hooks, log })
    return { nb, sb, kubeOvn, vifs }
  }
}
