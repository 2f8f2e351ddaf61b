// Subnet, Vpc, Node and Pod objects → drafts. Only what the interconnection sees is read: Kube-OVN's CRDs
// (kubeovn.io/v1) and the annotations its daemon writes on nodes and pods.

import type { StaticRoute } from '../model/network.ts'
import { parseIp } from '../net/ip.ts'
import type { Context } from './context.ts'
import {
  type ClusterDraft,
  DEFAULT_ROUTER,
  type NodeDraft,
  type PodDraft,
  type SubnetDraft,
} from './draft.ts'
import type { Manifest } from './manifest.ts'
import { Fields } from './manifest-fields.ts'
import { checkMatch, checkRoute, readIps } from './read-cluster.ts'
import { readGatewayAddresses } from './read-subnet.ts'
import { checkEndpoint } from './reserved.ts'
import { placedTexts } from './texts.ts'
import { readIp, readMac } from './values.ts'

/** Kube-OVN's annotations. */
const ANNOTATION = 'ovn.kubernetes.io/'

/** Reads a Subnet of the default VPC; subnets that have no router port there are noted and left out (4.7). */
export function readSubnetManifest(context: Context, manifest: Manifest): SubnetDraft | undefined {
  const fields = new Fields(context, manifest)
  const name = fields.name
  const vpc = fields.text('spec', 'vpc')
  if (vpc !== undefined && vpc !== '' && vpc !== DEFAULT_ROUTER) {
    context.diagnostics.info(
      'IN074',
      `the subnet ${name} belongs to the VPC ${vpc}, which is never interconnected`,
      { span: fields.at('spec', 'vpc').span },
    )
    return undefined
  }
  if (
    (fields.text('spec', 'vlan') ?? '') !== '' &&
    fields.flag('spec', 'logicalGateway') !== true &&
    fields.flag('spec', 'u2oInterconnection') !== true
  ) {
    context.diagnostics.info(
      'IN074',
      `the underlay subnet ${name} has no router port and is never interconnected`,
      { span: fields.at('spec', 'vlan').span },
    )
    return undefined
  }
  const cidr = fields.text('spec', 'cidrBlock')
  if (cidr === undefined || cidr === '') {
    if (fields.raw('spec', 'cidrBlock') === undefined || cidr === '')
      context.diagnostics.error('IN011', `the Subnet ${name} has no spec.cidrBlock`, {
        span: fields.at('spec').span,
        expected: 'a CIDR such as 10.16.0.0/16',
      })
    return undefined
  }
  const gatewayText = fields.text('spec', 'gateway')
  const gateways = readGatewayAddresses(
    context,
    placedTexts(cidr, fields.at('spec', 'cidrBlock')),
    gatewayText === undefined || gatewayText === ''
      ? []
      : placedTexts(gatewayText, fields.at('spec', 'gateway')),
  )
  if (gateways === undefined || name === '') return undefined
  const type = fields.text('spec', 'gatewayType')
  // `gatewayNode` may give an egress address behind a colon: node1:172.18.0.2,node2.
  const nodes = placedTexts(fields.text('spec', 'gatewayNode'), fields.at('spec', 'gatewayNode')).filter(
    (node) => node.value !== '',
  )
  return {
    name,
    at: fields.nameAt,
    gateways,
    router: { value: DEFAULT_ROUTER, at: fields.at('spec', 'vpc') },
    routeTable: fields.text('spec', 'routeTable') ?? '',
    disableInterConnection: fields.flag('spec', 'disableInterConnection') ?? false,
    gatewayType: type === 'centralized' ? 'centralized' : 'distributed',
    gatewayNodes: nodes.map(({ value, at }) => ({ value: value.replace(/:.*$/, ''), at })),
    options: {},
  }
}

