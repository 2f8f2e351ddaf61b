// Where the package lies and which version it is, found from this file upwards: the same for sources and for the bundle.

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

let root: string | undefined

/** The folder that holds package.json; undefined when the code was copied out of its package. */
export function packageRoot(): string | undefined {
  if (root !== undefined) return root
  for (
    let folder = dirname(fileURLToPath(import.meta.url));
    folder !== dirname(folder);
    folder = dirname(folder)
  )
    if (existsSync(join(folder, 'package.json'))) {
      root = folder
      return folder
    }
  return undefined
}

/** The version in package.json, or `unknown`. */
export function version(): string {
  const folder = packageRoot()
  if (folder === undefined) return 'unknown'
  const { version: text } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    version?: unknown
  }
  return typeof text === 'string' ? text : 'unknown'
}
