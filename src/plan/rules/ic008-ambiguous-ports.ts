// V8: port names that are not unique, or az-names that make them ambiguous.

import { place, type Rule } from '../rule.ts'

export const ambiguousPorts: Rule = {
  code: 'IC008',
  title: 'Names of ports on transit switches that clash',
  severity: 'error; warning for a name that only some versions handle',
  explanation:
    'Ports on transit switches are called `<switch>-<az-name>`, and the name is unique over all switches and clusters: that of a second cluster, or of one long gone, is refused. An az-name which begins like a switch (`ts1-a` beside the switch `ts-1`…) can make two of them equal. Before Kube-OVN 1.12 a hyphen in az-name also broke the removal of ports.\n\nChoose az-names of letters and digits.',
  basis: ['V8', 'PB-8', 'https://github.com/kubeovn/kube-ovn/pull/3542'],
  check(plan, report) {
    const owner = new Map<string, string>()
    for (const { name: transitSwitch } of plan.transitSwitches) {
      for (const { ovnIc, id } of plan.ovnIc) {
        const port = `${transitSwitch}-${ovnIc.azName.value}`
        const before = owner.get(port)
        const mine = `${transitSwitch} ${ovnIc.azName.value}`
        if (before === undefined) owner.set(port, mine)
        else if (before !== mine)
          report({
            severity: 'error',
            message: `the port ${port} would exist twice: for ${before.replace(' ', ' and ')}, and for ${transitSwitch} and ${ovnIc.azName.value}`,
            places: [place(ovnIc.azName.span, `az-name of ${id}`)],
            effect:
              'The IC Southbound database refuses the second port, so one cluster has no address on that switch and no routes over it.',
            hint: 'use az-names without hyphens',
            clusters: [id],
            subject: [port],
          })
      }
    }
    for (const { ovnIc, id, profile } of plan.ovnIc) {
      const { value, span } = ovnIc.azName
      const old = profile !== undefined && /^kube-ovn-1\.1[01]$/.test(profile.value)
      const endsLikeSwitch = /-ts\d*$/.test(value) || /^ts\d*(?:-|$)/.test(value)
      if (!endsLikeSwitch && !(old && value.includes('-'))) continue
      report({
        severity: 'warning',
        message: `the az-name ${value} of ${id} ${endsLikeSwitch ? 'looks like the name of a transit switch' : `has a hyphen, which ${profile!.value} does not handle`}`,
        places: [place(span, `az-name of ${id}`)],
        effect:
          'When the cluster leaves, ports and rows are matched by name; the wrong ones are left or removed.',
        hint: 'use letters and digits only',
        clusters: [id],
        subject: [id, value],
      })
    }
    const ports = new Map<string, string>()
    for (const { name, az, seenIn } of plan.transitPorts) {
      if (seenIn !== '') continue
      const before = ports.get(name.value)
      if (before === undefined) ports.set(name.value, az)
      else if (before !== az)
        report({
          severity: 'error',
          message: `${before} and ${az} both have a port ${name.value} on a transit switch`,
          places: [place(name.span, `port of ${az}`)],
          effect: 'The second one is refused; its cluster has no routes over that switch.',
          clusters: [before, az],
          subject: [name.value],
        })
    }
  },
}
