/** MTU, latency and loss of the underlay's links change. */
import type { LinkFigures } from '../../model/network.ts'
import { linkSettings, mtuSteps, netemSteps, withFigures } from '../plan/links.ts'
import { carryOutSteps, type EventContext } from './context.ts'

export class Figures {
  readonly #context: EventContext
  #network: EventContext['scenario']['network']

  constructor(context: EventContext) {
    this.#context = context
    this.#network = context.scenario.network
  }

  /** `scope` is a node, a pair of clusters, or everything that has no figures of its own. */
  change(scope: string | undefined, figures: LinkFigures): Promise<void> {
    const { names, netem } = this.#context
    const before = linkSettings(names, this.#network)
    this.#network = { ...this.#network, underlay: withFigures(this.#network.underlay, scope, figures) }
    const now = linkSettings(names, this.#network)
    return carryOutSteps(this.#context, [...mtuSteps(before, now), ...(netem ? netemSteps(before, now) : [])])
  }
}
