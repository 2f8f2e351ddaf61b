/**
 * The data of every profile: OVN 23.03.1 as Debian ships it, and the last patch release of each Kube-OVN minor version on the
 * OVN it is built with. Rule ids name where each figure comes from (behaviour rules of OVN-IC and Kube-OVN).
 */
import {
  type IcDefect,
  type KubeOvnBehaviour,
  PROFILE_NAMES,
  type Profile,
  type ProfileName,
  type RoutePriorities,
} from './profile.ts'

/** RT-1, RT-2: `length × 3`, learned routes rank as what they were at home (OVN 21.12 to 24.09). */
const PRIORITIES_BY_ORIGIN: RoutePriorities = {
  multiplier: 3,
  srcIp: 0,
  staticDst: 1,
  learnedStatic: 1,
  connected: 2,
  learnedConnected: 2,
}

/** RT-5: `length × 8`, every learned route ranks below static and connected ones (OVN 25.03 to 26.03). */
const PRIORITIES_LEARNED_LAST: RoutePriorities = {
  multiplier: 8,
  srcIp: 0,
  staticDst: 4,
  learnedStatic: 2,
  connected: 6,
  learnedConnected: 2,
}

/** RT-6: Kube-OVN's northd gives every src-ip route priority 1, hosts 2. */
const SRC_IP_FIXED = 1

// Defects by the OVN release that mended them: 24.03 took ADV-5, ADV-11 and AZ-3; ADV-14 and LRN-9 were mended after 25.03.
const MENDED_IN_24_03: readonly IcDefect[] = [
  'ipv6-blacklist-matches-all',
  'two-routers-erase-each-other',
  'rename-inserts-second-az',
]
const MENDED_LATER: readonly IcDefect[] = ['infinite-learning', 'orphaned-learned-routes']

/** What an OVN release brings to every profile that is built on it. */
type OvnRelease = Pick<Profile, 'ovnVersion' | 'routePriorities' | 'icDefects' | 'learnSkips'>

function ovnBefore2403(ovnVersion: string): OvnRelease {
  return {
    ovnVersion,
    routePriorities: PRIORITIES_BY_ORIGIN,
    icDefects: [...MENDED_IN_24_03, ...MENDED_LATER],
    learnSkips: 'own-az',
  }
}

const OVN_24_03: OvnRelease = {
  ovnVersion: '24.03',
  routePriorities: PRIORITIES_BY_ORIGIN,
  icDefects: MENDED_LATER,
  learnSkips: 'own-router',
}

const OVN_25_03: OvnRelease = { ...OVN_24_03, ovnVersion: '25.03', routePriorities: PRIORITIES_LEARNED_LAST }

/** 4.3, 4.11: the loop inside kube-ovn-controller up to 1.10. */
const IN_PROCESS: Omit<KubeOvnBehaviour, 'version'> = {
  controller: 'in-process',
  onEdit: 'ignored',
  severalTransitSwitches: false,
  policyOrigins: ['connected'],
  dualStack: false,
  cleansIcSb: false,
  clearsRouteOptions: false,
  leavesLearnedRoutes: false,
  conflictHandling: false,
  startsIcBeforeName: true,
}

/** 4.4, 4.11: kube-ovn-ic-controller, which 1.11.16, 1.12.x and 1.13.0 brought. */
const SEPARATE: Omit<KubeOvnBehaviour, 'version'> = {
  controller: 'separate',
  onEdit: 'reestablish',
  severalTransitSwitches: true,
  policyOrigins: ['connected', 'static', ''],
  dualStack: true,
  cleansIcSb: true,
  clearsRouteOptions: true,
  leavesLearnedRoutes: true,
  conflictHandling: false,
  startsIcBeforeName: false,
}

interface KubeOvnRelease {
  readonly ovn: OvnRelease
  readonly behaviour: Omit<KubeOvnBehaviour, 'version'>
  /** EC-4: the patch that hashes on the source address only. */
  readonly ecmpHash: Profile['ecmpHash']
}

// Which OVN a release is built with: its base image. EC-4: only 1.16 was built without the hash patch.
const KUBE_OVN: Readonly<Record<Exclude<ProfileName, 'ovn-23.03'>, KubeOvnRelease>> = {
  'kube-ovn-1.10': { ovn: ovnBefore2403('22.03'), behaviour: IN_PROCESS, ecmpHash: 'source-ip' },
  'kube-ovn-1.11': {
    ovn: ovnBefore2403('22.03'),
    behaviour: { ...SEPARATE, dualStack: false, clearsRouteOptions: false },
    ecmpHash: 'source-ip',
  },
  'kube-ovn-1.12': {
    ovn: ovnBefore2403('22.12'),
    behaviour: { ...SEPARATE, clearsRouteOptions: false },
    ecmpHash: 'source-ip',
  },
  'kube-ovn-1.13': { ovn: OVN_24_03, behaviour: SEPARATE, ecmpHash: 'source-ip' },
  'kube-ovn-1.14': { ovn: OVN_24_03, behaviour: SEPARATE, ecmpHash: 'source-ip' },
  'kube-ovn-1.15': { ovn: OVN_25_03, behaviour: SEPARATE, ecmpHash: 'source-ip' },
  'kube-ovn-1.16': { ovn: OVN_25_03, behaviour: SEPARATE, ecmpHash: 'l4-symmetric' },
  'kube-ovn-1.17': {
    ovn: OVN_25_03,
    behaviour: {
      ...SEPARATE,
      onEdit: 'gateways-in-place',
      leavesLearnedRoutes: false,
      conflictHandling: true,
    },
    ecmpHash: 'source-ip',
  },
}

function profileOf(name: ProfileName): Profile {
  if (name === 'ovn-23.03') return { name, ...ovnBefore2403('23.03.1'), ecmpHash: 'l4-symmetric' }
  const { ovn, behaviour, ecmpHash } = KUBE_OVN[name]
  return {
    name,
    ...ovn,
    routePriorities: { ...ovn.routePriorities, srcIpFixed: SRC_IP_FIXED },
    ecmpHash,
    kubeOvn: { version: name.slice('kube-ovn-'.length), ...behaviour },
  }
}

/** Every profile by name. */
export const PROFILES = Object.fromEntries(PROFILE_NAMES.map((name) => [name, profileOf(name)])) as Readonly<
  Record<ProfileName, Profile>
>
