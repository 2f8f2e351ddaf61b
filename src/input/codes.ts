// Every code of this room with what `isthmus explain CODE` says about it. Codes are a public contract: a published one
// never gets another meaning, and one that is no longer used is not given away again.

import { type CodeList, defineCodes } from '../diag/codes.ts'

/** The codes of scenario files and manifests. */
export const INPUT_CODES: CodeList = defineCodes([
  entry(
    'IN001',
    'A file cannot be read',
    'The scenario file does not exist, is a folder, or may not be read. Paths are taken relative to where the command runs; `-` is standard input.',
  ),
  entry(
    'IN002',
    'A file is too large',
    'Scenario files and manifests may have 5 MB. A scenario of a thousand clusters has about 2 MB, so a larger file is most likely a capture or a database by mistake. `isthmus check` reads up to 20 MB of YAML in one file, which is 1,000 clusters with 100 subnets each, and tables of up to 64 MB. Give each cluster a file of its own, in one folder.',
  ),
  entry(
    'IN003',
    'The file is not YAML',
    'The text breaks the rules of YAML 1.2. Only the first such place of a document is reported, because what follows is mostly caused by it. JSON is YAML, so a JSON file is read in the same way. A text that begins with `*`, `&`, `@`, `%` or `[` or has `: ` in it needs quotes.',
  ),
  entry(
    'IN004',
    'A file is empty',
    'The file holds nothing but white space and comments. `isthmus init ovn-ic` writes a scenario to begin with.',
  ),
  entry(
    'IN005',
    'Several documents in a scenario file',
    'A line of `---` begins another document, and a scenario is one document. Kubernetes manifests may hold several: list them under `manifests` of a cluster.',
  ),
  entry(
    'IN006',
    'Aliases expand without measure',
    'YAML aliases (`*name`) repeat what an anchor (`&name`) holds. Here they multiply each other until the value would fill the memory, which is known as a billion laughs. Write out what is meant.',
  ),
  entry(
    'IN007',
    'A tab is used for indentation',
    'YAML forbids tabs in indentation. Most editors can replace them with spaces.',
  ),
  entry(
    'IN008',
    'A key is given twice',
    'A mapping holds the same key twice. YAML forbids it, and programs differ in which of the two counts. A pair of clusters under `underlay.wan` is one key in either order.',
  ),
  entry(
    'IN009',
    'The file is not text',
    'The file has bytes that are no UTF-8 text. Perhaps it is compressed, or in another encoding.',
  ),
  entry(
    'IN010',
    'Unknown key',
    'Scenario files are strict: a key that has no meaning is an error, because a mistyped key would otherwise be a default that nobody wanted. `isthmus explain scenario` lists all keys.',
  ),
  entry(
    'IN011',
    'Something is missing',
    'A key that has no default is absent, or a key would have to say more to mean anything.',
  ),
  entry(
    'IN012',
    'A value is of the wrong kind',
    'A list stands where one value is wanted, a number where text is wanted, and so on. In YAML 1.2 `yes`, `no`, `on` and `off` are texts; truth values are `true` and `false`.',
  ),
  entry(
    'IN013',
    'A value is not allowed',
    'The value is of the right kind, but not one of those that the key knows, or out of its range.',
  ),
  entry(
    'IN014',
    'Not a scenario of this version',
    'The first key of a scenario is `isthmus: 1`. Another number belongs to a format that this program does not know; perhaps a newer release does. A Kubernetes manifest is no scenario: list it under `manifests` of a cluster.',
  ),
  entry(
    'IN015',
    'An entry does not say what it is',
    'Each entry of `traffic`, `timeline` and `expect` has one key that says what it is, such as `ping`, `fail` or `reach`.',
  ),
  entry(
    'IN016',
    'An entry says two things',
    'An entry of `traffic`, `timeline` or `expect` has two of the keys that say what it is. Make two entries of it; those of the timeline may have the same time.',
  ),
  entry(
    'IN020',
    'Not a duration',
    'Durations are numbers with a unit: `200us`, `1.5ms`, `3s`, `2m`, `1m30s`. A bare number is refused, because seconds and milliseconds are both likely.',
  ),
  entry(
    'IN021',
    'Not a size',
    'Sizes are bytes: `1400`, `64KiB`, `1MB`. k and M are powers of 1000, Ki and Mi powers of 1024.',
  ),
  entry('IN022', 'Not a share of packets', 'A loss is a percentage (`0.5%`) or a fraction from 0 to 1.'),
  entry(
    'IN023',
    'A time that cannot be',
    'Time zero is when the network has settled (or, with `start: cold`, when the daemons start); nothing can be scheduled before it. A range ends after it begins. What an expectation asks for lies within the run: with a `duration` that ends before it there would be no answer.',
  ),
  entry(
    'IN030',
    'Not an IP address',
    'IPv4 addresses are four decimal numbers from 0 to 255, IPv6 addresses are written as in RFC 4291.',
  ),
  entry(
    'IN031',
    'An IPv4 address that programs read differently',
    '`010.1.2.0` is 8.1.2.0 for inet_aton (a leading zero means octal) and 10.1.2.0 for others; `10.1` is 10.0.0.1 for some and 10.1.0.0 for people. Both forms are refused, so that the plan that was checked is the plan that runs.',
  ),
  entry(
    'IN032',
    'Not a CIDR',
    'A network is an address and a number of bits, as in `10.16.0.0/16`. Masks in dotted form are refused.',
  ),
  entry(
    'IN033',
    'A network with host bits',
    'The address has bits set beyond the prefix length, as in `10.16.0.5/16`. Either the network `10.16.0.0/16` is meant or the address `10.16.0.5`. Kubernetes controllers differ in what they make of it.',
  ),
  entry(
    'IN034',
    'Not a MAC address',
    'Six octets with colons; the first octet is even, because an odd one marks a group of stations.',
  ),
  entry(
    'IN036',
    'Two address families',
    'An IPv4 and an IPv6 address are used together: a route with a next hop of the other family, traffic between pods that share no family, or tunnel endpoints of both in one cluster or in clusters that are joined: OVN builds no tunnel from one to the other.',
  ),
  entry(
    'IN040',
    'Unknown profile',
    'A profile is the version that is modelled: `ovn-23.03` is plain OVN as Debian ships it, `kube-ovn-1.10` to `kube-ovn-1.17` are releases of Kube-OVN with the OVN they are built on.',
  ),
  entry(
    'IN041',
    'Unknown cluster',
    'A cluster is called by its key under `clusters`, which may differ from the name of its availability zone.',
  ),
  entry(
    'IN042',
    'Unknown node',
    'A node is called by its key under `nodes` (or the name of its Node manifest), with the cluster in front where one is needed: `az1/az1-gw1`.',
  ),
  entry(
    'IN043',
    'Unknown subnet',
    'A subnet is called by its key under `subnets` or the name of its Subnet manifest.',
  ),
  entry(
    'IN044',
    'Unknown pod',
    'A pod is called by cluster and name: `az1/web`. Pods of manifests are known by their name, and by `name.namespace` when the name is taken.',
  ),
  entry(
    'IN045',
    'Unknown router',
    'Every cluster has the router `ovn-cluster`; others are made under `routers`.',
  ),
  entry(
    'IN046',
    'Unknown transit switch',
    'Transit switches come from `interconnect.ovn-ic.transitSwitches`: ts, ts1, ts2, … or those that are listed there.',
  ),
  entry('IN047', 'Unknown traffic', 'Traffic is called by the name that `as` gives it, or by `from -> to`.'),
  entry(
    'IN048',
    'A reference that cannot be read',
    'Pods are `az1/web`, sets of pods `az1/*` or `az1/* of subnet private`, nodes `az1/az1-gw1`, pairs of clusters `az1|az2`.',
  ),
  entry('IN049', 'No arrow', 'Traffic and reachability go from one end to another: `az1/web -> az2/web`.'),
  entry(
    'IN050',
    'Overlapping networks',
    'Two subnets on one router share addresses, or a subnet and a transit switch do. OVN then has two connected routes for them, and of two routes with equal prefix the choice is undefined (rule RT-12). Subnets of different clusters may overlap: that is a case worth simulating. `allow: [overlapping-subnets]` waives the check.',
  ),
  entry(
    'IN051',
    'A pod outside its subnet',
    'The address of the pod is in no network of its subnet: neither the router nor its neighbours would find it. `allow: [pod-outside-subnet]` waives the check.',
  ),
  entry(
    'IN052',
    'A pod on the gateway address',
    "The pod has the address of the subnet's router port. `allow: [duplicate-ip]` waives the check.",
  ),
  entry(
    'IN053',
    'A gateway that is no node',
    'Gateways (`gw-nodes`) are names of nodes of the same cluster. Kube-OVN looks for a chassis with that host name and tries again for ever when there is none.',
  ),
  entry(
    'IN054',
    'A MAC address is used twice',
    'Two ports of one switch (those of pods and of the router), or two nodes of the underlay, have the same MAC address: frames for one reach the other. `allow: [duplicate-mac]` waives the check.',
  ),
  entry(
    'IN055',
    'An IP address is used twice',
    'Two pods of one subnet have the same address. `allow: [duplicate-ip]` waives the check.',
  ),
  entry(
    'IN056',
    'Two clusters share the name of an availability zone',
    'The IC databases know a cluster by this name only. Two that share it delete what the other publishes, over and over, without any error in a log (rule AZ-2). `allow: [duplicate-az]` simulates it.',
  ),
  entry(
    'IN057',
    'Two nodes share a tunnel endpoint',
    'The IC southbound database refuses a second gateway with the same tunnel address, and with it everything else that its cluster wanted to publish (rules GW-5 and IC-3). `allow: [duplicate-encap]` simulates it.',
  ),
  entry(
    'IN058',
    'Two nodes share a chassis name',
    'The chassis name (`system-id`) of a gateway is unique over all clusters; cloned machines often share it (rule GW-4). Between two nodes of plain OVN that are no gateways it is a warning, because only gateways are published. `allow: [duplicate-chassis]` simulates it.',
  ),
  entry(
    'IN059',
    'A name is used twice',
    'Two things that are called by name have the same: nodes, pods or subnets of a cluster, logical ports, transit switches, traffic.',
  ),
  entry(
    'IN060',
    'An address outside its network',
    "A router's address lies in none of the subnet's networks, or a port's address not in the network of its transit switch.",
  ),
  entry('IN061', 'A subnet is full', 'The pod gave no address, and the subnet has none left.'),
  entry('IN062', 'No clusters', 'A scenario has at least one cluster.'),
  entry(
    'IN063',
    'A reserved address',
    'The first address of an IPv4 network is its name and the last its broadcast address; no host has them. Nor has a pod or a tunnel endpoint an unspecified, loopback, multicast or broadcast address (RFC 6890).',
  ),
  entry(
    'IN064',
    'A transit switch is too small',
    'Each cluster has an address on each transit switch. The default networks hold 254 clusters; larger meshes need a larger network.',
  ),
  entry(
    'IN065',
    'A name with characters that are not allowed',
    'Names are parts of references such as `az1/web` and of the names of logical ports, so they consist of letters, digits, dots, hyphens and underscores. `__proto__` is refused everywhere.',
  ),
  entry(
    'IN070',
    'A manifest is not there',
    'Paths under `manifests` are relative to the scenario file. They name a file, a folder (its .yaml, .yml and .json files) or a pattern with `*` and `?`.',
  ),
  entry(
    'IN071',
    'Not a manifest',
    'A Kubernetes object has `apiVersion`, `kind` and `metadata`. `kind: List` and several documents in a file are fine.',
  ),
  entry(
    'IN072',
    'A manifest that is not used',
    'ConfigMap `ovn-ic-config`, Subnet, Vpc, Node and Pod are read; other kinds say nothing about the interconnection. This is a remark, so that a whole folder can be given.',
  ),
  entry(
    'IN073',
    'Two ConfigMaps',
    'A cluster has one ConfigMap `ovn-ic-config`. Changes belong to the timeline: `apply` or `edit`.',
  ),
  entry(
    'IN074',
    'Left out',
    'Subnets of custom VPCs, underlay subnets without a router port, and pods that have no address, are done, or live on the network of their node take no part in the interconnection.',
  ),
  entry(
    'IN075',
    'A field of a manifest is of the wrong kind',
    'Kubernetes itself would have refused this object. Values of a ConfigMap are texts: `"true"`, `"6645"`.',
  ),
  entry(
    'IN076',
    'A ConfigMap that does not mean what it seems to',
    'Kube-OVN reads `ovn-ic-config` literally: only `"false"` disables, only `"true"` turns automatic routes on, keys that it does not know are ignored, and it looks in kube-system only.',
  ),
  entry(
    'IN080',
    'A match that cannot be read',
    "Policies match in OVN's expression language: comparisons with `==` and `!=`, sets `{a, b}`, `&&`, `||`, `!` and parentheses. `&&` and `||` are not mixed without parentheses. Address sets, port groups and comparisons with `<` are not modelled.",
  ),
  entry(
    'IN082',
    'Not a line of this tool',
    'Lines are given as for `ovn-nbctl` (or `ovn-sbctl`, `ovn-ic-nbctl`, `ovn-ic-sbctl`), with or without the name of the tool; `kubectl ko nbctl …` is understood. Commands, their options and the number of their arguments are checked before the run; those that change a database are modelled, and those that only print are left out.',
  ),
  entry(
    'IN083',
    'Unknown daemon',
    'Daemons are `ovn-controller az1/az1-gw1` and `ovs-vswitchd az1/az1-gw1`; `ovn-ic az1`, `ovn-northd az1` and `kube-ovn-controller az1`; `ic-nb`, `ic-sb` and `ic-db`, with a host where there are several.',
  ),
  entry(
    'IN084',
    'An event that means nothing here',
    'The ConfigMap and kube-ovn-controller exist only with Kube-OVN profiles. Plain OVN is changed with `nbctl` lines.',
  ),
  entry(
    'IN086',
    'Two times',
    'An expectation holds at one time: `at`, `within`, `always` or `never`; the end of the run when none is given.',
  ),
])

function entry(code: string, title: string, explanation: string): CodeList[number] {
  return { code, title, explanation }
}
