// Fewer pods than asked for.

import { place, type Rule } from '../rule.ts'
import { counted } from '../words.ts'

export const spShownPods: Rule = {
  code: 'SP013',
  title: 'Fewer pods run than the workload asks for',
  severity: 'info',
  explanation:
    'The list of running pods has fewer of a workload than its replicas. Pods that ask for a network or a pool which does not exist stay in ContainerCreating.',
  basis: ['submariner-semantics 6.3'],
  check(plan, report) {
    for (const workload of plan.pods) {
      if (workload.running === true || workload.attachments.length === 0) continue
      const running = plan.pods.filter(
        ({ cluster, running, name }) =>
          running === true &&
          cluster === workload.cluster &&
          name.value.startsWith(`${workload.name.value}-`),
      )
      if (running.length === 0 || running.length >= workload.replicas) continue
      report({
        severity: 'info',
        message: `${workload.name.value} of ${workload.cluster} asks for ${counted(workload.replicas, 'replica')}, and ${running.length} ${running.length === 1 ? 'runs' : 'run'}`,
        places: [
          place(workload.name.span, `${workload.replicas} replicas`),
          ...running.map((pod) => place(pod.name.span, 'runs')),
        ],
        effect: 'The others have no address, so nothing can be sent to them.',
        clusters: [workload.cluster],
        subject: [workload.cluster, workload.name.value],
      })
    }
  },
}
