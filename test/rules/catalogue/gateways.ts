/** Rules of tunnels, of the path across zones, and of gateway high availability. */
import { no, partly, type Rule, unasked, yes } from './rule.ts'

export const GENEVE: readonly Rule[] = [
  yes(
    'GE-1',
    'Geneve on UDP 6081, DF, TTL 64, TOS 0, checksum on, one critical option of class 0x0102 with the keys of both ports.',
    'basic-2az',
    'ttl-dual',
  ),
  partly(
    'GE-2',
    'The outer source port is constant a flow and spread over flows.',
    'the hash of the userspace datapath, exactly; the kernel has another',
    'basic-2az',
    'rnd-*',
  ),
  yes('GE-3', 'Keys of groups begin at 0x8000.', 'unreachable-pod-v6'),
  yes(
    'GE-4',
    'What a tunnel brings goes to local output: the ingress pipeline of its datapath does not run again.',
    'basic-2az',
  ),
  unasked(
    no(
      'GE-5',
      'Tunnel ports are called `ovn-<chassis>-<n>`.',
      'tunnels are known by the chassis they lead to; there is no OVS port table',
    ),
    'the model has no OVS port table to compare with',
  ),
  partly(
    'GE-6',
    'VXLAN cannot carry interconnection.',
    'gateways build no such tunnel; VXLAN within a cluster travels as Geneve',
    'vxlan-between-zones',
  ),
  unasked(yes('GE-7', 'Port keys have 15 bits.'), 'a lab would need more than 32767 ports on one switch'),
]

export const PATH: readonly Rule[] = [
  yes(
    'PA-1',
    'From pod to pod of another zone TTL falls from 64 to 62, whatever chassis they sit on.',
    'basic-2az',
    'rnd-*',
  ),
  yes(
    'PA-2',
    'In a subnet TTL stays 64, between subnets 63; remote routers answer with 253, the own with 254.',
    'router-ips',
    'rt14-containment',
  ),
  yes('PA-3', 'The reply finds its own way, with its own source port.', 'basic-2az', 'ecmp-2ts'),
  yes(
    'PA-4',
    'A packet for a gateway port that is not active where the tunnel ends is dropped, never relayed.',
    'gateway-moves-without-ovn-ic',
  ),
  yes(
    'PA-5',
    'Three tunnel packets from worker to worker, one less for each end on its active gateway.',
    'basic-2az',
    'rnd-*',
  ),
]

export const AVAILABILITY: readonly Rule[] = [
  yes(
    'HA-1',
    'Gateway chassis of a port become a group of that name with their priorities, and a `chassisredirect` binding.',
    'basic-2az',
    'ha-equal-priority',
  ),
  yes('HA-2', 'Highest priority first; of equals the greater name.', 'ha-equal-priority'),
  yes('HA-3', 'A group of one is bound whatever happens, without BFD.', 'single-gateway'),
  yes(
    'HA-4',
    'BFD runs among members and between members and chassis that use the gateway, never between zones.',
    'basic-2az',
  ),
  yes(
    'HA-5',
    'BFD at 1 s × 3 notices a cut after 2 to 3 s; `bfd-min-rx` and the like change that.',
    'ha-link-down',
    'ha-node-crash',
    'gateway-node-crash',
    'gateway-link-down',
  ),
  yes(
    'HA-6',
    'Who is active: a group of one; the last with a Chassis row; nobody who sees no peer; else the first of those in reach.',
    'ha-link-down',
    'ha-two-node-standby',
  ),
  yes(
    'HA-7',
    'A zone of two gateways and no other node stops when either dies.',
    'ha-two-node-standby',
    'ha-two-node-standby-graceful',
    'two-node-active-dies',
    'two-node-standby-dies',
  ),
  yes(
    'HA-8',
    'Other chassis follow BFD on their own tunnels, without the database.',
    'ha-link-down',
    'ha-node-crash',
  ),
  yes(
    'HA-9',
    'The new active member claims the port, and reclaims it from another at most every half second.',
    'ha-link-down',
    'ha-equal-priority',
  ),
  yes('HA-10', 'The higher member takes over as soon as it is back.', 'ha-link-down', 'ha-equal-priority'),
  yes(
    'HA-11',
    'A killed ovn-controller changes nothing; a graceful exit hands the port over at once.',
    'ha-controller-exit',
    'controller-stop',
    'controller-kill',
  ),
  yes(
    'HA-12',
    'Other zones follow through the databases alone.',
    'ha-link-down',
    'gateway-flag-off',
    'gateway-moves-without-ovn-ic',
  ),
  yes(
    'HA-13',
    'Failover is announced to nobody; the MAC of the port stays.',
    'ha-link-down',
    'ha-node-crash',
  ),
  yes(
    'HA-14',
    'A dead gateway costs 2.2 to 3.0 s in both directions.',
    'ha-link-down',
    'ha-node-crash',
    'rnd-*',
  ),
  unasked(no('HA-15', 'Upstream tests of failover.', 'a list of tests, not a behaviour'), 'no behaviour'),
]
