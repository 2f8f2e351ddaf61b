/**
 * One chassis in its namespace: ovsdb-server, ovs-vswitchd with the userspace datapath, ovn-controller. The link to the underlay is a
 * port of `br-phys`, which has the tunnel address; `br-int` is secure: without flows nothing passes.
 * Surprise: the first packet to a new tunnel peer is lost to ARP unless the neighbour is known, so all of them are preset; that and the
 * address are gone when ovs-vswitchd ends, so starting it brings them back.
 */
import { join } from 'node:path'
import type { Cluster, Network, Node, Pod, Subnet } from '../../model/network.ts'
import { equalIp, formatIp, type Ip, isIp4 } from '../../net/ip.ts'
import { formatMac } from '../../net/mac.ts'
import { contains, maskIp } from '../../net/prefix.ts'
import type { Names } from '../names.ts'
import { daemonArgs, foldersEnv } from './databases.ts'
import { inside, ipBatch, type Lane, type Step } from './steps.ts'

/** Database and switch of a chassis, up to the tunnel address. */
export function chassis(names: Names, network: Network, cluster: Cluster, node: Node): Lane {
  const { namespace, folder } = names.node(cluster, node)
  const v6 = !isIp4(node.encapIp)
  return [
    { kind: 'folder', path: folder },
    inside(namespace, [
      'sysctl',
      '-q',
      '-w',
      `net.ipv6.conf.all.disable_ipv6=${v6 ? 0 : 1}`,
      `net.ipv6.conf.default.disable_ipv6=${v6 ? 0 : 1}`,
      'net.ipv6.conf.default.accept_dad=0',
      'net.ipv6.conf.default.router_solicitations=0',
    ]),
    ipBatch(namespace, ['link set lo up', 'link set eth0 up']),
    inside(namespace, [
      'ovsdb-tool',
      'create',
      join(folder, 'conf.db'),
      '/usr/share/openvswitch/vswitch.ovsschema',
    ]),
    ovsDatabase(names, cluster.id, node),
    configure(names, cluster, node),
    ...vswitchd(names, network, cluster.id, node),
  ]
}

/** Starts (again) the chassis' database server. */
export function ovsDatabase(names: Names, cluster: string, node: Node): Step {
  const { namespace, folder, ovs } = names.node(cluster, node)
  return inside(
    namespace,
    ['ovsdb-server', ...daemonArgs(folder, 'ovsdb-server'), `--remote=punix:${ovs}`, join(folder, 'conf.db')],
    { env: foldersEnv(folder) },
  )
}

function configure(names: Names, cluster: Cluster, node: Node): Step {
  const { namespace, ovs } = names.node(cluster, node)
  const ids = {
    'system-id': node.chassis,
    hostname: node.hostname,
    'ovn-remote': `unix:${names.zone(cluster.id).sb}`,
    'ovn-encap-type': node.encapType,
    'ovn-encap-ip': formatIp(node.encapIp),
    'ovn-bridge-datapath-type': 'netdev',
    'ovn-is-interconn': String(node.isInterconn),
  }
  return inside(namespace, [
    'ovs-vsctl',
    `--db=unix:${ovs}`,
    '--no-wait',
    '--',
    'init',
    '--',
    'set',
    'Open_vSwitch',
    '.',
    ...Object.entries(ids).map(([key, value]) => `external-ids:${key}=${JSON.stringify(value)}`),
    ...[
      '--',
      'add-br',
      'br-int',
      '--',
      'set',
      'Bridge',
      'br-int',
      'datapath_type=netdev',
      'fail-mode=secure',
    ],
    ...[
      '--',
      'add-br',
      'br-phys',
      '--',
      'set',
      'Bridge',
      'br-phys',
      'datapath_type=netdev',
      'fail-mode=standalone',
    ],
    `other-config:hwaddr="${formatMac(node.underlayMac)}"`,
    ...['--', 'add-port', 'br-phys', 'eth0'],
  ])
}

/** Starts (again) ovs-vswitchd, then gives br-phys its address and its neighbours. */
export function vswitchd(names: Names, network: Network, cluster: string, node: Node): Step[] {
  const { namespace, folder, ovs } = names.node(cluster, node)
  const v6 = !isIp4(node.encapIp)
  const others = network.clusters
    .flatMap(({ nodes }) => nodes)
    .filter((other) => other !== node && isIp4(other.encapIp) !== v6)
  const length = commonLength(network, node.encapIp)
  const lines = [
    `addr replace ${formatIp(node.encapIp)}/${length} dev br-phys${v6 ? ' nodad' : ''}`,
    'link set br-phys up',
  ]
  return [
    inside(namespace, ['ovs-vswitchd', ...daemonArgs(folder, 'ovs-vswitchd'), `unix:${ovs}`], {
      env: foldersEnv(folder),
    }),
    ipBatch(namespace, lines),
    ...others.map((other) =>
      inside(
        namespace,
        ['ovs-appctl', 'tnl/arp/set', 'br-phys', formatIp(other.encapIp), formatMac(other.underlayMac)],
        { env: foldersEnv(folder) },
      ),
    ),
  ]
}

