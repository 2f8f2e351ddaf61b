// V7: gateway nodes of two clusters with one host name.

import type { PlanNode } from '../../model/plan.ts'
import { place, type Rule } from '../rule.ts'

export const duplicateHostname: Rule = {
  code: 'IC007',
  title: 'Gateway nodes of two clusters with the same host name',
  severity: 'error',
  explanation:
    "Kube-OVN looks for the chassis of a gateway by host name, and a peer's gateways stand in the same table of the Southbound database. With two of one name it finds both and gives up, or collects the wrong one as garbage, which interrupts all traffic between the clusters until ovn-ic has made it anew.\n\nName nodes with their cluster in front.",
  basis: [
    'V7',
    'KO-RM-3',
    'https://github.com/kubeovn/kube-ovn/pull/1411',
    'https://github.com/kubeovn/kube-ovn/pull/1511',
  ],
  check(plan, report) {
    const seen = new Map<string, { readonly cluster: string; readonly place: ReturnType<typeof place> }>()
    for (const cluster of plan.ovnIc) {
      for (const gateway of cluster.ovnIc.gateways) {
        const node: PlanNode | undefined = cluster.nodes.find((one) => one.name.value === gateway.value)
        const hostname = node?.hostname?.value ?? gateway.value
        const here = place(node?.hostname?.span ?? gateway.span, `gateway of ${cluster.id}`)
        const before = seen.get(hostname)
        if (before === undefined) seen.set(hostname, { cluster: cluster.id, place: here })
        else if (before.cluster !== cluster.id)
          report({
            severity: 'error',
            message: `${before.cluster} and ${cluster.id} both have a gateway with the host name ${hostname}`,
            places: [before.place, here],
            effect:
              'The controller finds two chassis of this name: the port on the transit switch gets no gateway, or the wrong chassis is deleted.',
            hint: 'rename one of the nodes, for example with the name of its cluster in front',
            clusters: [before.cluster, cluster.id],
            subject: [hostname, before.cluster, cluster.id],
          })
      }
    }
  },
}
