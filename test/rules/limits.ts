/** What the model leaves out or does otherwise, for docs/fidelity.md; the headers of the files concerned say the same. */

export interface Limit {
  readonly what: string
  /** What that means for whoever reads a result. */
  readonly so: string
}

/** Left out. */
export const LEFT_OUT: readonly Limit[] = [
  {
    what: 'The underlay beyond one segment',
    so: 'all chassis are on one L2 network with warm neighbour tables: no underlay ARP or ND, no routers and no routes between sites. A WAN is latency, loss and MTU.',
  },
  {
    what: 'The kernel datapath',
    so: 'outer source ports and ECMP members are those of the userspace datapath, exactly; with the kernel only that they are stable and spread holds.',
  },
  {
    what: 'OpenFlow tables and conntrack',
    so: 'the pipelines are OVN’s logical stages. No NAT, load balancers, ACLs, port groups, DHCP, DNS or QoS; hence no services and no network policies.',
  },
  {
    what: 'Neighbours that routers learn',
    so: 'routers know the addresses of ports (`MAC_Binding` stays empty): what they send to a pod’s link-local address is lost, where the real one asks, waits and delivers.',
  },
  { what: 'Port security', so: 'ports take any address from their pod.' },
  {
    what: 'Multicast',
    so: 'no snooping and no relay: groups are flooded in their switch and end at the router.',
  },
  { what: 'Gateway routers', so: 'no `options:chassis`, and so no symmetric replies (EC-5).' },
  { what: 'BFD on routes', so: 'it runs between chassis only.' },
  {
    what: 'localnet and underlay subnets',
    so: 'Kube-OVN’s vlan subnets, u2o and egress gateways are unknown.',
  },
  {
    what: 'Chassis garbage collection of Kube-OVN',
    so: 'remote chassis are not removed at a controller’s start (KO-RM-3).',
  },
  {
    what: 'Readiness of centralized gateways',
    so: 'the first gateway node of a subnet is taken, ready or not.',
  },
  {
    what: 'Leader election',
    so: 'one controller a cluster. Of a Raft cluster of databases it is modelled who leads, elections, and how long ovn-ic searches for the leader; its members have one content, and command lines are refused while nobody leads, where real ones wait.',
  },
  {
    what: 'Kube-OVN before 1.10, OVN before 22.03',
    so: 'there are no profiles for them; the src-ip routes of 1.8 (KO-POL-3) can be written by hand.',
  },
  {
    what: 'Ranges of database columns',
    so: 'tables, indexes and references are those of the schemas; that a key is at most 32767 is not checked on `create`.',
  },
  {
    what: 'VXLAN and STT on the wire',
    so: 'tunnels within a cluster are Geneve whatever `encap` says; between clusters VXLAN ends the packet (GE-6).',
  },
]

/** Done otherwise than the real system does. */
export const BEYOND: readonly Limit[] = [
  {
    what: 'A frozen ovs-vswitchd (SIGSTOP)',
    so: 'packets that reach it are lost. In reality they wait in the kernel and are forwarded when it goes on: in a lab 87 of 90 pings were answered over a pause of 5 s, up to 4.97 s late.',
  },
  { what: 'Neighbour entries of pods', so: 'once learned they never go stale; Linux probes them again.' },
  {
    what: 'TCP of pods',
    so: 'no SACK, timestamps, window scaling or delayed acknowledgements; lost bytes are sent again from the first missing one on.',
  },
  { what: 'IPv6 flow labels', so: 'are 0.' },
  {
    what: 'Order in `ovn-nbctl show`',
    so: 'ours is that of creation, the real one that of a hash of UUIDs; likewise the gateway chassis of a port, which we list by priority.',
  },
  {
    what: 'UUIDs',
    so: 'are made from the seed. What follows their order on the real system (members of an ECMP group, the first of several ports) is random there and fixed here; `ecmpOrder` pins it.',
  },
  {
    what: 'Learning without end (ADV-14)',
    so: 'stops after 2000 copies a router, and says so.',
  },
  {
    what: 'Undefined behaviour',
    so: 'where the real choice is not specified (RT-12, PL-4, two ports with one address) the packet ends as `undefined` and the run fails; no winner is picked.',
  },
  {
    what: 'Latencies of daemons',
    so: 'are constants from an idle lab (`src/control/latencies.ts`). `conform` simulates 32 runs in which they vary as they do on a real machine, and other phases of timers, and holds the interval of their outages against the measured one.',
  },
]
