// V4: one name for two availability zones.

import { place, type Rule } from '../rule.ts'
import { named } from '../words.ts'

export const duplicateAz: Rule = {
  code: 'IC004',
  title: 'Two clusters with the same az-name, or one without',
  severity: 'error',
  explanation:
    'The IC databases know a cluster by the name of its availability zone and by nothing else. Two clusters with one name share one row: each takes what the other published for its own remains, deletes it, and publishes again, over and over, without an error in any log. An empty name publishes nothing at all.\n\nGive every cluster a name of its own before it is joined.',
  basis: ['V4', 'AZ-1', 'AZ-2'],
  check(plan, report) {
    const byName = new Map<string, (typeof plan.ovnIc)[number][]>()
    for (const cluster of plan.ovnIc) {
      const name = cluster.ovnIc.azName.value
      byName.set(name, [...(byName.get(name) ?? []), cluster])
    }
    for (const [name, clusters] of byName) {
      const places = clusters.map(({ id, ovnIc }) => place(ovnIc.azName.span, `az-name of ${id}`))
      if (name === '') {
        for (const { id, ovnIc } of clusters)
          report({
            severity: 'error',
            message: `${id} has no az-name`,
            places: [place(ovnIc.azName.span, `az-name of ${id}`)],
            effect:
              'ovn-ic does nothing without a name: no port on the transit switch, no route in either direction.',
            hint: 'give it a name of its own, such as that of the cluster',
            clusters: [id],
            subject: [id],
          })
      } else if (clusters.length > 1) {
        const ids = clusters.map(({ id }) => id)
        report({
          severity: 'error',
          message: `${named(ids)} share the az-name ${name}`,
          places,
          effect:
            'Each deletes the ports and routes of the other as its own leftovers; connections between all clusters come and go.',
          hint: `rename all but one of ${named(ids)}`,
          clusters: ids,
          subject: [name, ...ids],
        })
      }
    }
  },
}
