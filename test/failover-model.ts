// The failovers that were measured on the real OVN ten times each: what fails, and how long pods of two clusters were cut off from
// each other, in seconds. Both directions together: an echo needs both. The scenario is the lab's, small: two gateways and a worker
// in each cluster, pods on the workers, an echo every 50 ms.

import { loadText, simulate } from '../src/index.ts'
import { SECOND } from '../src/model/time.ts'

export interface MeasuredFailover {
  readonly name: string
  /** What happens to az1 at the moment given, as entries of a timeline. */
  readonly event: (at: string) => object
  /** Seconds without an answer, least and most of ten runs; [0, 0] is no loss that 20 echoes a second can see. */
  readonly measured: readonly [least: number, most: number]
}

export const MEASURED: readonly MeasuredFailover[] = [
  { name: 'underlay link down', event: (at) => ({ at, fail: 'az1/az1-gw1' }), measured: [2.19, 2.95] },
  {
    name: 'silent isolation',
    event: (at) => ({ at, fail: 'az1/az1-gw1', silent: true }),
    measured: [2.4, 3.0],
  },
  {
    name: 'ovs-vswitchd killed',
    event: (at) => ({ at, kill: 'ovs-vswitchd az1/az1-gw1' }),
    measured: [2.3, 3.0],
  },
  { name: 'node crash', event: (at) => ({ at, crash: 'az1/az1-gw1' }), measured: [2.2, 2.95] },
  {
    name: 'ovn-controller exits',
    event: (at) => ({ at, stop: 'ovn-controller az1/az1-gw1' }),
    measured: [0, 0],
  },
  {
    name: 'ovn-controller killed',
    event: (at) => ({ at, kill: 'ovn-controller az1/az1-gw1' }),
    measured: [0, 0],
  },
  { name: 'standby crash', event: (at) => ({ at, crash: 'az1/az1-gw2' }), measured: [0, 0] },
]

/** Seconds without an answer around one failure; the seed also shifts the moment against the BFD timers. */
export function outage(failover: MeasuredFailover, seed: number): number {
  const cluster = (n: number): object => ({
    nodes: {
      [`az${n}-gw1`]: `192.168.42.${n}1`,
      [`az${n}-gw2`]: `192.168.42.${n}2`,
      [`az${n}-w1`]: `192.168.42.${n}3`,
    },
    gateways: [`az${n}-gw1`, `az${n}-gw2`],
    autoRoute: true,
    subnets: { net: `10.${15 + n}.0.0/16` },
    pods: { web: { node: `az${n}-w1`, ip: `10.${15 + n}.0.10` } },
  })
  const text = JSON.stringify({
    isthmus: 1,
    name: failover.name,
    seed,
    interconnect: { 'ovn-ic': { transitSwitches: 1 } },
    clusters: { az1: cluster(1), az2: cluster(2) },
    traffic: [{ ping: 'az1/web -> az2/web', count: 120, interval: '50ms', as: 'echo' }],
    timeline: [failover.event(`${500 + ((seed * 83) % 1000)}ms`)],
  })
  const { scenario, diagnostics } = loadText(text, 'failover.json', {})
  if (scenario === undefined) throw new Error(diagnostics.map((d) => d.message).join('\n'))
  const [echo] = simulate(scenario).traffic
  if (echo === undefined) throw new Error('no echo')
  return echo.gaps.reduce((sum, { from, to }) => sum + ((to ?? Number.POSITIVE_INFINITY) - from), 0) / SECOND
}
