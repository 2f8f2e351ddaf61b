// SM-NAT-PORT: several gateways behind one public address with one port.

import { place, type Rule } from '../rule.ts'
import { gatewaysOf, udpPortOf } from '../submariner.ts'

export const smNatPort: Rule = {
  code: 'SM020',
  title: 'Several gateways behind one public address with the same port',
  severity: 'error between clusters, warning between gateways of one cluster',
  explanation:
    'A NAT device can pass a port to one machine only. Gateways that share a public address need ports of their own: annotate the nodes with gateway.submariner.io/udp-port, and forward each.',
  basis: [
    'SM-NAT-PORT',
    'https://github.com/submariner-io/submariner/issues/1490',
    'https://github.com/submariner-io/submariner/issues/1492',
  ],
  check(plan, report) {
    const seen = new Map<
      string,
      { readonly cluster: string; readonly name: string; readonly place: ReturnType<typeof place> }
    >()
    for (const cluster of plan.submariner) {
      for (const node of gatewaysOf(cluster)) {
        if (node.publicIp === undefined) continue
        const address = node.publicIp.value.replace(/^ipv4:/, '')
        const port = udpPortOf(cluster, node)
        const here = {
          cluster: cluster.id,
          name: node.name.value,
          place: place(node.publicIp.span, `${cluster.id} gateway ${node.name.value}, port ${port}`),
        }
        const before = seen.get(`${address} ${port}`)
        if (before === undefined) seen.set(`${address} ${port}`, here)
        else
          report({
            severity: before.cluster === cluster.id ? 'warning' : 'error',
            message: `${before.cluster}/${before.name} and ${here.cluster}/${here.name} share ${address} and port ${port}`,
            places: [before.place, here.place],
            effect: 'The NAT device passes the packets of both to one of them; the other never connects.',
            hint: 'give one gateway another gateway.submariner.io/udp-port and forward it',
            clusters: [before.cluster, cluster.id],
            subject: [address, String(port)],
          })
      }
    }
  },
}
