// V27: edits that a version ignores or that cost an outage.

import { place, type Rule } from '../rule.ts'

export const configEdits: Rule = {
  code: 'IC027',
  title: 'An edit of ovn-ic-config that is ignored or interrupts everything',
  severity: 'warning',
  explanation:
    'Up to Kube-OVN 1.10 nothing is compared once the port on the transit switch exists: an edit has no effect until the ConfigMap is deleted and applied again. From 1.11.16 to 1.16.2 every edit takes the interconnection down and up again with new random addresses, which breaks manual routes on the peers. From 1.17 on a change of gw-nodes alone is made in place.\n\nPlan a window, and add manual routes again afterwards.',
  basis: [
    'V27',
    'ovn-semantics 4.3',
    'ovn-semantics 4.11',
    'https://github.com/kubeovn/kube-ovn/issues/7264',
    'https://github.com/kubeovn/kube-ovn/pull/7265',
  ],
  check(plan, report) {
    for (const { cluster: id, key } of plan.edits) {
      const cluster = plan.cluster(id)
      const onEdit = cluster?.behaviour?.kubeOvn?.onEdit
      if (onEdit === undefined || key.value === 'enable-ic' || key.value === 'az-name') continue
      if (onEdit === 'gateways-in-place' && key.value === 'gw-nodes') continue
      const ignored = onEdit === 'ignored'
      report({
        severity: 'warning',
        message: ignored
          ? `${cluster!.profile!.value} ignores the edit of ${key.value} in ${id}`
          : `the edit of ${key.value} takes the interconnection of ${id} down and up again`,
        places: [place(key.span, 'edited here'), place(cluster!.profile?.span, 'version')],
        effect: ignored
          ? 'Packets go on through the old gateways; when those are gone nothing takes over.'
          : 'Packets between the clusters are lost for some seconds, and the port has another address afterwards.',
        hint: ignored
          ? 'delete the ConfigMap and apply it again'
          : 'edit in a maintenance window; check manual routes of the peers afterwards',
        clusters: [id],
        subject: [id, key.value],
      })
    }
  },
}