/** Reads a Node: InternalIP addresses, host name, and what Kube-OVN's daemon has written on it. */
export function readNodeManifest(context: Context, manifest: Manifest): NodeDraft | undefined {
  const fields = new Fields(context, manifest)
  const name = fields.name
  const internal = addressesOf(fields, 'InternalIP').flatMap(({ text, index }) => {
    const at = fields.at('status', 'addresses', index, 'address')
    const ip = readIp(context, text, at)
    return ip === undefined ? [] : [{ value: ip, at }]
  })
  const [first] = internal
  if (first === undefined) {
    context.diagnostics.error('IN011', `the Node ${name} has no InternalIP`, {
      span: fields.nameAt.span,
      expected:
        'status.addresses with an entry of the type InternalIP, as kubectl get nodes -o yaml prints it',
    })
    return undefined
  }
  if (!checkEndpoint(context, first)) return undefined
  const chassis = fields.text('metadata', 'annotations', `${ANNOTATION}chassis`)
  const join = fields.text('metadata', 'annotations', `${ANNOTATION}ip_address`)
  const joinMac = fields.text('metadata', 'annotations', `${ANNOTATION}mac_address`)
  const label = fields.text('metadata', 'labels', `${ANNOTATION}ic-gw`)
  return {
    name,
    at: fields.nameAt,
    ip: first,
    chassis:
      chassis === undefined || chassis === ''
        ? undefined
        : { value: chassis, at: fields.at('metadata', 'annotations', `${ANNOTATION}chassis`) },
    hostname: addressesOf(fields, 'Hostname')[0]?.text,
    encapType: 'geneve',
    internalIps: internal.map((one) => one.value),
    joinIps:
      join === undefined
        ? []
        : readIps(context, join, fields.at('metadata', 'annotations', `${ANNOTATION}ip_address`)).map(
            (one) => one.value,
          ),
    joinMac:
      joinMac === undefined
        ? undefined
        : readMac(context, joinMac, fields.at('metadata', 'annotations', `${ANNOTATION}mac_address`)),
    interconn: label === undefined ? undefined : label === 'true',
  }
}

function addressesOf(fields: Fields, type: string): { readonly text: string; readonly index: number }[] {
  return fields.list('status', 'addresses').flatMap((_, index) => {
    if (fields.text('status', 'addresses', index, 'type') !== type) return []
    const text = fields.text('status', 'addresses', index, 'address')
    return text === undefined ? [] : [{ text, index }]
  })
}

/** Reads a Pod; those on the host's network, those that are done and those without an address yet are noted and left out. */
export function readPodManifest(context: Context, manifest: Manifest): PodDraft | undefined {
  const fields = new Fields(context, manifest)
  const name = fields.name
  if (name === '') return undefined
  // kubectl goes on printing the address of a pod that is done, which another pod may have by now.
  const phase = fields.text('status', 'phase')
  const without =
    fields.flag('spec', 'hostNetwork') === true
      ? 'is on the network of its node'
      : phase === 'Succeeded' || phase === 'Failed'
        ? `is done (${phase})`
        : undefined
  if (without !== undefined) {
    context.diagnostics.info('IN074', `the pod ${name} ${without} and is left out`, {
      span: fields.nameAt.span,
    })
    return undefined
  }
  const annotation = (key: string): readonly ['metadata', 'annotations', string] => [
    'metadata',
    'annotations',
    `${ANNOTATION}${key}`,
  ]
  const node = fields.text('spec', 'nodeName')
  const annotated = fields.text(...annotation('ip_address'))
  const ips =
    annotated !== undefined
      ? readIps(context, annotated, fields.at(...annotation('ip_address')))
      : statusIps(context, fields)
  const subnet = fields.text(...annotation('logical_switch'))
  // A Pod that nobody has scheduled yet has neither; one that a user writes by hand may lack both and gets defaults.
  if (ips.length === 0 && phase === 'Pending') {
    context.diagnostics.info('IN074', `the pod ${name} has no address yet and is left out`, {
      span: fields.nameAt.span,
    })
    return undefined
  }
  const macText = fields.text(...annotation('mac_address'))
  const mac =
    macText === undefined ? undefined : readMac(context, macText, fields.at(...annotation('mac_address')))
  return {
    name,
    at: fields.nameAt,
    node: node === undefined ? undefined : { value: node, at: fields.at('spec', 'nodeName') },
    subnet:
      subnet === undefined ? undefined : { value: subnet, at: fields.at(...annotation('logical_switch')) },
    ips,
    mac: mac === undefined ? undefined : { value: mac, at: fields.at(...annotation('mac_address')) },
    lsp: `${name}.${fields.text('metadata', 'namespace') ?? 'default'}`,
  }
}

