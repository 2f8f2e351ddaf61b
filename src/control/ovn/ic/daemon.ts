// ovn-ic, the daemon of one availability zone (ovn-ic(8)): joins the local databases with the two global ones. One loop is
// zone, transit switches, gateways, ports, routes (IC-2), in four transactions that know nothing of each other (IC-3).
// Surprise: a refused IC-SB transaction loses everything this zone wanted to say that round, whatever row was at fault.

import type { Profile } from '../../../model/profile.ts'
import type { IcNbTables, IcSbTables, NbTables, SbTables } from '../../../model/tables.ts'
import type { LogEntry } from '../../../model/trace.ts'
import type { Clock } from '../../../sim/clock.ts'
import type { Daemon, DaemonHost, Process } from '../../daemon.ts'
import type { Database, Transaction, TransactionResult } from '../../db/database.ts'
import { DB_NOTIFICATION, IC_RUN } from '../../latencies.ts'
import { Connection } from './connection.ts'
import { type GatewayMemory, gatewayStep } from './gateways.ts'
import { type PortMemory, portStep } from './ports.ts'
import { type RouteMemory, routeStep, settleRoutes } from './routes.ts'
import { SouthboundIndex } from './southbound-index.ts'
import { type IcStep, LOST } from './step.ts'
import { TRANSIT_KEY_MIN, type TransitMemory, transitSwitchStep } from './transit-switches.ts'
import { type ZoneMemory, zoneStep } from './zone.ts'

/** What an ovn-ic works on. */
export interface IcContext {
  /** `Cluster.id`; the daemon is called `ovn-ic <cluster>`. */
  readonly cluster: string
  readonly profile: Profile
  readonly clock: Clock
  readonly nb: Database<NbTables>
  readonly sb: Database<SbTables>
  readonly icNb: Database<IcNbTables>
  readonly icSb: Database<IcSbTables>
  /** Members of an IC database in the order in which a process that starts now tries them; one server where absent. */
  readonly remotes?: () => readonly number[]
  readonly log: (entry: LogEntry) => void
}

/** Registers an AZ's ovn-ic with a host; it runs at every commit to one of its four databases. */
export function addIcDaemon(host: DaemonHost, context: IcContext, start = true): Process {
  const name = `ovn-ic ${context.cluster}`
  const daemon = new IcDaemon(context, () => host.get(name)?.wake())
  return host.add(daemon, {
    watches: [context.nb, context.sb, context.icNb, context.icSb],
    latency: DB_NOTIFICATION + IC_RUN,
    start,
  })
}

/** Everything a process holds in memory; a restart begins with none of it. */
interface Memory {
  readonly zone: ZoneMemory
  readonly transit: TransitMemory
  readonly gateways: GatewayMemory
  readonly ports: PortMemory
  readonly routes: RouteMemory
  readonly warned: Set<string>
  /** A transaction of the last loop was refused. */
  refused: boolean
  /** The last loop inserted the zone's row. */
  zoneIsNew: boolean
}

export class IcDaemon implements Daemon {
  readonly name: string
  readonly #context: IcContext
  readonly #wake: () => void
  #memory = newMemory()
  #icNb: Connection<IcNbTables> | undefined
  #icSb: Connection<IcSbTables> | undefined

  /** `wake` is called when a loop is due although no database changed: a lost connection is there again. */
  constructor(context: IcContext, wake: () => void) {
    this.name = `ovn-ic ${context.cluster}`
    this.#context = context
    this.#wake = wake
  }

  started(): void {
    const { icNb, icSb, clock, remotes } = this.#context
    this.#memory = newMemory()
    this.#icNb = new Connection(icNb, clock, this.#wake, remotes?.())
    this.#icSb = new Connection(icSb, clock, this.#wake, remotes?.())
  }

  ended(): void {
    this.#icNb?.close()
    this.#icSb?.close()
    this.#icNb = undefined
    this.#icSb = undefined
  }

