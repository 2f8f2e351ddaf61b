// Routes inside a pod that cannot be those of the plan.

import { equalIp, formatIp, parseIp } from '../../net/ip.ts'
import { contains, covers, formatPrefix, parsePrefix } from '../../net/prefix.ts'
import { place, type Rule } from '../rule.ts'
import { named, networkPlace } from '../words.ts'

export const spShownRoutes: Rule = {
  code: 'SP012',
  title: 'Routes shown inside a pod contradict the plan',
  severity: 'warning',
  explanation:
    "The coordinator makes these routes from what it is given: each hijacked network by an address of the node, with the pod's own address as source, beside a default route by the pool's gateway. A source address that no pool gives, a next hop that is no address of a node, or a missing default route mean that the output is of another installation, or that the plan is not what runs. A network by a node that no document names is the pod network of another CNI: the coordinator adds it by itself, and what was planned for clusters without one is not what runs. The example on Spiderpool's page has all four, 10.233.64.0/18 where clusters without CNI are asked for.",
  basis: [
    'submariner-semantics 6.2',
    'submariner-semantics 6.3',
    "Spiderpool's documentation: multi-cluster networking with Submariner",
  ],
  check(plan, report) {
    for (const { cluster: id, span, routes } of plan.podRoutes) {
      const cluster = plan.cluster(id)
      const pools = cluster?.networks.filter(({ role }) => role === 'pool') ?? []
      const nodes = [
        ...(cluster?.nodes.flatMap((node) => [...node.ips, ...node.interfaces]) ?? []),
        ...plan.shownAddresses.filter((one) => one.cluster === id).map(({ ip }) => ip),
      ]
      const seen = new Set<string>()
      for (const { source, via } of routes) {
        const from = parseIp(source?.value ?? '')
        if (
          source !== undefined &&
          from !== undefined &&
          !seen.has(source.value) &&
          pools.length > 0 &&
          !pools.some(({ prefix }) => contains(prefix, from))
        ) {
          seen.add(source.value)
          report({
            severity: 'warning',
            message: `a pod of ${id} sends from ${source.value}, which no pool gives`,
            places: [place(source.span, 'source address'), ...pools.map(networkPlace)],
            addresses: [{ ip: from, len: typeof from === 'number' ? 32 : 128 }],
            effect: 'Answers to this address find no pod of the pools in the plan.',
            hint: `pools give ${named(pools.map(({ prefix }) => formatPrefix(prefix)))}`,
            clusters: [id],
            subject: [id, 'source', source.value],
          })
        }
        const hop = parseIp(via?.value ?? '')
        if (via === undefined || hop === undefined || seen.has(via.value) || nodes.length === 0) continue
        if (
          nodes.some(({ value }) => equalIp(value, hop)) ||
          pools.some(({ prefix }) => contains(prefix, hop))
        )
          continue
        seen.add(via.value)
        report({
          severity: 'warning',
          message: `routes of a pod of ${id} lead to ${via.value}, which is no address of a node`,
          places: [
            place(via.span, 'next hop'),
            ...nodes.map(({ value, span: at }) => place(at, `node ${formatIp(value)}`)),
          ],
          addresses: [{ ip: hop, len: typeof hop === 'number' ? 32 : 128 }],
          effect: 'What the pod sends to hijacked networks goes to a neighbour that does not exist.',
          clusters: [id],
          subject: [id, 'via', via.value],
        })
      }
      const declared = [
        ...plan.networks.map(({ prefix }) => prefix),
        ...plan.multus.flatMap(({ hijack = [] }) => hijack.map(({ value }) => value)),
      ]
      const none = /^none$/i.test(cluster?.cni?.value ?? '') ? cluster!.cni! : undefined
      const knowsServices = cluster?.networks.some(({ role }) => role === 'services') === true
      for (const { to, via, device } of routes) {
        const prefix = parsePrefix(to.value)
        if (via === undefined || device !== 'veth0' || prefix === undefined || prefix.len === 0) continue
        if (pools.length === 0 || !knowsServices || !to.value.includes('/')) continue
        if (declared.some((one) => covers(one, prefix))) continue
        report({
          severity: 'warning',
          message: `a pod of ${id} has a route to ${to.value}, which no document names${none === undefined ? '' : `, and ${id} shall have no CNI`}`,
          places: [place(to.span, 'route by the node'), place(none?.span, `network plugin of ${id}`)],
          addresses: [prefix],
          effect:
            'It is the pod network of another CNI that runs here: pods have a second way out, and Submariner does not know the addresses.',
          hint: `name it as clusterCidr of ${id} where pods use it, or take the CNI away`,
          clusters: [id],
          subject: [id, 'to', to.value],
        })
      }
      if (
        routes.length > 1 &&
        !routes.some(({ to }) => to.value === 'default' || parsePrefix(to.value)?.len === 0)
      )
        report({
          severity: 'warning',
          message: `a pod of ${id} shows no default route`,
          places: [place(span, 'routes of the pod')],
          effect:
            "The pool's gateway is not used: packets to anything but the listed networks cannot be sent.",
          hint: 'a pool with a valid gateway gives one',
          clusters: [id],
          subject: [id, 'default'],
        })
    }
  },
}
