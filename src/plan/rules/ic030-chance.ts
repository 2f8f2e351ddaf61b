// Addresses on transit switches that collide by chance.

import { formatPrefix, hostLength } from '../../net/prefix.ts'
import type { Rule } from '../rule.ts'
import { networkPlace } from '../words.ts'

/** Below this probability the rule is silent. */
const WORTH_SAYING = 0.01
const WORTH_WARNING = 0.1

export const chance: Rule = {
  code: 'IC030',
  title: 'Random addresses on a transit switch that may collide',
  severity: 'warning from a probability of 10 % on, info from 1 %',
  explanation:
    'Kube-OVN draws the address of a port from the lower half of the transit switch (128 of the 256 addresses of a /24), and looks only at what it sees at that moment. Clusters that join at the same time, as they do when one pipeline applies them all, may draw the same: for n clusters the chance is that of a shared birthday in a year of 128 days, 5 % for four clusters and 50 % for fourteen, on every switch anew.\n\nJoin clusters one after the other, look at `ovn-ic-sbctl show` afterwards, or use a larger network for the switch (TS_CIDR of the IC database).',
  basis: ['ovn-semantics 4.5', 'V10'],
  check(plan, report) {
    const clusters = plan.ovnIc.filter(
      ({ kubeOvn, id, ovnIc }) => kubeOvn && !hasPort(id, ovnIc.azName.value),
    )
    function hasPort(id: string, az: string): boolean {
      return plan.transitPorts.some(
        (port) => (port.az === az || port.seenIn === id) && port.networks.length > 0,
      )
    }
    const switches = plan.networks.filter(
      ({ role, prefix }) => role === 'transit' && typeof prefix.ip === 'number',
    )
    if (clusters.length < 2 || switches.length === 0) return
    let none = 1
    for (const { prefix } of switches) {
      const range = 2 ** Math.max(0, hostLength(prefix.ip) - prefix.len - 1)
      for (let i = 1; i < clusters.length; i++) none *= Math.max(0, 1 - i / range)
    }
    const collides = 1 - none
    if (collides < WORTH_SAYING) return
    const percent = collides >= 0.995 ? 'more than 99' : String(Math.round(collides * 100))
    report({
      severity: collides >= WORTH_WARNING ? 'warning' : 'info',
      message: `${clusters.length} clusters that join at once draw the same address on a transit switch with a chance of ${percent} %`,
      places: switches.map(networkPlace),
      addresses: switches.map(({ prefix }) => ({ ip: prefix.ip, len: Math.min(32, prefix.len + 1) })),
      effect:
        "Two clusters with one address take each other's packets: routes look right, and a share of the connections fails.",
      hint: `join them one after the other, or use a switch larger than ${formatPrefix(switches[0]!.prefix)}`,
      clusters: clusters.map(({ id }) => id),
      subject: [String(clusters.length), ...switches.map(({ name }) => name)],
    })
  },
}
