// Reading files: the one place of this room that touches the file system. Paths in diagnostics are as the user wrote
// them, relative to where the command runs; manifests are found relative to the scenario that names them.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, normalize } from 'node:path'
import type { Diagnostics, Span } from '../diag/diagnostic.ts'
import type { SourceFile } from '../diag/source.ts'
import { FILE_CHARACTERS_MAX, parseYaml } from './parse-yaml.ts'
import type { YamlDocument } from './yaml-file.ts'

/** How files are read; tests and the library's users may bring their own. */
export interface Files {
  /** The text of a file; throws when it cannot be read. */
  readonly read: (path: string) => string
  /** The names in a folder, or undefined when the path is no folder. */
  readonly list: (path: string) => readonly string[] | undefined
}

/** More files than this from one pattern are refused. */
const FILES_MAX = 1000

/** The file system. Standard input is read for `-`. Files of more than `most` bytes are refused. */
export function diskFiles(
  read?: Files['read'],
  list?: Files['list'],
  most: number = FILE_CHARACTERS_MAX,
): Files {
  return {
    read: read ?? ((path) => readFileSync(path === '-' ? 0 : checkedSize(path, most), 'utf8')),
    list:
      list ??
      ((path) => {
        try {
          return statSync(path).isDirectory() ? readdirSync(path).sort() : undefined
        } catch {
          return undefined
        }
      }),
  }
}

/** Refuses a large file before its bytes are read. */
function checkedSize(path: string, most: number): string {
  const { size } = statSync(path)
  if (size > most) throw new TooLargeError(size)
  return path
}

class TooLargeError extends Error {
  readonly size: number

  constructor(size: number) {
    super(`${size} bytes`)
    this.size = size
  }
}

/** Reads and parses files once each, and keeps their sources for the messages. */
export class SourceReader {
  readonly sources = new Map<string, SourceFile>()
  readonly #files: Files
  readonly #diagnostics: Diagnostics
  readonly #documents = new Map<string, readonly YamlDocument[] | undefined>()

  constructor(files: Files, diagnostics: Diagnostics) {
    this.#files = files
    this.#diagnostics = diagnostics
  }

  /** The documents of a file; undefined after a problem that was reported. `wanted` is who asked for the file. */
  open(path: string, wanted?: Span): readonly YamlDocument[] | undefined {
    if (this.#documents.has(path)) return this.#documents.get(path)
    const text = this.#read(path, wanted)
    const documents = text === undefined ? undefined : this.parse(path, text)
    this.#documents.set(path, documents)
    return documents
  }

  /** Parses a text that is at hand. */
  parse(path: string, text: string): readonly YamlDocument[] | undefined {
    if (text.length > FILE_CHARACTERS_MAX) {
      this.#reportSize(path, text.length, undefined)
      return undefined
    }
    const errors = this.#diagnostics.count('error')
    const documents = parseYaml(path, text, this.#diagnostics, (source) => this.sources.set(path, source))
    return documents.length === 0 && this.#diagnostics.count('error') > errors ? undefined : documents
  }

  /** Files that a path, folder or glob stands for, in order of their names; none after a problem that was reported. */
  expand(pattern: string, from: string, wanted: Span): string[] {
    const { entries, found } = expandPattern(this.#files, pattern, from)
    if (found.length === 0) {
      this.#diagnostics.error(
        'IN070',
        entries === undefined ? `no file matches "${pattern}"` : `the folder "${pattern}" holds no manifests`,
        {
          span: wanted,
          expected: 'files that end in .yaml, .yml or .json; paths are relative to the scenario file',
        },
      )
    }
    if (found.length > FILES_MAX) {
      this.#diagnostics.error('IN070', `"${pattern}" stands for ${found.length} files`, {
        span: wanted,
        expected: `at most ${FILES_MAX}`,
      })
      return []
    }
    return found
  }

  #read(path: string, wanted: Span | undefined): string | undefined {
    try {
      const text = this.#files.read(path)
      if (text.length > FILE_CHARACTERS_MAX) throw new TooLargeError(text.length)
      return text
    } catch (error) {
      if (error instanceof TooLargeError) this.#reportSize(path, error.size, wanted)
      else
        this.#diagnostics.error(
          wanted === undefined ? 'IN001' : 'IN070',
          `cannot read ${path}: ${reasonOf(error)}`,
          {
            span: wanted,
            hint: wanted === undefined ? undefined : 'paths are relative to the scenario file',
          },
        )
      return undefined
    }
  }

  #reportSize(path: string, size: number, wanted: Span | undefined): void {
    const millions = (size / 1024 ** 2).toFixed(1)
    this.#diagnostics.error('IN002', `${path} is too large: ${millions} MB`, {
      span: wanted,
      expected: `at most ${FILE_CHARACTERS_MAX / 1024 ** 2} MB`,
      hint: 'is this the right file?',
    })
  }
}

/** What a path, folder or glob of manifests stands for, relative to the file that names it; `entries` are those of a folder. */
export function expandPattern(
  files: Files,
  pattern: string,
  from: string,
): { readonly entries: readonly string[] | undefined; readonly found: string[] } {
  const path = isAbsolute(pattern) ? normalize(pattern) : join(dirname(from === '-' ? '.' : from), pattern)
  const entries = files.list(path)
  const found =
    entries !== undefined ? manifestsIn(path, entries) : /[*?]/.test(pattern) ? glob(files, path) : [path]
  return { entries, found }
}

function glob(files: Files, path: string): string[] {
  const steps = path.split('/')
  let folders = [path.startsWith('/') ? '/' : '.']
  for (const [i, step] of steps.entries()) {
    if (step === '' || step === '.') continue
    const last = i === steps.length - 1
    folders = folders.flatMap((folder) => {
      if (!/[*?]/.test(step)) return [join(folder, step)]
      const pattern = new RegExp(
        `^${step
          .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
          .replaceAll('*', '[^/]*')
          .replaceAll('?', '[^/]')}$`,
      )
      const names = (files.list(folder) ?? []).filter((name) => pattern.test(name) && !name.startsWith('.'))
      return names.map((name) => join(folder, name)).filter((one) => last || files.list(one) !== undefined)
    })
  }
  return folders.filter((one) => files.list(one) === undefined)
}

function manifestsIn(folder: string, names: readonly string[]): string[] {
  return names
    .filter((name) => /\.(?:ya?ml|json)$/.test(name) && !name.startsWith('.'))
    .map((name) => join(folder, name))
}

/** Why a file could not be read, in words. */
export function reasonOf(error: unknown): string {
  const code = (error as { code?: string }).code
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EACCES') return 'permission denied'
  if (code === 'EISDIR') return 'it is a folder'
  return error instanceof Error ? error.message : String(error)
}
