// SP-GATEWAY: the gateway of a pool outside its subnet.

import { formatIp } from '../../net/ip.ts'
import { contains, formatPrefix } from '../../net/prefix.ts'
import { place, type Rule } from '../rule.ts'
import { hostPrefix, networkPlace } from '../words.ts'

export const spPoolGateway: Rule = {
  code: 'SP004',
  title: "A SpiderIPPool's gateway outside its subnet",
  severity: 'error',
  explanation:
    "Spiderpool's webhook refuses a pool whose gateway is not in its subnet, so the object is not created and pods that want it stay without address. The example of Spiderpool's own page on Submariner has this mistake: gateway 172.110.0.1 for 172.110.1.0/24.",
  basis: [
    'SP-GATEWAY',
    'submariner-semantics 6.1',
    "Spiderpool's documentation: multi-cluster networking with Submariner",
  ],
  check(plan, report) {
    for (const network of plan.networks) {
      if (network.role !== 'pool') continue
      for (const gateway of network.gateways ?? []) {
        if (contains(network.prefix, gateway.value)) continue
        const text = formatIp(gateway.value)
        report({
          severity: 'error',
          message: `the gateway ${text} of the pool ${network.name} is not in ${formatPrefix(network.prefix)}`,
          places: [place(gateway.span, `gateway of ${network.name}`), networkPlace(network)],
          addresses: [hostPrefix(gateway.value)],
          effect: 'The webhook refuses the pool: pods that ask for it get no address and do not start.',
          hint: `use an address of ${formatPrefix(network.prefix)}, or a subnet that holds ${text}`,
          clusters: [network.cluster],
          subject: [network.cluster, network.name, text],
        })
      }
    }
  },
}
