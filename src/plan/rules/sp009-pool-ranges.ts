// Addresses of a pool outside its subnet.

import type { AddressRange } from '../../model/plan.ts'
import { cidrsOfRange } from '../../net/cidr-set.ts'
import { formatIp } from '../../net/ip.ts'
import { contains, formatPrefix } from '../../net/prefix.ts'
import { place, type Rule } from '../rule.ts'
import { networkPlace } from '../words.ts'

export const spPoolRanges: Rule = {
  code: 'SP009',
  title: 'Addresses of a SpiderIPPool outside its subnet, or the gateway among them',
  severity: 'error outside the subnet, warning for the gateway',
  explanation:
    "Spiderpool's webhook refuses a pool with `ips` or `excludeIPs` outside its subnet. A gateway inside `ips` that is not excluded may be given to a pod.",
  basis: ['submariner-semantics 6.1'],
  check(plan, report) {
    for (const network of plan.networks) {
      if (network.role !== 'pool') continue
      for (const { value, span } of [...(network.ranges ?? []), ...(network.excludes ?? [])]) {
        if (contains(network.prefix, value.first) && contains(network.prefix, value.last)) continue
        report({
          severity: 'error',
          message: `${rangeText(value)} of the pool ${network.name} is not in ${formatPrefix(network.prefix)}`,
          places: [place(span, `addresses of ${network.name}`), networkPlace(network)],
          addresses: cidrsOfRange(value.first, value.last).filter((one) => !contains(network.prefix, one.ip)),
          effect: 'The webhook refuses the pool: pods that ask for it get no address and do not start.',
          hint: `keep to ${formatPrefix(network.prefix)}`,
          clusters: [network.cluster],
          subject: [network.cluster, network.name, rangeText(value)],
        })
      }
      for (const gateway of network.gateways ?? []) {
        const inside = (range: AddressRange): boolean =>
          cidrsOfRange(range.first, range.last).some((one) => contains(one, gateway.value))
        if (
          !network.ranges?.some(({ value }) => inside(value)) ||
          network.excludes?.some(({ value }) => inside(value))
        )
          continue
        report({
          severity: 'warning',
          message: `the gateway ${formatIp(gateway.value)} is among the addresses that the pool ${network.name} gives to pods`,
          places: [
            place(gateway.span, `gateway of ${network.name}`),
            ...network.ranges.map(({ span }) => place(span, 'given to pods')),
          ],
          addresses: [{ ip: gateway.value, len: typeof gateway.value === 'number' ? 32 : 128 }],
          effect: 'The pod that gets it answers for the gateway: all others lose their way out.',
          hint: 'exclude it with excludeIPs',
          clusters: [network.cluster],
          subject: [network.cluster, network.name, 'gateway'],
        })
      }
    }
  },
}

function rangeText({ first, last }: AddressRange): string {
  return formatIp(first) === formatIp(last) ? formatIp(first) : `${formatIp(first)}-${formatIp(last)}`
}
