// How clusters are made: kubeadm's ClusterConfiguration and kind's Cluster, with the defaults that both have.

import type { NetworkRole, PlanNetwork } from '../../model/plan.ts'
import { parsePrefix } from '../../net/prefix.ts'
import { type PlanDocument, View } from './document.ts'

export function readClusterConfiguration({ draft, value, at, cluster }: PlanDocument): void {
  const view = new View(draft, value, at)
  const entry = draft.cluster(cluster, at.in('kind').span)
  const version = view.text('kubernetesVersion')
  if (version !== undefined) entry.kubernetes = version
  const mask = ['node-cidr-mask-size', 'node-cidr-mask-size-ipv4'].flatMap((key) => {
    const args = view.raw('controllerManager', 'extraArgs')
    // v1beta4 has a list of { name, value }, before it was a mapping.
    const index = Array.isArray(args)
      ? args.findIndex((one) => (one as { name?: unknown })?.name === key)
      : -1
    return (
      (index >= 0
        ? view.number(1, 'controllerManager', 'extraArgs', index, 'value')
        : view.number(1, 'controllerManager', 'extraArgs', key)) ?? []
    )
  })[0]
  addNetworks(view, cluster, 'cluster-cidr', 'podSubnet', view.in('networking'), mask)
  if (!addNetworks(view, cluster, 'services', 'serviceSubnet', view.in('networking'), undefined))
    assume(view, cluster, 'services', 'serviceSubnet', '10.96.0.0/12', "kubeadm's default")
}

export function readKind({ draft, value, at, cluster }: PlanDocument): void {
  const view = new View(draft, value, at)
  draft.cluster(cluster, at.in('kind').span)
  const networking = view.in('networking')
  const six = networking.text('ipFamily')?.value === 'ipv6'
  if (!addNetworks(view, cluster, 'cluster-cidr', 'podSubnet', networking, undefined))
    assume(
      view,
      cluster,
      'cluster-cidr',
      'podSubnet',
      six ? 'fd00:10:244::/56' : '10.244.0.0/16',
      "kind's default",
    )
  if (!addNetworks(view, cluster, 'services', 'serviceSubnet', networking, undefined))
    assume(
      view,
      cluster,
      'services',
      'serviceSubnet',
      six ? 'fd00:10:96::/112' : '10.96.0.0/16',
      "kind's default",
    )
  const disabled = networking.flag('disableDefaultCNI')
  if (disabled?.value === true) draft.cluster(cluster, at.span).cni = { value: 'none', span: disabled.span }
  const proxy = networking.text('kubeProxyMode')
  if (proxy !== undefined) draft.cluster(cluster, at.span).kubeProxy = proxy
}

function addNetworks(
  view: View,
  cluster: string,
  role: NetworkRole,
  key: string,
  networking: View,
  nodeLength: PlanNetwork['nodeLength'],
): boolean {
  const found = networking.networks(key)
  for (const { value: prefix, span } of found)
    view.draft.network({
      cluster,
      role,
      name: key,
      prefix,
      span,
      exported: false,
      ...(nodeLength !== undefined && typeof prefix.ip === 'number' && { nodeLength }),
    })
  return found.length > 0 || networking.raw(key) !== undefined
}

function assume(
  view: View,
  cluster: string,
  role: NetworkRole,
  name: string,
  text: string,
  why: string,
): void {
  const prefix = parsePrefix(text)!
  view.draft.network({
    cluster,
    role,
    name,
    prefix,
    span: view.at.in('kind').span,
    assumed: why,
    exported: false,
  })
}
