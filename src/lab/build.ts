/**
 * Builds a lab out of a scenario: its names, its plan carried out, and the parts that watch it and act on it. The same plan is also
 * written as a script.
 */

import type { ControllerAct } from '../model/controller-act.ts'
import type { Network } from '../model/network.ts'
import type { Scenario } from '../model/scenario.ts'
import { LabEvents } from './events/events.ts'
import { labsFolder, Names, newRunId, SOCKET_PATH_MAX } from './names.ts'
import { Observer } from './observe/observer.ts'
import { coldPlan, labPlan, type PlanOptions } from './plan/plan.ts'
import { carryOut, type Phase, planScript } from './plan/steps.ts'
import { Processes } from './process.ts'
import { tearDown } from './teardown.ts'
import { LabTraffic, podsByKey } from './traffic/traffic.ts'

export interface LabOptions extends Omit<PlanOptions, 'file' | 'name'> {
  /** What modelled Kube-OVN controllers do from time zero on, by time. */
  readonly journal: readonly ControllerAct[]
  /** Hears every command line. */
  readonly tell?: (line: string) => void
  /** Hears what is being done, a few words each. */
  readonly progress?: (words: string) => void
  /** Hears a lab's id before anything of it is made, so that whoever is interrupted can take it away. */
  readonly began?: (id: string) => void
}

/** The parts of a lab that stands, whether at rest or not yet. */
export interface Built {
  readonly scenario: Scenario
  readonly names: Names
  readonly processes: Processes
  readonly observer: Observer
  readonly events: LabEvents
  readonly traffic: LabTraffic
  readonly complaints: string[]
  readonly atZero: readonly Phase[]
}

/** Carries out the plan of a scenario, and begins to watch what came of it. Whatever fails, nothing is left of it. */
export async function build(scenario: Scenario, options: LabOptions): Promise<Built> {
  const { network } = scenario
  const names = newNames(network)
  options.began?.(names.id)
  const processes = new Processes(names.id, options.tell)
  const complaints: string[] = []
  const complain = (text: string): unknown => complaints.push(text)
  try {
    const { before, atZero } = planOf(names, scenario, options)
    await carryOut(before, processes, complain, options.progress)
    const later = scenario.timeline.flatMap(({ event }) => (event.kind === 'pod-add' ? [event] : []))
    const macs = new Map(
      [...options.nodePorts.values()].flatMap((plugs) => plugs.map(({ key, mac }) => [key, mac])),
    )
    const traffic = new LabTraffic(processes, names, podsByKey(network, later), macs)
    let observer: Observer | undefined
    const events = new LabEvents({
      scenario,
      names,
      processes,
      observer: () => observer!,
      words: options.words,
      complain,
      podAdded: (key) => traffic.begin(key),
      netem: options.netem,
    })
    observer = new Observer(names, network, { now: () => performance.now(), liveness: events.liveness })
    options.progress?.('settling')
    await observer.ready()
    return { scenario, names, processes, observer, events, traffic, complaints, atZero }
  } catch (error) {
    tearDown(names.id, options.tell)
    throw error
  }
}

function planOf(
  names: Names,
  { file, name, network, start }: Scenario,
  options: LabOptions,
): { readonly before: Phase[]; readonly atZero: Phase[] } {
  const all = { ...options, file, name }
  return start === 'cold'
    ? coldPlan(names, network, all)
    : { before: labPlan(names, network, all), atZero: [] }
}

/** The machine cannot carry a lab, for a reason that is no program's. */
export class CannotBuild extends Error {
  override readonly name = 'CannotBuild'
}

/** Names for a new lab, of which nothing is made yet. */
function newNames(network: Network): Names {
  const names = new Names(newRunId(), network)
  const bytes = Buffer.byteLength(names.longestSocket)
  if (bytes > SOCKET_PATH_MAX)
    throw new CannotBuild(
      `the folder for labs, ${labsFolder()}, has too long a name: the path of a socket in it would have ${bytes} bytes, and Linux takes ${SOCKET_PATH_MAX}; set TMPDIR to a shorter one`,
    )
  return names
}

/** The plan of a lab as a script that runs by itself. */
export function labScript(scenario: Scenario, options: LabOptions): string {
  const names = newNames(scenario.network)
  const comment = `${scenario.name}\nBrings up this scenario on real OVN in network namespaces.\nisthmus lab down ${names.id} takes it away.`
  const { before, atZero } = planOf(names, scenario, options)
  return planScript([...before, ...atZero], names.id, comment)
}
