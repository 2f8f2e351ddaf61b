/** What of a scenario a lab cannot carry out, each a sentence; such a scenario is not run at all. */
import type { Scenario } from '../../model/scenario.ts'

export function unsupported({ network }: Scenario): string[] {
  const sentences: string[] = []
  const isKubeOvn = network.clusters.some((cluster) => cluster.profile.kubeOvn !== undefined)
  if (network.interconnect.icSbResidue.length > 0 && isKubeOvn)
    sentences.push('residue in the IC Southbound of Kube-OVN clusters')
  return sentences
}
