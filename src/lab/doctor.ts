/**
 * What this machine offers for the real data plane: programs, privileges, kernel. Every check is one line: what was found, or what to
 * install and which commands do without it. Nothing is changed.
 */
import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs'
import { labsFolder } from './names.ts'
import { netemOffered } from './netem.ts'
import { outcome, Processes } from './process.ts'
import { isPrivileged, type Refusal, worldArgv, worldRefused } from './world.ts'

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
  'apt-get install -y --no-install-recommends ovn-central ovn-host ovn-ic ovn-ic-db openvswitch-switch wireshark-common iproute2 iputils-ping util-linux procps ethtool'

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
  ['iproute2 (ip)', ['ip', '-V'], 'iproute2', [...LAB, 'lab down']],
  ['ping', ['ping', '-V'], 'iputils-ping', ['lab run', 'conform']],
  ['perl', ['perl', '-v'], 'perl-base', ['lab run', 'conform']],
  [
    'util-linux (nsenter, unshare)',
    ['nsenter', '--version'],
    'util-linux',
    [...LAB, 'lab exec', 'lab enter'],
  ],
  ['sysctl', ['sysctl', '--version'], 'procps', LAB],
  ['ethtool', ['ethtool', '--version'], 'ethtool', LAB],
  ['dumpcap', ['dumpcap', '--version'], 'wireshark-common', ['lab run', 'conform']],
  ['tshark', ['tshark', '--version'], 'tshark', []],
  ['traceroute, for pods', ['traceroute', '--version'], 'traceroute', []],
  ['tracepath, for pods', ['tracepath', '-V'], 'iputils-tracepath', []],
  ['nc, for pods', ['nc', '-h'], 'netcat-openbsd', []],
]

const SCHEMAS = [
  ['/usr/share/ovn/ovn-ic-nb.ovsschema', 'ovn-ic-db'],
  ['/usr/share/ovn/ovn-nb.ovsschema', 'ovn-central'],
  ['/usr/share/openvswitch/vswitch.ovsschema', 'openvswitch-switch'],
] as const

/** Free bytes below which a lab may fail: databases and logs of one take a few megabytes, captures more. */
const DISK_MIN = 200 * 1024 * 1024

/** All checks in the order they are printed, or those alone without which something does not work. */
export async function doctor(which: 'all' | 'needed' = 'all'): Promise<Check[]> {
  const refused = worldRefused()
  const [refusal, made, ...programs] = await Promise.all([
    refused,
    refused.then(links),
    ...PROGRAMS.filter(([, , , needs]) => which === 'all' || needs.length > 0).map(
      ([name, argv, aptPackage, needs]) => program(name, argv, aptPackage, needs),
    ),
  ])
  return [
    ...programs,
    ...SCHEMAS.map(([path, aptPackage]) => schema(path, aptPackage)),
    privileges(refusal),
    userNamespaces(refusal),
    made,
    tun(),
    await netem(),
    disk(),
    clock(),
  ]
}

/** Whether `lab` and `conform` can work; a missing tshark or user namespaces do not keep them from it. */
export function canRunLab(checks: readonly Check[]): boolean {
  return checks.every((check) => check.ok || check.disables.length === 0)
}

/** The version of OVN as ovn-northd tells it; `not found` without it. */
export async function ovnVersion(): Promise<string> {
  const [name, argv, aptPackage, needs] = PROGRAMS[0]!
  return (await program(name, argv, aptPackage, needs)).found
}

async function program(
  name: string,
  argv: readonly [string, ...string[]],
  aptPackage: string,
  disables: readonly string[],
): Promise<Check> {
  const { code, stdout, stderr } = await outcome(new Processes('').start({ argv }))
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

/** Root with the capabilities that matter, or somebody who may have a world of their own. */
function privileges(refusal: Refusal | undefined): Check {
  const check = { name: 'privileges', disables: LAB }
  if (isPrivileged()) return { ...check, ok: true, found: 'root', remedy: '' }
  const uid = process.getuid?.()
  const who = uid === 0 ? 'root without CAP_NET_ADMIN and CAP_SYS_ADMIN' : `user ${uid ?? 'unknown'}`
  if (refusal === undefined) return { ...check, ok: true, found: `${who}, in user namespaces`, remedy: '' }
  return {
    ...check,
    ok: false,
    found: `${who}, and no user namespaces: ${refusal.reason}`,
    remedy: `${uid === 0 ? 'run the container with --privileged' : 'run as root (sudo)'}, or ${refusal.remedy}`,
  }
}

function userNamespaces(refusal: Refusal | undefined): Check {
  const allowed = refusal === undefined
  return {
    name: 'user namespaces',
    ok: allowed,
    found: allowed ? (isPrivileged() ? 'allowed, not needed by root' : 'allowed') : refusal.reason,
    remedy: allowed ? '' : `${refusal.remedy}; only who is not root needs them`,
    disables: [],
  }
}

/** Makes, in a network namespace that is gone at once, one of each kind of link that a lab has. */
async function links(refusal: Refusal | undefined): Promise<Check> {
  const check = { name: 'links (veth, bridge)', disables: LAB }
  if (!isPrivileged() && refusal !== undefined)
    return { ...check, ok: false, found: 'not tried', remedy: 'see privileges' }
  const script =
    'ip link add isthmus0 type bridge && ip link add isthmus1 type veth peer name isthmus2 && ip link set isthmus1 master isthmus0 && sysctl -q -w net.ipv6.conf.default.disable_ipv6=1'
  const argv = ['sh', '-c', script]
  const { code, stderr } = await outcome(
    new Processes('').start({ argv: isPrivileged() ? ['unshare', '--net', '--', ...argv] : worldArgv(argv) }),
  )
  const ok = code === 0
  return {
    ...check,
    ok,
    found: ok ? 'can be made' : (stderr.trim().split('\n')[0] ?? ''),
    remedy: ok
      ? ''
      : 'a Linux kernel with network namespaces, veth and bridge, and a /proc/sys that can be written',
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

async function netem(): Promise<Check> {
  const ok = await netemOffered()
  return {
    name: 'latency and loss',
    ok,
    found: ok ? 'sch_netem' : 'no: kernel without sch_netem',
    remedy: ok
      ? ''
      : 'modprobe sch_netem; labs run without the latency and loss of their scenario, and say so',
    disables: [],
  }
}

function disk(): Check {
  const folder = labsFolder()
  const check = { name: `disk (${folder})`, disables: LAB }
  const elsewhere = 'or set TMPDIR to another folder'
  try {
    accessSync(folder, constants.W_OK)
  } catch {
    return { ...check, ok: false, found: 'not writable', remedy: `make it writable, ${elsewhere}` }
  }
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  const ok = free >= DISK_MIN
  return {
    ...check,
    ok,
    found: `${Math.floor(free / 1024 / 1024)} MB free`,
    remedy: ok ? '' : `${DISK_MIN / 1024 / 1024} MB are needed; make room, ${elsewhere}`,
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
