// Whether a pod can have the address that was written for it, and the MTU it has by default.

import type { Node, Subnet } from '../model/network.ts'
import { formatIp, type Ip } from '../net/ip.ts'
import { contains, formatPrefix, masked } from '../net/prefix.ts'
import { hostRange } from './addresses.ts'
import type { Context } from './context.ts'
import type { Placed, PodDraft, SubnetDraft } from './draft.ts'
import { reservedRole } from './read-subnet.ts'

/** Reports an address that a pod of this subnet cannot have: outside it, reserved, or the router's. */
export function checkPodAddress(
  context: Context,
  draft: PodDraft,
  ip: Placed<Ip>,
  subnet: Subnet,
  declared: SubnetDraft | undefined,
): void {
  const { diagnostics, waived } = context
  const network = subnet.gateways.find((gateway) => contains(gateway, ip.value))
  if (network === undefined) {
    if (waived.has('pod-outside-subnet')) return
    const same = subnet.gateways.find((gateway) => typeof gateway.ip === typeof ip.value)
    diagnostics.error(
      'IN051',
      `${formatIp(ip.value)} is not in the subnet ${subnet.name} of the pod ${draft.name}`,
      {
        span: ip.at.span,
        expected:
          same === undefined
            ? `an address of ${subnet.gateways.map((one) => formatPrefix(masked(one))).join(' or ')}`
            : `an address from ${hostRange(same)}`,
        related:
          declared === undefined || subnet.isJoin
            ? []
            : [{ message: `${subnet.name} is defined here`, span: declared.gateways[0]!.at.span }],
      },
    )
    return
  }
  const role = reservedRole(ip.value, network)
  if (role !== undefined) {
    diagnostics.error(
      'IN063',
      `${formatIp(ip.value)} is the ${role} address of ${formatPrefix(masked(network))}`,
      { span: ip.at.span, expected: `an address from ${hostRange(network)}` },
    )
  } else if (
    subnet.gateways.some((gateway) => formatIp(gateway.ip) === formatIp(ip.value)) &&
    !waived.has('duplicate-ip')
  ) {
    diagnostics.error('IN052', `${formatIp(ip.value)} is the gateway of the subnet ${subnet.name}`, {
      span: ip.at.span,
      expected: 'an address that the router does not have',
      related:
        declared === undefined
          ? []
          : [{ message: `${subnet.name} is defined here`, span: declared.gateways[0]!.at.span }],
    })
  }
}

/** MTU inside pods of plain OVN, where nothing else is said: room for Geneve (58 or 78 bytes) on 1500. */
const POD_MTU = 1400

/**
 * MT-2: Kube-OVN takes 100 (geneve) or 50 (vxlan) off the MTU of the node's interface, and 20 more where the tunnel is
 * IPv6. `linkMtu` is undefined for plain OVN.
 */
export function defaultPodMtu(node: Node, linkMtu: number | undefined): number {
  if (linkMtu === undefined) return POD_MTU
  return linkMtu - (node.encapType === 'vxlan' ? 50 : 100) - (typeof node.encapIp === 'number' ? 0 : 20)
}
