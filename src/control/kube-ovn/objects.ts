// What the Kubernetes API server of one cluster holds, as far as Kube-OVN looks at it: the ConfigMap, nodes with their label,
// subnets and pods. It changes whether or not a controller runs; controllers see its present state, never its history.

import type { Cluster, IcConfig, Node, Pod, Subnet } from '../../model/network.ts'
import type { TimelineEvent } from '../../model/timeline.ts'
import { familyOf } from '../../net/ip.ts'
import { formatPrefix, masked, type Prefix } from '../../net/prefix.ts'

export class KubeObjects {
  /** The ConfigMap `ovn-ic-config`; undefined where there is none. */
  icConfig: IcConfig | undefined
  readonly nodes: readonly Node[]
  readonly subnets = new Map<string, Subnet>()
  readonly pods = new Map<string, Pod>()
  /** Nodes whose label `ovn.kubernetes.io/ic-gw` is `true`. */
  readonly gatewayLabels = new Set<string>()

  constructor(cluster: Cluster) {
    this.icConfig = cluster.ic
    this.nodes = cluster.nodes
    for (const subnet of cluster.subnets) this.subnets.set(subnet.name, subnet)
    for (const pod of cluster.pods) this.pods.set(pod.name, pod)
    for (const node of cluster.nodes) if (node.isInterconn) this.gatewayLabels.add(node.name)
  }

  /** Takes over an event that changes an object; false for all others. Names that do not resolve change nothing. */
  apply(event: TimelineEvent): boolean {
    switch (event.kind) {
      case 'ic-config':
        this.icConfig = event.config
        return true
      case 'subnet-add':
        this.subnets.set(event.subnet.name, event.subnet)
        return true
      case 'subnet-delete':
        this.subnets.delete(event.subnet)
        return true
      case 'subnet-interconnection': {
        const subnet = this.subnets.get(event.subnet)
        if (subnet !== undefined) {
          this.subnets.set(subnet.name, { ...subnet, disableInterConnection: event.disable })
        }
        return true
      }
      case 'pod-add':
        this.pods.set(event.pod.name, event.pod)
        return true
      case 'pod-delete':
        this.pods.delete(event.pod)
        return true
      case 'interconn':
        if (event.on) this.gatewayLabels.add(event.node)
        else this.gatewayLabels.delete(event.node)
        return true
      default:
        return false
    }
  }

  /** The node of this name. */
  node(name: string): Node | undefined {
    return this.nodes.find((node) => node.name === name)
  }
}

/** The networks of a subnet without host bits, IPv4 first: its `spec.cidrBlock`. */
export function subnetCidrs(subnet: Subnet): readonly Prefix[] {
  return subnet.gateways.map(masked).sort((a, b) => familyOf(a.ip) - familyOf(b.ip))
}

/** `spec.cidrBlock` as text; two families are joined by a comma. */
export function cidrBlock(subnet: Subnet): string {
  return subnetCidrs(subnet).map(formatPrefix).join(',')
}
