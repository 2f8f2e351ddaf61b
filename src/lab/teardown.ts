/**
 * Takes a lab away, however much of it there is: processes that carry the run's id in their environment, then its namespaces (with them
 * every link inside), then its folder. Nothing else is touched; a process that is being born meanwhile is met by the next round.
 *
 * It does not give way to anything else in this process until it is done: no second Ctrl-C comes between, and nothing of the lab that is
 * still being built can go on.
 */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { labFolders, labProcesses, namespacesOf, processesOf } from './found.ts'
import { MANIFEST } from './names.ts'
import { Processes } from './process.ts'
import { sameMounts } from './world.ts'

/** Milliseconds between two rounds of killing. */
const PAUSE = 10
/** Milliseconds without any progress after which it is given up: a process that writes to a dead disk cannot be killed. */
const PATIENCE = 30_000

/** What `tearDown` took away. */
export interface TornDown {
  readonly processes: number
  readonly namespaces: number
}

/** Takes one lab away. Throws when something of it would not go; then its folder stays, for the next attempt. */
export function tearDown(id: string, tell: (line: string) => void = () => {}): TornDown {
  const killed = new Set<number>()
  const namespaces = new Set<string>()
  const programs = new Processes('', tell)
  const folders = new Set(foldersOf(id))
  let quiet = 0
  let progress = performance.now()
  // A process that begins while the list is read may be missing in it: only the second empty list is believed.
  while (quiet < 2) {
    const processes = labProcesses().filter((process) => process.id === id)
    for (const { pid } of processes) {
      // Namespaces of another world go with its last process.
      if (!sameMounts(pid)) for (const name of namespacesOf(id, pid)) namespaces.add(name)
      if (!killed.has(pid)) {
        tell(`kill -9 ${pid}`)
        killed.add(pid)
        progress = performance.now()
      }
      kill(pid)
    }
    const here = namespacesOf(id)
    if (here.length > 0) {
      // One that is gone by itself is no matter.
      programs.runSync({
        argv: ['ip', '-force', '-batch', '-'],
        input: `${here.map((name) => `netns del ${name}`).join('\n')}\n`,
      })
      for (const name of here) {
        if (!namespaces.has(name)) progress = performance.now()
        namespaces.add(name)
      }
    }
    if (processes.length === 0 && here.length === 0) {
      quiet++
      continue
    }
    quiet = 0
    if (performance.now() - progress > PATIENCE) {
      const left = [...processesOf(id).map((pid) => `process ${pid}`), ...namespacesOf(id)]
      throw new Error(`lab ${id}: ${left.join(', ')} would not go`)
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE)
  }
  for (const folder of foldersOf(id)) folders.add(folder)
  for (const folder of folders) removeFolder(folder)
  return { processes: killed.size, namespaces: namespaces.size }
}

function foldersOf(id: string): string[] {
  const folder = labFolders().get(id)
  return folder === undefined ? [] : [folder]
}

/** The manifest goes last: a folder that is half gone must still be known as a lab's. */
function removeFolder(folder: string): void {
  for (const name of readdirSync(folder))
    if (name !== MANIFEST) rmSync(join(folder, name), { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone meanwhile.
  }
}
