/**
 * A profile is what differs between versions, as data: OVN's own (Debian's 23.03.1) and the Kube-OVN releases with
 * their northd patches, policy sets and known defects. Sources: the behaviour rules named at each field.
 */

export const PROFILE_NAMES = [
  'ovn-23.03',
  'kube-ovn-1.10',
  'kube-ovn-1.11',
  'kube-ovn-1.12',
  'kube-ovn-1.13',
  'kube-ovn-1.14',
  'kube-ovn-1.15',
  'kube-ovn-1.16',
  'kube-ovn-1.17',
] as const

export type ProfileName = (typeof PROFILE_NAMES)[number]

/** What northd gives one route flow as priority: `plen × multiplier + offset` (RT-1, RT-5, RT-6). */
export interface RoutePriorities {
  readonly multiplier: number
  readonly srcIp: number
  readonly staticDst: number
  readonly learnedStatic: number
  readonly connected: number
  readonly learnedConnected: number
  /** RT-6: Kube-OVN's northd gives every src-ip route this fixed priority instead (hosts one more); undefined upstream. */
  readonly srcIpFixed?: number
}

/** Known defects of ovn-ic, by name; reproduced because users run them. */
export type IcDefect =
  /** ADV-5: an IPv6 blacklist entry blocks every IPv6 prefix at least as long. */
  | 'ipv6-blacklist-matches-all'
  /** ADV-11: two logical routers of one AZ on one transit switch erase each other's routes. */
  | 'two-routers-erase-each-other'
  /** ADV-14: a transit-switch port without address learns the same routes again each round. */
  | 'infinite-learning'
  /** LRN-9: a router without transit-switch port keeps its learned routes. */
  | 'orphaned-learned-routes'
  /** AZ-3: a rename inserts a second AZ row and cannot finish. */
  | 'rename-inserts-second-az'

export interface KubeOvnBehaviour {
  /** `1.10`, `1.16`, …: the controller's minor version. */
  readonly version: string
  /** 4.3: in-controller before the separate kube-ovn-ic-controller (edits of the ConfigMap are ignored while the port exists). */
  readonly controller: 'in-process' | 'separate'
  /** 4.11: what an edit of `ovn-ic-config` does. */
  readonly onEdit: 'ignored' | 'reestablish' | 'gateways-in-place'
  /** 4.1: number of transit switches a release can use (`TS_NUM`), 1 or more. */
  readonly severalTransitSwitches: boolean
  /** KO-POL-1: learned routes are mirrored as 29500 policies; `origins` says for which `options:origin`. */
  readonly policyOrigins: readonly ('connected' | 'static' | '')[]
  /** KO-TS-1/2: dual-stack transit switches since 1.12. */
  readonly dualStack: boolean
  /** 4.11: rows of this AZ are removed from the IC-SB when interconnection is disabled. */
  readonly cleansIcSb: boolean
  /** 4.11: route options are cleared when interconnection is disabled. */
  readonly clearsRouteOptions: boolean
  /** KO-RM-1: learned routes survive a disable (deletion asks for the wrong policy). */
  readonly leavesLearnedRoutes: boolean
  /** KO-RM-4: overlapping learned prefixes are removed and blacklisted. */
  readonly conflictHandling: boolean
  /** 4.3: ovn-ic is started before the AZ name is written. */
  readonly startsIcBeforeName: boolean
}

export interface Profile {
  readonly name: ProfileName
  readonly ovnVersion: string
  readonly routePriorities: RoutePriorities
  /** EC-4: which fields choose the ECMP member. */
  readonly ecmpHash: 'l4-symmetric' | 'source-ip'
  readonly icDefects: readonly IcDefect[]
  /** LRN-1: whether routes of one's own AZ are skipped by AZ or only those of the same router. */
  readonly learnSkips: 'own-az' | 'own-router'
  /** Undefined for plain OVN, where the scenario itself is the cloud management system. */
  readonly kubeOvn?: KubeOvnBehaviour
}
