// One AZ on virtual time: databases, northd, and chassis whose BFD packets cross a wire that can be cut. Small builders
// for the tests of this room; nothing here knows packets.

import { DaemonHost, type Process } from '../../src/control/daemon.ts'
import { Database, type Transaction } from '../../src/control/db/database.ts'
import { NB_SCHEMA, SB_SCHEMA } from '../../src/control/db/schemas.ts'
import { DB_NOTIFICATION, NORTHD_RUN } from '../../src/control/latencies.ts'
import type { BfdMessage } from '../../src/control/ovn/bfd.ts'
import { OvnController, startController } from '../../src/control/ovn/controller.ts'
import { ChassisSwitch } from '../../src/control/ovn/controller-switch.ts'
import { Northd } from '../../src/control/ovn/northd/northd.ts'
import { ViewSource } from '../../src/control/ovn/view.ts'
import type { ChassisState, LogicalRouter, LogicalSwitch } from '../../src/model/forwarding.ts'
import type { NbTables, SbTables } from '../../src/model/tables.ts'
import { MICROSECOND, type Nanos, seconds } from '../../src/model/time.ts'
import type { LogEntry } from '../../src/model/trace.ts'
import { parseIp4 } from '../../src/net/ip.ts'
import { Random } from '../../src/net/random.ts'
import { Clock } from '../../src/sim/clock.ts'

export const PRIORITIES_2303 = {
  multiplier: 3,
  srcIp: 0,
  staticDst: 1,
  learnedStatic: 1,
  connected: 2,
  learnedConnected: 2,
}

interface TestChassis {
  readonly switch: ChassisSwitch
  readonly controller: OvnController
  readonly process: Process
  linkUp: boolean
}

/** One AZ `az1`. Chassis are named as their nodes. */
export class TestAz {
  readonly clock = new Clock()
  readonly log: LogEntry[] = []
  readonly host: DaemonHost
  readonly nb: Database<NbTables>
  readonly sb: Database<SbTables>
  readonly northd: Northd
  readonly northdProcess: Process
  readonly views: ViewSource
  readonly chassis = new Map<string, TestChassis>()
  /** BFD messages sent, by `from>to`, with their times. */
  readonly sent = new Map<string, { readonly at: Nanos; readonly message: BfdMessage }[]>()
  /** Told of every change of a chassis' state. */
  onChange: (name: string, state: ChassisState) => void = () => {}
  readonly #seed: number

  constructor(seed = 1) {
    this.#seed = seed
    const log = (entry: LogEntry): void => void this.log.push(entry)
    this.host = new DaemonHost(this.clock, log)
    this.nb = new Database(NB_SCHEMA, 'az1 OVN_Northbound', seed)
    this.sb = new Database(SB_SCHEMA, 'az1 OVN_Southbound', seed)
    this.northd = new Northd({ cluster: 'az1', nb: this.nb, sb: this.sb, clock: this.clock, log })
    this.northdProcess = this.host.add(this.northd, {
      watches: [this.nb, this.sb],
      latency: DB_NOTIFICATION + NORTHD_RUN,
    })
    const options = {
      cluster: 'az1',
      ecmpHash: 'l4-symmetric',
      priorities: PRIORITIES_2303,
      ecmpOrder: {},
    } as const
    this.views = new ViewSource(options, this.sb, this.northd.flows)
    this.write((t) => t.create('NB_Global', { name: 'az1' }))
  }

  write(body: (transaction: Transaction<NbTables>) => void): void {
    const result = this.nb.transact('test', body)
    if (result.kind === 'refused') throw new Error(result.message)
  }

