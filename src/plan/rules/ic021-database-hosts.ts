// V21: IC databases that do not survive the loss of a host, and clusters that ask different ones.

import { place, type Rule } from '../rule.ts'
import { named } from '../words.ts'

export const databaseHosts: Rule = {
  code: 'IC021',
  title: 'The IC databases are one host, an even number, or differ between clusters',
  severity: 'warning; error where clusters name different databases',
  explanation:
    'A single host is a single point of failure: without it nothing changes any more, no route is learned or withdrawn, and a gateway that takes over stays unknown to the peers. A Raft cluster needs a majority, so two hosts are worse than one, and four survive no more failures than three. All clusters must name the same databases; with different ones they never hear of each other.',
  basis: ['V21', 'IC-5', "Kube-OVN's documentation: high availability of the OVN-IC databases"],
  check(plan, report) {
    const lists = plan.ovnIc.filter(({ ovnIc }) => ovnIc.dbHosts.length > 0)
    const hosts = lists[0]?.ovnIc.dbHosts ?? plan.icDbHosts
    const count = new Set(hosts.map(({ value }) => value)).size
    const ids = plan.ovnIc.map(({ id }) => id)
    const first = hosts[0]
    if (plan.ovnIc.length > 0 && first !== undefined && (count < 3 || count % 2 === 0))
      report({
        severity: 'warning',
        message:
          count === 1
            ? `the IC databases are on one host, ${first.value}`
            : `the IC databases are on ${count} hosts`,
        places: hosts.map((host) => place(host.span, 'host of the IC databases')),
        effect:
          count === 1
            ? 'While it is down routes and ports are frozen: a failed gateway is not replaced in the eyes of the peers.'
            : count === 2
              ? 'The loss of either host leaves no majority, and the databases refuse every change.'
              : `${count} hosts survive the loss of ${Math.ceil(count / 2) - 1}, as ${count - 1} would.`,
        hint: 'use three hosts, or five',
        clusters: ids,
        subject: hosts.map(({ value }) => value).sort(),
      })
    const [reference] = lists
    if (reference === undefined) return
    const known = new Set(reference.ovnIc.dbHosts.map(({ value }) => value))
    for (const other of lists.slice(1)) {
      const shared = other.ovnIc.dbHosts.filter(({ value }) => known.has(value))
      const ports =
        other.ovnIc.nbPort?.value !== reference.ovnIc.nbPort?.value ||
        other.ovnIc.sbPort?.value !== reference.ovnIc.sbPort?.value
      if (shared.length === other.ovnIc.dbHosts.length && shared.length === known.size && !ports) continue
      const apart = shared.length === 0 || ports
      report({
        severity: apart ? 'error' : 'warning',
        message:
          `${reference.id} and ${other.id} name different ${ports ? 'ports of the' : ''} IC databases`.replace(
            '  ',
            ' ',
          ),
        places: [reference, other].flatMap(({ id, ovnIc }) =>
          ports
            ? [ovnIc.nbPort, ovnIc.sbPort].map((port) => place(port?.span, `port of ${id}`))
            : ovnIc.dbHosts.map((host) => place(host.span, `host for ${id}`)),
        ),
        effect: apart
          ? `${reference.id} and ${other.id} never hear of each other; no route is exchanged between them.`
          : 'A cluster that names fewer hosts loses the databases when these fail, while the others go on.',
        hint: `name the same in both: ${named([...known])}`,
        clusters: [reference.id, other.id],
        subject: [reference.id, other.id, ports ? 'ports' : 'hosts'],
      })
    }
  },
}