  run(): void {
    const { nb, sb, icNb, icSb, profile } = this.#context
    const northLost = this.#icNb?.lastSeen
    const southLost = this.#icSb?.lastSeen
    // Nothing happens before every database has been seen once (IC-1).
    if (this.#icNb === undefined || (!this.#icNb.connected && northLost === undefined)) return
    if (this.#icSb === undefined || (!this.#icSb.connected && southLost === undefined)) return
    const seen = {
      profile,
      nb,
      sb,
      icSb: southLost === undefined ? SouthboundIndex.live(icSb) : SouthboundIndex.frozen(southLost),
      transitSwitches: northLost?.tables.Transit_Switch ?? icNb.rows('Transit_Switch'),
      log: this.#log,
    }
    this.#transact(southLost === undefined, (write) => this.#steps({ ...seen, write }))
  }

  /** IC-2. */
  #steps(step: IcStep): void {
    const memory = this.#memory
    const registration = zoneStep(step, memory.zone)
    if (registration === undefined) return
    const { id: zone, isNew } = registration
    memory.zoneIsNew = isNew
    // AZ-3: the answers to refused transactions come one by one, and a loop between them can write to the IC-SB alone,
    // which is enough for a new zone's row and for nothing else (probed: the row of a renamed zone gets there).
    if (memory.refused && isNew) return
    const switches = transitSwitchStep(step, memory.transit)
    gatewayStep(step, zone, memory.gateways, this.#versions(step, zone, GATEWAY_TABLES))
    const own = portStep(step, zone, switches, memory.ports, this.#versions(step, zone, PORT_TABLES))
    routeStep(step, zone, own, memory.routes)
  }

  /** Opens the transactions, runs the steps once, and ends the transactions: NB first, IC-SB last. */
  #transact(connected: boolean, steps: (write: IcStep['write']) => void): void {
    const { nb, sb, icSb } = this.#context
    const results: (readonly [string, TransactionResult])[] = []
    const local = (icSbWrite: Transaction<IcSbTables>): void => {
      const south = sb.transact(this.name, (sbWrite) => {
        const north = nb.transact(this.name, (nbWrite) =>
          steps({ nb: nbWrite, sb: sbWrite, icSb: icSbWrite }),
        )
        results.push(['NB', north])
      })
      results.push(['SB', south])
    }
    if (connected) {
      const global = icSb.transact(this.name, local)
      results.push(['IC-SB', global])
    } else local(LOST)
    this.#settle(results)
  }

  #settle(results: readonly (readonly [string, TransactionResult])[]): void {
    const memory = this.#memory
    memory.refused = false
    for (const [database, result] of results) {
      if (result.kind !== 'refused') continue
      memory.refused = true
      this.#log('refused', `${database}: ${result.message}`)
    }
    if (memory.refused) {
      memory.gateways.seen = ''
      memory.ports.seen = ''
      memory.routes.routers.clear()
      if (memory.zoneIsNew) this.#wake()
    } else settleRoutes(this.#context, memory.routes)
  }

  /** Versions of the tables a step reads, as text; what a lost connection shows is one more version. */
  #versions(step: IcStep, zone: number, tables: VersionedTables): string {
    const { nb, sb, icSb } = this.#context
    const lost = this.#icSb?.lastSeen === undefined ? '' : 'lost'
    const versions = [
      ...tables.nb.map((table) => nb.tableVersion(table)),
      ...tables.sb.map((table) => sb.tableVersion(table)),
      ...tables.icSb.map((table) => icSb.tableVersion(table)),
      this.#icNb?.lastSeen === undefined ? step.transitSwitches.size : 'lost',
    ]
    return `${zone} ${lost} ${versions.join(' ')}`
  }

  readonly #log = (kind: LogEntry['kind'], text: string): void => {
    if (kind === 'warning') {
      if (this.#memory.warned.has(text)) return
      this.#memory.warned.add(text)
    }
    this.#context.log({ at: this.#context.clock.now, source: this.name, kind, text })
  }
}

interface VersionedTables {
  readonly nb: readonly (keyof NbTables)[]
  readonly sb: readonly (keyof SbTables)[]
  readonly icSb: readonly (keyof IcSbTables)[]
}

const GATEWAY_TABLES: VersionedTables = {
  nb: [],
  sb: ['Chassis', 'Encap'],
  icSb: ['Gateway', 'Encap'],
}

const PORT_TABLES: VersionedTables = {
  nb: ['Logical_Switch', 'Logical_Switch_Port', 'Logical_Router', 'Logical_Router_Port'],
  sb: ['Port_Binding', 'Chassis'],
  icSb: ['Port_Binding', 'Datapath_Binding'],
}

function newMemory(): Memory {
  return {
    zone: { name: undefined },
    transit: { keyHint: TRANSIT_KEY_MIN },
    gateways: { seen: '' },
    ports: { keyHint: 0, seen: '', own: [], layouts: new Map() },
    routes: { routers: new Map() },
    warned: new Set(),
    refused: false,
    zoneIsNew: false,
  }
}