  addChassis(name: string, ip: string, isInterconn = false): TestChassis {
    const log = (entry: LogEntry): void => void this.log.push(entry)
    const vswitch = new ChassisSwitch(
      {
        key: `az1/${name}`,
        cluster: 'az1',
        node: name,
        chassis: name,
        hostname: name,
        encapIp: parseIp4(ip)!,
        encapType: 'geneve',
        underlayMac: 1,
      },
      {
        clock: this.clock,
        random: new Random(this.#seed),
        log,
        transport: { send: (_, to, __, message) => this.#carry(name, to, message) },
        changed: () => this.onChange(name, this.chassis.get(name)?.switch.state ?? vswitch.state),
      },
    )
    const { sb, clock, views } = this
    const controller = new OvnController({
      ...{ switch: vswitch, sb, clock, views, log, isInterconn },
      flows: this.northd.flows,
    })
    const process = startController(this.host, controller)
    const chassis = { switch: vswitch, controller, process, linkUp: true }
    this.chassis.set(name, chassis)
    return chassis
  }

  /** A switch with its router port, and pods on it as `{ name: node }`. Router `lr` is made when it is missing. */
  addSubnet(name: string, gateway: string, mac: string, pods: Readonly<Record<string, string>> = {}): void {
    this.write((t) => {
      const ports = Object.keys(pods).map((pod, i) =>
        t.create('Logical_Switch_Port', {
          name: pod,
          addresses: [`00:00:00:00:01:${10 + i} 10.16.0.${10 + i}`],
        }),
      )
      const options = { 'router-port': `lr-${name}` }
      ports.push(
        t.create('Logical_Switch_Port', {
          name: `${name}-lr`,
          type: 'router',
          addresses: ['router'],
          options,
        }),
      )
      t.create('Logical_Switch', { name, ports })
      this.#addRouterPort(
        t,
        t.create('Logical_Router_Port', { name: `lr-${name}`, mac, networks: [gateway] }),
      )
    })
    for (const [pod, node] of Object.entries(pods)) this.chassis.get(node)!.switch.setVif(pod, true)
  }

  /** A transit switch `ts` (key 16711682) with this AZ's port and gateways `[chassis, priority]`. */
  addTransit(gateways: readonly (readonly [string, number])[]): void {
    this.write((t) => {
      const options = { 'router-port': 'az1-ts', 'requested-tnl-key': '1' }
      const port = t.create('Logical_Switch_Port', {
        name: 'ts-az1',
        type: 'router',
        addresses: ['router'],
        options,
      })
      const other_config = { 'interconn-ts': 'ts', 'requested-tnl-key': '16711682' }
      t.create('Logical_Switch', { name: 'ts', ports: [port], other_config })
      const gateway_chassis = gateways.map(([chassis_name, priority]) =>
        t.create('Gateway_Chassis', { name: `az1-ts-${chassis_name}`, chassis_name, priority }),
      )
      const lrp = {
        name: 'az1-ts',
        mac: '00:00:00:50:00:81',
        networks: ['169.254.100.41/24'],
        gateway_chassis,
      }
      this.#addRouterPort(t, t.create('Logical_Router_Port', lrp))
    })
  }

  addRoute(ip_prefix: string, nexthop: string): void {
    this.write((t) => {
      const [[id, router]] = [...this.nb.rows('Logical_Router')] as [[number, NbTables['Logical_Router']]]
      const route = t.create('Logical_Router_Static_Route', { ip_prefix, nexthop })
      t.update('Logical_Router', id, { static_routes: [...router.static_routes, route] })
    })
  }

  #addRouterPort(t: Transaction<NbTables>, port: number): void {
    const [existing] = this.nb.rows('Logical_Router')
    if (existing === undefined) t.create('Logical_Router', { name: 'lr', ports: [port] })
    else t.update('Logical_Router', existing[0], { ports: [...existing[1].ports, port] })
  }

  run(duration: Nanos): void {
    this.clock.runUntil(this.clock.now + duration)
  }

  /** Chassis that program the transit port as resident, those that are dead or cut off included. */
  get resident(): readonly string[] {
    return [...this.chassis].filter(([, c]) => c.switch.state.resident.has('az1-ts')).map(([name]) => name)
  }

  /** Who holds the binding of the transit port. */
  get bound(): string | undefined {
    const id = this.sb.find('Port_Binding', 'logical_port', 'cr-az1-ts')
    const chassis = id === undefined ? undefined : this.sb.get('Port_Binding', id)?.chassis
    return chassis === undefined ? undefined : this.sb.get('Chassis', chassis)?.name
  }

  /** Where `from` would send what leaves through the transit port (HA-8), itself if it is active. */
  redirect(from: string): string | undefined {
    const { state } = this.chassis.get(from)!.switch
    if (state.resident.has('az1-ts')) return from
    const router = state.view?.byName.get('lr') as LogicalRouter | undefined
    const gateway = router?.portByName.get('az1-ts')?.gateway
    if (gateway === undefined) return undefined
    if (gateway.members.length === 1) return gateway.boundTo
    const alive = ({ chassis }: { chassis: string }): boolean => {
      const bfd = state.tunnels.get(chassis)?.bfd
      return bfd === 'off' || bfd === 'up'
    }
    return gateway.members.find(alive)?.chassis
  }

  switchOf(name: string, view = this.views.current()!): LogicalSwitch {
    return view.byName.get(name) as LogicalSwitch
  }

  cut(name: string): void {
    this.chassis.get(name)!.linkUp = false
  }

  join(name: string): void {
    this.chassis.get(name)!.linkUp = true
  }

  /** All daemons die and the link goes down. */
  crash(name: string): void {
    this.cut(name)
    this.chassis.get(name)!.process.end('kill')
    this.chassis.get(name)!.switch.stop()
  }

  boot(name: string): void {
    this.join(name)
    this.chassis.get(name)!.switch.start()
    this.chassis.get(name)!.process.start()
  }

  #carry(from: string, to: string, message: BfdMessage): void {
    const key = `${from}>${to}`
    const sent = this.sent.get(key) ?? []
    sent.push({ at: this.clock.now, message })
    this.sent.set(key, sent)
    if (!this.chassis.get(from)!.linkUp) return
    const deliver = (): void => {
      const target = this.chassis.get(to)
      if (target?.linkUp === true) target.switch.receiveBfd(from, message)
    }
    this.clock.after(200 * MICROSECOND, deliver, undefined)
  }
}

/** Two gateways (100, 99), a worker unless `workers` says otherwise, one pod on each worker; settled. */
export function haAz(
  seed = 1,
  {
    gateways = [
      ['gw1', 100],
      ['gw2', 99],
    ],
    workers = ['w1'],
  }: { gateways?: readonly (readonly [string, number])[]; workers?: readonly string[] } = {},
): TestAz {
  const az = new TestAz(seed)
  for (const [i, [name]] of gateways.entries()) az.addChassis(name, `192.168.42.${11 + i}`, true)
  for (const [i, name] of workers.entries()) az.addChassis(name, `192.168.42.${31 + i}`)
  const homes = workers.length > 0 ? workers : gateways.map(([name]) => name)
  const pods = Object.fromEntries(homes.map((name) => [`pod-${name}`, name]))
  az.addSubnet('subnet', '10.16.0.1/16', '00:00:00:01:00:01', pods)
  az.addTransit(gateways)
  az.run(seconds(6))
  return az
}
