// SM-GW-REACH: ports between gateways.

import { closedBy } from '../firewall.ts'
import { place, type Rule } from '../rule.ts'
import { driverOf, udpPortOf } from '../submariner.ts'

export const smGatewayReach: Rule = {
  code: 'SM005',
  title: 'The firewall closes what Submariner needs between gateways',
  severity: 'error; warning for NAT discovery (UDP 4490)',
  explanation:
    'Gateways talk on UDP 4500 (IKE, WireGuard or VXLAN), discover NAT on UDP 4490, and with libreswan send ESP (IP protocol 50) where there is no NAT between them and UDP encapsulation is not forced. Blocked ESP is the treacherous one: IKE succeeds, the connection is shown as connected, and no data passes. Without 4490 the tunnel comes up after 60 seconds of waiting.\n\nOpen them, or join with `--force-udp-encaps` so that ESP is not needed.',
  basis: [
    'SM-GW-REACH',
    'submariner-semantics 2.11',
    'https://github.com/submariner-io/submariner/issues/1312',
    'https://github.com/submariner-io/submariner/issues/2658',
    'https://github.com/submariner-io/submariner/issues/2775',
    'https://github.com/submariner-io/submariner/issues/3701',
    'https://github.com/submariner-io/submariner/issues/2076',
  ],
  check(plan, report) {
    const { firewall, submariner } = plan
    if (firewall === undefined || submariner.length < 2) return
    const ports = new Set(
      submariner.flatMap((cluster) => [
        udpPortOf(cluster),
        ...cluster.nodes.filter((node) => node.udpPort !== undefined).map((node) => udpPortOf(cluster, node)),
      ]),
    )
    const raw = submariner.some(
      (cluster) => driverOf(cluster) === 'libreswan' && cluster.submariner?.forceUdpEncaps?.value !== true,
    )
    const needed = [
      ...[...ports].sort().map((port) => ({
        entry: `udp/${port}`,
        severity: 'error' as const,
        effect: 'Connections stay in "connecting"; no packet crosses.',
      })),
      {
        entry: 'udp/4490',
        severity: 'warning' as const,
        effect:
          'Each connection waits 60 seconds for NAT discovery before it falls back, after every failover too.',
      },
      ...(raw
        ? [
            {
              entry: 'esp',
              severity: 'error' as const,
              effect:
                'IKE succeeds and the connection is shown as connected, but every packet between pods is dropped.',
            },
          ]
        : []),
    ]
    for (const { entry, severity, effect } of needed) {
      const closed = closedBy(firewall, entry)
      if (closed === undefined) continue
      report({
        severity,
        message: `the firewall does not let ${entry} through between gateways`,
        places: [place(closed, 'firewall')],
        effect,
        hint:
          entry === 'esp'
            ? 'open IP protocol 50, or join with --force-udp-encaps'
            : `open ${entry} between all gateways`,
        clusters: submariner.map(({ id }) => id),
        subject: [entry],
      })
    }
  },
}
