/** Rules of the logical router: admission, routes, ECMP, policies, neighbours, ICMP, MTU. */
import { no, partly, type Rule, unasked, yes } from './rule.ts'

export const ROUTING: readonly Rule[] = [
  yes(
    'LR-1',
    'A router takes frames for the MAC of the input port, for a gateway port only on its active chassis.',
    'basic-2az',
    'ha-link-down',
  ),
  yes(
    'LR-2',
    'Packets from own, loopback, broadcast or group addresses are dropped, and those to an own address that nobody answers.',
    'router-ips',
  ),
  yes(
    'RT-1',
    'Priority is prefix length × 3, plus 0 for src-ip, 1 for static, 2 for connected: the longest prefix of both kinds wins.',
    'src-ip-routes',
    'rnd-*',
  ),
  yes(
    'RT-2',
    'A learned route ranks as what it was at home: a learned connected one ties with an own.',
    'src-ip-routes',
    'rt12-equal-connected',
  ),
  yes(
    'RT-3',
    'Static routes match packets of their route table; connected, learned connected and src-ip routes of the main table match in all.',
    'src-ip-routes',
  ),
  yes('RT-4', 'Link-local networks are connected by input port.', 'ttl-dual'),
  unasked(
    yes('RT-5', 'From 25.03 the factor is 8, and learned routes rank below own ones.'),
    'the lab has OVN 23.03 alone',
  ),
  unasked(
    yes('RT-6', 'Kube-OVN’s northd gives src-ip routes priority 1, hosts 2.'),
    'a patch of Kube-OVN’s northd; the lab has Debian’s',
  ),
  yes(
    'RT-7',
    'A route needs a port whose network holds its nexthop, or an output port; without, it is left out with a warning.',
    'static-no-path',
  ),
  partly(
    'RT-8',
    'Routes that do not parse are left out; `discard` drops.',
    'BFD-attached routes: there is no BFD on routes',
    'adv-forms',
  ),
  yes('RT-9', 'A route sets nexthop, source address, source MAC and output port.', 'basic-2az', 'rnd-*'),
  yes('RT-10', 'Without a route a packet is dropped and nobody is told.', 'no-route'),
  yes(
    'RT-11',
    'TTL is taken once a router, after it was checked; a policy takes no second.',
    'basic-2az',
    'kubeovn-no-29500',
  ),
  yes(
    'RT-12',
    'Two routes of equal priority that disagree: the choice is not specified. Reported as undefined with both candidates.',
    'rt12-equal-connected',
  ),
  yes('RT-13', 'A learned connected route beats an own static one of the same prefix.', 'lrn4-local-static'),
  yes(
    'RT-14',
    'A longer prefix of another zone takes its range away from all but pods of the same subnet.',
    'rt14-containment',
  ),
]

export const ECMP: readonly Rule[] = [
  yes(
    'EC-1',
    'Routes of equal prefix, kind and table form a group; its rank is that of the first member.',
    'ecmp-2ts',
    'rnd-*',
  ),
  yes(
    'EC-2',
    'Members without a way out do not count; a group of one is an ordinary route.',
    'ecmp-2ts',
    'ts-delete-3az',
  ),
  yes(
    'EC-3',
    'The same network in other text does not join the group: it ties with it.',
    'lrn4-local-static',
  ),
  yes(
    'EC-4',
    'The member is chosen by a symmetric hash of addresses, protocol and TCP ports; Kube-OVN’s patch hashes the source address.',
    'ecmp-2ts',
    'rnd-*',
  ),
  unasked(
    no(
      'EC-5',
      '`ecmp-symmetric-reply` works on gateway routers.',
      'gateway routers (`options:chassis`) are not modelled; the option is stored and printed',
    ),
    'gateway routers are not modelled, so there is nothing to compare',
  ),
  yes(
    'EC-6',
    'Members stay while their gateway is dead: its share of the flows is lost until the gateway moves.',
    'ecmp-gw-down',
  ),
]

export const POLICIES: readonly Rule[] = [
  yes(
    'PL-1',
    'Route tables are numbered by first use; the input port’s one holds for a packet.',
    'route-tables',
  ),
  yes(
    'PL-2',
    'Policies run after routing, highest priority first: allow, drop, or another way out.',
    'kubeovn-no-29500',
  ),
  yes('PL-3', 'A packet without a route never reaches them.', 'no-route'),
  yes(
    'PL-4',
    'Two of equal priority that both match and disagree: not specified. Reported as undefined.',
    'policy-tie',
  ),
  yes('PL-5', 'Constants with host bits in a match are masked.', 'kubeovn-no-29500'),
]

export const NEIGHBOURS: readonly Rule[] = [
  yes(
    'AR-1',
    'Addresses of remote transit ports are known from the database; nothing is asked over the transit switch.',
    'basic-2az',
    'rnd-*',
  ),
  yes(
    'AR-2',
    'Switches answer for addresses they know; one that nobody has on a transit switch is asked of each remote port.',
    'static-no-path',
  ),
  yes(
    'AR-3',
    'Routers know pods from the database; pods ask for their gateway and are answered on their own chassis.',
    'basic-2az',
  ),
  yes(
    'AR-4',
    'For an address nobody has the router asks once a packet, from the chassis that routes it.',
    'unreachable-pod-v6',
  ),
  yes(
    'GR-1',
    'A packet for a gateway port leaves by the `cr-` port, through the tunnel to the active chassis.',
    'basic-2az',
    'rnd-*',
  ),
]

export const ICMP: readonly Rule[] = [
  yes(
    'IC4-1',
    'An echo to any own address is answered with TTL 255, whatever TTL it came with.',
    'router-ips',
  ),
  yes(
    'IC4-2',
    'TTL 1 on arrival: time exceeded from the input port’s address with TTL 254.',
    'ttl-dual',
    'basic-2az',
  ),
  yes(
    'IC4-3',
    'Nobody answers for group addresses and later fragments; a router answers no fragment of an echo, not even the first.',
    'group-addresses',
  ),
  yes(
    'IC4-4',
    'UDP, TCP and the rest to an own address are refused, but only by routers without a gateway port.',
    'router-ips',
  ),
  yes(
    'IC4-5',
    'With `gateway_mtu` a larger packet is answered with that MTU and TTL 255 from the input port’s address.',
    'gateway-mtu',
  ),
  yes('IC4-6', 'Errors quote 534 bytes of IPv4 and 1218 of IPv6.', 'gateway-mtu'),
  yes(
    'IC4-7',
    'On a gateway port time exceeded comes from the destination’s address: hops 2 and 3 of a traceroute look alike.',
    'ttl-dual',
    'manual-both',
  ),
  yes(
    'IC6-1',
    'Over IPv6 only sources in the network of the input port are answered, so hop 2 is silent.',
    'ttl-dual',
  ),
]

export const SIZES: readonly Rule[] = [
  yes('MT-1', 'Logical ports know no MTU but `gateway_mtu`, which Kube-OVN never sets.', 'mtu-pod1400'),
  unasked(
    yes('MT-2', 'Kube-OVN’s pods have the MTU of the node’s interface less 100, over IPv6 less 120.'),
    'a pod’s MTU is set by Kube-OVN’s CNI plugin, and none runs in the lab',
  ),
  yes(
    'MT-3',
    'Geneve with OVN’s option costs 58 bytes over IPv4 and 78 over IPv6.',
    'basic-2az',
    'mtu-pod1400',
  ),
  yes(
    'MT-4',
    'Every hop wraps anew and the smallest underlay MTU decides; what is larger vanishes without a word.',
    'mtu-pod1400',
    'mtu-small-wan',
  ),
]