function statusIps(context: Context, fields: Fields): PodDraft['ips'] {
  const listed = fields
    .list('status', 'podIPs')
    .flatMap((_, i) =>
      readIps(context, fields.text('status', 'podIPs', i, 'ip'), fields.at('status', 'podIPs', i, 'ip')),
    )
  return listed.length > 0
    ? listed
    : readIps(context, fields.text('status', 'podIP'), fields.at('status', 'podIP'))
}

/** Adds the routes and policies of the default VPC to the cluster; other VPCs are noted (4.7). */
export function readVpcManifest(context: Context, draft: ClusterDraft, manifest: Manifest): void {
  const fields = new Fields(context, manifest)
  const name = fields.name
  if (name !== DEFAULT_ROUTER) {
    if (name !== '')
      context.diagnostics.info('IN074', `the VPC ${name} is never interconnected and left out`, {
        span: fields.nameAt.span,
      })
    return
  }
  const index = draft.routers.findIndex((router) => router.name === DEFAULT_ROUTER)
  const router = draft.routers[index]!
  draft.routers[index] = {
    ...router,
    staticRoutes: [...router.staticRoutes, ...vpcRoutes(context, fields)],
    policies: [...router.policies, ...vpcPolicies(context, fields)],
  }
}

function vpcRoutes(context: Context, fields: Fields): StaticRoute[] {
  return fields.list('spec', 'staticRoutes').flatMap((_, i) => {
    const prefix = fields.text('spec', 'staticRoutes', i, 'cidr')
    const nexthop = fields.text('spec', 'staticRoutes', i, 'nextHopIP')
    if (prefix === undefined || nexthop === undefined) {
      context.diagnostics.error('IN011', 'a static route of a Vpc needs cidr and nextHopIP', {
        span: fields.at('spec', 'staticRoutes', i).span,
      })
      return []
    }
    if (
      !checkRoute(
        context,
        prefix,
        nexthop,
        fields.at('spec', 'staticRoutes', i, 'cidr'),
        fields.at('spec', 'staticRoutes', i, 'nextHopIP'),
      )
    )
      return []
    const policy = fields.text('spec', 'staticRoutes', i, 'policy') === 'policySrc' ? 'src-ip' : 'dst-ip'
    const ecmp = (fields.text('spec', 'staticRoutes', i, 'ecmpMode') ?? '') !== ''
    return [
      {
        prefix,
        nexthop,
        policy,
        routeTable: fields.text('spec', 'staticRoutes', i, 'routeTable') ?? '',
        ecmp,
      } as const,
    ]
  })
}

function vpcPolicies(context: Context, fields: Fields): ClusterDraft['routers'][number]['policies'] {
  return fields.list('spec', 'policyRoutes').flatMap((_, i) => {
    const path = ['spec', 'policyRoutes', i] as const
    const priority = fields.whole(...path, 'priority')
    const match = fields.text(...path, 'match')
    const action = fields.text(...path, 'action')
    if (
      priority === undefined ||
      match === undefined ||
      (action !== 'allow' && action !== 'drop' && action !== 'reroute')
    ) {
      context.diagnostics.error('IN011', 'a policy route of a Vpc needs priority, match and action', {
        span: fields.at(...path).span,
        expected: 'action: allow, drop or reroute',
      })
      return []
    }
    if (!checkMatch(context, match, fields.at(...path, 'match'))) return []
    const hops = placedTexts(fields.text(...path, 'nextHopIP'), fields.at(...path, 'nextHopIP')).map(
      (hop) => hop.value,
    )
    return [{ priority, match, action, nexthops: hops.filter((hop) => parseIp(hop) !== undefined) }]
  })
}
