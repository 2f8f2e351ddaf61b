// All rules, in the order of their codes.

import type { CodeList } from '../diag/codes.ts'
import { defineCodes } from '../diag/codes.ts'
import type { Rule } from './rule.ts'
import { equalSubnets } from './rules/ic001-equal-subnets.ts'
import { containedSubnets } from './rules/ic002-contained-subnets.ts'
import { reservedNetworks } from './rules/ic003-reserved-networks.ts'
import { duplicateAz } from './rules/ic004-duplicate-az.ts'
import { staleAz } from './rules/ic005-stale-az.ts'
import { duplicateChassis } from './rules/ic006-duplicate-chassis.ts'
import { duplicateHostname } from './rules/ic007-duplicate-hostname.ts'
import { ambiguousPorts } from './rules/ic008-ambiguous-ports.ts'
import { twoRouters } from './rules/ic009-two-routers.ts'
import { transitAddresses } from './rules/ic010-transit-addresses.ts'
import { gatewayNodes } from './rules/ic011-gateway-nodes.ts'
import { singleGateway } from './rules/ic012-single-gateway.ts'
import { vxlan } from './rules/ic013-vxlan.ts'
import { icFirewall } from './rules/ic014-firewall.ts'
import { icMtu } from './rules/ic015-mtu.ts'
import { manualPolicy } from './rules/ic016-manual-policy.ts'
import { staticAndConnected } from './rules/ic017-static-and-connected.ts'
import { dualStackBlacklist } from './rules/ic018-dual-stack-blacklist.ts'
import { defaultRoute } from './rules/ic019-default-route.ts'
import { notReachable } from './rules/ic020-not-reachable.ts'
import { databaseHosts } from './rules/ic021-database-hosts.ts'
import { ownBlacklist } from './rules/ic022-own-blacklist.ts'
import { ecmpGateways } from './rules/ic023-ecmp.ts'
import { oneWay } from './rules/ic024-one-way.ts'
import { sourcePreserved } from './rules/ic025-source-preserved.ts'
import { unreachableNexthop } from './rules/ic026-nexthop.ts'
import { configEdits } from './rules/ic027-edits.ts'
import { missingPorts } from './rules/ic028-missing-ports.ts'
import { literalSettings } from './rules/ic029-literals.ts'
import { chance } from './rules/ic030-chance.ts'
import { joinNetworks } from './rules/ic031-join-networks.ts'
import { staticAndLearned } from './rules/ic032-static-and-learned.ts'
import { announcedStatic } from './rules/ic033-announced-static.ts'
import { overlapAcross } from './rules/np001-overlap.ts'
import { overlapWithin } from './rules/np002-overlap-within.ts'
import { dockerNetworks } from './rules/np003-docker.ts'
import { loadBalancers } from './rules/np004-load-balancers.ts'
import { nodeShares } from './rules/np005-node-shares.ts'
import { capacity } from './rules/np006-capacity.ts'
import { gatewayInside } from './rules/np007-gateway.ts'
import { exclusions } from './rules/np008-exclusions.ts'
import { specialRanges } from './rules/np009-special-ranges.ts'
import { publicAddresses } from './rules/np010-public-addresses.ts'
import { duplicateAddresses } from './rules/np011-duplicate-addresses.ts'
import { contradictions } from './rules/np012-contradictions.ts'
import { podOutside } from './rules/np013-pod-outside.ts'
import { families } from './rules/np014-families.ts'
import { nodeInside } from './rules/np015-node-inside.ts'
import { smOverlap } from './rules/sm001-overlap.ts'
import { smOverlapSelf } from './rules/sm002-overlap-self.ts'
import { smNodeInCidr } from './rules/sm003-node-in-cidr.ts'
import { smGatewayCount } from './rules/sm004-gateway-count.ts'
import { smGatewayReach } from './rules/sm005-gateway-reach.ts'
import { smHealthCheck } from './rules/sm006-health-check.ts'
import { smWireguard } from './rules/sm007-wireguard.ts'
import { smSeveralCidrs } from './rules/sm008-several-cidrs.ts'
import { smUncoveredPods } from './rules/sm009-uncovered-pods.ts'
import { smPublicIp } from './rules/sm010-public-ip.ts'
import { smUdp4800 } from './rules/sm011-udp4800.ts'
import { smVtepCollision } from './rules/sm012-vtep-collision.ts'
import { smSeveralAddresses } from './rules/sm013-several-addresses.ts'
import { smReservedRanges } from './rules/sm014-reserved-ranges.ts'
import { smIpvs } from './rules/sm015-ipvs.ts'
import { smKubernetesVersion } from './rules/sm016-kubernetes-version.ts'
import { smCni } from './rules/sm017-cni.ts'
import { smCalico } from './rules/sm018-calico.ts'
import { smDrivers } from './rules/sm019-drivers.ts'
import { smNatPort } from './rules/sm020-nat-port.ts'
import { smMtu } from './rules/sm021-mtu.ts'
import { smMtuUdp } from './rules/sm022-mtu-udp.ts'
import { smClusterId } from './rules/sm023-cluster-id.ts'
import { smBroker } from './rules/sm024-broker.ts'
import { smGlobalnetRange } from './rules/sm025-globalnet-range.ts'
import { smGlobalnetRaw } from './rules/sm026-globalnet-raw.ts'
import { smIpv6 } from './rules/sm027-ipv6.ts'
import { smJoinNetwork } from './rules/sm028-join-network.ts'
import { smComplaint } from './rules/sm029-complaint.ts'
import { spHijack } from './rules/sp001-hijack.ts'
import { spHijackDns } from './rules/sp002-hijack-dns.ts'
import { spHijackSelf } from './rules/sp003-hijack-self.ts'
import { spPoolGateway } from './rules/sp004-pool-gateway.ts'
import { spAttachment } from './rules/sp005-attachment.ts'
import { spPoolCidr } from './rules/sp006-pool-cidr.ts'
import { spAsymmetric } from './rules/sp007-asymmetric.ts'
import { spGatewayLayer2 } from './rules/sp008-gateway-l2.ts'
import { spPoolRanges } from './rules/sp009-pool-ranges.ts'
import { spPoolsOverlap } from './rules/sp010-pools-overlap.ts'
import { spUnknownPool } from './rules/sp011-unknown-pool.ts'
import { spShownRoutes } from './rules/sp012-shown-routes.ts'
import { spShownPods } from './rules/sp013-shown-pods.ts'
import { spShownAddresses } from './rules/sp014-shown-addresses.ts'

