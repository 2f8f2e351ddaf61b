// V10: one address or MAC twice on a transit switch, two switches with one network.

import type { PlanTransitPort } from '../../model/plan.ts'
import { formatIp } from '../../net/ip.ts'
import { eachOverlap } from '../overlap.ts'
import { place, type Rule } from '../rule.ts'
import { hostPrefix, networkKey, networkPlace } from '../words.ts'

export const transitAddresses: Rule = {
  code: 'IC010',
  title: 'An address or MAC twice on a transit switch, or two switches with one network',
  severity: 'error',
  explanation:
    'Kube-OVN draws the address and MAC of each port on a transit switch at random and looks only at ports that it can already see, so two clusters that join at the same time may draw the same; for dual stack it looks at none. Routes of both then have the same next hop, and neighbours take one for the other. Two switches with one network make the output port of every learned route ambiguous.\n\nDelete the port of one cluster (switch enable-ic off and on); it draws again.',
  basis: ['V10', 'ovn-semantics 4.5', 'RT-7', 'LRN-7'],
  check(plan, report) {
    const addresses = new Map<string, PlanTransitPort>()
    const macs = new Map<string, PlanTransitPort>()
    for (const port of plan.transitPorts) {
      for (const { value, span } of port.networks) {
        const text = formatIp(value.ip)
        twice(
          addresses,
          `${port.transitSwitch} ${text}`,
          port,
          `the address ${text}`,
          () => [hostPrefix(value.ip)],
          span,
        )
      }
      if (port.mac !== undefined)
        twice(
          macs,
          `${port.transitSwitch} ${port.mac.value.toLowerCase()}`,
          port,
          `the MAC address ${port.mac.value}`,
          () => [],
          port.mac.span,
        )
    }
    function twice(
      seen: Map<string, PlanTransitPort>,
      key: string,
      port: PlanTransitPort,
      what: string,
      addressesOf: () => ReturnType<typeof hostPrefix>[],
      span: PlanTransitPort['name']['span'],
    ): void {
      const before = seen.get(key)
      if (before === undefined) seen.set(key, port)
      // The same port is seen from several clusters.
      else if (before.az !== port.az)
        report({
          severity: 'error',
          message: `${before.az} and ${port.az} both have ${what} on the transit switch ${port.transitSwitch}`,
          places: [
            place(before.networks[0]?.span ?? before.name.span, `port ${before.name.value}`),
            place(span, `port ${port.name.value}`),
          ],
          addresses: addressesOf(),
          effect:
            'Packets for one of the two clusters are sent to the other, which has no route for them or sends them back until their TTL ends.',
          hint: 'switch enable-ic off and on in one of them, so that it draws again',
          clusters: [before.az, port.az],
          subject: [key, before.az, port.az],
        })
    }
    eachOverlap(
      plan,
      ({ role }) => role === 'transit',
      ({ outer, inner }) => {
        const all = [...new Set([...outer, ...inner])]
        const names = [...new Set(all.map(({ name }) => name))]
        if (names.length < 2) return
        report({
          severity: 'error',
          message: `the transit switches ${names.join(' and ')} share addresses`,
          places: all.map(networkPlace),
          addresses: [inner[0]!.prefix],
          effect:
            'The next hop of a learned route lies in the network of two ports; which of them becomes its output port is undefined.',
          hint: 'give each switch a network of its own; Kube-OVN uses 169.254.100.0/24, 169.254.101.0/24, …',
          clusters: [],
          subject: all.map(networkKey).sort(),
        })
      },
    )
  },
}
