/**
 * The rules of the real system that this project answers for, by id, and docs/fidelity.md made of them. The data is in
 * test/rules/catalogue, one file a subject; `test/rules.test.ts` holds tests and document against it.
 */
import { AVAILABILITY, GENEVE, PATH } from './rules/catalogue/gateways.ts'
import {
  ADVERTISING,
  DAEMON,
  GATEWAYS,
  LEARNING,
  PORTS,
  TRANSIT_SWITCHES,
  ZONES,
} from './rules/catalogue/interconnection.ts'
import { KUBE_OVN } from './rules/catalogue/kube-ovn.ts'
import { ECMP, ICMP, NEIGHBOURS, POLICIES, ROUTING, SIZES } from './rules/catalogue/router.ts'
import type { Rule } from './rules/catalogue/rule.ts'

/** Rules about one thing, in the order of the document. */
export const AREAS: readonly { readonly title: string; readonly rules: readonly Rule[] }[] = [
  { title: 'ovn-ic, the process', rules: DAEMON },
  { title: 'Availability zones', rules: ZONES },
  { title: 'Transit switches', rules: TRANSIT_SWITCHES },
  { title: 'Gateways of zones', rules: GATEWAYS },
  { title: 'Ports on transit switches', rules: PORTS },
  { title: 'Advertising routes', rules: ADVERTISING },
  { title: 'Learning routes', rules: LEARNING },
  { title: 'Routing', rules: ROUTING },
  { title: 'ECMP', rules: ECMP },
  { title: 'Policies and route tables', rules: POLICIES },
  { title: 'Neighbours and redirection', rules: NEIGHBOURS },
  { title: 'ICMP from routers', rules: ICMP },
  { title: 'Packet sizes', rules: SIZES },
  { title: 'Geneve', rules: GENEVE },
  { title: 'The path between zones', rules: PATH },
  { title: 'High availability', rules: AVAILABILITY },
  { title: 'Kube-OVN', rules: KUBE_OVN },
]

export const RULES: readonly Rule[] = AREAS.flatMap(({ rules }) => rules)
