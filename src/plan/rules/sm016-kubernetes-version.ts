// SM-K8S: Kubernetes too old.

import { place, type Rule } from '../rule.ts'

/** Least minor version of Kubernetes 1, without and with service discovery. */
const LEAST = 19
const LEAST_WITH_DISCOVERY = 21

export const smKubernetesVersion: Rule = {
  code: 'SM016',
  title: 'Kubernetes is older than Submariner needs',
  severity: 'error',
  explanation:
    '`subctl join` refuses Kubernetes before 1.19, and before 1.21 with service discovery, which is on unless switched off.',
  basis: ['SM-K8S', 'submariner-semantics 7.2#1'],
  check(plan, report) {
    for (const { id, kubernetes } of plan.submariner) {
      const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(kubernetes?.value ?? '') ?? []
      if (kubernetes === undefined || major !== '1' || Number(minor) >= LEAST_WITH_DISCOVERY) continue
      report({
        severity: 'error',
        message: `${id} runs Kubernetes ${kubernetes.value}; Submariner needs 1.${Number(minor) < LEAST ? LEAST : LEAST_WITH_DISCOVERY}`,
        places: [place(kubernetes.span, `Kubernetes of ${id}`)],
        effect: 'The cluster does not join, or joins without service discovery.',
        hint: 'upgrade Kubernetes',
        clusters: [id],
        subject: [id, kubernetes.value],
      })
    }
  },
}
