/**
 * What of labs is on this machine, told by what it carries: processes by the run's id in their environment, network namespaces and
 * folders by their names. Nothing that a manifest claims is believed here, and nothing counts that this user could not take away.
 */
import { accessSync, constants, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { labsFolder, MANIFEST, PREFIX } from './names.ts'

/** Where `ip netns` keeps named network namespaces. */
export const NAMESPACES = '/run/netns'

/** A process of a lab. */
export interface LabProcess {
  readonly pid: number
  readonly id: string
  /** The lab's folder. */
  readonly folder: string
}

/** Processes that carry a lab's id, this one apart. */
export function labProcesses(): LabProcess[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return []
    return processAt(name) ?? []
  })
}

function processAt(pid: string): LabProcess | undefined {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1')
    const id = /(?:^|\0)ISTHMUS_LAB=([0-9a-f]{6})\0/.exec(environment)?.[1]
    if (id === undefined || isZombie(pid)) return undefined
    const folder = /(?:^|\0)ISTHMUS_LAB_FOLDER=([^\0]+)\0/.exec(environment)?.[1]
    return { pid: Number(pid), id, folder: folder ?? join(labsFolder(), PREFIX + id) }
  } catch {
    // Gone meanwhile, or somebody else's.
    return undefined
  }
}

/** A process that is dead and waits for its parent keeps nothing of the lab. */
function isZombie(pid: string): boolean {
  return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
}

/** Whether a process has ended; one that its parent has not asked about yet has. */
export function hasEnded(pid: number): boolean {
  try {
    return isZombie(String(pid))
  } catch {
    return true
  }
}

/** Processes of a lab. */
export function processesOf(id: string): number[] {
  return labProcesses().flatMap((process) => (process.id === id ? [process.pid] : []))
}

/** Whether a process is a lab's: a number from a file may be somebody else's by now. */
export function isProcessOf(id: string, pid: number): boolean {
  return processAt(String(pid))?.id === id
}

/** Network namespaces of a lab in the mount namespace of a process; in ours unless one is given. */
export function namespacesOf(id: string, pid?: number): string[] {
  return namespaceNames(pid === undefined ? NAMESPACES : `/proc/${pid}/root${NAMESPACES}`).filter((name) =>
    name.startsWith(`${PREFIX}${id}-`),
  )
}

/** Names that this user could take away; none where there is no such folder. */
function namespaceNames(folder: string): string[] {
  try {
    accessSync(folder, constants.W_OK)
  } catch {
    return []
  }
  return namesIn(folder)
}

/** What is in a folder; nothing where it is not there, or not ours to read. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Folders of labs by id, whether they have a manifest that can be read or not. */
export function labFolders(): Map<string, string> {
  const candidates = [
    ...namesIn(labsFolder()).map((name) => join(labsFolder(), name)),
    // Labs that were brought up with another TMPDIR.
    ...labProcesses().map(({ folder }) => folder),
  ]
  const folders = new Map<string, string>()
  for (const folder of candidates) {
    const id = RUN_FOLDER.exec(basename(folder))?.[1]
    if (id !== undefined && isLabFolder(folder)) folders.set(id, folder)
  }
  return folders
}

const RUN_FOLDER = new RegExp(`^${PREFIX}([0-9a-f]{6})$`)

/** The first thing in a lab's folder is its manifest, and the last: without one it is empty, or somebody else's. */
function isLabFolder(folder: string): boolean {
  try {
    if (!lstatSync(folder).isDirectory()) return false
    accessSync(folder, constants.W_OK)
    const names = readdirSync(folder)
    return names.length === 0 || names.includes(MANIFEST)
  } catch {
    return false
  }
}

/** Ids of all labs of which anything is left: a folder, a namespace or a process. */
export function labsLeft(): string[] {
  const ids = new Set(labFolders().keys())
  for (const name of namespaceNames(NAMESPACES)) {
    const id = /^([0-9a-f]{6})-/.exec(name.slice(PREFIX.length))?.[1]
    if (name.startsWith(PREFIX) && id !== undefined) ids.add(id)
  }
  for (const { id } of labProcesses()) ids.add(id)
  return [...ids].sort()
}
