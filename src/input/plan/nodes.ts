// Objects of Kubernetes itself: Node, Pod, and the workloads whose templates name networks.

import type { PlanPod, Written } from '../../model/plan.ts'
import { type PlanDocument, View } from './document.ts'

const KUBE_OVN = 'ovn.kubernetes.io/'

export function readNode({ draft, value, at, cluster }: PlanDocument): void {
  const view = new View(draft, value, at)
  const name = view.text('metadata', 'name')
  if (name === undefined) return
  const entry = draft.cluster(cluster, name.span)
  entry.nodesKnown = true
  const listed = view.raw('status', 'addresses')
  const addresses = (type: string): View[] =>
    (Array.isArray(listed) ? [...listed.keys()] : [])
      .map((i) => view.in('status', 'addresses', i))
      .filter((one) => one.text('type')?.value === type)
  const annotation = (key: string): Written<string> | undefined => view.text('metadata', 'annotations', key)
  const hostname = addresses('Hostname')[0]?.text('address')
  const chassis = annotation(`${KUBE_OVN}chassis`)
  const label = view.flag('metadata', 'labels', 'submariner.io/gateway')
  const clamp = view.number(1, 'metadata', 'annotations', 'submariner.io/tcp-clamp-mss')
  const publicIp = annotation('gateway.submariner.io/public-ip')
  const udpPort = view.number(1, 'metadata', 'annotations', 'gateway.submariner.io/udp-port')
  const maxPods = view.number(1, 'status', 'capacity', 'pods')
  const cidrs = view.networks('spec', 'podCIDRs')
  if (chassis !== undefined) entry.kubeOvn = true
  const version = view.text('status', 'nodeInfo', 'kubeletVersion')
  if (version !== undefined) entry.kubernetes ??= version
  draft.nodes.push({
    cluster,
    name,
    ips: addresses('InternalIP').flatMap((one) => one.addresses('address')),
    interfaces: [],
    podCidrs: cidrs.length > 0 ? cidrs : view.networks('spec', 'podCIDR'),
    ...(hostname !== undefined && { hostname }),
    ...(chassis !== undefined && { chassis }),
    ...(label !== undefined && { submarinerGateway: label }),
    ...(clamp !== undefined && { tcpClampMss: clamp }),
    ...(publicIp !== undefined && { publicIp }),
    ...(udpPort !== undefined && { udpPort }),
    ...(maxPods !== undefined && { maxPods }),
  })
}

/** Annotations by which a pod asks for networks of Multus. */
const NETWORKS = ['v1.multus-cni.io/default-network', 'k8s.v1.cni.cncf.io/networks'] as const

export function readPod({ draft, value, at, cluster }: PlanDocument): void {
  const view = new View(draft, value, at)
  const name = view.text('metadata', 'name')
  const phase = view.text('status', 'phase')?.value
  if (name === undefined || phase === 'Succeeded' || phase === 'Failed') return
  if (view.flag('spec', 'hostNetwork')?.value === true) return
  draft.cluster(cluster, name.span)
  const annotated = view.addresses('metadata', 'annotations', `${KUBE_OVN}ip_address`)
  const listed = view.raw('status', 'podIPs')
  const ips = Array.isArray(listed)
    ? [...listed.keys()].flatMap((i) => view.addresses('status', 'podIPs', i, 'ip'))
    : view.addresses('status', 'podIP')
  const node = view.text('spec', 'nodeName')
  draft.pods.push({
    cluster,
    name,
    namespace: view.text('metadata', 'namespace')?.value ?? 'default',
    ips: annotated.length > 0 ? annotated : ips,
    replicas: 1,
    attachments: attachmentsOf(view.in('metadata', 'annotations')),
    ...(node !== undefined && { node }),
  } satisfies PlanPod)
}

/** Deployments, DaemonSets and StatefulSets: how many pods, and which networks they ask for. */
export function readWorkload({ draft, value, at, cluster }: PlanDocument): void {
  const view = new View(draft, value, at)
  const name = view.text('metadata', 'name')
  if (name === undefined) return
  draft.cluster(cluster, name.span)
  draft.pods.push({
    cluster,
    name,
    namespace: view.text('metadata', 'namespace')?.value ?? 'default',
    ips: [],
    replicas: view.number(0, 'spec', 'replicas')?.value ?? 1,
    attachments: attachmentsOf(view.in('spec', 'template', 'metadata', 'annotations')),
  })
}

function attachmentsOf(annotations: View): Written<string>[] {
  return NETWORKS.flatMap((key) => {
    const text = annotations.text(key)
    // The long form is JSON; the short one is names with commas between, each with an interface behind an @.
    if (text === undefined || text.value.startsWith('[')) return []
    return annotations.names(key).map(({ value, span }) => ({ value: value.replace(/@.*$/, ''), span }))
  })
}
