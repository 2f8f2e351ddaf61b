/** Daemons killed, stopped, frozen and started again, one by one or with their node. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DaemonRef } from '../../model/timeline.ts'
import { hasEnded, isProcessOf } from '../found.ts'
import type { Liveness } from '../observe/observer.ts'
import { ovnController, ovsDatabase, vswitchd } from '../plan/chassis.ts'
import { northd, ovnIc, serveDatabase } from '../plan/databases.ts'
import { ipBatch, type Step } from '../plan/steps.ts'
import { bridgeOfCluster } from '../plan/underlay.ts'
import { controlSocket } from '../trace/unixctl.ts'
import { carryOutSteps, clusterOf, type EventContext, nodeOf, until } from './context.ts'

type Action = 'kill' | 'stop' | 'pause' | 'resume' | 'start'

/** A process of the lab: where its pid file is, and what starts it. */
interface Daemon {
  readonly key: string
  readonly folder: string
  readonly name: string
  readonly start: () => readonly Step[]
}

export class Daemons {
  readonly #context: EventContext
  readonly #dead = new Set<string>()

  constructor(context: EventContext) {
    this.#context = context
  }

  /** Which daemons of a node run, as far as events ended and started them. */
  readonly liveness = (node: string): Liveness => ({
    vswitchd: !this.#dead.has(`ovs-vswitchd ${node}`),
    controller: !this.#dead.has(`ovn-controller ${node}`),
  })

  /** One daemon, or all members of a database. */
  async act(ref: DaemonRef, action: Action): Promise<void> {
    for (const daemon of this.#daemons(ref)) await this.#act(daemon, action)
  }

  /** Everything on a node dies and its link goes down, or the node boots. */
  async node(cluster: string, node: string, up: boolean): Promise<void> {
    const daemons = [
      ...this.#daemons({ kind: 'ovn-controller', cluster, node }),
      ...this.#daemons({ kind: 'ovs-vswitchd', cluster, node }),
      this.#database(cluster, node),
    ]
    if (!up) {
      for (const daemon of daemons) await this.#act(daemon, 'kill')
      return this.link(cluster, node, false, false)
    }
    await this.link(cluster, node, true, false)
    for (const daemon of daemons.reverse()) await this.#act(daemon, 'start')
  }

  /** Carrier taken away on the bridge's side; silent loss takes the port off the bridge. */
  link(cluster: string, node: string, up: boolean, silent: boolean): Promise<void> {
    const { names, scenario } = this.#context
    const { port } = names.node(cluster, node)
    const master = up ? `master ${bridgeOfCluster(scenario.network, cluster)}` : 'nomaster'
    const line = silent ? `link set ${port} ${master}` : `link set ${port} ${up ? 'up' : 'down'}`
    return carryOutSteps(this.#context, [ipBatch(names.underlay, [line])])
  }

  /** A cluster dies: every daemon of it is killed and its links go down. */
  async die(cluster: string): Promise<void> {
    for (const kind of ['ovn-ic', 'ovn-northd'] as const) await this.act({ kind, cluster }, 'kill')
    for (const node of clusterOf(this.#context, cluster).nodes) await this.node(cluster, node.name, false)
  }

  /** Whether a daemon runs now. */
  runs(ref: DaemonRef): boolean {
    return this.#daemons(ref).some((daemon) => pidOf(daemon, this.#context.names.id) !== undefined)
  }

  async #act(daemon: Daemon, action: Action): Promise<void> {
    const { processes, complain } = this.#context
    const pid = pidOf(daemon, this.#context.names.id)
    if (action === 'start') {
      // A second one beside it would fight over the same files; nobody's service manager starts it.
      if (pid !== undefined) return
      await carryOutSteps(this.#context, daemon.start())
      this.#dead.delete(daemon.key)
      return
    }
    if (pid === undefined) return complain(`${daemon.key} does not run`)
    if (action === 'pause') return signal(pid, 'SIGSTOP')
    if (action === 'resume') return signal(pid, 'SIGCONT')
    this.#dead.add(daemon.key)
    if (action === 'kill') signal(pid, 'SIGKILL')
    else
      await processes.run({
        argv: ['ovs-appctl', '--timeout=60', '-t', socketOf(daemon, pid), 'exit'],
        mayFail: true,
      })
    await until(() => hasEnded(pid))
  }

  #daemons(ref: DaemonRef): Daemon[] {
    const { names, scenario } = this.#context
    switch (ref.kind) {
      case 'ovn-controller':
      case 'ovs-vswitchd': {
        const { folder } = names.node(ref.cluster, ref.node)
        const node = nodeOf(this.#context, ref.cluster, ref.node)
        const start = (): readonly Step[] =>
          ref.kind === 'ovn-controller'
            ? [ovnController(names, ref.cluster, node)]
            : vswitchd(names, scenario.network, ref.cluster, node)
        return [{ key: `${ref.kind} ${ref.cluster}/${node.name}`, folder, name: ref.kind, start }]
      }
      case 'ovn-ic':
      case 'ovn-northd':
        return [
          {
            key: `${ref.kind} ${ref.cluster}`,
            folder: names.zone(ref.cluster).folder,
            name: ref.kind,
            start: () => [ref.kind === 'ovn-ic' ? ovnIc(names, ref.cluster) : northd(names, ref.cluster)],
          },
        ]
      case 'ic-nb':
      case 'ic-sb': {
        const one = ref.host === undefined ? undefined : names.ic.get(ref.host)
        const name = ref.kind === 'ic-nb' ? 'nb' : 'sb'
        const members = one === undefined ? [...names.ic.values()] : [one]
        return members.map(({ folder }) => ({
          key: `${ref.kind} ${folder}`,
          folder,
          name,
          start: () => [serveDatabase(names, folder, name)],
        }))
      }
      // A modelled one: what it does and leaves undone is in its journal.
      case 'kube-ovn-controller':
        return []
    }
  }

  #database(cluster: string, node: string): Daemon {
    const { names } = this.#context
    const { folder } = names.node(cluster, node)
    return {
      key: `ovsdb-server ${cluster}/${node}`,
      folder,
      name: 'ovsdb-server',
      start: () => [ovsDatabase(names, cluster, nodeOf(this.#context, cluster, node))],
    }
  }
}

function pidOf({ folder, name }: Daemon, id: string): number | undefined {
  const path = join(folder, `${name}.pid`)
  const pid = existsSync(path) ? Number(readFileSync(path, 'utf8').trim()) : 0
  return pid > 1 && isProcessOf(id, pid) ? pid : undefined
}

/** Two servers of one program share a folder, so those of NB and SB are called otherwise. */
function socketOf({ folder, name }: Daemon, pid: number): string {
  return name === 'nb' || name === 'sb' ? join(folder, `${name}.ctl`) : controlSocket(folder, name, pid)
}

function signal(pid: number, name: NodeJS.Signals): void {
  process.kill(pid, name)
}
