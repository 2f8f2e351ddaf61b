// Submariner as it is applied: the Submariner object of its operator, and the values of its Helm chart.

import type { NetworkRole, PlanSubmariner, Written } from '../../model/plan.ts'
import { isMapping, type PlanDocument, View } from './document.ts'
import type { PlanDraft } from './draft.ts'

type Settings = { -readonly [K in keyof PlanSubmariner]: PlanSubmariner[K] }

export function readSubmarinerObject({ draft, value, at, cluster }: PlanDocument): void {
  const spec = new View(draft, value, at).in('spec')
  const settings = draft.submariner(cluster, at.in('kind').span)
  take(settings, {
    clusterId: spec.text('clusterID'),
    version: spec.text('version'),
    cableDriver: spec.text('cableDriver'),
    natt: spec.flag('natEnabled'),
    forceUdpEncaps: spec.flag('ceIPSecForceUDPEncaps'),
    healthCheck: spec.flag('connectionHealthCheck', 'enabled'),
    airGapped: spec.flag('airGappedDeployment'),
    udpPort: spec.number(1, 'ceIPSecNATTPort'),
    broker: spec.text('brokerK8sApiServer'),
    psk: spec.text('ceIPSecPSK'),
  })
  addNetworks(draft, cluster, spec, {
    clusterCIDR: 'cluster-cidr',
    serviceCIDR: 'services',
    globalCIDR: 'globalnet',
  })
  globalnetFrom(settings, spec.text('globalCIDR'))
}

/** True for values of the chart submariner-operator. */
export function isHelmValues(value: Readonly<Record<string, unknown>>): boolean {
  return !('kind' in value) && isMapping(value.submariner) && !('clusters' in value)
}

export function readHelmValues({ draft, value, at, cluster }: PlanDocument): void {
  const top = new View(draft, value, at)
  const own = top.in('submariner')
  const settings = draft.submariner(cluster, own.at.key)
  take(settings, {
    clusterId: own.text('clusterId'),
    cableDriver: own.text('cableDriver'),
    natt: own.flag('natEnabled'),
    healthCheck: own.flag('healthCheckEnabled') ?? own.flag('healthCheck', 'enabled'),
    airGapped: own.flag('airGappedDeployment'),
    forceUdpEncaps: top.flag('ipsec', 'forceUDPEncaps'),
    udpPort: top.number(1, 'ipsec', 'natPort'),
    psk: top.text('ipsec', 'psk'),
    broker: top.text('broker', 'server'),
    globalnet: top.flag('broker', 'globalnet'),
  })
  addNetworks(draft, cluster, own, {
    clusterCidr: 'cluster-cidr',
    serviceCidr: 'services',
    globalCidr: 'globalnet',
  })
}

/** Networks by the key that holds them; a list with commas is several. */
export function addNetworks(
  draft: PlanDraft,
  cluster: string,
  view: View,
  keys: Readonly<Record<string, NetworkRole>>,
): void {
  for (const [key, role] of Object.entries(keys))
    for (const { value: prefix, span } of view.networks(key))
      draft.network({ cluster, role, name: key, prefix, span, exported: false })
}

/** A global CIDR is only given where Globalnet is on. */
function globalnetFrom(settings: Settings, globalCidr: Written<string> | undefined): void {
  if (globalCidr !== undefined) settings.globalnet ??= { value: true, span: globalCidr.span }
}

/** Takes what is given; the first word about a setting stays. */
export function take(settings: Settings, given: { [K in keyof Settings]?: Settings[K] | undefined }): void {
  for (const [key, value] of Object.entries(given))
    if (value !== undefined && (settings as Record<string, unknown>)[key] === undefined)
      (settings as Record<string, unknown>)[key] = value
}
