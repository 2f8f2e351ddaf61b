/** What of a scenario a lab cannot carry out, each a sentence; such a scenario is not run at all. */
import type { Scenario } from '../../model/scenario.ts'

/**
 * Residue meets Kube-OVN in another order than here: there all chassis are registered long before a cluster joins, in a lab ovn-ic comes
 * before ovn-controller (see `labPlan`), and whoever comes first has the tunnel address (GW-5).
 */
export function unsupported({ network }: Scenario): string[] {
  const isKubeOvn = network.clusters.some((cluster) => cluster.profile.kubeOvn !== undefined)
  return network.interconnect.icSbResidue.length > 0 && isKubeOvn
    ? [
        'residue meets Kube-OVN clusters: a lab starts ovn-ic before the chassis are registered, Kube-OVN after',
      ]
    : []
}
