// Which scenario files a command line means, and writing files so that a reader never sees half of one.

import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { suggest } from '../diag/suggest.ts'
import { truncate } from '../report/text/table.ts'
import { makeFolder } from '../run/make-folder.ts'
import { CliError, EXIT } from './errors.ts'

/** Folders that never hold scenarios. */
const SKIPPED = /^(?:\.|node_modules$)/
/** Directories below each other before we stop looking, and files taken from one argument. */
const DEPTH_MAX = 16
const FILES_MAX = 10_000

/** Files as given (`-` for standard input), folders as the scenarios below them in alphabetical order; none twice. */
export function scenarioFiles(paths: readonly string[]): string[] {
  const files = paths.flatMap((path) => {
    if (path === '-') return [path]
    const kind = reading(path, () => statSync(path))
    if (!kind.isDirectory()) return [path]
    const found = scenariosBelow(path, 0)
    if (found.length === 0)
      throw new CliError(`${path}: no scenario in this folder`, {
        hint: 'scenarios are *.yaml files with a line "isthmus: 1"; isthmus init ovn-ic writes one',
      })
    return found
  })
  return [...new Set(files)]
}

/** YAML files with the scenario marker: manifests may lie beside them. */
function scenariosBelow(folder: string, depth: number): string[] {
  if (depth > DEPTH_MAX) return []
  const entries = reading(folder, () => readdirSync(folder, { withFileTypes: true })).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )
  const found: string[] = []
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !SKIPPED.test(entry.name)) found.push(...scenariosBelow(path, depth + 1))
    else if (/\.ya?ml$/.test(entry.name) && entry.isFile() && reading(path, () => isScenario(path)))
      found.push(path)
    if (found.length > FILES_MAX) throw new CliError(`${folder}: more than ${FILES_MAX} scenarios`)
  }
  return found
}

/** True for a scenario by that mark, or a folder that holds some; also for what is not there, which loading then says. */
export function holdsScenario(path: string): boolean {
  if (path === '-') return false
  const kind = statSync(path, { throwIfNoEntry: false })
  if (kind === undefined) return true
  return kind.isDirectory() ? scenariosBelow(path, 0).length > 0 : reading(path, () => isScenario(path))
}

/** True when a line near the top says `isthmus:`; reads no more than that part of the file. */
function isScenario(path: string): boolean {
  const buffer = Buffer.alloc(16_384)
  const file = openSync(path, 'r')
  try {
    const length = readSync(file, buffer)
    return /^["']?isthmus["']?\s*:/m.test(buffer.toString('utf8', 0, length))
  } finally {
    closeSync(file)
  }
}

/** Does something with an argument of the user's; what the file system refuses is bad input, not a bug. */
function reading<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    if (code === 'ENOENT') throw new CliError(`${path}: no such file or folder`, { hint: nearbyFile(path) })
    throw new CliError(`${truncate(path, 80)}: ${REFUSALS[code] ?? message}`)
  }
}

/** Why a file or folder cannot be read, by the names of errno(3). */
const REFUSALS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'symbolic links that lead to each other, and to no file',
  ENAMETOOLONG: 'the name is too long for a file',
  ENOTDIR: 'a part of this path is a file, not a folder',
  EMFILE: 'too many files are open',
}

function nearbyFile(path: string): string | undefined {
  const folder = dirname(path)
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch {
    // A hint only: whatever keeps us from looking there, the file is missing all the same.
    return undefined
  }
  const nearest = suggest(
    path,
    names.map((name) => (folder === '.' ? name : join(folder, name))),
  )
  return nearest === undefined ? undefined : `did you mean "${nearest}"?`
}

/** A folder to write into, made before the work whose results it shall hold. Failures are the environment's (exit code 4). */
export function prepareFolder(path: string): void {
  try {
    makeFolder(path)
    accessSync(path, constants.W_OK)
  } catch (error) {
    throw new CliError(`cannot write into ${path}: ${(error as Error).message}`, {
      exitCode: EXIT.environment,
    })
  }
}

/**
 * Writes a file beside its place and moves it there; folders are made. A link stays and its target is written; a device or a pipe
 * is written to, never replaced. Failures are the environment's (exit code 4).
 */
export function writeWhole(path: string, text: string): void {
  let beside: string | undefined
  try {
    makeFolder(dirname(path))
    const there = statSync(path, { throwIfNoEntry: false })
    if (there !== undefined && !there.isFile()) return writeFileSync(path, text)
    const place = there === undefined ? path : realpathSync(path)
    beside = `${place}.${process.pid}.tmp`
    writeFileSync(beside, text)
    renameSync(beside, place)
  } catch (error) {
    if (beside !== undefined && existsSync(beside)) rmSync(beside)
    throw new CliError(`cannot write ${path}: ${(error as Error).message}`, { exitCode: EXIT.environment })
  }
}
