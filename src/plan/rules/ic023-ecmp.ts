// V23: several transit switches and what a dead gateway does to a share of the flows.

import { place, type Rule } from '../rule.ts'

export const ecmpGateways: Rule = {
  code: 'IC023',
  title: 'Equal routes over several transit switches share the fate of single gateways',
  severity: 'warning with fewer gateways than transit switches, else info',
  explanation:
    'With n transit switches every prefix is learned n times, and flows are spread over the n next hops. Nothing watches them: while the gateway behind one is dead, one flow in n is lost until another gateway has taken its port over, some three seconds. With fewer gateways than switches one gateway carries several switches, and its failure takes as many shares at once; with one gateway all of them.',
  basis: [
    'V23',
    'EC-6',
    'KO-EST-2',
    'https://github.com/kubeovn/kube-ovn/issues/1258',
    'https://github.com/ovn-org/ovn/issues/112',
  ],
  check(plan, report) {
    const n = plan.transitSwitches.length
    if (n < 2) return
    for (const { id, ovnIc } of plan.ovnIc) {
      const g = ovnIc.gateways.length
      if (g === 0 || g >= n) continue
      const shares = Math.ceil(n / g)
      report({
        severity: 'warning',
        message: `${id} has ${g} ${g === 1 ? 'gateway' : 'gateways'} for ${n} transit switches`,
        places: [
          ...ovnIc.gateways.map((one) => place(one.span, `gateway of ${id}`)),
          place(plan.transitSwitches[0]!.span, 'transit switches'),
        ],
        effect: `When a gateway fails ${shares} of ${n} flows are lost until its ports have moved${g === 1 ? ', and there is nowhere to move' : ', about three seconds'}.`,
        hint: `list ${n} gateways, or use ${g} transit ${g === 1 ? 'switch' : 'switches'} (TS_NUM)`,
        clusters: [id],
        subject: [id, `${g}/${n}`],
      })
    }
  },
}
