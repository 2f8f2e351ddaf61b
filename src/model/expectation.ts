/**
 * What must hold: data with a time operator and quantifiers, no embedded code. `verify/` judges them against the forwarding
 * states of a run, the route tables and the traffic results.
 */
import type { Ip } from '../net/ip.ts'
import type { Prefix } from '../net/prefix.ts'
import type { Nanos } from './time.ts'
import type { Disposition } from './trace.ts'

/** When a statement must hold. The default is `at` the end of the run. */
export type When =
  | { readonly kind: 'end' }
  | { readonly kind: 'at'; readonly at: Nanos }
  /** True at some moment in [from, to]. */
  | { readonly kind: 'within'; readonly from: Nanos; readonly to: Nanos }
  /** True at every moment in [from, to]. */
  | { readonly kind: 'always'; readonly from: Nanos; readonly to: Nanos }
  /** False at every moment in [from, to]. */
  | { readonly kind: 'never'; readonly from: Nanos; readonly to: Nanos }

/** Selects pods (`az1/web`, `az1/*`, `*`), subnets by one address each (`az2/subnet:ovn-default`), or one address. */
export type Selector =
  | {
      readonly kind: 'pods'
      readonly cluster: string | '*'
      readonly pod: string | '*'
      readonly subnet?: string
    }
  | { readonly kind: 'address'; readonly address: Ip }

interface ExpectationBase {
  readonly when: When
  /** As the user wrote it, one line. */
  readonly text: string
  /** Where in the file, `file:line:col`. */
  readonly where: string
}

export type Expectation = ExpectationBase &
  (
    | {
        readonly kind: 'route'
        readonly cluster: string
        readonly router?: string
        readonly prefix: Prefix
        /** False: no such route may exist. */
        readonly present: boolean
        readonly learned?: boolean
        readonly nexthop?: string
        readonly routeTable?: string
        /** Number of equal-cost rows. */
        readonly ecmp?: number
      }
    | {
        readonly kind: 'reach'
        readonly from: Selector
        readonly to: Selector
        /** `every` (default) or `some` pair. */
        readonly quantifier: 'every' | 'some'
        /** False: must not be delivered there and back. */
        readonly reachable: boolean
        /** TTL of the echo reply as it arrives. */
        readonly ttl?: number
        /** Number of Geneve encapsulations of the request. */
        readonly tunnels?: number
        /** Where it must end, instead of delivery. */
        readonly disposition?: Disposition['kind']
        /** Chassis the request must pass. */
        readonly via?: string
        readonly protocol: 'icmp' | 'tcp' | 'udp'
        readonly size?: number
      }
    | {
        readonly kind: 'loss'
        readonly traffic: string
        /** Limits on the sum of gaps. */
        readonly atMost?: Nanos
        readonly atLeast?: Nanos
        /** Limits on lost packets. */
        readonly packetsAtMost?: number
        readonly packetsAtLeast?: number
      }
    | { readonly kind: 'reply-ttl'; readonly traffic: string; readonly ttl: number }
    | {
        readonly kind: 'icmp-error'
        readonly traffic: string
        readonly from?: string
        readonly type?: number
        readonly code?: number
        readonly mtu?: number
      }
    | { readonly kind: 'hops'; readonly traffic: string; readonly hops: readonly (string | undefined)[] }
    | {
        readonly kind: 'gateway'
        readonly cluster: string
        readonly transitSwitch: string
        readonly node: string | undefined
      }
    | {
        readonly kind: 'undefined-route'
        readonly cluster: string
        readonly prefix: Prefix
        readonly present: boolean
      }
    | { readonly kind: 'refused'; readonly cluster: string; readonly present: boolean }
    | {
        readonly kind: 'policy'
        readonly cluster: string
        readonly priority: number
        readonly match?: string
        readonly present: boolean
      }
    | { readonly kind: 'az'; readonly name: string; readonly present: boolean }
  )

export interface ExpectationResult {
  readonly expectation: Expectation
  readonly ok: boolean
  /** What was found, one sentence; for a failure also when and on which pair. */
  readonly detail: string
  /** The run ended before this could be judged, so it is neither kept nor broken; `ok` is false then. */
  readonly notReached?: true
}
