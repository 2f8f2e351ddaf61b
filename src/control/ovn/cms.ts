// The cloud management system of a cluster with plain OVN: the scenario itself. It writes what is wanted into the
// Northbound (ovn-nb(5)), as a person with ovn-nbctl would, at the start and at each event of the timeline.
// Surprise: it acts once. A port that somebody deletes later stays deleted, and so does one on a transit switch made anew (TS-2, TS-5).

import type { Cluster, Interconnect, Pod, Subnet, TransitPort } from '../../model/network.ts'
import type { IcNbTables, IcSbTables, NbTables, RowId, StringMap } from '../../model/tables.ts'
import { formatIp } from '../../net/ip.ts'
import { formatMac } from '../../net/mac.ts'
import { formatPrefix, masked } from '../../net/prefix.ts'
import type { Daemon } from '../daemon.ts'
import type { Database } from '../db/database.ts'
import { applyLine } from './commands/apply.ts'
import { CommandFailure } from './commands/failure.ts'
import {
  addRouter,
  addRouterPort,
  addSwitch,
  addSwitchPort,
  editNorthbound,
  existing,
  type Northbound,
  removeRouterPort,
  removeSwitchPort,
  rowNamed,
  setGatewayChassis,
} from './commands/northbound.ts'
import { addPolicy, addRoute } from './commands/router-edits.ts'

/** What could not be written, each a sentence of ovn-nbctl; empty when all went well. */
export type Complaints = readonly string[]

/** Fills the IC databases: transit switches, and what clusters long gone have left (`icSbResidue`). */
export function setUpInterconnect(
  icNb: Database<IcNbTables>,
  icSb: Database<IcSbTables>,
  { transitSwitches, icSbResidue }: Interconnect,
): Complaints {
  icNb.transact('cms', (write) => {
    for (const { name } of transitSwitches) write.create('Transit_Switch', { name })
  })
  return icSbResidue
    .map((line) => applyLine({ icSb }, line, 'ic-sbctl'))
    .filter((error) => error !== undefined)
}

/** Writes one cluster's Northbound. As a daemon it waits for transit switches, to put its ports on them. */
export class Cms implements Daemon {
  readonly name: string
  readonly #cluster: Cluster
  readonly #nb: Database<NbTables>
  readonly #complain: (complaint: string) => void
  readonly #subnets = new Map<string, Subnet>()
  readonly #pods = new Map<string, Pod>()
  /** Transit ports that wait for their switch. */
  #waiting: TransitPort[] = []

  /** `complain` hears of a transit port that could not be put on its switch. */
  constructor(cluster: Cluster, nb: Database<NbTables>, complain: (complaint: string) => void = () => {}) {
    this.#complain = complain
    this.name = `cms ${cluster.id}`
    this.#cluster = cluster
    this.#nb = nb
  }

