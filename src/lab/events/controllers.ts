/**
 * What a modelled Kube-OVN did, done to the real programs: its transactions as commands of ovn-nbctl, rows of an AZ destroyed with
 * ovn-ic-sbctl, flags of nodes, ovn-ic started and stopped. Acts of one cluster are carried out in their order; the controller has no
 * eyes here, so where it would have found a transit switch missing and waited, the act waits.
 */
import type { ControllerAct, IcSbTable } from '../../model/controller-act.ts'
import { MILLISECOND, type Nanos } from '../../model/time.ts'
import { toolStep } from '../plan/databases.ts'
import { northboundEdits, switchesNeeded } from '../plan/edits.ts'
import { inside, type Step } from '../plan/steps.ts'
import { carryOutSteps, type EventContext, edit, sleepUntil } from './context.ts'
import type { Daemons } from './daemons.ts'

/** Seconds that an act waits for ovn-ic to make a transit switch, as long as a controller of old tries (4.3). */
const SWITCH_PATIENCE = 30

/** An act that has been carried out. */
interface Done {
  /** When it was due, counted from the scenario's zero. */
  readonly due: Nanos
  /** When it had been done, in milliseconds of this process. */
  readonly ended: number
}

export class Controllers {
  readonly #context: EventContext
  readonly #daemons: Daemons
  readonly #last = new Map<string, Promise<Done | undefined>>()

  constructor(context: EventContext, daemons: Daemons) {
    this.#context = context
    this.#daemons = daemons
  }

  /**
   * Carries out an act after those of the same cluster before it, and as long after the last of them as the controller took: on a busy
   * machine an act is done late, and a port that is made anew must not come back sooner for that.
   */
  act(one: ControllerAct): Promise<void> {
    const before = this.#last.get(one.cluster) ?? Promise.resolve(undefined)
    const done = before.then(async (last) => {
      if (last !== undefined) await sleepUntil(last.ended + (one.at - last.due) / MILLISECOND)
      await this.#act(one)
      return { due: one.at, ended: performance.now() }
    })
    this.#last.set(
      one.cluster,
      done.catch(() => undefined),
    )
    return done.then(() => {})
  }

  async #act({ cluster, act }: ControllerAct): Promise<void> {
    switch (act.kind) {
      case 'northbound': {
        const commands = northboundEdits(act.before, act.after)
        if (commands.length === 0) return
        const waits = switchesNeeded(act.before, act.after).map((name) => this.#waitForSwitch(cluster, name))
        return carryOutSteps(this.#context, [...waits, edit(this.#context, cluster, commands)])
      }
      case 'ic-southbound':
        return this.#clear(act.table, act.azName)
      case 'interconn':
        return carryOutSteps(this.#context, [interconn(this.#context, cluster, act.node, act.on)])
      case 'ovn-ic': {
        const ref = { kind: 'ovn-ic', cluster } as const
        if (this.#daemons.runs(ref) === act.on) return
        return this.#daemons.act(ref, act.on ? 'start' : 'stop')
      }
    }
  }

  #waitForSwitch(cluster: string, name: string): Step {
    const { names } = this.#context
    const db = `--db=unix:${names.zone(cluster).nb}`
    const words = ['wait-until', 'Logical_Switch', name]
    return inside(names.underlay, ['ovn-nbctl', `--timeout=${SWITCH_PATIENCE}`, db, ...words], {
      mayFail: true,
    })
  }

  /** Finds the rows and destroys them, as the controllers do. */
  async #clear(table: IcSbTable, azName: string): Promise<void> {
    const [zone] = await this.#find('Availability_Zone', `name=${JSON.stringify(azName)}`)
    if (zone === undefined) return
    const rows = table === 'Availability_Zone' ? [zone] : await this.#find(table, `availability_zone=${zone}`)
    if (rows.length === 0) return
    const { names } = this.#context
    await carryOutSteps(this.#context, [
      toolStep(names, 'ic-sbctl', undefined, ['--if-exists', 'destroy', table, ...rows]),
    ])
  }

  async #find(table: IcSbTable, condition: string): Promise<string[]> {
    const { names, processes } = this.#context
    const words = ['--bare', '--columns=_uuid', 'find', table, condition]
    const step = toolStep(names, 'ic-sbctl', undefined, words)
    if (step.kind !== 'run') return []
    const { stdout } = await processes.run(step)
    return stdout.split('\n').filter((line) => line !== '')
  }
}

/** `external_ids:ovn-is-interconn` of a node's OVS. */
export function interconn({ names }: EventContext, cluster: string, node: string, on: boolean): Step {
  const { namespace, ovs } = names.node(cluster, node)
  const setting = `external-ids:ovn-is-interconn=${on}`
  return inside(namespace, [
    'ovs-vsctl',
    `--db=unix:${ovs}`,
    '--no-wait',
    'set',
    'Open_vSwitch',
    '.',
    setting,
  ])
}
