// SM-CNI: network plugins that Submariner does not know.

import { didYouMean } from '../../diag/suggest.ts'
import { place, type Rule } from '../rule.ts'

const SUPPORTED = ['canal-flannel', 'weave-net', 'openshiftsdn', 'ovnkubernetes', 'calico', 'kindnet']
const GENERIC = ['generic', 'kube-ovn', 'macvlan', 'spiderpool', '']

export const smCni: Rule = {
  code: 'SM017',
  title: 'A network plugin that Submariner does not support',
  severity: 'error for plugins that are refused, warning for generic ones',
  explanation:
    '`subctl diagnose` accepts canal-flannel, weave-net, OpenShiftSDN, OVNKubernetes, calico and kindnet. Everything else, Kube-OVN and macvlan included, counts as generic: it may work, by the rules of kube-proxy clusters. Plain flannel fails, because it masquerades; Cilium without kube-proxy bypasses the rules.',
  basis: [
    'SM-CNI',
    'submariner-semantics 7.2#3',
    'https://github.com/submariner-io/submariner/issues/3159',
    'https://github.com/submariner-io/submariner/issues/3168',
  ],
  check(plan, report) {
    for (const { id, cni } of plan.submariner) {
      if (cni === undefined) continue
      const name = cni.value.toLowerCase()
      if (SUPPORTED.includes(name) || name === 'none') continue
      const generic = GENERIC.includes(name)
      report({
        severity: generic ? 'warning' : 'error',
        message: `the network plugin ${cni.value} of ${id} is ${generic ? 'generic to Submariner' : 'none that Submariner supports'}`,
        places: [place(cni.span, `network plugin of ${id}`)],
        effect: generic
          ? 'Packets are handled by the rules for kube-proxy clusters; masquerading and reverse-path filters of the plugin may drop answers.'
          : 'Packets to other clusters are masqueraded or bypass the rules, and no tunnel takes them.',
        hint: generic
          ? 'try it with subctl verify before it matters'
          : (didYouMean(name, SUPPORTED) ?? `supported are ${SUPPORTED.join(', ')}`),
        clusters: [id],
        subject: [id, name],
      })
    }
  },
}