export const RULES: readonly Rule[] = [
  equalSubnets,
  containedSubnets,
  reservedNetworks,
  duplicateAz,
  staleAz,
  duplicateChassis,
  duplicateHostname,
  ambiguousPorts,
  twoRouters,
  transitAddresses,
  gatewayNodes,
  singleGateway,
  vxlan,
  icFirewall,
  icMtu,
  manualPolicy,
  staticAndConnected,
  dualStackBlacklist,
  defaultRoute,
  notReachable,
  databaseHosts,
  ownBlacklist,
  ecmpGateways,
  oneWay,
  sourcePreserved,
  unreachableNexthop,
  configEdits,
  missingPorts,
  literalSettings,
  chance,
  joinNetworks,
  staticAndLearned,
  announcedStatic,
  overlapAcross,
  overlapWithin,
  dockerNetworks,
  loadBalancers,
  nodeShares,
  capacity,
  gatewayInside,
  exclusions,
  specialRanges,
  publicAddresses,
  duplicateAddresses,
  contradictions,
  podOutside,
  families,
  nodeInside,
  smOverlap,
  smOverlapSelf,
  smNodeInCidr,
  smGatewayCount,
  smGatewayReach,
  smHealthCheck,
  smWireguard,
  smSeveralCidrs,
  smUncoveredPods,
  smPublicIp,
  smUdp4800,
  smVtepCollision,
  smSeveralAddresses,
  smReservedRanges,
  smIpvs,
  smKubernetesVersion,
  smCni,
  smCalico,
  smDrivers,
  smNatPort,
  smMtu,
  smMtuUdp,
  smClusterId,
  smBroker,
  smGlobalnetRange,
  smGlobalnetRaw,
  smIpv6,
  smJoinNetwork,
  smComplaint,
  spHijack,
  spHijackDns,
  spHijackSelf,
  spPoolGateway,
  spAttachment,
  spPoolCidr,
  spAsymmetric,
  spGatewayLayer2,
  spPoolRanges,
  spPoolsOverlap,
  spUnknownPool,
  spShownRoutes,
  spShownPods,
  spShownAddresses,
]

/** The rules as entries of `isthmus explain`. */
export const RULE_CODES: CodeList = defineCodes(
  RULES.map(({ code, title, severity, explanation, basis }) => ({
    code,
    title,
    explanation: `${explanation}\n\nSeverity: ${severity}.\n\nBasis: ${basis.join(', ')}.`,
  })),
)
