// SM-IPVS: kube-proxy in IPVS mode.

import { place, type Rule } from '../rule.ts'

export const smIpvs: Rule = {
  code: 'SM015',
  title: 'kube-proxy in IPVS mode with Submariner',
  severity: 'error',
  explanation:
    "IPVS binds service addresses to an interface of every node and answers for them before Submariner's rules are reached; services of a cluster cannot be used from another. Use iptables mode.",
  basis: [
    'SM-IPVS',
    'submariner-semantics 2.7',
    'https://github.com/submariner-io/submariner/issues/1559',
    'https://github.com/submariner-io/submariner/issues/1611',
    'https://github.com/submariner-io/submariner/issues/3967',
  ],
  check(plan, report) {
    for (const { id, kubeProxy } of plan.submariner) {
      if (kubeProxy?.value.toLowerCase() !== 'ipvs') continue
      report({
        severity: 'error',
        message: `kube-proxy of ${id} is in IPVS mode, which Submariner does not support`,
        places: [place(kubeProxy.span, `kube-proxy of ${id}`)],
        effect:
          'Packets from other clusters to service addresses are not translated to pods, or the answers come from the wrong address.',
        hint: 'set mode: iptables in the configuration of kube-proxy',
        clusters: [id],
        subject: [id],
      })
    }
  },
}
