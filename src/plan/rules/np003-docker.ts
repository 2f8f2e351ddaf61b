// Networks of Docker and kind on the hosts.

import { formatPrefix, overlaps, parsePrefix } from '../../net/prefix.ts'
import { POD_ROLES } from '../index.ts'
import { eachOverlap } from '../overlap.ts'
import type { Rule } from '../rule.ts'
import { named, networkKey, networkName, networkPlace } from '../words.ts'

const HOST_ROLES: ReadonlySet<string> = new Set(['docker', 'kind'])
/** What docker0 has unless told otherwise. */
const DEFAULT_BRIDGE = parsePrefix('172.17.0.0/16')!

export const dockerNetworks: Rule = {
  code: 'NP003',
  title: 'A network of Docker or kind over one of the plan',
  severity:
    'error within a cluster, warning across clusters, info where no file says whether hosts have Docker',
  explanation:
    'A host with Docker has a connected route for 172.17.0.0/16 (and 172.18.0.0/16, … for further networks; kind makes one), which wins over anything that comes by a gateway. Pods, services or peers with such addresses cannot be reached from that host, and a node in a container answers to the wrong side. Hosts may share one docker network name for name, which is left alone.\n\nSet `bip` and `default-address-pools` in /etc/docker/daemon.json.',
  basis: ['Docker: bip, default-address-pools'],
  check(plan, report) {
    eachOverlap(
      plan,
      ({ role }) => role !== 'transit' && role !== 'globalnet',
      ({ outer, inner }) => {
        const all = [...new Set([...outer, ...inner])]
        const hosts = all.filter(({ role }) => HOST_ROLES.has(role))
        // The nodes of a kind cluster live in the kind network.
        const others = all.filter(({ role }) => !HOST_ROLES.has(role) && role !== 'nodes')
        const [first] = hosts
        if (first === undefined || others.length === 0) return
        const same = others.some(({ cluster }) =>
          hosts.some((one) => one.cluster === cluster || one.cluster === ''),
        )
        report({
          severity: same ? 'error' : 'warning',
          message: `${networkName(first)}, ${formatPrefix(first.prefix)}, overlaps with ${named(
            others.map((one) => `${networkName(one)}, ${formatPrefix(one.prefix)}`),
            3,
          )}`,
          places: [...hosts, ...others].map(networkPlace),
          addresses: [inner[0]!.prefix],
          effect: 'On hosts with that bridge packets for these addresses stay on the host and are lost.',
          hint: 'move the bridge with bip and default-address-pools of Docker',
          clusters: all.map(({ cluster }) => cluster),
          subject: all.map(networkKey).sort(),
        })
      },
    )
    if (plan.networks.some(({ role }) => HOST_ROLES.has(role))) return
    for (const network of plan.networks) {
      if (!POD_ROLES.has(network.role) && network.role !== 'services') continue
      if (!overlaps(network.prefix, DEFAULT_BRIDGE)) continue
      report({
        severity: 'info',
        message: `${networkName(network)}, ${formatPrefix(network.prefix)}, overlaps with ${formatPrefix(DEFAULT_BRIDGE)}, which Docker takes on its hosts`,
        places: [networkPlace(network)],
        addresses: [network.prefix.len > DEFAULT_BRIDGE.len ? network.prefix : DEFAULT_BRIDGE],
        effect: 'On hosts with Docker as it comes packets for these addresses stay on the host and are lost.',
        hint: 'nothing to do where no host of these clusters, and none that talks to them, runs Docker',
        clusters: [network.cluster],
        subject: [networkKey(network), 'default bridge'],
      })
    }
  },
}
