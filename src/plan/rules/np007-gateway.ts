// Gateways outside their subnet, or on its first or last address.

import { equalIp, formatIp } from '../../net/ip.ts'
import { contains, formatPrefix, lastAddress } from '../../net/prefix.ts'
import { place, type Rule } from '../rule.ts'
import { hostPrefix, networkName, networkPlace } from '../words.ts'

export const gatewayInside: Rule = {
  code: 'NP007',
  title: 'A gateway outside its subnet, or on an address that no host can have',
  severity: 'error',
  explanation:
    "The gateway is the router's address in the subnet: pods look for it as a neighbour. Outside the subnet nobody answers; the first address of an IPv4 network is its name and the last its broadcast address. Kube-OVN refuses such a Subnet.",
  basis: ['Kube-OVN: Subnet gateway'],
  check(plan, report) {
    for (const network of plan.networks) {
      const { prefix, role } = network
      if (role === 'pool') continue
      for (const { value, span } of network.gateways ?? []) {
        const four = typeof prefix.ip === 'number' && prefix.len < 31
        const outside = !contains(prefix, value)
        const first = equalIp(value, prefix.ip)
        const last = four && equalIp(value, lastAddress(prefix))
        if (!outside && !(four && first) && !last) continue
        report({
          severity: 'error',
          message: `the gateway ${formatIp(value)} of ${networkName(network)} is ${outside ? `not in ${formatPrefix(prefix)}` : first ? 'the address of the network itself' : 'its broadcast address'}`,
          places: [place(span, `gateway of ${network.name}`), networkPlace(network)],
          addresses: [hostPrefix(value)],
          effect: 'Pods find nobody at this address: every packet that leaves the subnet is lost.',
          hint: `use a host address of ${formatPrefix(prefix)}`,
          clusters: [network.cluster],
          subject: [network.cluster, network.name, formatIp(value)],
        })
      }
    }
  },
}
