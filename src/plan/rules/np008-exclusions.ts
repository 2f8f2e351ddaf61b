// Exclusions and pools outside their subnet.

import { didYouMean } from '../../diag/suggest.ts'
import { cidrsOfRange } from '../../net/cidr-set.ts'
import { formatIp } from '../../net/ip.ts'
import { contains, formatPrefix } from '../../net/prefix.ts'
import type { AddressRange } from '../../net/range.ts'
import { place, type Rule } from '../rule.ts'
import { networkName, networkPlace } from '../words.ts'

export const exclusions: Rule = {
  code: 'NP008',
  title: 'Excluded addresses or an IPPool outside their subnet',
  severity: 'error for an IPPool, warning for exclusions',
  explanation:
    'An exclusion outside the subnet protects nothing; most often the subnet was renumbered and the list was not, so that what should be kept free is given to pods. An IPPool of Kube-OVN must lie in its subnet and is refused otherwise.',
  basis: ['Kube-OVN: Subnet excludeIps, IPPool'],
  check(plan, report) {
    for (const network of plan.networks) {
      if (network.role === 'pool') continue
      for (const { value, span } of network.excludes ?? []) {
        if (contains(network.prefix, value.first) && contains(network.prefix, value.last)) continue
        report({
          severity: 'warning',
          message: `the excluded ${text(value)} is not in ${networkName(network)}, ${formatPrefix(network.prefix)}`,
          places: [place(span, `excluded from ${network.name}`), networkPlace(network)],
          addresses: cidrsOfRange(value.first, value.last),
          effect:
            'Nothing is kept free: whatever should have these addresses shares them with pods if the list is out of date.',
          hint: 'correct the list',
          clusters: [network.cluster],
          subject: [network.cluster, network.name, text(value)],
        })
      }
    }
    for (const { cluster, name, subnet, ranges } of plan.ipPools) {
      const known = plan.cluster(cluster)?.networks.filter(({ role }) => role === 'pods') ?? []
      const networks = known.filter((one) => one.name === subnet.value)
      if (known.length > 0 && networks.length === 0)
        report({
          severity: 'error',
          message: `the IPPool ${name} of ${cluster} belongs to the subnet ${subnet.value}, which does not exist`,
          places: [place(subnet.span, `IPPool ${name}`)],
          effect: 'The pool gives nothing; pods that ask for it do not start.',
          hint: didYouMean(
            subnet.value,
            known.map((one) => one.name),
          ),
          clusters: [cluster],
          subject: [cluster, name, subnet.value],
        })
      for (const { value, span } of networks.length > 0 ? ranges : []) {
        if (networks.some(({ prefix }) => contains(prefix, value.first) && contains(prefix, value.last)))
          continue
        report({
          severity: 'error',
          message: `${text(value)} of the IPPool ${name} is not in the subnet ${subnet.value}`,
          places: [place(span, `IPPool ${name}`), ...networks.map(networkPlace)],
          addresses: cidrsOfRange(value.first, value.last),
          effect: 'The pool is refused; pods that ask for it do not start.',
          hint: `keep to ${networks.map(({ prefix }) => formatPrefix(prefix)).join(', ')}`,
          clusters: [cluster],
          subject: [cluster, name, text(value)],
        })
      }
    }
  },
}

function text({ first, last }: AddressRange): string {
  return formatIp(first) === formatIp(last) ? formatIp(first) : `${formatIp(first)}..${formatIp(last)}`
}
