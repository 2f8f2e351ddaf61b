// Addresses of pods in pasted output that cannot belong to one installation.

import type { PlanNetwork, Written } from '../../model/plan.ts'
import { equalIp, formatIp, type Ip, parseIp } from '../../net/ip.ts'
import { contains, formatPrefix } from '../../net/prefix.ts'
import type { PlanIndex } from '../index.ts'
import { place, type Report, type Rule } from '../rule.ts'
import { hostPrefix, named, networkPlace } from '../words.ts'

export const spShownAddresses: Rule = {
  code: 'SP014',
  title: 'Output shows a pod with an address that the pods listed do not have',
  severity: 'warning',
  explanation:
    "The list of running pods, the routes inside a pod and a ping from it speak of the same pods. A route's source that is no address of a listed pod, or a ping to an address that no listed pod of the cluster behind it has, or none of its pools gives, mean that the outputs are of different installations: nothing that one of them shows proves anything about the other. On Spiderpool's page the pod with 172.110.1.131 has routes with the source 172.110.168.131, and the ping that shall prove the tunnel goes to 172.111.168.136, while the other pod has 172.111.1.136.",
  basis: ['submariner-semantics 6.3', "Spiderpool's documentation: multi-cluster networking with Submariner"],
  check(plan, report) {
    for (const { cluster, routes } of plan.podRoutes) {
      const listed = listedIn(plan, cluster)
      const seen = new Set<string>()
      for (const { source } of routes) {
        const ip = parseIp(source?.value ?? '')
        if (source === undefined || ip === undefined || seen.has(source.value)) continue
        seen.add(source.value)
        if (isLike(listed, ip))
          say(
            report,
            cluster,
            `a pod of ${cluster} shows routes from`,
            'source of its routes',
            source,
            listed,
          )
      }
    }
    for (const { cluster, target } of plan.pings) {
      const owner = plan.clusters.find(({ networks }) =>
        networks.some(({ role, prefix }) => POD_ROLES.has(role) && contains(prefix, target.value)),
      )
      if (owner === undefined) continue
      const listed = listedIn(plan, owner.id)
      const pools = owner.networks.filter(
        ({ role, prefix }) => role === 'pool' && typeof prefix.ip === typeof target.value,
      )
      const outside = pools.length > 0 && !pools.some(({ prefix }) => contains(prefix, target.value))
      if (isLike(listed, target.value) || outside)
        say(
          report,
          owner.id,
          `${cluster} pings`,
          'pinged',
          { value: formatIp(target.value), span: target.span },
          listed,
          outside ? pools : [],
        )
    }
  },
}

const POD_ROLES: ReadonlySet<string> = new Set(['pods', 'pool', 'cluster-cidr'])

/** Addresses of the pods that a listing shows. */
function listedIn(plan: PlanIndex, cluster: string): Written<Ip>[] {
  return plan.pods.filter((pod) => pod.running === true && pod.cluster === cluster).flatMap(({ ips }) => ips)
}

/** True where pods of the address's family are listed, and none has it. */
function isLike(listed: readonly Written<Ip>[], ip: Ip): boolean {
  const same = listed.filter(({ value }) => typeof value === typeof ip)
  return same.length > 0 && !same.some(({ value }) => equalIp(value, ip))
}

function say(
  report: Report,
  cluster: string,
  who: string,
  label: string,
  { value, span }: Written<string>,
  listed: readonly Written<Ip>[],
  pools: readonly PlanNetwork[] = [],
): void {
  const has =
    listed.length > 0
      ? `and the pods listed have ${named(listed.map((one) => formatIp(one.value)))}`
      : `and the pools give ${named(pools.map(({ prefix }) => formatPrefix(prefix)))}`
  report({
    severity: 'warning',
    message: `${who} ${value}, ${has}`,
    places: [
      place(span, label),
      ...listed.map((one) => place(one.span, `pod ${formatIp(one.value)}`)),
      ...pools.map(networkPlace),
    ],
    addresses: [hostPrefix(parseIp(value)!)],
    effect: 'No pod of the listing sends or answers with this address; the output proves nothing about it.',
    hint: 'take all output from one installation, at one time',
    clusters: [cluster],
    subject: [cluster, label, value],
  })
}
