// A small interconnected world for tests of ovn-ic: databases, clock and daemons, with a stand-in for northd and the
// controllers that does no more than ovn-ic needs (router port bindings with addresses, `cr-` ports on the first live gateway).

import { DaemonHost } from '../../src/control/daemon.ts'
import { Database } from '../../src/control/db/database.ts'
import { IC_NB_SCHEMA, IC_SB_SCHEMA, NB_SCHEMA, SB_SCHEMA } from '../../src/control/db/schemas.ts'
import { Cms, setUpInterconnect } from '../../src/control/ovn/cms.ts'
import { applyLine } from '../../src/control/ovn/commands/apply.ts'
import { addIcDaemon } from '../../src/control/ovn/ic/daemon.ts'
import type { Tool } from '../../src/model/command-words.ts'
import type { Cluster, Subnet, TransitPort } from '../../src/model/network.ts'
import type { Profile } from '../../src/model/profile.ts'
import type { NbTables, RowId, SbPortBindingRow, SbTables } from '../../src/model/tables.ts'
import { SECOND } from '../../src/model/time.ts'
import type { LogEntry } from '../../src/model/trace.ts'
import { parseMac } from '../../src/net/mac.ts'
import { parsePrefix } from '../../src/net/prefix.ts'
import { Clock } from '../../src/sim/clock.ts'

export const OVN_23_03: Profile = {
  name: 'ovn-23.03',
  ovnVersion: '23.03.1',
  routePriorities: {
    multiplier: 3,
    srcIp: 0,
    staticDst: 1,
    learnedStatic: 1,
    connected: 2,
    learnedConnected: 2,
  },
  ecmpHash: 'l4-symmetric',
  icDefects: [
    'ipv6-blacklist-matches-all',
    'two-routers-erase-each-other',
    'infinite-learning',
    'orphaned-learned-routes',
    'rename-inserts-second-az',
  ],
  learnSkips: 'own-az',
}

/** A cluster in few words: networks by router, transit ports as `[switch, router, lrp, address/len…]`. */
export interface ClusterSketch {
  readonly id: string
  readonly name?: string
  readonly options?: Readonly<Record<string, string>>
  readonly networks: readonly (readonly string[])[]
  readonly routes?: readonly { prefix: string; nexthop: string; policy?: 'src-ip'; routeTable?: string }[]
  readonly commands?: readonly string[]
  readonly transit?: readonly TransitSketch[]
  readonly encapIp?: string
  readonly profile?: Profile
}

export interface TransitSketch {
  readonly on: string
  readonly router?: string
  readonly lrp: string
  readonly lsp: string
  readonly mac: string
  readonly networks: readonly string[]
  readonly routeTable?: string
}

export interface Az {
  readonly id: string
  readonly nb: Database<NbTables>
  readonly sb: Database<SbTables>
  readonly cms: Cms
}

export class World {
  readonly clock = new Clock()
  readonly log: LogEntry[] = []
  readonly complaints: string[] = []
  readonly host = new DaemonHost(this.clock, (entry) => this.log.push(entry))
  readonly icNb = new Database(IC_NB_SCHEMA, 'OVN_IC_Northbound', 7)
  readonly icSb = new Database(IC_SB_SCHEMA, 'OVN_IC_Southbound', 7)
  readonly azs = new Map<string, Az>()

  constructor(
    switches: readonly string[],
    clusters: readonly ClusterSketch[],
    residue: readonly string[] = [],
  ) {
    const transitSwitches = switches.map((name) => ({ name, subnets: [] }))
    setUpInterconnect(this.icNb, this.icSb, { dbHosts: [], transitSwitches, icSbResidue: residue })
    for (const sketch of clusters) this.add(sketch)
  }

  add(sketch: ClusterSketch): Az {
    const { id } = sketch
    const nb = new Database(NB_SCHEMA, `${id} OVN_Northbound`, 7)
    const sb = new Database(SB_SCHEMA, `${id} OVN_Southbound`, 7)
    const cms = new Cms(clusterOf(sketch), nb, (complaint) => this.complaints.push(complaint))
    const az = { id, nb, sb, cms }
    this.azs.set(id, az)
    const context = {
      clock: this.clock,
      icNb: this.icNb,
      icSb: this.icSb,
      log: (entry: LogEntry) => this.log.push(entry),
    }
    sb.transact('test', (write) => {
      const number = this.azs.size
      for (const [i, gateway] of [`${id}-gw1`, `${id}-gw2`].entries()) {
        const ip =
          i === 0 && sketch.encapIp !== undefined ? sketch.encapIp : `192.168.42.${number * 10 + i + 1}`
        const encap = write.create('Encap', { ip, chassis_name: gateway })
        const other_config = { 'is-interconn': 'true' }
        write.insert('Chassis', { name: gateway, hostname: gateway, encaps: [encap], other_config })
      }
    })
    this.host.add(new FakeSouth(id, nb, sb), { watches: [nb, sb], latency: 10_000_000 })
    this.host.add(cms, { watches: [nb], latency: 1_000_000 })
    addIcDaemon(this.host, { cluster: id, profile: sketch.profile ?? OVN_23_03, nb, sb, ...context })
    const complaints = cms.setUp()
    if (complaints.length > 0) throw new Error(complaints.join('\n'))
    return az
  }

