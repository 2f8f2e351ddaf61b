/**
 * Style and structure as a test: the layer table of docs/architecture.md, the budget of dependencies, file sizes, and words that
 * must not be in the model.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const src = join(root, 'src')

/** What each room may import besides itself. */
const LAYERS: Record<string, readonly string[]> = {
  net: [],
  diag: [],
  wire: ['net'],
  model: ['net', 'diag'],
  input: ['net', 'diag', 'model'],
  plan: ['net', 'diag', 'model'],
  sim: ['net', 'model', 'wire'],
  control: ['net', 'model', 'sim'],
  forward: ['net', 'model', 'wire'],
  verify: ['net', 'diag', 'model', 'forward'],
  lab: ['net', 'diag', 'model', 'wire'],
  run: ['net', 'diag', 'wire', 'model', 'input', 'plan', 'sim', 'control', 'forward', 'verify', 'lab'],
  report: ['net', 'diag', 'model', 'verify', 'run', 'plan', 'wire'],
  cli: [
    'net',
    'diag',
    'wire',
    'model',
    'input',
    'plan',
    'sim',
    'control',
    'forward',
    'verify',
    'lab',
    'run',
    'report',
  ],
}

/** Packages a room may import, and why they are allowed stands in docs/architecture.md. */
const PACKAGES: Record<string, readonly string[]> = {
  input: ['yaml', 'zod'],
  report: ['yaml', '@dagrejs/graphlib'],
  cli: ['commander', 'yaml'],
}

/** Packages of which a room uses types only, so that users of ours need not have them. */
const TYPES: Readonly<Record<string, readonly string[]>> = { report: ['sarif'] }

/** Rooms that may touch the outside world through Node's own modules. */
const OUTSIDE = new Set(['input', 'lab', 'run', 'report', 'cli'])

const RUNTIME_DEPENDENCIES = ['@dagrejs/graphlib', 'commander', 'yaml', 'zod']

interface SourceText {
  readonly path: string
  readonly room: string
  readonly text: string
}

function sources(dir = src): SourceText[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name)
    if (statSync(path).isDirectory()) return sources(path)
    if (!name.endsWith('.ts')) return []
    const inside = relative(src, path)
    const room = inside.includes('/') ? (inside.split('/')[0] as string) : 'index'
    return [{ path, room, text: readFileSync(path, 'utf8') }]
  })
}

const files = sources()

function importsOf(text: string): string[] {
  return [
    ...text.matchAll(
      /(?:^|[\s;])(?:import|export)\s[^'"]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|^import\s+['"]([^'"]+)['"]/gm,
    ),
  ].map((m) => (m[1] ?? m[2] ?? m[3]) as string)
}

describe('layers', () => {
  it('every room imports itself and what the table allows', () => {
    const wrong: string[] = []
    for (const file of files) {
      if (file.room === 'index') continue
      const allowed = LAYERS[file.room]
      if (allowed === undefined)
        wrong.push(`${relative(root, file.path)}: room ${file.room} is not in the table`)
      for (const target of importsOf(file.text)) {
        if (file.path === join(src, 'cli/main.ts') && target === '../index.ts') continue
        if (target.startsWith('.')) {
          const room = relative(src, resolve(dirname(file.path), target)).split('/')[0] as string
          if (room !== file.room && !allowed?.includes(room))
            wrong.push(`${relative(root, file.path)} imports ${target}`)
        } else if (target.startsWith('node:')) {
          if (!OUTSIDE.has(file.room)) wrong.push(`${relative(root, file.path)} imports ${target}`)
        } else if (TYPES[file.room]?.includes(target)) {
          if (!new RegExp(`^import type .* from '${target}'$`, 'm').test(file.text))
            wrong.push(`${relative(root, file.path)} imports more than types of ${target}`)
        } else if (!PACKAGES[file.room]?.includes(target))
          wrong.push(`${relative(root, file.path)} imports ${target}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('nothing is orphaned: every file is imported by another, or is an entry', () => {
    const imported = new Set(
      files.flatMap((file) =>
        importsOf(file.text)
          .filter((target) => target.startsWith('.'))
          .map((target) => resolve(dirname(file.path), target)),
      ),
    )
    // cli/manual.ts writes docs/cli.md, wasm/kernels.ts the module beside it.
    const entries = new Set(
      [
        'index.ts',
        'cli/main.ts',
        'cli/manual.ts',
        'cli/bench-seat.ts',
        'net/route-table/wasm/kernels.ts',
      ].map((path) => join(src, path)),
    )
    expect(files.map((f) => f.path).filter((path) => !imported.has(path) && !entries.has(path))).toEqual([])
  })
})

describe('dependencies', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    string,
    Record<string, string>
  >

  it('the runtime packages are the four that docs/architecture.md names', () => {
    expect(Object.keys(manifest.dependencies ?? {}).sort()).toEqual(RUNTIME_DEPENDENCIES)
  })

  it('none of them brings another', () => {
    for (const name of RUNTIME_DEPENDENCIES) {
      const own = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'))
      expect({ name, dependencies: Object.keys(own.dependencies ?? {}) }).toEqual({ name, dependencies: [] })
    }
  })

  it('package-lock.json names no host', () => {
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toContain('"resolved"')
  })
})

describe('files', () => {
  it('stay under 500 lines', () => {
    expect(files.filter((f) => f.text.split('\n').length > 500).map((f) => relative(root, f.path))).toEqual(
      [],
    )
  })

  it('take time and randomness as arguments outside cli', () => {
    const offenders = files
      .filter(
        (f) =>
          !['cli', 'lab'].includes(f.room) &&
          /Math\.random|Date\.now|new Date\(|performance\.now/.test(f.text),
      )
      .map((f) => relative(root, f.path))
    expect(offenders).toEqual([])
  })

  it('leave nothing for later', () => {
    expect(
      files
        .filter((f) => /\b(TODO|FIXME|XXX)\b|not implemented/.test(f.text))
        .map((f) => relative(root, f.path)),
    ).toEqual([])
  })

  it('open with a comment that says what they are', () => {
    const bare = files
      .filter((f) => !/^(#!.*\n)?\s*(\/\*\*|\/\/)/.test(f.text))
      .map((f) => relative(root, f.path))
    expect(bare).toEqual([])
  })
})
