/**
 * Where everything of one lab is: its network namespaces, its folder, the sockets of its databases and daemons. All names carry the
 * run's id. Surprise: a Unix socket's path has at most 107 bytes, so folders have short names even where clusters have long ones.
 */
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import type { Cluster, Network, Node } from '../model/network.ts'

/** Bytes that the path of a Unix socket may have (`sun_path`, less the zero at its end). */
export const SOCKET_PATH_MAX = 107

/** Folder of all labs, one subfolder each: TMPDIR, or /tmp. */
export function labsFolder(): string {
  return resolve(tmpdir())
}

/** Begins the names of folders and namespaces of every lab. */
export const PREFIX = 'isthmus-'

/** File of the manifest in a lab's folder. */
export const MANIFEST = 'manifest.json'

/** A fresh id: six hexadecimal digits. */
export function newRunId(): string {
  return randomBytes(3).toString('hex')
}

/** The folder of a run. */
export function runFolder(id: string): string {
  return join(labsFolder(), `${PREFIX}${id}`)
}

/** Databases and daemons of one AZ. */
export interface ZonePaths {
  readonly folder: string
  readonly nb: string
  readonly sb: string
}

/** One chassis: its namespace, and its folder, which is OVN_RUNDIR and OVS_RUNDIR. */
export interface NodePaths {
  readonly namespace: string
  readonly folder: string
  /** Socket of its Open_vSwitch database. */
  readonly ovs: string
  /** Its port of the underlay bridge. */
  readonly port: string
}

/** One member of the IC databases. */
export interface IcPaths {
  readonly folder: string
  readonly nb: string
  readonly sb: string
}

/** All names of a lab. */
export class Names {
  readonly id: string
  readonly folder: string
  /** Namespace with the underlay bridge; daemons without a network of their own run there too. */
  readonly underlay: string
  readonly zones = new Map<string, ZonePaths>()
  /** By `cluster/node`. */
  readonly nodes = new Map<string, NodePaths>()
  /** By database host of the scenario; one entry where there is none. */
  readonly ic: ReadonlyMap<string, IcPaths>
  readonly #pods = new Map<string, string>()
  readonly #taken = new Set<string>()

  constructor(id: string, network: Network) {
    this.id = id
    this.folder = runFolder(id)
    this.underlay = `${PREFIX}${id}-underlay`
    const hosts = network.interconnect.dbHosts
    // Two hosts are no Raft cluster that survives anything: one server stands for both.
    const members = hosts.length >= 3 ? hosts : [hosts[0] ?? 'ic']
    this.ic = new Map(
      members.map((host, i) => {
        const folder = join(this.folder, members.length === 1 ? 'ic' : `ic${i + 1}`)
        return [host, { folder, nb: join(folder, 'nb.sock'), sb: join(folder, 'sb.sock') }]
      }),
    )
    // A cluster may have any name, also one that the lab itself needs.
    for (const { folder } of this.ic.values()) this.#taken.add(basename(folder))
    for (const name of ['underlay', 'underlay.pcapng', MANIFEST]) this.#taken.add(name)
    let port = 0
    for (const cluster of network.clusters) {
      const zone = join(this.folder, this.#unique(cluster.id))
      this.zones.set(cluster.id, { folder: zone, nb: join(zone, 'nb.sock'), sb: join(zone, 'sb.sock') })
      for (const node of cluster.nodes) {
        const name = this.#unique(`${cluster.id}.${node.name}`)
        const folder = join(this.folder, name)
        this.nodes.set(`${cluster.id}/${node.name}`, {
          namespace: `${PREFIX}${id}-${name}`,
          folder,
          ovs: join(folder, 'db.sock'),
          port: `p${port++}`,
        })
      }
    }
  }

  /** Namespace of a pod, `cluster/pod`; the same for the same pod. */
  pod(key: string): string {
    const known = this.#pods.get(key)
    if (known !== undefined) return known
    const name = `${PREFIX}${this.id}-${this.#unique(`${key.replace('/', '.')}-pod`)}`
    this.#pods.set(key, name)
    return name
  }

  /** Namespaces of pods by `cluster/pod`, as far as they were asked for. */
  get pods(): ReadonlyMap<string, string> {
    return this.#pods
  }

  /** Both IC databases as OVN's programs take them: all members, separated by commas. */
  icRemotes(kind: 'nb' | 'sb'): string {
    return [...this.ic.values()].map((paths) => `unix:${paths[kind]}`).join(',')
  }

  /** The longest path that a socket of this lab has; more than `SOCKET_PATH_MAX` bytes cannot work. */
  get longestSocket(): string {
    const folders = [
      ...[...this.zones.values()].map(({ folder }) => join(folder, 'ovn-northd.4194304.ctl')),
      ...[...this.nodes.values()].flatMap(({ folder }) => [
        // Sockets under a pid, which has up to seven digits; those of bridges are named after them.
        join(folder, 'ovn-controller.4194304.ctl'),
        join(folder, 'br-phys.snoop'),
      ]),
      ...[...this.ic.values()].map(({ folder }) => join(folder, 'sb.sock')),
    ]
    return folders.reduce((a, b) => (Buffer.byteLength(b) > Buffer.byteLength(a) ? b : a), '')
  }

  node(cluster: Cluster | string, node: Node | string): NodePaths {
    const key = `${typeof cluster === 'string' ? cluster : cluster.id}/${typeof node === 'string' ? node : node.name}`
    const paths = this.nodes.get(key)
    if (paths === undefined) throw new RangeError(`no node ${key}`)
    return paths
  }

  zone(cluster: string): ZonePaths {
    const paths = this.zones.get(cluster)
    if (paths === undefined) throw new RangeError(`no cluster ${cluster}`)
    return paths
  }

  /** A name that fits into paths; long ones are cut and numbered. */
  #unique(name: string): string {
    const safe = name.replace(/^\.+|[^\w.-]+/g, '-').slice(0, 40) || '-'
    let unique = safe
    for (let i = 2; this.#taken.has(unique); i++) unique = `${safe}${i}`
    this.#taken.add(unique)
    return unique
  }
}
