// The ways a packet can end, in words: a title for sentences and what is behind it for `isthmus explain`. One entry for
// every member of the closed set in model/trace.ts.

import type { Disposition } from '../model/trace.ts'

/** One way to end. */
export interface DispositionText {
  /** Two or three words, lower case. */
  readonly title: string
  /** What happened and what to look at; full sentences. */
  readonly explanation: string
}

export const DISPOSITIONS: Readonly<Record<Disposition['kind'], DispositionText>> = {
  delivered: {
    title: 'delivered',
    explanation:
      'The packet left through the port of the pod (or node) it was meant for. The TTL is what the receiver sees: 62 between pods of two clusters, because each cluster has one router on the way.',
  },
  answered: {
    title: 'answered',
    explanation:
      'A router made the answer itself: an echo reply for one of its own addresses, or an ARP or ND reply. The packet goes no further.',
  },
  'no-route': {
    title: 'no route',
    explanation:
      'No flow of lr_in_ip_routing matches, so the router drops the packet without any ICMP error. Compare `isthmus show routes`: either the other cluster does not advertise the prefix (ic-route-adv, disableInterConnection, the blacklist), or this one does not learn it (ic-route-learn), or the route stands in another route table.',
  },
  'ttl-exceeded': {
    title: 'TTL exceeded',
    explanation:
      'The TTL was 1 (or 0) at a router. It answers with ICMP time exceeded; at the second router of a path the source of that error is the address of the destination itself, which is how OVN 23.03 behaves.',
  },
  'mtu-exceeded': {
    title: 'MTU exceeded',
    explanation:
      'The packet, or the Geneve packet around it (58 bytes more over IPv4), is larger than a link or a gateway_mtu allows. With gateway_mtu the router says so by ICMP; on the underlay the packet vanishes silently.',
  },
  'not-resident': {
    title: 'gateway not active here',
    explanation:
      'The packet reached a chassis on which the gateway port is not active: the sender still uses a gateway that has given the port up. It is dropped, never relayed. Usual in the moments of a failover; permanent when ovn-ic or a database is stopped, so that the other side never hears of the move.',
  },
  'tunnel-down': {
    title: 'tunnel down',
    explanation:
      'Every tunnel that could carry the packet is down by BFD, or there is no tunnel to that chassis at all: chassis of different clusters only have tunnels between gateways.',
  },
  unbound: {
    title: 'port bound nowhere',
    explanation:
      'The output port is bound to no chassis: no gateway has claimed it, or the port binding in the IC Southbound names no gateway. See `isthmus show ic-sb` and `isthmus show gateways`.',
  },
  policy: {
    title: 'dropped by policy',
    explanation:
      'A router policy with action drop matched. See `isthmus show policies`; the highest priority that matches decides.',
  },
  'discard-route': {
    title: 'discard route',
    explanation: 'The best route has the nexthop `discard`.',
  },
  'unknown-neighbour': {
    title: 'unknown neighbour',
    explanation:
      'The router does not know the MAC address of the nexthop or destination. It sends an ARP or ND request and drops this packet. Where nothing owns the address, that repeats with every packet.',
  },
  'unknown-destination': {
    title: 'unknown MAC address',
    explanation: 'No port of the logical switch has the destination MAC address of the frame.',
  },
  'own-address': {
    title: "router's own address",
    explanation:
      'The packet is addressed to a router itself, which answers only pings, ARP and ND. TCP and UDP to it are dropped without an answer.',
  },
  admission: {
    title: 'refused at entry',
    explanation:
      'The first stage of a switch or router refused the frame: it is not addressed to the MAC of the port it came in by, or its source address is impossible.',
  },
  undefined: {
    title: 'undefined by OVN',
    explanation:
      'Two flows with the same match and the same priority disagree, for example a connected route and a learned one for the same prefix. Which one a chassis uses depends on which it saw first, so no answer would be right. Remove the overlap, or blacklist the prefix (ic-route-blacklist).',
  },
  loop: {
    title: 'loop',
    explanation:
      'The packet passed more datapaths than the limit of the run allows (limits.hops) without ending.',
  },
  'link-down': {
    title: 'link down',
    explanation: 'The underlay link of the sending or the receiving node has no carrier.',
  },
  'link-loss': {
    title: 'lost on the link',
    explanation:
      'The underlay lost the packet: random loss as configured, or an isolated node that does not notice.',
  },
  'chassis-down': {
    title: 'node down',
    explanation:
      'The node is down, its ovs-vswitchd does not run, or it was never programmed: nothing is forwarded there.',
  },
  malformed: {
    title: 'malformed packet',
    explanation: 'The bytes are no packet that the pipelines understand, or a checksum is wrong.',
  },
  host: {
    title: 'thrown away by a network stack',
    explanation:
      'The pod or node that sent or got the packet dropped it: an address that is not its own, a neighbour that does not answer, fragments that stayed incomplete.',
  },
}
