// Kubernetes objects by kind: which reader takes which, and what an object tells about the name of its cluster.

import { type PlanDocument, valueIn } from './document.ts'
import { IC_CONFIG, readIcConfig, readIpPool, readSubnet, readVpc } from './kube-ovn.ts'
import { readClusterConfiguration, readKind } from './kubeadm.ts'
import { readNode, readPod, readWorkload } from './nodes.ts'
import { readMultus, readSpiderPool } from './spiderpool.ts'
import { readSubmarinerObject } from './submariner.ts'

type Reader = (document: PlanDocument) => unknown

/** Readers by kind, and by the API group where the kind alone is not enough. */
const READERS: Readonly<Record<string, Reader>> = {
  'v1/ConfigMap': readIcConfig,
  'v1/Node': readNode,
  'v1/Pod': readPod,
  'apps/Deployment': readWorkload,
  'apps/DaemonSet': readWorkload,
  'apps/StatefulSet': readWorkload,
  'kubeovn.io/Subnet': readSubnet,
  'kubeovn.io/Vpc': readVpc,
  'kubeovn.io/IPPool': readIpPool,
  'kubeadm.k8s.io/ClusterConfiguration': readClusterConfiguration,
  'kind.x-k8s.io/Cluster': readKind,
  'submariner.io/Submariner': readSubmarinerObject,
  'spiderpool.spidernet.io/SpiderIPPool': readSpiderPool,
  'spiderpool.spidernet.io/SpiderMultusConfig': readMultus,
}

/** The kinds that are read, for messages. */
export const KINDS = Object.keys(READERS).map((name) => name.replace(/^.*\//, ''))

/** Reads an object of a kind that is known; false when nothing reads it. */
export function readObject(document: PlanDocument): boolean {
  const key = keyOf(document.value)
  const reader = Object.hasOwn(READERS, key) ? READERS[key] : undefined
  return reader !== undefined && reader(document) !== false
}

/** `kubeovn.io/Subnet`; the version is left out. An object without apiVersion is taken for any group with that kind. */
function keyOf(value: PlanDocument['value']): string {
  const kind = String(value.kind)
  const version = value.apiVersion
  if (typeof version !== 'string')
    return Object.keys(READERS).find((name) => name.endsWith(`/${kind}`)) ?? kind
  const group = version.includes('/') ? version.slice(0, version.indexOf('/')) : 'v1'
  return `${group}/${kind}`
}

/** A name that a document gives its cluster; what OVN-IC and Submariner call it may differ. */
export interface ClusterName {
  readonly by: 'ovn-ic' | 'kubernetes' | 'submariner'
  readonly name: string
}

/** The name that an object gives its cluster, if it does. */
export function clusterNamedBy(value: unknown): ClusterName | undefined {
  const kind = valueIn(value, 'kind')
  if (kind === 'ConfigMap' && valueIn(value, 'metadata', 'name') === IC_CONFIG)
    return named('ovn-ic', valueIn(value, 'data', 'az-name'))
  if (kind === 'ClusterConfiguration') return named('kubernetes', valueIn(value, 'clusterName'))
  if (kind === 'Cluster' && String(valueIn(value, 'apiVersion')).startsWith('kind.x-k8s.io'))
    return named('kubernetes', valueIn(value, 'name'))
  if (kind === 'Submariner') return named('submariner', valueIn(value, 'spec', 'clusterID'))
  return kind === undefined ? named('submariner', valueIn(value, 'submariner', 'clusterId')) : undefined
}

/** `kubernetes` is kubeadm's default and tells nothing. */
function named(by: ClusterName['by'], name: unknown): ClusterName | undefined {
  return typeof name === 'string' && name !== '' && name !== 'kubernetes' ? { by, name } : undefined
}

/** The one cluster that several names mean: one of each kind at most, that of OVN-IC before the others. */
export function oneCluster(names: readonly ClusterName[]): string | undefined {
  for (const by of ['ovn-ic', 'kubernetes', 'submariner'] as const)
    if (new Set(names.filter((one) => one.by === by).map(({ name }) => name)).size > 1) return undefined
  const first = (by: ClusterName['by']): string | undefined => names.find((one) => one.by === by)?.name
  return first('ovn-ic') ?? first('kubernetes') ?? first('submariner')
}
