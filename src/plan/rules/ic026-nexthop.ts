// V26: a next hop that no port can reach.

import { equalIp } from '../../net/ip.ts'
import { contains, type Prefix, parsePrefix } from '../../net/prefix.ts'
import { place, type Rule } from '../rule.ts'

export const unreachableNexthop: Rule = {
  code: 'IC026',
  title: 'A static route whose next hop no port of the router can reach',
  severity: 'error',
  explanation:
    'OVN takes as output port the one whose network holds the next hop. When none does the route is left out, with a line in the log of northd and no other sign: it stands in the table and does nothing. Ports of transit switches get other addresses each time a cluster leaves and joins, which leaves manual routes behind.\n\nAsk for the address again: `kubectl ko nbctl show`, the port of type remote.',
  basis: ['V26', 'RT-7', 'KO-RM-1'],
  check(plan, report) {
    // What a custom VPC is peered with, and its gateways of NAT, no document that is read tells.
    for (const route of plan.joinedRoutes) {
      if (route.port !== undefined || route.nexthop.value === 'discard') continue
      const cluster = plan.cluster(route.cluster)
      const hop = parsePrefix(route.nexthop.value)
      if (cluster === undefined || hop === undefined) continue
      const reachable: Prefix[] = [
        ...plan.routerPorts
          .filter((port) => port.cluster === route.cluster && port.router === route.router)
          .flatMap(({ networks }) => networks.map(({ value }) => value)),
        ...cluster.networks
          .filter(({ role }) => role === 'pods' || role === 'join')
          .map(({ prefix }) => prefix),
        ...plan.transit.map(({ prefix }) => prefix),
      ]
      // A plan that lists no network of the router cannot tell.
      if (
        !cluster.networks.some(
          ({ role, assumed }) => assumed === undefined && (role === 'pods' || role === 'join'),
        ) &&
        plan.routerPorts.every(({ wanted }) => wanted === true)
      )
        continue
      if (reachable.some((one) => contains(one, hop.ip))) {
        checkPeer(route, hop)
        continue
      }
      report({
        severity: 'error',
        message: `the next hop ${route.nexthop.value} of the route to ${route.prefix.value} lies in no network of the router`,
        places: [place(route.nexthop.span, `next hop in ${route.cluster}`)],
        addresses: [parsePrefix(route.prefix.value)].flatMap((one) => one ?? []),
        effect: 'The route is left out: packets for it take the next best route, or leave by the node.',
        hint: 'use the address of the peer on the transit switch',
        clusters: [route.cluster],
        subject: [route.cluster, route.prefix.value, route.nexthop.value],
      })
    }
    /** On a transit switch whose ports are known the next hop must be one of them, and not the own one. */
    function checkPeer(route: (typeof plan.routes)[number], hop: Prefix): void {
      const ports = plan.transitPorts.filter(({ networks }) => networks.length > 0)
      const az = plan.cluster(route.cluster)?.ovnIc?.azName.value
      const self = ports.find(
        (one) =>
          (one.az === az || one.az === route.cluster) &&
          one.networks.some(({ value }) => equalIp(value.ip, hop.ip)),
      )
      if (self !== undefined) {
        report({
          severity: 'error',
          message: `the route of ${route.cluster} to ${route.prefix.value} leads to its own address ${route.nexthop.value}`,
          places: [
            place(route.nexthop.span, `next hop in ${route.cluster}`),
            place(self.networks[0]!.span, `port ${self.name.value}`),
          ],
          addresses: [parsePrefix(route.prefix.value)].flatMap((one) => one ?? []),
          effect:
            'The router would send the packet to itself; nothing arrives. Perhaps the two outputs are of different clusters or times.',
          hint: 'compare where and when the outputs were taken',
          clusters: [route.cluster],
          subject: [route.cluster, route.prefix.value, route.nexthop.value, 'own'],
        })
        return
      }
      const around =
        plan.transit.some((one) => contains(one.prefix, hop.ip)) ||
        ports.some(({ networks }) => networks.some(({ value }) => contains(value, hop.ip)))
      const seen = ports.filter(({ seenIn }) => seenIn === '' || seenIn === route.cluster)
      const remote = seen.filter((one) => one.az !== az && one.az !== route.cluster)
      if (!around || remote.length === 0 || route.learned) return
      const found = ports.find(({ networks }) => networks.some(({ value }) => equalIp(value.ip, hop.ip)))
      if (found !== undefined && found.az !== az && found.az !== route.cluster) return
      report({
        severity: 'error',
        message: `no other cluster has the address ${route.nexthop.value} on the transit switch`,
        places: [
          place(route.nexthop.span, `next hop in ${route.cluster}`),
          ...remote.map((one) => place(one.networks[0]!.span, `port of ${one.az}`)),
        ],
        addresses: [parsePrefix(route.prefix.value)].flatMap((one) => one ?? []),
        effect: 'Nobody answers for the next hop: packets wait for its MAC address and are dropped.',
        hint: 'use the address of the port of type remote',
        clusters: [route.cluster],
        subject: [route.cluster, route.prefix.value, route.nexthop.value, 'peer'],
      })
    }
  },
}
