/**
 * A lab's world: the user and mount namespaces that its network namespaces live in. For root it is the machine's own; for everybody else
 * one that `worldArgv` makes, where the user counts as root over what is made in it and nothing more. Such a world lasts as long as a
 * process is in it, the lab's own daemons: nobody else has to keep it, and with the last of them its namespaces are gone. Whoever wants
 * in later finds those processes as `lab down` does, by their environment.
 */
import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { NAMESPACES, namespacesOf, processesOf } from './found.ts'
import { outcome, Processes } from './process.ts'

type Argv = readonly [string, ...string[]]

/**
 * Named network namespaces need /run/netns, which belongs to the machine's root: in the new mount namespace it is a file system of our
 * own. Where it does not exist all of /run is, with what was there bound into it.
 */
const PREPARE = `set -e
if [ -d ${NAMESPACES} ]; then mount -t tmpfs isthmus ${NAMESPACES}
else (
  cd /run
  mount -t tmpfs isthmus /run
  for entry in *; do
    if [ -d "$entry" ]; then mkdir -p "/run/$entry"; mount --no-canonicalize --rbind "./$entry" "/run/$entry"; fi
  done
  mkdir -p ${NAMESPACES}
); fi
exec "$@"`

/** The command that runs `argv` in a new world. */
export function worldArgv(argv: readonly string[]): [string, ...string[]] {
  const namespaces = ['--user', '--map-root-user', '--mount', '--net']
  return ['unshare', ...namespaces, '--', 'sh', '-c', PREPARE, 'sh', ...argv]
}

/** Whether this process may make namespaces where it is: as root with CAP_NET_ADMIN and CAP_SYS_ADMIN, which containers take away. */
export function isPrivileged(): boolean {
  const effective = BigInt(
    `0x${/^CapEff:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`,
  )
  const [netAdmin, sysAdmin] = [12n, 21n]
  return process.getuid?.() === 0 && [netAdmin, sysAdmin].every((bit) => ((effective >> bit) & 1n) === 1n)
}

/** The command that runs `argv` in a network namespace of a lab that is up, whatever world it is in. */
export function labArgv(id: string, namespace: string, argv: Argv): [string, ...string[]] {
  const inside = processesOf(id).find((pid) => existsSync(`/proc/${pid}/root${NAMESPACES}/${namespace}`))
  if (inside === undefined || sameMounts(inside))
    return ['nsenter', `--net=${join(NAMESPACES, namespace)}`, ...argv]
  const proc = `/proc/${inside}`
  return [
    'nsenter',
    '--preserve-credentials',
    `--user=${proc}/ns/user`,
    `--mount=${proc}/ns/mnt`,
    `--net=${proc}/root${join(NAMESPACES, namespace)}`,
    // Another mount namespace begins at its root.
    ...['sh', '-c', 'cd -- "$0" 2>/dev/null; exec "$@"', process.cwd()],
    ...argv,
  ]
}

/** Network namespaces of a lab, whatever world they are in. */
export function allNamespacesOf(id: string): string[] {
  const all = processesOf(id).flatMap((pid) => (sameMounts(pid) ? [] : namespacesOf(id, pid)))
  return [...new Set([...namespacesOf(id), ...all])]
}

/** Whether a process sees the same file systems as this one. */
export function sameMounts(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`) === readlinkSync('/proc/self/ns/mnt')
  } catch {
    return false
  }
}

/** What keeps an ordinary user from a world of their own. */
export interface Refusal {
  /** The setting or program that does. */
  readonly reason: string
  /** What would allow it. */
  readonly remedy: string
}

/** Tries to make a world; undefined when that works. */
export async function worldRefused(): Promise<Refusal | undefined> {
  const { code, stderr } = await outcome(new Processes('').start({ argv: worldArgv(['true']) }))
  return code === 0 ? undefined : (settingThatForbids(readSetting) ?? unknownRefusal(stderr))
}

/** The setting of the kernel that forbids user namespaces, as far as one does; `read` gives a file of /proc/sys, or nothing. */
export function settingThatForbids(read: (path: string) => string | undefined): Refusal | undefined {
  const off = SETTINGS.find(({ name, forbids }) => read(name.replaceAll('.', '/')) === forbids)
  return off === undefined
    ? undefined
    : { reason: `${off.name} is ${off.forbids}`, remedy: `sysctl -w ${off.name}=${off.allows}` }
}

const SETTINGS = [
  { name: 'user.max_user_namespaces', forbids: '0', allows: '15000' },
  // Debian up to 10, and kernels hardened in its way.
  { name: 'kernel.unprivileged_userns_clone', forbids: '0', allows: '1' },
  // Ubuntu since 23.10.
  { name: 'kernel.apparmor_restrict_unprivileged_userns', forbids: '1', allows: '0' },
]

function readSetting(path: string): string | undefined {
  try {
    return readFileSync(join('/proc/sys', path), 'utf8').trim()
  } catch {
    return undefined
  }
}

function unknownRefusal(stderr: string): Refusal {
  const said = stderr.trim().split('\n').at(-1) ?? ''
  return {
    reason: said === '' ? 'unshare failed' : said,
    remedy: 'allow user namespaces (a container needs a seccomp profile that does)',
  }
}