  az(id: string): Az {
    return this.azs.get(id)!
  }

  /** Lets time pass, one second unless told. */
  run(time = SECOND): this {
    this.clock.runUntil(this.clock.now + time)
    return this
  }

  /** A command line on one AZ's databases or the global ones. */
  command(tool: Tool, line: string, az?: string): string | undefined {
    const local = az === undefined ? {} : { nb: this.az(az).nb, sb: this.az(az).sb }
    return applyLine({ ...local, icNb: this.icNb, icSb: this.icSb }, line, tool)
  }

  setOption(az: string, key: string, value: string | undefined): void {
    const line =
      value === undefined ? `remove NB_Global . options ${key}` : `set NB_Global . options:${key}="${value}"`
    const error = this.command('nbctl', line, az)
    if (error !== undefined) throw new Error(error)
  }

  /** IC-SB routes as `zone switch table prefix nexthop origin`, sorted. */
  published(): string[] {
    return [...this.icSb.rows('Route').values()]
      .map((row) => {
        const zone = this.icSb.get('Availability_Zone', row.availability_zone)!.name
        const table = row.route_table === '' ? '-' : row.route_table
        return [zone, row.transit_switch, table, row.ip_prefix, row.nexthop, row.origin].join(' ')
      })
      .sort()
  }

  /** Learned routes of a router as `prefix nexthop origin [table]`, sorted. */
  learned(az: string, router = 'ovn-cluster'): string[] {
    const { nb } = this.az(az)
    const lr = [...nb.rows('Logical_Router').values()].find((row) => row.name === router)!
    return lr.static_routes
      .map((id) => nb.get('Logical_Router_Static_Route', id)!)
      .filter((row) => row.external_ids['ic-learned-route'] !== undefined)
      .map((row) => [row.ip_prefix, row.nexthop, row.options.origin, row.route_table].join(' ').trim())
      .sort()
  }

  /** IC-SB port bindings as `name key gateway address`, sorted. */
  ports(): string[] {
    return [...this.icSb.rows('Port_Binding').values()]
      .map((row) => [row.logical_port, row.tunnel_key, row.gateway || '-', row.address || '-'].join(' '))
      .sort()
  }

  zones(): string[] {
    return [...this.icSb.rows('Availability_Zone').values()].map((row) => row.name).sort()
  }

  refusals(source?: string): LogEntry[] {
    return this.log.filter(
      (entry) => entry.kind === 'refused' && (source === undefined || entry.source === source),
    )
  }
}

/** An IPv4 transit port as the truth cases have them: `169.254.<100+i>.<40+n>/24`. */
export function transitPort(on: string, index: number, n: number, az = `az${n}`): TransitSketch {
  return {
    on,
    lrp: `${az}-${on}`,
    lsp: `${on}-${az}`,
    mac: `00:00:00:50:0${index}:8${n}`,
    networks: [`169.254.${100 + index}.${40 + n}/24`],
  }
}

export const BOTH_ON = { 'ic-route-adv': 'true', 'ic-route-learn': 'true' }

/** Two clusters as in most truth cases: 10.16.0.0/16 and 10.17.0.0/16 joined by `ts`. */
export function twoZones(
  first: Partial<ClusterSketch> = {},
  second: Partial<ClusterSketch> = {},
  residue: readonly string[] = [],
): World {
  const az1 = {
    id: 'az1',
    options: BOTH_ON,
    networks: [['10.16.0.1/16']],
    transit: [transitPort('ts', 0, 1)],
    ...first,
  }
  const az2 = {
    id: 'az2',
    options: BOTH_ON,
    networks: [['10.17.0.1/16']],
    transit: [transitPort('ts', 0, 2)],
    ...second,
  }
  return new World(['ts'], [az1, az2], residue)
}

