// Values of ovn-ic-config that mean something else than they seem to.

import { place, type Rule } from '../rule.ts'

export const literalSettings: Rule = {
  code: 'IC029',
  title: 'A setting of ovn-ic-config that Kube-OVN reads differently',
  severity: 'error',
  explanation:
    'Kube-OVN compares literally: only "false" switches the interconnection off, and from 1.11.16 on the first establishment needs "true"; only "true" switches automatic routes on. `yes`, `True`, `1` and `on` are none of these.',
  basis: ['ovn-semantics 4.1'],
  check(plan, report) {
    for (const { id, ovnIc } of plan.clusters) {
      for (const { value, span } of ovnIc?.oddities ?? []) {
        const auto = value.key === 'auto-route'
        report({
          severity: 'error',
          message: `${value.key} of ${id} is "${value.text}", which is neither "true" nor "false"`,
          places: [place(span, `ovn-ic-config of ${id}`)],
          effect: auto
            ? 'It counts as off: nothing is announced or learned, and packets to other clusters leave by the nodes.'
            : 'Whether the interconnection is established depends on the version: older ones take it for on, newer ones for off.',
          hint: `write ${value.key}: "${/^(?:true|yes|on|1)$/i.test(value.text) ? 'true' : 'false'}"`,
          clusters: [id],
          subject: [id, value.key, value.text],
        })
      }
    }
  },
}
