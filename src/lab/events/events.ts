/** The timeline on real programs: every event, and every act of a modelled controller, goes to the part whose subject it is. */
import type { ControllerAct } from '../../model/controller-act.ts'
import type { TimelineEvent } from '../../model/timeline.ts'
import type { Liveness } from '../observe/observer.ts'
import { toolStep } from '../plan/databases.ts'
import { carryOutSteps, type EventContext, isKubeOvn } from './context.ts'
import { Controllers, interconn } from './controllers.ts'
import { Daemons } from './daemons.ts'
import { Figures } from './figures.ts'
import { leave } from './leave.ts'
import { Workloads } from './workloads.ts'

/** Carries out events. */
export class LabEvents {
  readonly #context: EventContext
  readonly #daemons: Daemons
  readonly #controllers: Controllers
  readonly #workloads: Workloads
  readonly #figures: Figures

  constructor(context: EventContext) {
    this.#context = context
    this.#daemons = new Daemons(context)
    this.#controllers = new Controllers(context, this.#daemons)
    this.#workloads = new Workloads(context)
    this.#figures = new Figures(context)
  }

  /** Which daemons of a node run, as far as events ended and started them. */
  get liveness(): (node: string) => Liveness {
    return this.#daemons.liveness
  }

  /** Does what a modelled controller did. */
  controller(act: ControllerAct): Promise<void> {
    return this.#controllers.act(act)
  }

  /** Carries out one event; what the tools refuse is complained of, as in reality. */
  async apply(event: TimelineEvent): Promise<void> {
    const context = this.#context
    const workloads = this.#workloads
    switch (event.kind) {
      case 'link':
        return this.#daemons.link(event.cluster, event.node, event.up, event.silent)
      case 'node':
        return this.#daemons.node(event.cluster, event.node, event.up)
      case 'daemon':
        return this.#daemons.act(event.daemon, event.action)
      case 'nbctl':
      case 'sbctl':
      case 'ic-nbctl':
      case 'ic-sbctl': {
        const words = context.words(event.command)
        if (words === undefined) return context.complain(`${event.command}: a quote is not closed`)
        const cluster = 'cluster' in event ? event.cluster : undefined
        return carryOutSteps(context, [toolStep(context.names, event.kind, cluster, words)])
      }
      case 'interconn':
        return carryOutSteps(context, [interconn(context, event.cluster, event.node, event.on)])
      case 'subnet-add':
        return workloads.addSubnet(event.cluster, event.subnet)
      case 'subnet-delete':
        return workloads.deleteSubnet(event.cluster, event.subnet)
      case 'subnet-interconnection':
        return workloads.setInterconnection(event.cluster, event.subnet, event.disable)
      case 'pod-add':
        return workloads.addPod(event.cluster, event.pod)
      case 'pod-delete':
        return workloads.deletePod(event.cluster, event.pod)
      case 'transit-port-add':
        return workloads.addTransitPort(event.cluster, event.port)
      case 'leave':
        if (!event.clean) return this.#daemons.die(event.cluster)
        // A Kube-OVN cluster leaves by its ConfigMap: the acts of its controller follow.
        return isKubeOvn(context, event.cluster) ? undefined : leave(context, this.#daemons, event.cluster)
      case 'underlay':
        return this.#figures.change(event.scope, event.figures)
      case 'snapshot':
      case 'ic-config':
        return
    }
  }
}
