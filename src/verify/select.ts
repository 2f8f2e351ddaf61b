// Which pods and addresses a selector means at one moment. Pods come and go with the timeline, so the answer depends on
// the time. A subnet without pods stands for its router's address, which answers pings.

import type { Selector } from '../model/expectation.ts'
import type { Pod, Subnet } from '../model/network.ts'
import type { Scenario } from '../model/scenario.ts'
import type { Nanos } from '../model/time.ts'
import { formatIp, type Ip } from '../net/ip.ts'

/** A pod and the cluster it is in. */
export interface PlacedPod {
  readonly cluster: string
  readonly pod: Pod
}

/** Somewhere a packet can be sent: an address, and how to call it. */
export interface Target {
  readonly name: string
  readonly address: Ip
}

interface Population {
  readonly pods: readonly PlacedPod[]
  readonly subnets: readonly { readonly cluster: string; readonly subnet: Subnet }[]
}

/** Pods and subnets that exist at a time. A cluster that left has none. */
export function populationAt(scenario: Scenario, at: Nanos): Population {
  let pods = scenario.network.clusters.flatMap((c) =>
    c.pods.map((pod): PlacedPod => ({ cluster: c.id, pod })),
  )
  let subnets = scenario.network.clusters.flatMap((c) =>
    c.subnets.map((subnet) => ({ cluster: c.id, subnet })),
  )
  for (const { at: time, event } of scenario.timeline) {
    if (time > at) continue
    if (event.kind === 'pod-add') pods = [...pods, { cluster: event.cluster, pod: event.pod }]
    else if (event.kind === 'pod-delete')
      pods = pods.filter((one) => one.cluster !== event.cluster || one.pod.name !== event.pod)
    else if (event.kind === 'subnet-add')
      subnets = [...subnets, { cluster: event.cluster, subnet: event.subnet }]
    else if (event.kind === 'subnet-delete')
      subnets = subnets.filter((one) => one.cluster !== event.cluster || one.subnet.name !== event.subnet)
  }
  return { pods, subnets }
}

/** Pods that a selector names as senders; none for a bare address. */
export function senders(population: Population, selector: Selector): PlacedPod[] {
  if (selector.kind === 'address')
    return population.pods.filter(({ pod }) =>
      pod.ips.some((ip) => formatIp(ip) === formatIp(selector.address)),
    )
  return population.pods.filter(
    ({ cluster, pod }) =>
      (selector.cluster === '*' || selector.cluster === cluster) &&
      (selector.pod === '*' || selector.pod === pod.name) &&
      (selector.subnet === undefined || selector.subnet === pod.subnet),
  )
}

/** Addresses that a selector names as destinations: every address of the pods, and of a subnet without pods its router. */
export function targets(population: Population, selector: Selector): Target[] {
  if (selector.kind === 'address') return [{ name: formatIp(selector.address), address: selector.address }]
  const ofPods = senders(population, selector).flatMap(({ cluster, pod }) =>
    pod.ips.map((address) => ({ name: `${cluster}/${pod.name}`, address })),
  )
  if (ofPods.length > 0 || selector.subnet === undefined) return ofPods
  return population.subnets
    .filter(({ cluster, subnet }) => {
      const inCluster = selector.cluster === '*' || selector.cluster === cluster
      return inCluster && selector.subnet === subnet.name
    })
    .flatMap(({ cluster, subnet }) =>
      subnet.gateways.map(({ ip }) => ({
        name: `router of ${cluster}'s subnet ${subnet.name}`,
        address: ip,
      })),
    )
}

/** Sender and destination of equal family, none of them to itself. */
export function pairs(
  from: readonly PlacedPod[],
  to: readonly Target[],
): { readonly from: PlacedPod; readonly to: Target }[] {
  return from.flatMap((sender) =>
    to
      .filter((target) => {
        const sameFamily = sender.pod.ips.some((ip) => typeof ip === typeof target.address)
        return sameFamily && !sender.pod.ips.some((ip) => formatIp(ip) === formatIp(target.address))
      })
      .map((target) => ({ from: sender, to: target })),
  )
}

/** A selector as users write it. */
export function formatSelector(selector: Selector): string {
  if (selector.kind === 'address') return formatIp(selector.address)
  if (selector.subnet !== undefined) return `${selector.cluster}/${selector.pod} of subnet ${selector.subnet}`
  return selector.cluster === '*' && selector.pod === '*' ? '*' : `${selector.cluster}/${selector.pod}`
}