/** One flat segment whatever the addresses are: the length of the prefix that all tunnel addresses of the family share. */
function commonLength(network: Network, own: Ip): number {
  const all = network.clusters
    .flatMap(({ nodes }) => nodes.map((node) => node.encapIp))
    .filter((ip) => isIp4(ip) === isIp4(own))
  let length = isIp4(own) ? 24 : 64
  while (length > 0 && all.some((ip) => !equalIp(maskIp(ip, length), maskIp(own, length)))) length--
  return length
}

/** Starts (again) ovn-controller. */
export function ovnController(names: Names, cluster: string, node: Node): Step {
  const { namespace, folder, ovs } = names.node(cluster, node)
  return inside(namespace, ['ovn-controller', ...daemonArgs(folder, 'ovn-controller'), `unix:${ovs}`], {
    env: foldersEnv(folder),
  })
}

/** A pod, or a node's own port, on its chassis. */
export interface Plug {
  /** `cluster/name`. */
  readonly key: string
  readonly node: string
  readonly lsp: string
  readonly mac: number
  readonly ips: readonly Ip[]
  readonly mtu: number
}

/** The plug of a pod. */
export function podPlug(cluster: string, pod: Pod): Plug {
  return {
    key: `${cluster}/${pod.name}`,
    node: pod.node,
    lsp: pod.lsp,
    mac: pod.mac,
    ips: pod.ips,
    mtu: pod.mtu,
  }
}

/** A pod's namespace, its veth, addresses and default routes; then the port of br-int. Its neighbours stay unknown. */
export function plug(
  names: Names,
  cluster: Cluster,
  { key, node, lsp, mac, ips, mtu }: Plug,
  subnet: Subnet | undefined,
  port: string,
): Lane {
  const namespace = names.pod(key)
  const { namespace: home, ovs } = names.node(cluster, node)
  const v6 = ips.some((ip) => !isIp4(ip))
  const gateways = subnet?.gateways ?? []
  const lines = [
    `link add eth0 address ${formatMac(mac)} mtu ${mtu} type veth peer name ${port} mtu ${mtu} netns ${home}`,
    'link set lo up',
    'link set eth0 up',
  ]
  for (const ip of ips) {
    const length = gateways.find((gateway) => contains(gateway, ip))?.len ?? (isIp4(ip) ? 32 : 128)
    lines.push(`addr add ${formatIp(ip)}/${length} dev eth0${isIp4(ip) ? '' : ' nodad'}`)
  }
  for (const family of [4, 6] as const) {
    const gateway = gateways.find(({ ip }) => isIp4(ip) === (family === 4))
    if (gateway === undefined || !ips.some((ip) => isIp4(ip) === (family === 4))) continue
    lines.push(`route add default via ${formatIp(gateway.ip)} dev eth0 onlink`)
  }
  return [
    inside(namespace, [
      'sysctl',
      '-q',
      '-w',
      `net.ipv6.conf.default.disable_ipv6=${v6 ? 0 : 1}`,
      'net.ipv6.conf.default.accept_dad=0',
      'net.ipv6.conf.default.router_solicitations=0',
    ]),
    ipBatch(namespace, lines),
    // Checksums in software: nobody below would fill them in.
    inside(namespace, ['ethtool', '-K', 'eth0', 'tx', 'off'], { mayFail: true }),
    ipBatch(home, [`link set ${port} up`]),
    inside(home, [
      'ovs-vsctl',
      `--db=unix:${ovs}`,
      '--no-wait',
      '--may-exist',
      'add-port',
      'br-int',
      port,
      '--',
      'set',
      'Interface',
      port,
      `external_ids:iface-id=${JSON.stringify(lsp)}`,
    ]),
  ]
}

/** Takes a pod away. */
export function unplug(names: Names, cluster: string, key: string, node: string, port: string): Lane {
  const { namespace: home, ovs } = names.node(cluster, node)
  return [
    inside(home, ['ovs-vsctl', `--db=unix:${ovs}`, '--no-wait', '--if-exists', 'del-port', port]),
    ipBatch(undefined, [`netns del ${names.pod(key)}`]),
  ]
}
