/**
 * What this machine offers for the real data plane: programs, privileges, kernel. Every check is one line: what was found, or what to
 * install and which commands do without it. Nothing is changed.
 */
import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { outcome, Processes } from './process.ts'

/** One line of the doctor. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  /** What was found: a version, a size. */
  readonly found: string
  /** What to do about it; empty when all is well. */
  readonly remedy: string
  /** Commands that need it. */
  readonly disables: readonly string[]
}

const LAB = ['lab up', 'lab run', 'conform']

/** Debian's packages for everything the lab uses. */
export const APT_LINE =
  'apt-get install -y --no-install-recommends ovn-central ovn-host ovn-ic ovn-ic-db openvswitch-switch wireshark-common iproute2 iputils-ping util-linux ethtool'

/** A program, the package it is in, and which line of its answer to `args` is its version. */
const PROGRAMS: readonly (readonly [
  name: string,
  argv: readonly [string, ...string[]],
  aptPackage: string,
  needs: readonly string[],
])[] = [
  ['OVN central (ovn-northd)', ['ovn-northd', '--version'], 'ovn-central', LAB],
  ['OVN host (ovn-controller)', ['ovn-controller', '--version'], 'ovn-host', LAB],
  ['OVN interconnection (ovn-ic)', ['ovn-ic', '--version'], 'ovn-ic', LAB],
  ['OVN tools (ovn-nbctl)', ['ovn-nbctl', '--version'], 'ovn-common', LAB],
  ['Open vSwitch (ovs-vswitchd)', ['ovs-vswitchd', '--version'], 'openvswitch-switch', LAB],
  ['database server (ovsdb-server)', ['ovsdb-server', '--version'], 'openvswitch-switch', LAB],
  ['iproute2 (ip)', ['ip', '-V'], 'iproute2', LAB],
  ['ping', ['ping', '-V'], 'iputils-ping', ['lab run', 'conform']],
  ['perl', ['perl', '-v'], 'perl-base', ['lab run', 'conform']],
  ['nsenter', ['nsenter', '--version'], 'util-linux', LAB],
  ['ethtool', ['ethtool', '--version'], 'ethtool', LAB],
  ['dumpcap', ['dumpcap', '--version'], 'wireshark-common', ['lab run', 'conform']],
  ['tshark', ['tshark', '--version'], 'tshark', []],
]

const SCHEMAS = [
  ['/usr/share/ovn/ovn-ic-nb.ovsschema', 'ovn-ic-db'],
  ['/usr/share/ovn/ovn-nb.ovsschema', 'ovn-central'],
  ['/usr/share/openvswitch/vswitch.ovsschema', 'openvswitch-switch'],
] as const

/** Free bytes below which a lab may fail: databases and logs of one take a few megabytes, captures more. */
const DISK_MIN = 200 * 1024 * 1024

/** All checks in the order they are printed. */
export async function doctor(): Promise<Check[]> {
  const programs = await Promise.all(
    PROGRAMS.map(([name, argv, aptPackage, needs]) => program(name, argv, aptPackage, needs)),
  )
  return [
    ...programs,
    ...SCHEMAS.map(([path, aptPackage]) => schema(path, aptPackage)),
    privileges(),
    namespaces(),
    await userNamespaces(),
    tun(),
    disk(),
    clock(),
  ]
}

/** Whether `lab` and `conform` can work; a missing tshark or user namespaces do not keep them from it. */
export function canRunLab(checks: readonly Check[]): boolean {
  return checks.every((check) => check.ok || check.disables.length === 0)
}

async function program(
  name: string,
  argv: readonly [string, ...string[]],
  aptPackage: string,
  disables: readonly string[],
): Promise<Check> {
  const { code, stdout, stderr } = await outcome(new Processes('doctor').start({ argv }))
  const line = `${stdout}\n${stderr}`.split('\n').find((text) => text.trim() !== '') ?? ''
  const ok = code === 0
  return {
    name,
    ok,
    found: ok ? (/\d+\.[\w.-]*\w|\d{8}/.exec(line)?.[0] ?? 'found') : 'not found',
    remedy: ok ? '' : `apt-get install ${aptPackage}`,
    disables,
  }
}

function schema(path: string, aptPackage: string): Check {
  const ok = existsSync(path)
  return {
    name: path.slice(path.lastIndexOf('/') + 1),
    ok,
    found: ok ? 'found' : `not at ${path}`,
    remedy: ok ? '' : `apt-get install ${aptPackage}`,
    disables: LAB,
  }
}

function privileges(): Check {
  const uid = process.getuid?.()
  const effective = BigInt(`0x${/^CapEff:\s*(\w+)/m.exec(readOr('/proc/self/status'))?.[1] ?? '0'}`)
  // CAP_NET_ADMIN is 12, CAP_SYS_ADMIN is 21.
  const able = ((effective >> 12n) & 1n) === 1n && ((effective >> 21n) & 1n) === 1n
  const ok = uid === 0 && able
  const found =
    uid !== 0 ? `user ${uid ?? 'unknown'}` : able ? 'root' : 'root without CAP_NET_ADMIN and CAP_SYS_ADMIN'
  return {
    name: 'privileges',
    ok,
    found,
    remedy: ok ? '' : 'run as root, in a container with --privileged',
    disables: LAB,
  }
}

function namespaces(): Check {
  const ok = existsSync('/proc/self/ns/net')
  return {
    name: 'network namespaces',
    ok,
    found: ok ? 'in this kernel' : 'not in this kernel',
    remedy: ok ? '' : 'a Linux kernel with CONFIG_NET_NS',
    disables: LAB,
  }
}

async function userNamespaces(): Promise<Check> {
  const { code } = await outcome(
    new Processes('doctor').start({ argv: ['unshare', '--user', '--map-root-user', '--net', 'true'] }),
  )
  const ok = code === 0
  return {
    name: 'user namespaces',
    ok,
    found: ok ? 'allowed' : 'not allowed',
    remedy: ok ? '' : 'not needed: the lab runs as root',
    disables: [],
  }
}

function tun(): Check {
  let ok = true
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK)
  } catch {
    ok = false
  }
  const remedy = 'mkdir -p /dev/net && mknod /dev/net/tun c 10 200 (the userspace datapath needs it)'
  return {
    name: '/dev/net/tun',
    ok,
    found: ok ? 'usable' : 'not usable',
    remedy: ok ? '' : remedy,
    disables: LAB,
  }
}

function disk(): Check {
  const { bavail, bsize } = statfsSync(tmpdir())
  const free = bavail * bsize
  const ok = free >= DISK_MIN
  return {
    name: `disk (${tmpdir()})`,
    ok,
    found: `${Math.floor(free / 1024 / 1024)} MB free`,
    remedy: ok ? '' : `${DISK_MIN / 1024 / 1024} MB are needed`,
    disables: LAB,
  }
}

/** BFD and Raft measure time with the monotonic clock, captures with the wall clock: both must run evenly. */
function clock(): Check {
  const source = readOr('/sys/devices/system/clocksource/clocksource0/current_clocksource').trim()
  const ok = new Date().getUTCFullYear() >= 2024
  return {
    name: 'clock',
    ok,
    found: `${new Date().toISOString().slice(0, 19)}Z${source === '' ? '' : `, ${source}`}`,
    remedy: ok ? '' : 'set the clock',
    disables: LAB,
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
