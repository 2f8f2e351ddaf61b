// Which files `isthmus check` means: files as given, folders with what lies below them, `name=path` where the cluster is to be told.
// Names and contents are read through `Files`, so that tests need no disk.

import { basename, dirname, join, normalize } from 'node:path'
import type { Files } from '../files.ts'

/** Ends of names that are read out of folders. */
const READ = /\.(?:ya?ml|json|csv|tsv|txt|sh|conf|env)$/i
const SKIPPED = /^(?:\.|node_modules$)/
const DEPTH_MAX = 16
/** More files than this from one folder are refused. */
export const FILES_MAX = 10_000

/** A file to read. */
export interface PlanFile {
  readonly path: string
  /** The cluster as the command line names it. */
  readonly cluster?: string
  /** Folders from the file's own up to the one that was given, nearest first; only the file's own for a file that was given. */
  readonly folders: readonly string[]
  /** True for what was found in a folder; a file that was given alone need not belong to its neighbours. */
  readonly listed: boolean
  /** The last resort for the cluster's name. */
  readonly fallback: string
}

/** The files of an argument; empty for a folder that holds none. */
export function filesOf(argument: string, files: Files): PlanFile[] {
  const equals = argument.indexOf('=')
  const named = equals > 0 && !argument.slice(0, equals).includes('/')
  const path = named && equals + 1 < argument.length ? argument.slice(equals + 1) : argument
  const cluster = named ? { cluster: argument.slice(0, equals) } : {}
  if (path === '-') return [{ path, folders: [], listed: false, fallback: 'stdin', ...cluster }]
  const names = files.list(path)
  if (names === undefined) {
    const fallback = basename(path).replace(/\.[^.]*$/, '')
    return [{ path, folders: [dirname(path)], listed: false, fallback, ...cluster }]
  }
  const top = normalize(path)
  const found = below(top, names, files, [top], 0)
  return found.map(({ path: one, folders }) => {
    // Of a folder of folders, the folders are the clusters; of a folder of files it is itself.
    const nearest = folders.at(-2) ?? top
    const own = nearest === '.' ? basename(process.cwd()) : basename(nearest)
    return { path: one, folders, listed: true, fallback: own, ...cluster }
  })
}

function below(
  folder: string,
  names: readonly string[],
  files: Files,
  folders: readonly string[],
  depth: number,
): { readonly path: string; readonly folders: readonly string[] }[] {
  if (depth > DEPTH_MAX) return []
  const found: { path: string; folders: readonly string[] }[] = []
  for (const name of names) {
    if (SKIPPED.test(name) || found.length > FILES_MAX) continue
    const path = join(folder, name)
    const inside = /\.[^.]+$/.test(name) && READ.test(name) ? undefined : files.list(path)
    if (inside !== undefined) found.push(...below(path, inside, files, [path, ...folders], depth + 1))
    else if (READ.test(name)) found.push({ path, folders })
  }
  return found
}
