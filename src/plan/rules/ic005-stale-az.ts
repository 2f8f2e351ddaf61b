// V5: rows of zones that no cluster has, and names that change while rows exist.

import { place, type Rule } from '../rule.ts'

export const staleAz: Rule = {
  code: 'IC005',
  title: 'The IC databases hold a zone that no cluster has',
  severity:
    'error where the leftovers stand in the way of a cluster of the plan, else warning; error for a rename',
  explanation:
    'A cluster that was destroyed without leaving the interconnection stays in the IC Southbound database with its gateways, ports and routes. A new cluster that has one of its addresses, host names or port names is refused there, in an endless loop. The same happens when az-name changes while the old row exists: the old gateways look like those of another cluster.\n\nLet the cluster leave first (`enable-ic: "false"`), or clean up: `clean-ic-az-db.sh az <name>` in the ic-db container, with the ovn-ic of that cluster stopped.',
  basis: [
    'V5',
    'AZ-3',
    'KO-RM-2',
    'GW-5',
    'https://github.com/kubeovn/kube-ovn/pull/2229',
    'https://github.com/kubeovn/kube-ovn/pull/3759',
  ],
  check(plan, report) {
    const names = new Set(plan.ovnIc.map(({ ovnIc }) => ovnIc.azName.value))
    if (names.size > 0) {
      const endpoints = new Set(
        plan.ovnIc.flatMap(({ nodes }) =>
          nodes.flatMap((node) => node.ips.map((ip) => JSON.stringify(ip.value))),
        ),
      )
      const machines = new Set(
        plan.nodes.flatMap((node) => [node.name.value, node.hostname?.value, node.chassis?.value]),
      )
      for (const { name, gateways } of plan.zoneRows) {
        if (names.has(name.value)) continue
        const clash = gateways.find(
          ({ ip, hostname, chassis }) =>
            (ip !== undefined && endpoints.has(JSON.stringify(ip.value))) ||
            machines.has(hostname?.value) ||
            machines.has(chassis.value),
        )
        report({
          severity: clash === undefined ? 'warning' : 'error',
          message: `the IC databases hold the zone ${name.value}, which is no cluster of the plan`,
          places: [
            place(name.span, `zone ${name.value}`),
            clash === undefined
              ? undefined
              : place(clash.ip?.span ?? clash.chassis.span, 'gateway of a node that the plan has too'),
          ],
          effect:
            clash === undefined
              ? 'Its routes stay announced: packets for them go to gateways that are gone.'
              : 'The new gateway is refused as a duplicate, and with it everything else that its cluster publishes.',
          hint: `clean-ic-az-db.sh az ${name.value}, once nothing of it runs any more`,
          clusters: [],
          subject: [name.value],
        })
      }
    }
    for (const { cluster, key } of plan.edits) {
      if (key.value !== 'az-name') continue
      report({
        severity: 'error',
        message: `the az-name of ${cluster} changes while it is joined`,
        places: [place(key.span, 'changed here')],
        effect:
          'The old row keeps gateways, ports and routes; the cluster cannot publish its gateways a second time, and no peer learns its routes.',
        hint: 'leave the interconnection, clean up the old zone, and join under the new name',
        clusters: [cluster],
        subject: [cluster],
      })
    }
  },
}
