/**
 * For every rule a plan that it speaks of and one, as near as possible, on which it is silent. Bare plans unless the text says otherwise;
 * files by name where a rule compares documents.
 */
type Files = Readonly<Record<string, string>>

export interface RuleCase {
  readonly fires: string | Files
  readonly silent: string | Files
  /** Severities of the findings, worst first, where they are the point. */
  readonly severity?: 'error' | 'warning' | 'info'
}

const ic = (a: string, b: string, top = ''): string =>
  `technology: ovn-ic\n${top}clusters:\n  az1: { autoRoute: true, ${a} }\n  az2: { autoRoute: true, ${b} }\n`
const sm = (a: string, b: string, top = ''): string =>
  `technology: submariner\n${top}clusters:\n  east: { ${a} }\n  west: { ${b} }\n`
const any = (a: string, b = 'pods: 10.99.0.0/16', top = ''): string =>
  `${top}clusters:\n  a: { ${a} }\n  b: { ${b} }\n`
const config = (data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ovn-ic-config, namespace: kube-system }\ndata: { enable-ic: "true", az-name: az1, gw-nodes: "g1,g2", auto-route: "true", ${data} }\n`
const pool = (spec: string, name = 'p'): string =>
  `---\napiVersion: spiderpool.spidernet.io/v2beta1\nkind: SpiderIPPool\nmetadata: { name: ${name} }\nspec: { ${spec} }\n`
const multus = (hijack: string, rest = 'ippools: { ipv4: [p] }'): string =>
  `---\napiVersion: spiderpool.spidernet.io/v2beta1\nkind: SpiderMultusConfig\nmetadata: { name: macvlan-conf, namespace: kube-system }\nspec: { cniType: macvlan, macvlan: { master: [ens224], ${rest} }, coordinator: { hijackCIDR: [${hijack}] } }\n`
const deployment = (network: string, replicas = 2): string =>
  `---\napiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: { replicas: ${replicas}, template: { metadata: { annotations: { v1.multus-cni.io/default-network: ${network} } } } }\n`
const join = (id: string, cidr: string, more = ''): string =>
  `subctl join broker-info.subm --clusterid=${id} --clustercidr=${cidr} ${more}\n`
const show = (address: string, az = 'az2'): string =>
  `switch a391d3a1-14a0-4841-9836-4bd930c447fb (ts)\n    port ts-${az}\n        type: remote\n        addresses: ["00:00:00:4B:E2:9F ${address}"]\n`
const zone = (name: string, ip: string, port: string): string =>
  `availability-zone ${name}\n    gateway ${name}-gw\n        hostname: ${name}-gw\n        type: geneve\n            ip: ${ip}\n        port ts-${name}\n            transit switch: ts\n            address: ["00:00:00:00:00:${port} 169.254.100.${port}/24"]\n`
const sub = 'pods: 10.1.0.0/16, services: 10.101.0.0/16'
const sub2 = 'pods: 10.2.0.0/16, services: 10.102.0.0/16'
const gateways = (n: number, more = ''): string =>
  `nodes: { ${Array.from({ length: n }, (_, i) => `g${i}: { ip: 192.168.9.${i + 1}, gateway: true${more} }`).join(', ')} }`
const twoConfigs = (a: string, b: string): Files => ({
  'az1/c.yaml': config(a),
  'az2/c.yaml': config(b).replace('az-name: az1', 'az-name: az2'),
})

export const CASES: Readonly<Record<string, RuleCase>> = {
  IC001: {
    fires: ic('pods: 10.16.0.0/16', 'pods: 10.16.0.0/16'),
    silent: ic('pods: 10.16.0.0/16', 'pods: { d: { cidr: 10.16.0.0/16, disableInterConnection: true } }'),
    severity: 'error',
  },
  IC002: {
    fires: ic('pods: 10.16.0.0/16', 'pods: 10.16.7.0/24'),
    silent: ic('pods: { a: 10.16.0.0/16, b: 10.17.0.0/24 }', 'pods: 10.18.0.0/16'),
    severity: 'error',
  },
  IC003: {
    fires: ic('pods: 100.64.0.0/10', 'pods: 10.17.0.0/16, join: 100.64.0.0/16'),
    silent: ic('pods: 10.16.0.0/16, join: 100.64.0.0/16', 'pods: 10.17.0.0/16, join: 100.64.0.0/16'),
    severity: 'error',
  },
  IC004: {
    fires: ic('az: x, pods: 10.1.0.0/16', 'az: x, pods: 10.2.0.0/16'),
    silent: ic('az: x, pods: 10.1.0.0/16', 'az: y, pods: 10.2.0.0/16'),
  },
  IC005: {
    fires: {
      'p.yaml': ic('pods: 10.1.0.0/16', 'pods: 10.2.0.0/16'),
      'sb.txt': zone('old', '10.9.9.9', '20'),
    },
    silent: {
      'p.yaml': ic('pods: 10.1.0.0/16', 'pods: 10.2.0.0/16'),
      'sb.txt': zone('az1', '10.9.9.9', '20'),
    },
    severity: 'warning',
  },
  IC006: {
    fires: ic('gateways: g1, nodes: { g1: 192.168.1.1 }', 'gateways: g2, nodes: { g2: 192.168.1.1 }'),
    silent: ic('gateways: g1, nodes: { g1: 192.168.1.1 }', 'gateways: g2, nodes: { g2: 192.168.1.2 }'),
    severity: 'error',
  },
  IC007: { fires: ic('gateways: g1', 'gateways: g1'), silent: ic('gateways: g1', 'gateways: g2') },
  IC008: {
    fires: ic('az: az1-ts, pods: 10.1.0.0/16', 'pods: 10.2.0.0/16'),
    silent: ic('az: tsar, pods: 10.1.0.0/16', 'pods: 10.2.0.0/16'),
  },
  IC009: {
    fires:
      'isthmus: 1\nclusters:\n  az1: { transitPorts: { ts: [ { ip: 169.254.100.1, router: ovn-cluster }, { ip: 169.254.100.2, router: lr2, lsp: ts-b } ] } }\n',
    silent: 'isthmus: 1\nclusters:\n  az1: { transitPorts: { ts: [ { ip: 169.254.100.1 } ] } }\n',
    severity: 'error',
  },
  IC010: {
    fires: {
      'sb.txt': zone('a', '10.9.9.1', '20') + zone('b', '10.9.9.2', '21').replace('.21/24', '.20/24'),
    },
    silent: { 'sb.txt': zone('a', '10.9.9.1', '20') + zone('b', '10.9.9.2', '21') },
  },
  IC011: {
    fires: ic('gateways: nope, nodes: { g1: 192.168.1.1 }', 'gateways: g2'),
    silent: ic('gateways: g1, nodes: { g1: 192.168.1.1 }', 'gateways: g2'),
  },
  IC012: {
    fires: ic('gateways: g1', 'gateways: [h1, h2]'),
    silent: ic('gateways: [g1, g2]', 'gateways: [h1, h2]'),
  },
  IC013: {
    fires: ic('gateways: g1, nodes: { g1: { ip: 192.168.1.1, encap: vxlan } }', 'gateways: h'),
    silent: ic('gateways: g1, nodes: { g1: { ip: 192.168.1.1, encap: geneve } }', 'gateways: h'),
    severity: 'error',
  },
  IC014: {
    fires: ic('pods: 10.1.0.0/16', 'pods: 10.2.0.0/16', 'firewall: { open: [udp/6081, tcp/6645] }\n'),
    silent: ic(
      'pods: 10.1.0.0/16',
      'pods: 10.2.0.0/16',
      'firewall: { open: [udp/6000-6100, tcp/6645, tcp/6646] }\n',
    ),
  },
  IC015: {
    fires: ic('podMtu: 1450', 'podMtu: 1400', 'underlay: { mtu: 1500 }\n'),
    silent: ic('podMtu: 1442', 'podMtu: 1400', 'underlay: { mtu: 1500 }\n'),
    severity: 'error',
  },
  IC016: {
    fires: ic(
      'join: 100.64.0.0/16, pods: 10.1.0.0/16, routes: [{ prefix: 10.2.0.0/16, nexthop: 169.254.100.9 }]',
      'pods: 10.2.0.0/16',
    ),
    silent: ic(
      'join: 100.64.0.0/16, pods: 10.1.0.0/16, routes: [{ prefix: 10.2.0.0/16, nexthop: 169.254.100.9 }], policies: [{ priority: 29500, match: ip4.dst == 10.2.0.0/16, action: allow }]',
      'pods: 10.2.0.0/16',
    ),
  },
  IC017: {
    fires: ic('pods: 10.1.0.0/16, routes: [{ prefix: 10.1.0.0/16, nexthop: 10.1.0.9 }]', 'pods: 10.2.0.0/16'),
    silent: ic(
      'pods: 10.1.0.0/16, routes: [{ prefix: 10.9.0.0/16, nexthop: 10.1.0.9 }]',
      'pods: 10.2.0.0/16',
    ),
  },
  IC018: {
    fires: ic('pods: "10.1.0.0/16,fd00:1::/64"', 'pods: 10.2.0.0/16', 'profile: kube-ovn-1.12\n'),
    silent: ic('pods: "10.1.0.0/16,fd00:1::/64"', 'pods: 10.2.0.0/16', 'profile: kube-ovn-1.13\n'),
  },
  IC019: {
    fires: ic('options: { ic-route-adv-default: true }', 'pods: 10.2.0.0/16'),
    silent: ic('options: { ic-route-adv-default: true }', 'options: { ic-route-learn-default: true }'),
  },
  IC020: {
    fires: ic('pods: { x: { cidr: 10.1.0.0/16, vpc: tenant } }', 'pods: 10.2.0.0/16'),
    silent: ic('pods: { x: { cidr: 10.1.0.0/16, vpc: ovn-cluster } }', 'pods: 10.2.0.0/16'),
    severity: 'info',
  },
  IC021: {
    fires: ic('dbHosts: [a, b]', 'dbHosts: [a, b]'),
    silent: ic('dbHosts: [a, b, c]', 'dbHosts: [c, b, a]'),
  },
  IC022: {
    fires: ic('pods: { x: { cidr: 10.0.0.0/8, disableInterConnection: true } }', 'pods: 10.2.0.0/16'),
    silent: ic('pods: { x: { cidr: 10.3.0.0/16, disableInterConnection: true } }', 'pods: 10.2.0.0/16'),
  },
  IC023: {
    fires: ic('gateways: [g1, g2]', 'gateways: [h1, h2, h3]', 'transitSwitches: 3\n'),
    silent: ic('gateways: [g1, g2, g3]', 'gateways: [h1, h2, h3]', 'transitSwitches: 3\n'),
  },
  IC024: {
    fires: ic('pods: 10.1.0.0/16, options: { ic-route-learn: false }', 'pods: 10.2.0.0/16'),
    silent: ic('pods: 10.1.0.0/16', 'pods: 10.2.0.0/16'),
    severity: 'error',
  },
  IC025: {
    fires: ic('pods: 10.1.0.0/16, external: 10.1.9.0/24', 'pods: 10.2.0.0/16'),
    silent: ic('pods: 10.1.0.0/16, external: 10.9.9.0/24', 'pods: 10.2.0.0/16'),
  },
  IC026: {
    fires: ic(
      'pods: 10.1.0.0/16, routes: [{ prefix: 10.9.0.0/16, nexthop: 192.168.7.7 }]',
      'pods: 10.2.0.0/16',
    ),
    silent: ic(
      'pods: 10.1.0.0/16, routes: [{ prefix: 10.9.0.0/16, nexthop: 10.1.0.7 }]',
      'pods: 10.2.0.0/16',
    ),
  },
  IC027: {
    fires:
      'isthmus: 1\nprofile: kube-ovn-1.10\nclusters: { az1: { gateways: [g1, g2] } }\ntimeline: [{ at: 1s, edit: { cluster: az1, gw-nodes: g2 } }]\n',
    silent:
      'isthmus: 1\nprofile: kube-ovn-1.17\nclusters: { az1: { gateways: [g1, g2] } }\ntimeline: [{ at: 1s, edit: { cluster: az1, gw-nodes: g2 } }]\n',
  },
  IC028: {
    fires: {
      'sb.txt':
        zone('a', '10.9.9.1', '20') +
        zone('b', '10.9.9.2', '21').replace('transit switch: ts', 'transit switch: ts1'),
    },
    silent: { 'sb.txt': zone('a', '10.9.9.1', '20') + zone('b', '10.9.9.2', '21') },
  },
  IC029: {
    fires: { 'az1/c.yaml': config('').replace('auto-route: "true"', 'auto-route: "yes"') },
    silent: { 'az1/c.yaml': config('') },
  },
  IC030: {
    fires: `technology: ovn-ic\nclusters:\n${Array.from({ length: 14 }, (_, i) => `  c${i}: { join: 100.64.0.0/16 }`).join('\n')}\n`,
    silent: `technology: ovn-ic\ntransitSwitches: { ts: 10.250.0.0/16 }\nclusters:\n${Array.from({ length: 14 }, (_, i) => `  c${i}: { join: 100.64.0.0/16 }`).join('\n')}\n`,
    severity: 'warning',
  },
  IC031: {
    fires: ic('join: 100.64.0.0/16', 'join: 100.64.0.0/16'),
    silent: ic('join: 100.64.0.0/16', 'join: 100.65.0.0/16'),
    severity: 'info',
  },
  IC032: {
    fires: ic('pods: 10.1.0.0/16, routes: [{ prefix: 10.2.0.0/16, nexthop: 10.1.0.9 }]', 'pods: 10.2.0.0/16'),
    silent: ic(
      'pods: 10.1.0.0/16, routes: [{ prefix: 10.2.0.0/17, nexthop: 10.1.0.9 }]',
      'pods: 10.2.0.0/16',
    ),
    severity: 'warning',
  },
  IC033: {
    fires: ic('pods: 10.1.0.0/16, routes: [{ prefix: 10.2.4.0/24, nexthop: 10.1.0.9 }]', 'pods: 10.2.0.0/16'),
    silent: ic(
      'pods: 10.1.0.0/16, routes: [{ prefix: 10.3.4.0/24, nexthop: 10.1.0.9 }]',
      'pods: 10.2.0.0/16',
    ),
    severity: 'error',
  },

  SM001: {
    fires: sm(sub, 'pods: 10.2.0.0/16, services: 10.1.128.0/20'),
    silent: sm(sub, sub2),
    severity: 'error',
  },
  SM002: { fires: sm('pods: 10.1.0.0/16, services: 10.1.4.0/22', sub2), silent: sm(sub, sub2) },
  SM003: {
    fires: sm(`${sub}, nodes: { n: 10.2.0.9 }`, sub2),
    silent: sm(`${sub}, nodes: { n: 192.168.0.9 }`, sub2),
    severity: 'error',
  },
  SM004: {
    fires: sm(`${sub}, nodes: { n: 192.168.0.9 }`, sub2),
    silent: sm(`${sub}, ${gateways(2)}`, sub2),
    severity: 'error',
  },
  SM005: {
    fires: sm(sub, sub2, 'firewall: { open: [udp/4500, udp/4490] }\n'),
    silent: sm(
      `${sub}, submariner: { forceUdpEncaps: true }`,
      `${sub2}, submariner: { forceUdpEncaps: true }`,
      'firewall: { open: [udp/4500, udp/4490] }\n',
    ),
    severity: 'error',
  },
  SM006: {
    fires: sm(`${sub}, cni: macvlan, ${gateways(2)}`, sub2),
    silent: sm(`${sub}, cni: macvlan, ${gateways(2)}, submariner: { healthCheck: false }`, sub2),
    severity: 'error',
  },
  SM007: {
    fires: sm(`${sub}, cni: macvlan, submariner: { cableDriver: wireguard }, ${gateways(2)}`, sub2),
    silent: sm(`${sub}, cni: macvlan, ${gateways(2)}`, sub2),
  },
  SM008: {
    fires: sm('clusterCidr: [10.1.0.0/16, 10.3.0.0/16]', sub2),
    silent: sm('clusterCidr: 10.1.0.0/16', sub2),
  },
  SM009: {
    fires: sm('clusterCidr: 10.1.0.0/16, pods: { x: 10.3.0.0/16 }', sub2),
    silent: sm('clusterCidr: 10.1.0.0/16, pods: { x: 10.1.3.0/24 }', sub2),
  },
  SM010: {
    fires: sm(`${sub}, ${gateways(2)}`, sub2, 'firewall: { closed: [tcp/443] }\n'),
    silent: sm(
      `${sub}, ${gateways(2)}, submariner: { airGapped: true }`,
      sub2,
      'firewall: { closed: [tcp/443] }\n',
    ),
  },
  SM011: {
    fires: sm(`${sub}, nodeCount: 3`, sub2, 'firewall: { closed: [udp/4800] }\n'),
    silent: sm(`${sub}, nodeCount: 1`, sub2, 'firewall: { closed: [udp/4800] }\n'),
  },
  SM012: {
    fires: sm(`${sub}, nodes: { a: 10.200.0.9, b: 172.200.0.9 }`, sub2),
    silent: sm(`${sub}, nodes: { a: 10.200.0.9, b: 172.200.0.10 }`, sub2),
  },
  SM013: {
    fires: sm(`${sub}, nodes: { a: { ip: [192.168.0.1, 192.168.0.2], gateway: true } }`, sub2),
    silent: sm(`${sub}, nodes: { a: { ip: [192.168.0.1, "fd00::1"], gateway: true } }`, sub2),
  },
  SM014: { fires: sm(`${sub}, underlay: 241.3.0.0/16`, sub2), silent: sm(sub, sub2) },
  SM015: { fires: sm(`${sub}, kubeProxy: ipvs`, sub2), silent: sm(`${sub}, kubeProxy: iptables`, sub2) },
  SM016: { fires: sm(`${sub}, kubernetes: v1.20.4`, sub2), silent: sm(`${sub}, kubernetes: v1.21.0`, sub2) },
  SM017: {
    fires: sm(`${sub}, cni: flannel`, sub2),
    silent: sm(`${sub}, cni: calico`, sub2),
    severity: 'error',
  },
  SM018: {
    fires: sm(`${sub}, cni: calico`, sub2),
    silent: sm(`${sub}, cni: calico, external: [10.2.0.0/16, 10.102.0.0/16]`, sub2),
  },
  SM019: {
    fires: sm(`${sub}, submariner: { cableDriver: wireguard }`, sub2),
    silent: sm(`${sub}, submariner: { cableDriver: libreswan }`, sub2),
  },
  SM020: {
    fires: sm(
      `${sub}, ${gateways(1, ', publicIP: 203.0.113.1')}`,
      `${sub2}, ${gateways(1, ', publicIP: 203.0.113.1').replace('192.168.9.', '192.168.8.')}`,
    ),
    silent: sm(
      `${sub}, ${gateways(1, ', publicIP: 203.0.113.1')}`,
      `${sub2}, ${gateways(1, ', publicIP: 203.0.113.1, udpPort: 4501').replace('192.168.9.', '192.168.8.')}`,
    ),
    severity: 'error',
  },
  SM021: {
    fires: sm(sub, sub2, 'underlay: { mtu: 9000, wan: { east|west: 1500 } }\n'),
    silent: sm(sub, sub2, 'underlay: { mtu: 1500, wan: { east|west: 1500 } }\n'),
  },
  SM022: { fires: sm(`${sub}, udpPayload: 1419`, sub2), silent: sm(`${sub}, udpPayload: 1418`, sub2) },
  SM023: {
    fires: sm(`${sub}, submariner: { clusterId: same }`, `${sub2}, submariner: { clusterId: same }`),
    silent: sm(`${sub}, submariner: { clusterId: one }`, `${sub2}, submariner: { clusterId: two }`),
  },
  SM024: {
    fires: sm(`${sub}, submariner: { broker: a.example }`, `${sub2}, submariner: { broker: b.example }`),
    silent: sm(`${sub}, submariner: { broker: a.example }`, `${sub2}, submariner: { broker: a.example }`),
  },
  SM025: {
    fires: sm('pods: 242.0.0.0/16, globalnet: 242.0.0.0/16', 'globalnet: 242.1.0.0/16'),
    silent: sm(`${sub}, globalnet: 242.0.0.0/16`, `${sub}, globalnet: 242.1.0.0/16`),
  },
  SM026: {
    fires: sm(
      `${sub}, globalnet: 242.0.0.0/16, submariner: { sourcePreserved: true }`,
      'globalnet: 242.1.0.0/16',
    ),
    silent: sm(`${sub}, submariner: { sourcePreserved: true }`, sub2),
  },
  SM027: { fires: sm('pods: "10.1.0.0/16,fd00:1::/64"', sub2), silent: sm(sub, sub2) },
  SM028: {
    fires: sm(`${sub}, join: 100.64.0.0/16`, `${sub2}, join: 100.64.0.0/16`),
    silent: sm(`${sub}, join: 100.64.0.0/16`, `${sub2}, join: 100.65.0.0/16`),
    severity: 'error',
  },
  SM029: {
    fires: {
      'a/join.sh': join('a', '172.20.0.0/16'),
      'a/log.txt': 'unable to find CNI Interface on the host which has IP from ["172.21.0.0/16"]',
    },
    silent: {
      'a/join.sh': join('a', '172.20.0.0/16'),
      'a/log.txt': 'unable to find CNI Interface on the host which has IP from ["172.20.0.0/16"]',
    },
  },

  SP001: {
    fires: {
      'a/x.yaml': pool('subnet: 172.20.1.0/24') + multus('10.9.0.0/16'),
      'a/join.sh': join('a', '172.20.0.0/16'),
      'b/join.sh': join('b', '172.21.0.0/16'),
    },
    silent: {
      'a/x.yaml': pool('subnet: 172.20.1.0/24') + multus('172.20.0.0/15'),
      'a/join.sh': join('a', '172.20.0.0/16'),
      'b/join.sh': join('b', '172.21.0.0/16'),
    },
  },
  SP002: {
    fires: { 'a/x.yaml': multus('10.9.0.0/16') },
    silent: { 'a/x.yaml': multus('10.9.0.0/16, 169.254.0.0/16') },
  },
  SP003: {
    fires: { 'a/x.yaml': pool('subnet: 172.20.1.0/24') + multus('172.20.0.0/16') },
    silent: { 'a/x.yaml': pool('subnet: 172.20.1.0/24') + multus('172.21.0.0/16') },
  },
  SP004: {
    fires: { 'a/x.yaml': pool('subnet: 172.20.1.0/24, gateway: 172.20.0.1') },
    silent: { 'a/x.yaml': pool('subnet: 172.20.1.0/24, gateway: 172.20.1.1') },
  },
  SP005: {
    fires: { 'a/x.yaml': multus('10.9.0.0/16') + deployment('kube-system/macvlan-confg') },
    silent: { 'a/x.yaml': multus('10.9.0.0/16') + deployment('kube-system/macvlan-conf') },
  },
  SP006: {
    fires: any('underlay: 172.20.0.0/16, pools: 172.21.1.0/24'),
    silent: any('underlay: 172.20.0.0/16, pools: 172.20.1.0/24'),
  },
  SP007: {
    fires: { 'a/x.yaml': multus('10.9.0.0/16'), 'a/join.sh': join('a', '172.20.0.0/16') },
    silent: { 'a/join.sh': join('a', '172.20.0.0/16') },
    severity: 'info',
  },
  SP008: {
    fires: sm(
      `${sub}, pools: 172.20.1.0/24, nodes: { g: { ip: 192.168.0.1, interfaces: 192.168.5.1, gateway: true } }`,
      sub2,
    ),
    silent: sm(
      `${sub}, pools: 172.20.1.0/24, nodes: { g: { ip: 192.168.0.1, interfaces: 172.20.1.5, gateway: true } }`,
      sub2,
    ),
  },
  SP009: {
    fires: { 'a/x.yaml': pool('subnet: 172.20.1.0/24, ips: [172.20.1.1-172.20.2.9]') },
    silent: { 'a/x.yaml': pool('subnet: 172.20.1.0/24, ips: [172.20.1.1-172.20.1.9]') },
    severity: 'error',
  },
  SP010: {
    fires: {
      'a/x.yaml':
        pool('subnet: 172.20.1.0/24, ips: [172.20.1.1-172.20.1.9]') +
        pool('subnet: 172.20.1.0/24, ips: [172.20.1.9]', 'q'),
    },
    silent: {
      'a/x.yaml':
        pool('subnet: 172.20.1.0/24, ips: [172.20.1.1-172.20.1.9]') +
        pool('subnet: 172.20.1.0/24, ips: [172.20.1.10]', 'q'),
    },
  },
  SP011: {
    fires: { 'a/x.yaml': pool('subnet: 172.20.1.0/24', 'q') + multus('10.9.0.0/16') },
    silent: { 'a/x.yaml': pool('subnet: 172.20.1.0/24') + multus('10.9.0.0/16') },
  },
  SP012: {
    fires: {
      'a/x.yaml': pool('subnet: 172.20.1.0/24'),
      'a/r.txt': 'default via 172.20.1.1 dev eth0\n10.9.0.0/16 via 192.168.0.1 dev veth0 src 172.20.9.9\n',
    },
    silent: {
      'a/x.yaml': pool('subnet: 172.20.1.0/24'),
      'a/r.txt': 'default via 172.20.1.1 dev eth0\n10.9.0.0/16 via 192.168.0.1 dev veth0 src 172.20.1.9\n',
    },
  },
  SP014: {
    fires: {
      'a/x.yaml': pool('subnet: 172.20.0.0/16'),
      'a/p.txt': 'NAME READY STATUS RESTARTS AGE IP NODE\nweb-abc 1/1 Running 0 2m 172.20.1.9 n1\n',
      'a/ping.txt': 'PING 172.20.168.9 (172.20.168.9): 56 data bytes\n',
    },
    silent: {
      'a/x.yaml': pool('subnet: 172.20.0.0/16'),
      'a/p.txt': 'NAME READY STATUS RESTARTS AGE IP NODE\nweb-abc 1/1 Running 0 2m 172.20.1.9 n1\n',
      'a/ping.txt': 'PING 172.20.1.9 (172.20.1.9): 56 data bytes\n',
    },
  },
  SP013: {
    fires: {
      'a/x.yaml': multus('10.9.0.0/16') + deployment('kube-system/macvlan-conf', 2),
      'a/pods.txt': 'NAME READY STATUS RESTARTS AGE IP NODE\nweb-abc 1/1 Running 0 2m 10.0.0.1 n1\n',
    },
    silent: {
      'a/x.yaml': multus('10.9.0.0/16') + deployment('kube-system/macvlan-conf', 1),
      'a/pods.txt': 'NAME READY STATUS RESTARTS AGE IP NODE\nweb-abc 1/1 Running 0 2m 10.0.0.1 n1\n',
    },
  },

  NP001: {
    fires: any('pods: 10.1.0.0/16', 'services: 10.1.0.0/20'),
    silent: any('pods: 10.1.0.0/16', 'services: 10.2.0.0/20'),
    severity: 'error',
  },
  NP002: {
    fires: any('pods: 10.1.0.0/16, services: 10.1.0.0/20'),
    silent: any('clusterCidr: 10.1.0.0/16, pods: 10.1.0.0/20'),
    severity: 'error',
  },
  NP003: {
    fires: any('docker: 172.17.0.0/16, pods: 172.16.0.0/14'),
    silent: any('docker: 172.17.0.0/16, pods: 10.1.0.0/16', 'docker: 172.17.0.0/16'),
  },
  NP004: {
    fires: any('loadBalancers: 192.168.0.0/28, nodes: { n: 192.168.0.3 }'),
    silent: any('loadBalancers: 192.168.0.0/28, nodes: { n: 192.168.0.33 }'),
  },
  NP005: {
    fires: any('clusterCidr: { cidr: 10.1.0.0/16, nodeMask: 24 }, nodeCount: 257'),
    silent: any('clusterCidr: { cidr: 10.1.0.0/16, nodeMask: 24 }, nodeCount: 256'),
    severity: 'error',
  },
  NP006: {
    fires: any('pods: { x: { cidr: 10.1.0.0/24, pods: 170 } }, growth: 1.5'),
    silent: any('pods: { x: { cidr: 10.1.0.0/24, pods: 150 } }, growth: 1.5'),
    severity: 'error',
  },
  NP007: {
    fires: any('pods: { x: { cidr: 10.1.0.0/24, gateway: 10.1.0.255 } }'),
    silent: any('pods: { x: { cidr: 10.1.0.0/24, gateway: 10.1.0.254 } }'),
  },
  NP008: {
    fires: any('pods: { x: { cidr: 10.1.0.0/24, exclude: 10.1.1.1..10.1.1.9 } }'),
    silent: any('pods: { x: { cidr: 10.1.0.0/24, exclude: 10.1.0.1..10.1.0.9 } }'),
  },
  NP009: { fires: any('pods: 169.254.0.0/17'), silent: any('pods: 10.1.0.0/16') },
  NP010: { fires: any('pods: 172.110.0.0/16'), silent: any('pods: 172.31.0.0/16') },
  NP011: {
    fires: any('nodes: { x: 192.168.0.1, y: 192.168.0.1 }'),
    silent: any('nodes: { x: 192.168.0.1, y: 192.168.0.2 }'),
    severity: 'error',
  },
  NP012: {
    fires: any('services: [10.96.0.0/12, 10.80.0.0/16]'),
    silent: any('services: [10.96.0.0/12, "fd00:96::/112"]'),
    severity: 'error',
  },
  NP013: {
    fires: 'isthmus: 1\nclusters: { a: { subnets: { s: 10.1.0.0/16 }, pods: { web: { ip: 10.9.0.9 } } } }\n',
    silent: 'isthmus: 1\nclusters: { a: { subnets: { s: 10.1.0.0/16 }, pods: { web: { ip: 10.1.0.9 } } } }\n',
  },
  NP014: {
    fires: any('pods: 10.1.0.0/16, services: "10.96.0.0/12,fd00:96::/112"'),
    silent: any('pods: "10.1.0.0/16,fd00:1::/64", services: "10.96.0.0/12,fd00:96::/112"'),
    severity: 'error',
  },
  NP015: {
    fires: any('pods: 10.1.0.0/16, nodes: { n: 10.1.0.5 }'),
    silent: any('pods: 10.1.0.0/16, nodes: { n: 10.3.0.5 }'),
    severity: 'error',
  },
}

/** Kept for tests of their own: output beside manifests. */
export const SHOWN = { show, twoConfigs }
