// V14: ports that must be open between gateways and to the IC databases.

import { closedBy } from '../firewall.ts'
import { place, type Rule } from '../rule.ts'

export const icFirewall: Rule = {
  code: 'IC014',
  title: 'The firewall closes a port that OVN-IC needs',
  severity: 'error',
  explanation:
    'Every gateway builds Geneve tunnels (UDP 6081) to every gateway of every other cluster, and ovn-ic of every cluster keeps connections to both IC databases (TCP 6645 northbound, 6646 southbound, or what ic-nb-port and ic-sb-port say). Where the plan lists what a firewall lets through, these must be in it.',
  basis: ['V14', 'GW-6'],
  check(plan, report) {
    const { firewall } = plan
    if (firewall === undefined || plan.ovnIc.length < 2) return
    const ports = new Set(
      plan.ovnIc.flatMap(({ ovnIc }) => [ovnIc.nbPort?.value ?? 6645, ovnIc.sbPort?.value ?? 6646]),
    )
    const needed = [
      {
        entry: 'udp/6081',
        why: 'Geneve between gateways',
        effect:
          'Tunnels between gateways carry nothing: routes are learned, and every packet between clusters is lost.',
      },
      ...[...ports].sort().map((port) => ({
        entry: `tcp/${port}`,
        why: 'an IC database',
        effect:
          'ovn-ic cannot reach the database: no ports and routes are exchanged, and what was exchanged before is frozen.',
      })),
    ]
    for (const { entry, why, effect } of needed) {
      const closed = closedBy(firewall, entry)
      if (closed === undefined) continue
      report({
        severity: 'error',
        message: `the firewall does not let ${entry} through, ${why}`,
        places: [place(closed, 'firewall')],
        effect,
        hint: `open ${entry} between ${entry === 'udp/6081' ? 'all gateways' : 'all clusters and the database hosts'}`,
        clusters: plan.ovnIc.map(({ id }) => id),
        subject: [entry],
      })
    }
  },
}
