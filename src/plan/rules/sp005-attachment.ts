// SP-NAD: pods that ask for a network which does not exist.

import { didYouMean } from '../../diag/suggest.ts'
import { place, type Rule } from '../rule.ts'

export const spAttachment: Rule = {
  code: 'SP005',
  title: 'A pod asks for a network that no SpiderMultusConfig makes',
  severity: 'error',
  explanation:
    "Each SpiderMultusConfig makes a NetworkAttachmentDefinition of its own name and namespace. An annotation that names another lets the pod hang in ContainerCreating. The example of Spiderpool's page on Submariner asks for kube-system/macvlan-confg, and makes macvlan-conf.",
  basis: [
    'SP-NAD',
    'submariner-semantics 6.1',
    "Spiderpool's documentation: multi-cluster networking with Submariner",
  ],
  check(plan, report) {
    if (plan.multus.length === 0) return
    for (const { cluster, name, namespace, attachments } of plan.pods) {
      const configs = plan.multus.filter((one) => one.cluster === cluster)
      if (configs.length === 0) continue
      const known = configs.map((one) => `${one.namespace}/${one.name.value}`)
      for (const attachment of attachments) {
        const full = attachment.value.includes('/') ? attachment.value : `${namespace}/${attachment.value}`
        if (known.includes(full)) continue
        report({
          severity: 'error',
          message: `${name.value} of ${cluster} asks for the network ${full}, which no SpiderMultusConfig makes`,
          places: [
            place(attachment.span, `annotation of ${name.value}`),
            ...configs.map((one) => place(one.name.span, `${one.namespace}/${one.name.value}`)),
          ],
          effect: 'The pod is not created; it stays in ContainerCreating.',
          hint: didYouMean(full, known) ?? `made are ${known.join(', ')}`,
          clusters: [cluster],
          subject: [cluster, name.value, full],
        })
      }
    }
  },
}