  /** Writes the whole cluster, then carries out its `commands` one by one. */
  setUp(): Complaints {
    const cluster = this.#cluster
    const complaints = this.#edit((nb) => {
      nb.write.create('NB_Global', { name: cluster.azName, options: cluster.options })
      for (const router of cluster.routers) addRouter(nb, router.name)
      for (const subnet of cluster.subnets) this.#writeSubnet(nb, subnet)
      for (const pod of cluster.pods) this.#writePod(nb, pod)
      for (const port of cluster.transitPorts) this.#writeTransitPort(nb, port)
    })
    const routes = cluster.routers.flatMap((router) => [
      ...router.staticRoutes.map((route) =>
        this.#edit((nb) => {
          const on = existing(nb, 'Logical_Router', router.name)
          addRoute(nb, on, route.prefix, route.nexthop, {
            ...(route.policy === 'src-ip' && { policy: route.policy }),
            ...(route.outputPort !== undefined && { outputPort: route.outputPort }),
            routeTable: route.routeTable,
            ecmp: route.ecmp,
            asWritten: true,
          })
        }),
      ),
      ...router.policies.map((policy) =>
        this.#edit((nb) => addPolicy(nb, existing(nb, 'Logical_Router', router.name), policy, false)),
      ),
    ])
    const commands = cluster.commands.map((line) => applyLine({ nb: this.#nb }, line, 'nbctl') ?? [])
    return [...complaints, ...routes.flat(), ...commands.flat()]
  }

  /** Puts waiting ports on transit switches that ovn-ic has made meanwhile (TS-1). */
  run(): void {
    const ready = this.#waiting.filter((port) => this.#switchNamed(port.transitSwitch) !== undefined)
    this.#waiting = this.#waiting.filter((port) => !ready.includes(port))
    for (const port of ready) {
      const on = this.#switchNamed(port.transitSwitch)!
      const complaints = this.#edit((nb) => addSwitchPort(nb, on, port.lsp, routerSide(port.lrp)))
      for (const complaint of complaints) this.#complain(complaint)
    }
  }

  addSubnet(subnet: Subnet): Complaints {
    return this.#edit((nb) => this.#writeSubnet(nb, subnet))
  }

  /** Removes a subnet's switch with the ports of its pods, and its router port. */
  deleteSubnet(name: string): Complaints {
    const subnet = this.#subnets.get(name)
    if (subnet === undefined) return [`${name}: no such subnet`]
    this.#subnets.delete(name)
    for (const [pod, { subnet: of }] of this.#pods) if (of === name) this.#pods.delete(pod)
    return this.#edit((nb) => {
      const on = rowNamed(nb, 'Logical_Switch', name)
      if (on !== undefined) nb.write.delete('Logical_Switch', on)
      const lrp = rowNamed(nb, 'Logical_Router_Port', subnet.lrp)
      if (lrp !== undefined) removeRouterPort(nb, lrp)
    })
  }

  /** Puts a subnet's networks on the blacklist, or takes them off; on plain OVN that is what `disableInterConnection` means. */
  setInterconnection(name: string, disable: boolean): Complaints {
    const subnet = this.#subnets.get(name)
    if (subnet === undefined) return [`${name}: no such subnet`]
    const networks = subnet.gateways.map((gateway) => formatPrefix(masked(gateway)))
    return this.#setOptions(({ 'ic-route-blacklist': list = '', ...options }) => {
      const others = list.split(',').filter((entry) => entry !== '' && !networks.includes(entry))
      const wanted = disable ? [...others, ...networks] : others
      return wanted.length === 0 ? options : { ...options, 'ic-route-blacklist': wanted.join(',') }
    })
  }

  addPod(pod: Pod): Complaints {
    return this.#edit((nb) => this.#writePod(nb, pod))
  }

  deletePod(name: string): Complaints {
    const pod = this.#pods.get(name)
    if (pod === undefined) return [`${name}: no such pod`]
    this.#pods.delete(name)
    return this.#removeSwitchPorts([pod.lsp])
  }

  /** Adds a router port with its gateways; its switch port follows as soon as the transit switch is there. */
  addTransitPort(port: TransitPort): Complaints {
    const complaints = this.#edit((nb) => this.#writeTransitPort(nb, port))
    this.run()
    return complaints
  }

  /** First step of leaving cleanly: publish nothing. The next one has to wait until ovn-ic has seen this one. */
  withdrawRoutes(): Complaints {
    return this.#setOptions((options) => ({ ...options, 'ic-route-adv': 'false' }))
  }

  /** Second step: no ports on transit switches. Without the first, the routes would stay behind for ever. */
  removeTransitPorts(): Complaints {
    this.#waiting = []
    const lrps = new Set<string>()
    const lsps: string[] = []
    for (const on of this.#nb.rows('Logical_Switch').values()) {
      if (on.other_config['interconn-ts'] === undefined) continue
      for (const id of on.ports) {
        const lsp = this.#nb.get('Logical_Switch_Port', id)
        if (lsp?.type !== 'router') continue
        lsps.push(lsp.name)
        if (lsp.options['router-port'] !== undefined) lrps.add(lsp.options['router-port'])
      }
    }
    return [
      ...this.#removeSwitchPorts(lsps),
      ...this.#edit((nb) => {
        for (const name of lrps) {
          const lrp = rowNamed(nb, 'Logical_Router_Port', name)
          if (lrp !== undefined) removeRouterPort(nb, lrp)
        }
      }),
    ]
  }

  /** Last step, after the chassis have gone: without a name there is no zone (AZ-1). */
  clearName(): Complaints {
    return this.#edit((nb) => {
      for (const id of nb.database.rows('NB_Global').keys()) nb.write.update('NB_Global', id, { name: '' })
    })
  }

  #writeSubnet(nb: Northbound, subnet: Subnet): void {
    this.#subnets.set(subnet.name, subnet)
    const on = addSwitch(nb, subnet.name)
    addRouterPort(nb, existing(nb, 'Logical_Router', subnet.router), subnet.lrp, {
      mac: formatMac(subnet.mac),
      networks: subnet.gateways.map(formatPrefix),
      options: lrpOptions(subnet),
    })
    addSwitchPort(nb, on, subnet.lsp, routerSide(subnet.lrp))
  }

  #writePod(nb: Northbound, pod: Pod): void {
    this.#pods.set(pod.name, pod)
    const addresses = [[formatMac(pod.mac), ...pod.ips.map(formatIp)].join(' ')]
    addSwitchPort(nb, existing(nb, 'Logical_Switch', pod.subnet), pod.lsp, { addresses })
  }

  #writeTransitPort(nb: Northbound, port: TransitPort): void {
    const lrp = addRouterPort(nb, existing(nb, 'Logical_Router', port.router), port.lrp, {
      mac: formatMac(port.mac),
      networks: port.networks.map(formatPrefix),
      options: lrpOptions(port),
    })
    for (const { node, priority } of port.gateways)
      setGatewayChassis(nb, lrp, this.#chassisOf(node), priority)
    this.#waiting.push(port)
  }

  #switchNamed(name: string): RowId | undefined {
    for (const [id, row] of this.#nb.rows('Logical_Switch')) if (row.name === name) return id
    return undefined
  }

  #chassisOf(node: string): string {
    return this.#cluster.nodes.find((candidate) => candidate.name === node)?.chassis ?? node
  }

  #removeSwitchPorts(names: readonly string[]): Complaints {
    return this.#edit((nb) => {
      for (const name of names) {
        const port: RowId | undefined = rowNamed(nb, 'Logical_Switch_Port', name)
        if (port !== undefined) removeSwitchPort(nb, port)
      }
    })
  }

  #setOptions(change: (options: StringMap) => StringMap): Complaints {
    return this.#edit((nb) => {
      for (const [id, row] of nb.database.rows('NB_Global')) {
        nb.write.update('NB_Global', id, { options: change(row.options) })
      }
    })
  }

  /** One transaction; what it complained of. */
  #edit(body: (nb: Northbound) => void): Complaints {
    try {
      const result = editNorthbound(this.#nb, this.name, body)
      return result.kind === 'refused' ? [result.message] : []
    } catch (failure) {
      if (failure instanceof CommandFailure) return [failure.message]
      throw failure
    }
  }
}

function routerSide(lrp: string) {
  return { type: 'router', addresses: ['router'], options: { 'router-port': lrp } }
}

function lrpOptions({
  routeTable,
  lrpOptions: options,
}: Pick<Subnet, 'routeTable' | 'lrpOptions'>): StringMap {
  return routeTable === '' ? options : { ...options, route_table: routeTable }
}
