// SM-MTU-UDP: datagrams that do not fit.

import { cableInner, legsOf } from '../mtu.ts'
import { place, type Rule } from '../rule.ts'
import { driverOf } from '../submariner.ts'

export const smMtuUdp: Rule = {
  code: 'SM022',
  title: 'UDP payloads larger than the path between clusters',
  severity: 'warning',
  explanation:
    "Clamping the segment size helps TCP alone. A UDP datagram with DF that is larger than the tunnel's MTU is answered with an ICMP message at best. On a 1500-byte link ESP with AES-GCM leaves 1446 bytes, 1438 in UDP, WireGuard 1420, VXLAN 1450; 28 of them are headers.",
  basis: ['SM-MTU-UDP', 'submariner-semantics 2.6'],
  check(plan, report) {
    const legs = legsOf(plan)
    for (const cluster of plan.submariner) {
      const { udpPayload, id } = cluster
      const others = plan.submariner.filter((one) => one !== cluster)
      if (udpPayload === undefined || others.length === 0) continue
      const link = Math.min(1500, ...others.map((other) => legs.narrowest(cluster, other)?.mtu.value ?? 1500))
      const driver = driverOf(cluster)
      const room = cableInner(driver, link, cluster.submariner?.forceUdpEncaps?.value === true)
      if (udpPayload.value + 28 <= room) continue
      report({
        severity: 'warning',
        message: `UDP payloads of ${udpPayload.value} bytes from ${id} do not fit into ${driver} cables over ${link} bytes`,
        places: [place(udpPayload.span, `payload of ${id}`)],
        effect: `Datagrams of more than ${room - 28} bytes are dropped at the gateway, or fragmented where they may be.`,
        hint: `send at most ${room - 28} bytes of payload`,
        clusters: [id],
        subject: [id, String(udpPayload.value)],
      })
    }
  },
}
