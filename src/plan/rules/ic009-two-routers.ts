// V9: two routers of one zone on one transit switch.

import { place, type Rule } from '../rule.ts'
import { named } from '../words.ts'

export const twoRouters: Rule = {
  code: 'IC009',
  title: 'Two routers of one cluster on one transit switch',
  severity: 'error before OVN 24.03 (and where the version is not known), info after',
  explanation:
    "Before OVN 24.03 ovn-ic compares what one router announces with all routes that its zone has on the switch. Two routers of a zone on one switch therefore delete each other's routes in every round.\n\nGive each router a switch of its own, or upgrade.",
  basis: ['V9', 'ADV-11'],
  check(plan, report) {
    const routers = new Map<
      string,
      { readonly az: string; readonly ports: (typeof plan.transitPorts)[number][] }
    >()
    for (const port of plan.transitPorts) {
      if (port.router === undefined) continue
      const key = `${port.az} ${port.transitSwitch}`
      const entry = routers.get(key) ?? { az: port.az, ports: [] }
      entry.ports.push(port)
      routers.set(key, entry)
    }
    for (const [key, { az, ports }] of routers) {
      const names = [...new Set(ports.map(({ router }) => router!))]
      if (names.length < 2) continue
      const cluster = plan.ovnIc.find(({ ovnIc }) => ovnIc.azName.value === az)
      const defect =
        cluster?.behaviour === undefined ||
        cluster.behaviour.icDefects.includes('two-routers-erase-each-other')
      report({
        severity: defect ? 'error' : 'info',
        message: `the routers ${named(names)} of ${az} are both on the transit switch ${ports[0]!.transitSwitch}`,
        places: ports.map((port) => place(port.name.span, `port of ${port.router}`)),
        effect: defect
          ? 'Each deletes the routes of the other as soon as it announces its own; peers lose and learn them every round.'
          : 'OVN from 24.03 on keeps the routes of both.',
        hint: defect ? 'give each router a transit switch of its own, or use OVN 24.03 or newer' : undefined,
        clusters: [cluster?.id ?? az],
        subject: [key, ...names],
      })
    }
  },
}
