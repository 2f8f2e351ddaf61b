// Names that Kube-OVN gives to what it makes in OVN (pkg/util/const.go and the controllers of v1.10 and v1.16, ovn-semantics §4).
// Surprise: dashes become dots in names of port groups, because a match expression takes no dash in a set's name.

import { formatMac, type Mac } from '../../net/mac.ts'

/** The logical router of the default VPC, the only one that is interconnected (4.7). */
export const DEFAULT_VPC = 'ovn-cluster'

/** The transit switch that in-process controllers know (4.3), and how names of all others begin: `ts1`, `ts2` (KO-TS-1). */
export const TRANSIT_SWITCH = 'ts'

/** Kube-OVN's mark in `external_ids` of rows that it may remove again. */
export const VENDOR: Readonly<Record<string, string>> = { vendor: 'kube-ovn' }

/** Logical switch port of a node's ovn0 in the join subnet. */
export function nodePortName(node: string): string {
  return `node-${node}`
}

/** The switch side of a transit port: `<ts>-<az>`; unique over all AZs, which is the trap of PB-8. */
export function transitSwitchPortName(transitSwitch: string, azName: string): string {
  return `${transitSwitch}-${azName}`
}

/** The router side of a transit port: `<az>-<ts>`. */
export function transitRouterPortName(azName: string, transitSwitch: string): string {
  return `${azName}-${transitSwitch}`
}

/** Name of the address set of the pods of one subnet on one node: `ovn.default.node1_ip4`. */
export function addressSetName(subnet: string, node: string, family: 4 | 6): string {
  return `${`${subnet}.${node}`.replaceAll('-', '.')}_ip${family}`
}

/** A MAC address as Kube-OVN writes it: upper case. */
export function macText(mac: Mac): string {
  return formatMac(mac).toUpperCase()
}
