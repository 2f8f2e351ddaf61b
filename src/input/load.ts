// The way in: a path or a text becomes a scenario, or a list of everything that is wrong with it. Nothing is thrown for
// bad input; an exception from here is a bug of ours.

import { type Diagnostic, Diagnostics } from '../diag/diagnostic.ts'
import type { SourceFile } from '../diag/source.ts'
import { didYouMean } from '../diag/suggest.ts'
import { PROFILE_NAMES, type Profile } from '../model/profile.ts'
import { PROFILES } from '../model/profile-table.ts'
import type { Scenario } from '../model/scenario.ts'
import { compile } from './compile.ts'
import type { Context } from './context.ts'
import { diskFiles, type Files, SourceReader } from './files.ts'
import { checkShape } from './shape.ts'
import type { YamlDocument } from './yaml-file.ts'

/** What overrides the file, and where files come from. */
export interface LoadOptions {
  /** Name of a profile for all clusters, whatever the file says. */
  readonly profile?: string
  /** Seed, whatever the file says. */
  readonly seed?: number
  /** Reads a file; by default from disk, and standard input for `-`. Throws when it cannot. */
  readonly read?: Files['read']
  /** Lists a folder for globs; by default from disk. */
  readonly list?: Files['list']
}

/** A scenario, present exactly when no diagnostic is an error, and everything there is to say about the input. */
export interface LoadResult {
  readonly scenario?: Scenario
  /** In reading order. */
  readonly diagnostics: readonly Diagnostic[]
  /** The files that were read, by the path in the spans. */
  readonly sources: ReadonlyMap<string, SourceFile>
}

/** Loads a scenario file; `-` is standard input. */
export function loadScenario(path: string, options: LoadOptions = {}): LoadResult {
  return load(path, undefined, options)
}

/** Loads a scenario from text; `path` names it in messages, and manifests are looked for beside it. */
export function loadScenarioText(text: string, path: string, options: LoadOptions = {}): LoadResult {
  return load(path, text, options)
}

function load(path: string, text: string | undefined, options: LoadOptions): LoadResult {
  const diagnostics = new Diagnostics()
  const reader = new SourceReader(diskFiles(options.read, options.list), diagnostics)
  const profile = profileNamed(options.profile, diagnostics)
  const documents = text === undefined ? reader.open(path) : reader.parse(path, text)
  const document = documents === undefined ? undefined : onlyDocument(documents, path, diagnostics)
  const scenario =
    document === undefined ? undefined : read(document, path, reader, diagnostics, profile, options.seed)
  const complete = scenario !== undefined && !diagnostics.hasErrors
  return { ...(complete && { scenario }), diagnostics: diagnostics.sorted(), sources: reader.sources }
}

function read(
  document: YamlDocument,
  file: string,
  reader: SourceReader,
  diagnostics: Diagnostics,
  profile: Profile | undefined,
  seed: number | undefined,
): Scenario | undefined {
  const broken = new Set<string>()
  const raw = checkShape({ diagnostics, broken, waived: new Set() }, document)
  if (raw === undefined) return undefined
  const context: Context = { diagnostics, broken, waived: new Set(raw.allow ?? []) }
  return compile(context, raw, document.root, { file, profile, seed, reader })
}

function onlyDocument(
  documents: readonly YamlDocument[],
  path: string,
  diagnostics: Diagnostics,
): YamlDocument | undefined {
  const [first, second] = documents
  if (first === undefined) {
    diagnostics.error('IN004', `${path} is empty`, {
      expected: 'a scenario: isthmus: 1, clusters, …',
      hint: 'isthmus init ovn-ic writes one to begin with',
    })
  } else if (second !== undefined) {
    diagnostics.error('IN005', `this file holds ${documents.length} documents`, {
      span: second.root.span,
      expected: 'one scenario a file',
      hint: 'Kubernetes manifests belong under manifests of a cluster',
    })
    return undefined
  }
  return first
}

function profileNamed(name: string | undefined, diagnostics: Diagnostics): Profile | undefined {
  if (name === undefined) return undefined
  const found = PROFILE_NAMES.find((one) => one === name)
  if (found === undefined)
    diagnostics.error('IN040', `there is no profile "${name}"`, {
      expected: `one of ${PROFILE_NAMES.join(', ')}`,
      hint: didYouMean(name, PROFILE_NAMES),
    })
  return found === undefined ? undefined : PROFILES[found]
}
