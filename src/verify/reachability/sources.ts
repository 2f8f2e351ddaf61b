/**
 * Who sends: the pods of every subnet, apart where some router on the way asks about the source. Senders that every router treats alike
 * are one group, and are asked about together.
 */

import { peerOf } from '../../forward/ovn/lookup.ts'
import { equalIp, familyOf, ipKey } from '../../net/ip.ts'

import { masked, type Prefix } from '../../net/prefix.ts'
import { type AddressRange, rangeOf } from '../../net/range.ts'
import { type ClassRange, Cuts } from './cuts.ts'
import { type Fabric, isLinkLocalRoute, type RouterDevice, type SwitchDevice } from './fabric.ts'
import { questionsAboutSources, spoofedOf } from './router-rules.ts'

/** A subnet as the routers know it: a switch with pods, and the networks of its router port. */
export interface Endpoint {
  readonly cluster: string
  readonly subnet: string
  readonly prefixes: readonly Prefix[]
  readonly at: SwitchDevice
  readonly gateway: RouterDevice
}

/** Some senders of a subnet. */
export interface Senders {
  readonly endpoint: Endpoint
  readonly addresses: AddressRange
}

/** Senders that every router treats alike; at least one. */
export type SenderGroup = readonly Senders[]

/** Subnets of all clusters. A switch with several routers counts with the first, as its pods have one gateway. */
export function endpointsOf(fabric: Fabric): Endpoint[] {
  return fabric.switches.flatMap((at): Endpoint[] => {
    const { cluster, logicalSwitch, view } = at
    if (logicalSwitch.transit) return []
    for (const port of logicalSwitch.ports) {
      const peer = port.kind === 'router' ? peerOf(view, port) : undefined
      if (peer === undefined) continue
      const prefixes = peer.port.networks.filter(({ ip }) => !isLinkLocalRoute(ip)).map(masked)
      const gateway = fabric.routerDevice(cluster, view, peer.router, peer.port)
      return [{ cluster, subnet: logicalSwitch.name, prefixes, at, gateway }]
    }
    return []
  })
}

/** All senders of a family, grouped. */
export function senderGroups(fabric: Fabric, endpoints: readonly Endpoint[], family: 4 | 6): SenderGroup[] {
  const questions = questionsAboutSources(fabric).filter(({ first }) => familyOf(first) === family)
  const homes = endpoints.flatMap((endpoint) =>
    endpoint.prefixes
      .filter(({ ip }) => familyOf(ip) === family)
      .map((prefix) => ({ endpoint, range: rangeOf(prefix) })),
  )
  const cuts = new Cuts(family, [...questions, ...homes.map(({ range }) => range)])
  const asked = signatures(questions, cuts)
  const groups = new Map<string, Senders[]>()
  for (const { endpoint, range } of homes) {
    for (const at of sendingClasses(endpoint, cuts.classesIn(range), cuts, asked)) {
      const senders = { endpoint, addresses: cuts.addressesOf([at, at + 1]) }
      const group = groups.get(asked[at]!)
      if (group === undefined) groups.set(asked[at]!, [senders])
      else group.push(senders)
    }
  }
  return [...groups.values()]
}

/**
 * Classes of a subnet that send. Where routers know its pods by name (Kube-OVN's policies match sets of their addresses), addresses that
 * no pod has would be treated as no pod ever is, and are left out.
 */
function sendingClasses(
  { at, gateway }: Endpoint,
  [from, to]: ClassRange,
  cuts: Cuts,
  asked: readonly string[],
): number[] {
  const own = spoofedOf(gateway.router)
  // The router's own addresses and the broadcast address are nobody's.
  const classes = Array.from({ length: to - from }, (_, i) => from + i).filter((one) => {
    const { first, last } = cuts.addressesOf([one, one + 1])
    return !equalIp(first, last) || !own.has(ipKey(first))
  })
  const pods = new Set(
    at.logicalSwitch.ports
      .flatMap((port) => (port.kind === 'vif' ? port.ips : []))
      .map((ip) => (familyOf(ip) === cuts.family ? cuts.classOf(ip) : -1))
      .filter((one) => one >= from && one < to),
  )
  const known = new Set([...pods].map((one) => asked[one]))
  const isTold = pods.size > 0 && classes.some((one) => !known.has(asked[one]))
  return isTold ? classes.filter((one) => pods.has(one)) : classes
}

/** Which questions hold of each class, as a text. */
function signatures(questions: readonly AddressRange[], cuts: Cuts): string[] {
  const begin = new Map<number, number[]>()
  const end = new Map<number, number[]>()
  questions.forEach((question, i) => {
    const [from, to] = cuts.classesIn(question)
    begin.set(from, [...(begin.get(from) ?? []), i])
    end.set(to, [...(end.get(to) ?? []), i])
  })
  const present = new Set<number>()
  return Array.from({ length: cuts.classes }, (_, at) => {
    for (const i of end.get(at) ?? []) present.delete(i)
    for (const i of begin.get(at) ?? []) present.add(i)
    return [...present].sort((a, b) => a - b).join()
  })
}
