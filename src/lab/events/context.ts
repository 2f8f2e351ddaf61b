/** What every part that carries out events needs: the scenario, its names, who runs commands, and what the lab looks like now. */
import type { Cluster, Node } from '../../model/network.ts'
import type { Scenario } from '../../model/scenario.ts'
import type { Names } from '../names.ts'
import type { Observer } from '../observe/observer.ts'
import { nbctl } from '../plan/plan.ts'
import type { Words } from '../plan/rows.ts'
import { carryOutLane, type Lane, type Step } from '../plan/steps.ts'
import type { Processes } from '../process.ts'

export interface EventContext {
  readonly scenario: Scenario
  readonly names: Names
  readonly processes: Processes
  readonly observer: () => Observer
  readonly words: (line: string) => readonly string[] | undefined
  readonly complain: (text: string) => void
  /** Called when a pod has been added. */
  readonly podAdded: (key: string) => Promise<void>
  /** The kernel offers netem. */
  readonly netem: boolean
}

/** Carries out steps; what the tools refuse is complained of, as in reality. */
export function carryOutSteps({ processes, complain }: EventContext, lane: Lane): Promise<void> {
  return carryOutLane(lane, processes, complain)
}

/** Commands of ovn-nbctl as one transaction, which may be refused. */
export function edit({ names }: EventContext, cluster: string, commands: readonly Words[]): Step {
  return { ...nbctl(names, cluster, commands), mayFail: true }
}

export function clusterOf({ scenario }: EventContext, id: string): Cluster {
  const cluster = scenario.network.clusters.find((one) => one.id === id)
  if (cluster === undefined) throw new RangeError(`no cluster ${id}`)
  return cluster
}

/** Whether a (modelled) Kube-OVN controller writes the Northbound of a cluster. */
export function isKubeOvn(context: EventContext, cluster: string): boolean {
  return clusterOf(context, cluster).profile.kubeOvn !== undefined
}

/** A node by its name, bare or as `cluster/node`. */
export function nodeOf(context: EventContext, cluster: string, name: string): Node {
  const bare = name.slice(name.indexOf('/') + 1)
  const node = clusterOf(context, cluster).nodes.find((one) => one.name === bare)
  if (node === undefined) throw new RangeError(`no node ${cluster}/${bare}`)
  return node
}

/** Waits for a condition, thirty seconds at most: what does not come in reality does not come here. */
export async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 30_000
  while (!holds() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10))
}

/** Waits until `performance.now()` is at least `time`. */
export function sleepUntil(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())))
}
