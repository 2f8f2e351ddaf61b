// V28: transit switches on which a zone has no port.

import { place, type Rule } from '../rule.ts'
import { named } from '../words.ts'

export const missingPorts: Rule = {
  code: 'IC028',
  title: 'A cluster has no port on one of the transit switches',
  severity: 'error; warning where the version can use one switch only',
  explanation:
    'Equal routes are learned over every switch on which both clusters have a port. A cluster that misses one answers over fewer paths than it is asked on, and loses its redundancy there. Kube-OVN up to 1.10 knows one transit switch only.',
  basis: ['V28', 'KO-EST-1', 'https://github.com/kubeovn/kube-ovn/issues/1086'],
  check(plan, report) {
    const zones = new Map<string, Set<string>>()
    const switches = new Map<string, (typeof plan.transitPorts)[number]>()
    for (const port of plan.transitPorts) {
      zones.set(port.az, (zones.get(port.az) ?? new Set()).add(port.transitSwitch))
      if (!switches.has(port.transitSwitch)) switches.set(port.transitSwitch, port)
    }
    for (const [az, own] of zones) {
      const missing = [...switches.keys()].filter((name) => !own.has(name))
      if (missing.length === 0) continue
      report({
        severity: 'error',
        message: `${az} has no port on ${named(missing)}, where others have one`,
        places: missing.map((name) =>
          place(switches.get(name)!.name.span, `port of ${switches.get(name)!.az} on ${name}`),
        ),
        effect: `Other clusters learn the routes of ${az} over ${own.size} of ${switches.size} switches; a gateway that fails takes a larger share of the flows with it.`,
        hint: 'compare TS_NUM with what the controller of this cluster has made; switch enable-ic off and on there',
        clusters: [az],
        subject: [az, ...missing],
      })
    }
    const planned = plan.transitSwitches.filter(({ written }) => written)
    if (planned.length < 2) return
    for (const { id, behaviour } of plan.ovnIc) {
      if (behaviour?.kubeOvn === undefined || behaviour.kubeOvn.severalTransitSwitches) continue
      report({
        severity: 'warning',
        message: `${behaviour.name} of ${id} uses one of the ${planned.length} transit switches`,
        places: [place(planned[0]!.span, 'transit switches')],
        effect: 'The other clusters have equal routes over several switches; this one answers over one.',
        hint: 'use one transit switch, or upgrade to 1.11.16 or newer',
        clusters: [id],
        subject: [id, 'one switch'],
      })
    }
  },
}