function clusterOf(sketch: ClusterSketch): Cluster {
  const { id } = sketch
  const routers = [
    ...new Set(['ovn-cluster', ...(sketch.transit ?? []).map((port) => port.router ?? 'ovn-cluster')]),
  ]
  // As a person would add them, host bits masked (ADV-8).
  const routes = (sketch.routes ?? []).map(({ prefix, nexthop, policy, routeTable }) =>
    [
      ...(policy === undefined ? [] : [`--policy=${policy}`]),
      ...(routeTable === undefined ? [] : [`--route-table=${routeTable}`]),
      `lr-route-add ovn-cluster ${prefix} ${nexthop}`,
    ].join(' '),
  )
  return {
    id,
    azName: sketch.name ?? id,
    profile: OVN_23_03,
    icDaemon: true,
    nodes: [],
    ic: undefined,
    options: sketch.options ?? BOTH_ON,
    routers: routers.map((name) => ({ name, staticRoutes: [], policies: [] })),
    subnets: sketch.networks.map((gateways, i) => subnetOf(`net${i}`, gateways)),
    pods: [],
    transitPorts: (sketch.transit ?? []).map((port) => transitPortOf(id, port)),
    commands: [...routes, ...(sketch.commands ?? [])],
    ecmpOrder: {},
  }
}

export function subnetOf(name: string, gateways: readonly string[], router = 'ovn-cluster'): Subnet {
  return {
    name,
    router,
    lrp: `${router}-${name}`,
    lsp: `${name}-${router}`,
    mac: 0x0a0000000001,
    gateways: gateways.map((text) => parsePrefix(text)!),
    routeTable: '',
    disableInterConnection: false,
    isJoin: false,
    gatewayType: 'distributed',
    gatewayNodes: [],
    lrpOptions: {},
  }
}

export function transitPortOf(az: string, port: TransitSketch): TransitPort {
  return {
    transitSwitch: port.on,
    router: port.router ?? 'ovn-cluster',
    lrp: port.lrp,
    lsp: port.lsp,
    mac: parseMac(port.mac)!,
    networks: port.networks.map((text) => parsePrefix(text)!),
    gateways: [
      { node: `${az}-gw1`, priority: 100 },
      { node: `${az}-gw2`, priority: 99 },
    ],
    routeTable: port.routeTable ?? '',
    lrpOptions: {},
  }
}

/** Port bindings for every port, `cr-` ports on the first gateway chassis that is registered. */
class FakeSouth {
  readonly name: string
  readonly #nb: Database<NbTables>
  readonly #sb: Database<SbTables>

  constructor(id: string, nb: Database<NbTables>, sb: Database<SbTables>) {
    this.name = `south ${id}`
    this.#nb = nb
    this.#sb = sb
  }

  run(): void {
    const [nb, sb] = [this.#nb, this.#sb]
    sb.transact(this.name, (write) => {
      const datapath =
        [...sb.rows('Datapath_Binding').keys()][0] ??
        write.create('Datapath_Binding', { tunnel_key: 1, name: 'all' })
      const wanted = new Map<string, Partial<SbPortBindingRow>>()
      for (const row of nb.rows('Logical_Switch_Port').values()) wanted.set(row.name, { type: row.type })
      for (const row of nb.rows('Logical_Router_Port').values()) {
        wanted.set(row.name, { type: 'patch', mac: [[row.mac, ...row.networks].join(' ')] })
        const members = row.gateway_chassis.map((id) => nb.get('Gateway_Chassis', id)!)
        if (members.length === 0) continue
        members.sort((a, b) => b.priority - a.priority)
        const chassis = members
          .map((member) => sb.find('Chassis', 'name', member.chassis_name))
          .find((id): id is RowId => id !== undefined)
        wanted.set(`cr-${row.name}`, { type: 'chassisredirect', chassis })
      }
      for (const [id, row] of [...sb.rows('Port_Binding')]) {
        const columns = wanted.get(row.logical_port)
        wanted.delete(row.logical_port)
        if (columns === undefined) write.delete('Port_Binding', id)
        else write.update('Port_Binding', id, columns)
      }
      for (const [logical_port, columns] of wanted) {
        const used = new Set([...sb.rows('Port_Binding').values()].map((row) => row.tunnel_key))
        let tunnel_key = 1
        while (used.has(tunnel_key)) tunnel_key++
        write.create('Port_Binding', { logical_port, datapath, tunnel_key, ...columns })
      }
    })
  }
}
