// The ingress pipeline of a logical router as a list (ovn-northd(8), "Logical Router Datapaths"). Stages that do nothing in
// this model (NAT, load balancers, router advertisements, neighbour learning) are left out; the numbers are OVN's.

import type { Stage } from './pipeline.ts'
import { admission, ipInput } from './router-input.ts'
import { arpRequest, arpResolve, chkPktLen, gwRedirect, largerPkts } from './router-output.ts'
import { ipRouting, ipRoutingEcmp, ipRoutingPre, policy } from './router-routing.ts'

/** Ingress stages of a logical router that do something in this model. */
export const ROUTER_INGRESS: readonly Stage[] = [
  admission,
  ipInput,
  ipRoutingPre,
  ipRouting,
  ipRoutingEcmp,
  policy,
  arpResolve,
  chkPktLen,
  largerPkts,
  gwRedirect,
  arpRequest,
]
