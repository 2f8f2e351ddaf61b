// What Submariner's rules ask of a cluster, with the defaults of `subctl join`.

import type { PlanNode } from '../model/plan.ts'
import { contains } from '../net/prefix.ts'
import { type ClusterView, KUBEADM_PODS } from './index.ts'

/** Nodes that are labelled as gateways. */
export function gatewaysOf({ nodes }: ClusterView): readonly PlanNode[] {
  return nodes.filter((node) => node.submarinerGateway?.value === true)
}

/** `libreswan` unless said otherwise. */
export function driverOf({ submariner }: ClusterView): string {
  return submariner?.cableDriver?.value ?? 'libreswan'
}

/** UDP port of the data plane. */
export function udpPortOf(cluster: ClusterView, node?: PlanNode): number {
  return node?.udpPort?.value ?? cluster.submariner?.udpPort?.value ?? 4500
}

/** The health check is on unless switched off. */
export function healthChecked({ submariner }: ClusterView): boolean {
  return submariner?.healthCheck?.value !== false
}

/** True where a node has an address in one of the cluster's carried pod networks: a CNI that gives its nodes one (submariner 3.1). */
export function hasPodAddress(cluster: ClusterView, node: PlanNode): boolean {
  const cidrs = podCidrsOf(cluster)
  return [...node.ips, ...node.interfaces].some(({ value }) =>
    cidrs.some((one) => contains(one.prefix, value)),
  )
}

/** The cluster CIDRs as told to Submariner, else as kubeadm has them, else the pod networks. */
export function podCidrsOf(cluster: ClusterView): ClusterView['networks'] {
  const declared = cluster.networks.filter(
    ({ role, assumed }) => role === 'cluster-cidr' && assumed === undefined,
  )
  const told = declared.filter(({ name }) => name !== KUBEADM_PODS)
  if (told.length > 0) return told
  return declared.length > 0
    ? declared
    : cluster.networks.filter(({ role }) => role === 'pods' || role === 'cluster-cidr')
}

/** True where pods sit on macvlan interfaces of the underlay, so that no CNI gives nodes an address of theirs. */
export function isMacvlan(cluster: ClusterView, multus: readonly { readonly cluster: string }[]): boolean {
  return cluster.cni?.value === 'macvlan' || multus.some((one) => one.cluster === cluster.id)
}
