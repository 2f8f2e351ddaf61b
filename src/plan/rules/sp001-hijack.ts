// SP-HIJACK: every remote network must be in hijackCIDR.

import { covers, formatPrefix } from '../../net/prefix.ts'
import { place, type Rule } from '../rule.ts'
import { named, networkPlace } from '../words.ts'

export const spHijack: Rule = {
  code: 'SP001',
  title: 'hijackCIDR misses a network of another cluster',
  severity: 'error',
  explanation:
    "A macvlan pod sends what it has no route for out of its own interface to the physical gateway, past the node and everything that Submariner has set up there. The coordinator's hijackCIDR makes the routes that lead to the node instead, so it must hold the pod and service networks of every other cluster.",
  basis: [
    'SP-HIJACK',
    'submariner-semantics 6.2',
    'submariner-semantics 6.4',
    'https://github.com/spidernet-io/spiderpool/pull/2774',
  ],
  check(plan, report) {
    for (const config of plan.multus) {
      const own = plan.cluster(config.cluster)
      if (own?.submariner === undefined && plan.submariner.length > 0) continue
      const others = plan.submariner.filter(({ id }) => id !== config.cluster)
      // Without Submariner's own documents the pools and services of the other clusters stand for what they will carry.
      const remote =
        others.length > 0
          ? others.flatMap(({ carried }) => carried)
          : plan.networks.filter(
              ({ cluster, role }) =>
                cluster !== '' &&
                cluster !== config.cluster &&
                (role === 'pool' || role === 'services') &&
                plan.multus.some((one) => one.cluster === cluster),
            )
      const hijack = config.hijack ?? []
      const missing = remote.filter(({ prefix }) => !hijack.some(({ value }) => covers(value, prefix)))
      if (missing.length === 0) continue
      report({
        severity: 'error',
        message: `hijackCIDR of ${config.name.value} in ${config.cluster} misses ${named(missing.map((one) => `${formatPrefix(one.prefix)} of ${one.cluster}`))}`,
        places: [place(config.span, `SpiderMultusConfig of ${config.cluster}`), ...missing.map(networkPlace)],
        addresses: missing.map(({ prefix }) => prefix),
        effect:
          'Pods send packets for these addresses to the physical gateway of their underlay, which has no route for them.',
        hint: `add ${missing.map(({ prefix }) => formatPrefix(prefix)).join(', ')} to coordinator.hijackCIDR`,
        clusters: [config.cluster, ...missing.map(({ cluster }) => cluster)],
        subject: [
          config.cluster,
          config.name.value,
          ...missing.map(({ prefix }) => formatPrefix(prefix)).sort(),
        ],
      })
    }
  },
}
