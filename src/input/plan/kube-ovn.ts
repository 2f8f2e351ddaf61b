// Kube-OVN's objects as applied: the ConfigMap ovn-ic-config, Subnet, Vpc, IPPool.

import { didYouMean } from '../../diag/suggest.ts'
import type { PlanNetwork, PlanOvnIc } from '../../model/plan.ts'
import { parsePrefix } from '../../net/prefix.ts'
import { CONFIG_KEYS } from '../manifest-config.ts'
import { isMapping, type PlanDocument, View } from './document.ts'

export const IC_CONFIG = 'ovn-ic-config'

/** Reads ovn-ic-config; false for every other ConfigMap. */
export function readIcConfig({ draft, value, at, cluster }: PlanDocument): boolean {
  const view = new View(draft, value, at)
  const name = view.text('metadata', 'name')
  if (name === undefined) return false
  if (name.value !== IC_CONFIG) {
    const near = didYouMean(name.value, [IC_CONFIG])
    if (near === undefined) return false
    draft.diagnostics.warning('IN072', `the ConfigMap ${name.value} is not used`, {
      span: name.span,
      expected: IC_CONFIG,
      hint: near,
    })
    return true
  }
  const data = view.in('data')
  for (const key of isMapping(data.value) ? Object.keys(data.value) : []) {
    if (CONFIG_KEYS.some((one) => one === key)) continue
    draft.diagnostics.warning('IN076', `${IC_CONFIG} has no key ${key}; Kube-OVN ignores it`, {
      span: data.at.in(key).key,
      expected: `one of ${CONFIG_KEYS.join(', ')}`,
      hint: didYouMean(key, CONFIG_KEYS),
    })
  }
  const entry = draft.cluster(cluster, name.span)
  entry.kubeOvn = true
  if (entry.ovnIc !== undefined) {
    draft.diagnostics.error('IN073', `the cluster ${cluster} has two ConfigMaps ${IC_CONFIG}`, {
      span: name.span,
      related: [{ message: 'the first is here', span: entry.ovnIc.span }],
      hint: 'two clusters need two folders or files, each with a name of its own: isthmus check a=one/ b=two/',
    })
    return true
  }
  const literals = (['enable-ic', 'auto-route'] as const).map((key) => ({ key, text: data.text(key) }))
  const autoRoute = data.text('auto-route')
  const enable = data.text('enable-ic')
  const nbPort = data.number(1, 'ic-nb-port')
  const sbPort = data.number(1, 'ic-sb-port')
  entry.ovnIc = {
    span: name.span,
    enabled: enable?.value !== 'false',
    isConfigMap: true,
    azName: data.text('az-name') ?? { value: '', span: data.at.span },
    dbHosts: data.names('ic-db-host'),
    gateways: data.names('gw-nodes'),
    autoRoute: { value: autoRoute?.value === 'true', span: autoRoute?.span ?? data.at.span },
    options: {},
    oddities: literals.flatMap(({ key, text }) =>
      text === undefined || text.value === 'true' || text.value === 'false'
        ? []
        : [{ value: { key, text: text.value }, span: text.span }],
    ),
    ...(nbPort !== undefined && { nbPort }),
    ...(sbPort !== undefined && { sbPort }),
  } satisfies PlanOvnIc
  return true
}

export function readSubnet({ draft, value, at, cluster }: PlanDocument): void {
  const view = new View(draft, value, at)
  const entry = draft.cluster(cluster, at.in('kind').span)
  entry.kubeOvn = true
  const name = view.text('metadata', 'name')?.value ?? 'subnet'
  const spec = view.in('spec')
  const vpc = spec.text('vpc')
  const foreign = vpc !== undefined && vpc.value !== 'ovn-cluster'
  const underlay =
    spec.text('vlan') !== undefined &&
    spec.flag('logicalGateway')?.value !== true &&
    spec.flag('u2oInterconnection')?.value !== true
  const hidden = spec.flag('disableInterConnection')?.value === true
  const withheld = foreign ? 'vpc' : underlay ? 'underlay' : hidden ? 'disableInterConnection' : undefined
  const join = name === 'join'
  const gateways = spec.addresses('gateway')
  const excludes = spec.ranges('excludeIps')
  if (spec.raw('cidrBlock') === undefined)
    draft.diagnostics.error('IN011', `the Subnet ${name} has no spec.cidrBlock`, {
      span: spec.at.span,
      expected: 'a CIDR such as 10.16.0.0/16',
    })
  for (const { value: prefix, span } of spec.networks('cidrBlock')) {
    const family = typeof prefix.ip
    draft.network({
      cluster,
      role: join ? 'join' : underlay ? 'underlay' : 'pods',
      name,
      prefix,
      span,
      exported: withheld === undefined && !join,
      ...(withheld !== undefined && { withheld }),
      ...(vpc !== undefined && { vpc }),
      gateways: gateways.filter((one) => typeof one.value === family),
      excludes: excludes.filter((one) => typeof one.value.first === family),
    } satisfies PlanNetwork)
  }
}

/** Static routes and policies of a VPC. */
export function readVpc({ draft, value, at, cluster }: PlanDocument): void {
  const view = new View(draft, value, at)
  draft.cluster(cluster, at.in('kind').span).kubeOvn = true
  const router = view.text('metadata', 'name')?.value ?? ''
  const spec = view.in('spec')
  const routes = spec.raw('staticRoutes')
  for (const i of Array.isArray(routes) ? routes.keys() : []) {
    const one = spec.in('staticRoutes', i)
    const [prefix, nexthop] = [one.text('cidr'), one.text('nextHopIP')]
    if (prefix === undefined || nexthop === undefined) one.wrong('a route with cidr and nextHopIP')
    else
      draft.routes.push({
        cluster,
        router,
        prefix,
        nexthop,
        policy: one.text('policy')?.value === 'policySrc' ? 'src-ip' : 'dst-ip',
        learned: false,
      })
  }
  const peerings = spec.raw('vpcPeerings')
  for (const i of Array.isArray(peerings) ? peerings.keys() : []) {
    const one = spec.in('vpcPeerings', i)
    const local = one.text('localConnectIP')
    const network = local === undefined ? undefined : parsePrefix(local.value)
    if (local === undefined || network === undefined)
      one.wrong('a peering with remoteVpc and localConnectIP, such as 169.254.0.1/30')
    else {
      const networks = [{ value: network, span: local.span }]
      draft.routerPorts.push({
        cluster,
        router,
        name: one.text('remoteVpc') ?? local,
        networks,
        wanted: true,
      })
    }
  }
  const policies = spec.raw('policyRoutes')
  for (const i of Array.isArray(policies) ? policies.keys() : []) {
    const one = spec.in('policyRoutes', i)
    const [priority, match] = [one.number(0, 'priority'), one.text('match')]
    if (priority === undefined || match === undefined) {
      one.wrong('a policy with priority, match and action')
      continue
    }
    draft.policies.push({
      cluster,
      router,
      priority: priority.value,
      match,
      action: one.text('action')?.value ?? '',
      nexthops: one.names('nextHopIP'),
    })
  }
}

/** An IPPool of Kube-OVN sets addresses of a subnet aside; they are checked against that subnet. */
export function readIpPool({ draft, value, at, cluster }: PlanDocument): void {
  const view = new View(draft, value, at)
  draft.cluster(cluster, at.in('kind').span).kubeOvn = true
  const name = view.text('metadata', 'name')?.value ?? 'ippool'
  const subnet = view.in('spec').text('subnet')
  const ranges = view.in('spec').ranges('ips')
  if (subnet !== undefined) draft.ipPools.push({ cluster, name, subnet, ranges })
}
