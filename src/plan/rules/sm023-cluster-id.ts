// SM-ID: cluster ids that are invalid, used twice, or called differently elsewhere.

import { place, type Rule } from '../rule.ts'

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

export const smClusterId: Rule = {
  code: 'SM023',
  title: 'A cluster id that Submariner refuses, or that two clusters share',
  severity: 'error; warning where output of subctl shows another id',
  explanation:
    'The id of a cluster is a DNS label (lower-case letters, digits and hyphens, at most 63, beginning and ending with a letter or digit) and unique at the broker. A second cluster with the same id is refused, or worse, takes the place of the first.',
  basis: ['SM-ID', 'submariner-semantics 7.4'],
  check(plan, report) {
    const seen = new Map<string, { readonly cluster: string; readonly place: ReturnType<typeof place> }>()
    for (const { id, submariner } of plan.submariner) {
      const clusterId = submariner?.clusterId
      if (clusterId === undefined) continue
      const here = place(clusterId.span, `cluster id of ${id}`)
      if (!LABEL.test(clusterId.value))
        report({
          severity: 'error',
          message: `"${clusterId.value}" is no cluster id`,
          places: [here],
          effect: 'The cluster does not join: subctl refuses the name.',
          hint: `use lower-case letters, digits and hyphens, such as ${
            clusterId.value
              .toLowerCase()
              .replaceAll(/[^a-z0-9-]+/g, '-')
              .replaceAll(/^-+|-+$/g, '') || 'cluster-a'
          }`,
          clusters: [id],
          subject: [id, clusterId.value],
        })
      const before = seen.get(clusterId.value)
      if (before === undefined) seen.set(clusterId.value, { cluster: id, place: here })
      else if (before.cluster !== id)
        report({
          severity: 'error',
          message: `${before.cluster} and ${id} have the same cluster id ${clusterId.value}`,
          places: [before.place, here],
          effect:
            'The broker knows one of them: the other is refused, or its endpoint replaces the first and packets go to the wrong cluster.',
          hint: 'give each cluster an id of its own',
          clusters: [before.cluster, id],
          subject: [clusterId.value, before.cluster, id],
        })
      for (const shown of submariner?.shownAs ?? [])
        if (shown.value !== clusterId.value)
          report({
            severity: 'warning',
            message: `${id} joins as ${clusterId.value}, and output of subctl calls it ${shown.value}`,
            places: [here, place(shown.span, 'as shown')],
            effect:
              'Nothing, if the output is of another installation; otherwise the cluster joined twice and has two endpoints, and peers send packets to either.',
            clusters: [id],
            subject: [id, clusterId.value, shown.value],
          })
    }
  },
}
