// br-int of one chassis: takes frames from interfaces and tunnels, runs them through the logical network that ovn-controller
// programmed, and hands each to an output. Microflows that repeat are replayed from a cache (`flow-cache.ts`).
// Surprises: without a view the integration bridge is fail-secure and drops everything; an output may hand the next frame to
// the same Vswitch before it returns, so packets in work are never shared.

import type { ChassisState } from '../../model/forwarding.ts'
import type { Drop } from '../../model/trace.ts'
import type { Frame } from '../../wire/frame.ts'
import { fromTunnel, fromVif } from './engine.ts'
import { FlowCache } from './flow-cache.ts'
import { Packet, type VswitchOutput } from './packet.ts'
import type { Recorder } from './recorder.ts'

/** Entry words of the flow cache that no VNI of 24 bits can take. */
const FROM_VIF = 0x7f00_0000

/** The integration bridge of one chassis. What it does is told by the `ChassisState` that comes with each frame. */
export class Vswitch {
  readonly #output: VswitchOutput
  readonly #cache: FlowCache | undefined
  readonly #idle: Packet[] = []
  readonly #portIds = new Map<string, number>()

  /** `cache: false` sends every packet through the pipelines. */
  constructor(output: VswitchOutput, options: { readonly cache?: boolean } = {}) {
    this.#output = output
    this.#cache = options.cache === false ? undefined : new FlowCache()
  }

  /** Microflows in the cache. */
  get cachedFlows(): number {
    return this.#cache?.size ?? 0
  }

  /** The interface of the logical switch port `port` on this chassis sent `frame`, which now belongs to the Vswitch. */
  receiveFromVif(state: ChassisState, port: string, frame: Frame, recorder?: Recorder): void {
    const cache = recorder === undefined && state.vswitchd ? this.#cache : undefined
    if (cache?.forward(state, FROM_VIF, this.#idOf(port), frame, -1, this.#output)) return
    const packet = this.#begin(state, frame, recorder, cache)
    if (packet === undefined) return
    const key = packet.view.switchOfPort.get(port)
    const datapath = key === undefined ? undefined : packet.view.datapaths.get(key)
    const logicalPort = datapath?.kind === 'switch' ? datapath.portByName.get(port) : undefined
    if (datapath?.kind === 'switch' && logicalPort !== undefined) fromVif(packet, datapath, logicalPort)
    else packet.drop('unbound', 'physical', `${port} is no logical port that ovn-controller knows of`)
    this.#idle.push(packet)
  }

  /**
   * A tunnel brought `frame`, decapsulated, which now belongs to the Vswitch. `innerSum` is the one of `decapsulate`: it spares
   * summing the frame again when it goes into another tunnel.
   */
  receiveFromTunnel(
    state: ChassisState,
    vni: number,
    ingressKey: number,
    egressKey: number,
    frame: Frame,
    recorder?: Recorder,
    innerSum = -1,
  ): void {
    const cache = recorder === undefined && state.vswitchd ? this.#cache : undefined
    if (cache?.forward(state, vni, (ingressKey << 16) | egressKey, frame, innerSum, this.#output)) return
    const packet = this.#begin(state, frame, recorder, cache)
    if (packet === undefined) return
    fromTunnel(packet, vni, ingressKey, egressKey)
    this.#idle.push(packet)
  }

  /** A packet ready for the pipelines, or undefined when the frame was dropped at once. */
  #begin(
    state: ChassisState,
    frame: Frame,
    recorder: Recorder | undefined,
    cache: FlowCache | undefined,
  ): Packet | undefined {
    const { view } = state
    if (!state.vswitchd || view === undefined) {
      const reason = state.vswitchd
        ? 'ovn-controller has not programmed this chassis yet'
        : 'ovs-vswitchd does not run'
      this.#output.dropped(physicalDrop(state, 'chassis-down', reason), frame)
      return undefined
    }
    const packet = this.#idle.pop() ?? new Packet()
    const learner = cache?.learnable === true ? cache : undefined
    if (packet.begin(state, view, this.#output, frame, recorder, learner)) return packet
    this.#idle.push(packet)
    this.#output.dropped(
      physicalDrop(state, 'malformed', 'headers that are cut off or contradict each other'),
      frame,
    )
    return undefined
  }

  #idOf(port: string): number {
    let id = this.#portIds.get(port)
    if (id === undefined) {
      id = this.#portIds.size
      this.#portIds.set(port, id)
    }
    return id
  }
}

function physicalDrop(state: ChassisState, kind: Drop['kind'], reason: string): Drop {
  return { kind, where: state.key, datapath: '', stage: 'physical', reason }
}
