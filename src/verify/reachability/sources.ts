/**
 * Who sends: the pods of every subnet, apart where some router on the way asks about the source. Senders that every router treats alike
 * are one group, and are asked about together.
 */

import { peerOf } from '../../forward/ovn/lookup.ts'
import { familyOf, type Ip } from '../../net/ip.ts'
import type { Prefix } from '../../net/prefix.ts'
import { masked } from '../../net/prefix.ts'
import { type AddressRange, Cuts, rangeOf } from './cuts.ts'
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
    const [from, to] = cuts.classesIn(range)
    const own = spoofedOf(endpoint.gateway.router)
    for (let at = from; at < to; at++) {
      const addresses = cuts.addressesOf([at, at + 1])
      // The router's own addresses and the broadcast address are nobody's.
      if (own.some(({ first }) => isOnly(first, addresses))) continue
      const group = groups.get(asked[at]!)
      if (group === undefined) groups.set(asked[at]!, [{ endpoint, addresses }])
      else group.push({ endpoint, addresses })
    }
  }
  return [...groups.values()]
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

function isOnly(ip: Ip, { first, last }: AddressRange): boolean {
  return JSON.stringify(first) === JSON.stringify(ip) && JSON.stringify(last) === JSON.stringify(ip)
}
