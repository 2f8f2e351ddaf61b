/**
 * What happens during a run: failures, repairs, configuration changes. A closed union; `input/` parses it, `run/` applies it,
 * the lab carries out the same on real programs.
 */
import type { IcConfig, LinkFigures, Pod, Subnet, TransitPort } from './network.ts'
import type { Nanos } from './time.ts'

export interface TimedEvent {
  readonly at: Nanos
  readonly event: TimelineEvent
  /** How the user wrote it, one line, for the timeline report. */
  readonly text: string
}

/** A daemon that can be stopped or started. `node` is `cluster/node`. */
export type DaemonRef =
  | { readonly kind: 'ovn-controller' | 'ovs-vswitchd'; readonly cluster: string; readonly node: string }
  | { readonly kind: 'ovn-ic' | 'ovn-northd' | 'kube-ovn-controller'; readonly cluster: string }
  | { readonly kind: 'ic-nb' | 'ic-sb'; readonly host?: string }

export type TimelineEvent =
  /** The underlay link loses carrier or gets it back; `silent` loses packets without carrier loss. */
  | {
      readonly kind: 'link'
      readonly cluster: string
      readonly node: string
      readonly up: boolean
      readonly silent: boolean
    }
  /** All daemons of a node die and its link goes down; or the node boots again. */
  | { readonly kind: 'node'; readonly cluster: string; readonly node: string; readonly up: boolean }
  /** kill = SIGKILL; stop = graceful exit; pause/resume = SIGSTOP/SIGCONT; start after kill or stop. */
  | {
      readonly kind: 'daemon'
      readonly daemon: DaemonRef
      readonly action: 'kill' | 'stop' | 'pause' | 'resume' | 'start'
    }
  /** One command line of nbctl (`cluster` says whose), sbctl, ic-nbctl, ic-sbctl. */
  | { readonly kind: 'nbctl' | 'sbctl'; readonly cluster: string; readonly command: string }
  | { readonly kind: 'ic-nbctl' | 'ic-sbctl'; readonly command: string }
  /** `ovn-is-interconn` of a node switched (Kube-OVN: node label `ovn.kubernetes.io/ic-gw`). */
  | { readonly kind: 'interconn'; readonly cluster: string; readonly node: string; readonly on: boolean }
  /** The ConfigMap is applied (created or edited) or deleted (`config: undefined`). */
  | { readonly kind: 'ic-config'; readonly cluster: string; readonly config: IcConfig | undefined }
  | { readonly kind: 'subnet-add'; readonly cluster: string; readonly subnet: Subnet }
  | { readonly kind: 'subnet-delete'; readonly cluster: string; readonly subnet: string }
  | {
      readonly kind: 'subnet-interconnection'
      readonly cluster: string
      readonly subnet: string
      readonly disable: boolean
    }
  | { readonly kind: 'pod-add'; readonly cluster: string; readonly pod: Pod }
  | { readonly kind: 'pod-delete'; readonly cluster: string; readonly pod: string }
  | { readonly kind: 'transit-port-add'; readonly cluster: string; readonly port: TransitPort }
  /**
   * A cluster leaves. `clean` removes its rows (advertising off, ports, chassis, name); otherwise every daemon of it is
   * killed and its links go down, and the residue stays.
   */
  | { readonly kind: 'leave'; readonly cluster: string; readonly clean: boolean }
  /** Figures of one node's link, of a pair of clusters, or of the whole underlay change. */
  | { readonly kind: 'underlay'; readonly scope: string | undefined; readonly figures: LinkFigures }
  /** Marks a moment whose state is to be kept under a name (`show --at NAME`, truth comparisons). */
  | { readonly kind: 'snapshot'; readonly label: string }
