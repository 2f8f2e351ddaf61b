/**
 * Takes a lab away, however much of it there is: processes that carry the run's id in their environment, then its namespaces (with them
 * every link inside), then its folder. Nothing else is touched; a process that is being born meanwhile is met by the next round.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { runIds } from './manifest.ts'
import { PREFIX, runFolder } from './names.ts'
import { Processes } from './process.ts'

const NAMESPACES = '/run/netns'
/** Rounds of killing before it is given up; each waits for the processes of the one before to go. */
const ROUNDS = 50

/** What `tearDown` took away. */
export interface TornDown {
  readonly processes: number
  readonly namespaces: number
}

/** Takes one lab away. */
export async function tearDown(id: string, tell: (line: string) => void = () => {}): Promise<TornDown> {
  const killed = new Set<number>()
  let gone = 0
  const processes = new Processes('down', tell)
  for (let round = 0; round < ROUNDS; round++) {
    const pids = processesOf(id)
    for (const pid of pids) {
      killed.add(pid)
      if (!killed.has(pid)) tell(`kill -9 ${pid}`)
      signal(pid, 'SIGKILL')
    }
    const namespaces = namespacesOf(id)
    if (namespaces.length > 0) {
      // One that is gone by itself is no matter.
      await processes.run({
        argv: ['ip', '-force', '-batch', '-'],
        input: `${namespaces.map((name) => `netns del ${name}`).join('\n')}\n`,
        mayFail: true,
      })
      gone += namespaces.length
    }
    if (pids.length === 0 && namespaces.length === 0) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const left = [...processesOf(id).map((pid) => `process ${pid}`), ...namespacesOf(id)]
  rmSync(runFolder(id), { recursive: true, force: true })
  if (left.length > 0) throw new Error(`lab ${id}: ${left.join(', ')} would not go`)
  return { processes: killed.size, namespaces: gone }
}

/** Ids of all labs of which anything is left: a folder, a namespace or a process. */
export function labsLeft(): string[] {
  const ids = new Set(runIds())
  for (const name of namespaceNames()) {
    const id = /^([0-9a-f]{6})-/.exec(name.slice(PREFIX.length))?.[1]
    if (name.startsWith(PREFIX) && id !== undefined) ids.add(id)
  }
  for (const { id } of labProcesses()) ids.add(id)
  return [...ids].sort()
}

/** Processes of a lab, by the id in their environment. */
export function processesOf(id: string): number[] {
  return labProcesses().flatMap((process) => (process.id === id ? [process.pid] : []))
}

/** Namespaces of a lab. */
export function namespacesOf(id: string): string[] {
  return namespaceNames().filter((name) => name.startsWith(`${PREFIX}${id}-`))
}

function namespaceNames(): string[] {
  return existsSync(NAMESPACES) ? readdirSync(NAMESPACES) : []
}

function labProcesses(): { pid: number; id: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return []
    try {
      const id = /(?:^|\0)ISTHMUS_LAB=([0-9a-f]{6})\0/.exec(
        readFileSync(`/proc/${name}/environ`, 'latin1'),
      )?.[1]
      return id === undefined || isZombie(name) ? [] : [{ pid: Number(name), id }]
    } catch {
      // Gone meanwhile, or somebody else's.
      return []
    }
  })
}

/** A process that is dead and waits for its parent keeps nothing of the lab. */
function isZombie(pid: string): boolean {
  return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // Gone meanwhile.
  }
}
