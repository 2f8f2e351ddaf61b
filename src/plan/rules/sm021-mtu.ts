// SM-MTU: a WAN that is narrower than the gateways believe.

import { cableInner, legsOf } from '../mtu.ts'
import { place, type Rule } from '../rule.ts'
import { driverOf, gatewaysOf } from '../submariner.ts'

export const smMtu: Rule = {
  code: 'SM021',
  title: 'The link between gateways carries less than their interfaces',
  severity: 'warning',
  explanation:
    'Gateways work out their MTU and the clamping of TCP from their own interface; nothing looks at the WAN. Where it carries less, large packets are dropped there, and if the ICMP message is filtered transfers hang. TCP is helped by an annotation on every node, `submariner.io/tcp-clamp-mss`; UDP is not.',
  basis: [
    'SM-MTU',
    'submariner-semantics 2.6',
    'https://github.com/submariner-io/submariner/issues/1610',
    'https://github.com/submariner-io/submariner/issues/2132',
    'https://github.com/submariner-io/submariner/issues/1488',
    'https://github.com/submariner-io/submariner/pull/1872',
  ],
  check(plan, report) {
    const legs = legsOf(plan)
    if (plan.wans.length === 0) return
    for (const [i, a] of plan.submariner.entries()) {
      for (const b of plan.submariner.slice(i + 1)) {
        const wan = legs.wan(a, b)
        if (wan === undefined) continue
        for (const cluster of [a, b]) {
          const nodes = gatewaysOf(cluster).map((node) => node.mtu?.value ?? 0)
          const mtu = Math.max(plan.underlayMtu?.value ?? 1500, ...nodes)
          const mss = wan.mtu.value - 120
          const clamped =
            cluster.nodes.length > 0 &&
            cluster.nodes.every(({ tcpClampMss }) => tcpClampMss !== undefined && tcpClampMss.value <= mss)
          if (wan.mtu.value >= mtu || clamped) continue
          const inner = cableInner(
            driverOf(cluster),
            wan.mtu.value,
            cluster.submariner?.forceUdpEncaps?.value === true,
          )
          report({
            severity: 'warning',
            message: `gateways of ${cluster.id} reckon with ${mtu} bytes, and ${wan.what} carries ${wan.mtu.value}`,
            places: [place(wan.mtu.span, wan.what), place(plan.underlayMtu?.span, 'underlay')],
            effect: `Packets of pods over ${inner} bytes are dropped between ${a.id} and ${b.id}; where the ICMP message is filtered, transfers hang.`,
            hint: `annotate the nodes with submariner.io/tcp-clamp-mss=${mss}`,
            clusters: [a.id, b.id],
            subject: [a.id, b.id, cluster.id, String(wan.mtu.value)],
          })
        }
      }
    }
  },
}
