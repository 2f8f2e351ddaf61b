// Files to a plan. Every document tells by itself what it is; what none of the readers knows is named and passed over.

import { resolve } from 'node:path'
import { type Diagnostic, Diagnostics } from '../../diag/diagnostic.ts'
import { type SourceFile, sourceFile } from '../../diag/source.ts'
import { editDistance, suggest } from '../../diag/suggest.ts'
import type { Plan } from '../../model/plan.ts'
import { diskFiles, expandPattern, type Files, reasonOf } from '../files.ts'
import { FILE_CHARACTERS_MAX, parseYaml } from '../parse-yaml.ts'
import type { At, YamlDocument } from '../yaml-file.ts'
import { Attribution } from './attribution.ts'
import { isBarePlan, readBarePlan } from './bare.ts'
import { isCidrList, readCidrList } from './cidr-list.ts'
import { looksLikeCsv, readCsv } from './csv.ts'
import { isMapping, type PlanDocument, type View } from './document.ts'
import { PlanDraft } from './draft.ts'
import { isJoinText, joinName, readJoinText } from './join-flags.ts'
import { type ClusterName, clusterNamedBy, KINDS, readObject } from './kinds.ts'
import { readMentions } from './mentions.ts'
import { isOvnText, readOvnText } from './ovn-text.ts'
import { FILES_MAX, filesOf, type PlanFile } from './paths.ts'
import { isScenario, readScenario } from './scenario.ts'
import { isShownText, readShownText } from './shown.ts'
import { isHelmValues, readHelmValues } from './submariner.ts'

/** 1,000 clusters with 100 Subnets each, as manifests in one stream, have 16 MB, and take 0.75 GB of memory as a tree of nodes. */
const YAML_CHARACTERS_MAX = 20 * 1024 * 1024

/** Lines and commas of a larger file than scenarios may be: what memory goes by. Those manifests have a million. */
const YAML_PARTS_MAX = 1_500_000

/** Tables and printed output may be larger than YAML, because they are read without such a tree. */
const TEXT_CHARACTERS_MAX = 64 * 1024 * 1024

export interface LoadPlanOptions {
  /** Documents of unknown kinds are errors. */
  readonly strict?: boolean
  readonly read?: Files['read']
  readonly list?: Files['list']
  /** Files to leave out, by absolute path. */
  readonly skip?: ReadonlySet<string>
  /** Every other value that holds addresses is wanted too, for a fix. */
  readonly mentions?: boolean
}

/** A plan, present exactly when no diagnostic is an error. */
export interface LoadPlanResult {
  readonly plan?: Plan
  readonly diagnostics: readonly Diagnostic[]
  readonly sources: ReadonlyMap<string, SourceFile>
  /** How many files and documents were read. */
  readonly files: number
  /** Those that hold a scenario. */
  readonly scenarios: readonly string[]
}

/** Loads files, folders and standard input (`-`) as one plan. */
export function loadPlan(paths: readonly string[], options: LoadPlanOptions = {}): LoadPlanResult {
  return new Loading(options).load(paths)
}

/** A file with its documents or its text. */
interface Opened {
  readonly file: PlanFile
  readonly source: SourceFile
  readonly documents: readonly Unpacked[] | undefined
  /** Names that the file itself gives its cluster or clusters. */
  readonly named: readonly ClusterName[]
}

/** An object out of a document; Lists are taken apart. */
interface Unpacked {
  readonly value: unknown
  readonly at: At
}

class Loading {
  readonly #diagnostics = new Diagnostics()
  readonly #sources = new Map<string, SourceFile>()
  readonly #draft = new PlanDraft(this.#diagnostics)
  readonly #files: Files
  readonly #strict: boolean
  #attribution: Attribution
  readonly #scenarios = new Set<string>()
  readonly #passedOver = new Set<string>()
  readonly #skip: ReadonlySet<string>

  readonly #mentions: boolean

  constructor({ strict, read, list, skip, mentions }: LoadPlanOptions) {
    this.#files = diskFiles(read, list, TEXT_CHARACTERS_MAX)
    this.#strict = strict ?? false
    this.#skip = skip ?? new Set()
    this.#mentions = mentions ?? false
    this.#attribution = new Attribution([], this.#diagnostics)
  }

  load(paths: readonly string[]): LoadPlanResult {
    const files = this.#filesOf(paths)
    const opened = files.flatMap((file) => this.#open(file) ?? [])
    this.#attribution = new Attribution(opened, this.#diagnostics)
    for (const one of opened) this.#read(one)
    const plan = this.#draft.finish()
    if (
      !this.#diagnostics.hasErrors &&
      plan.clusters.length + plan.networks.length + plan.zoneRows.length === 0
    )
      this.#diagnostics.error('PL007', `nothing to check in ${paths.join(' ')}`, {
        expected: 'a plan, a table, a scenario, or manifests of the kinds that docs/check.md lists',
      })
    return {
      ...(!this.#diagnostics.hasErrors && { plan }),
      diagnostics: this.#diagnostics.sorted(),
      sources: this.#sources,
      files: opened.length,
      scenarios: [...this.#scenarios],
    }
  }

  #filesOf(paths: readonly string[]): PlanFile[] {
    const found = new Map<string, PlanFile>()
    for (const path of paths) {
      const files = filesOf(path, this.#files)
      if (files.length === 0 || files.length > FILES_MAX)
        this.#diagnostics.error(
          'PL007',
          files.length === 0
            ? `the folder ${path} holds nothing to check`
            : `the folder ${path} holds too many files`,
          {
            expected: `up to ${FILES_MAX} files that end in .yaml, .yml, .json, .csv, .tsv, .txt, .sh, .conf or .env`,
          },
        )
      else
        for (const file of files)
          if (!found.has(file.path) && !this.#skip.has(resolve(file.path))) found.set(file.path, file)
    }
    return [...found.values()]
  }

  #open(file: PlanFile): Opened | undefined {
    const text = this.#text(file.path)
    if (text === undefined) return undefined
    if (isPlainText(text)) {
      const source = sourceFile(file.path, text)
      this.#sources.set(file.path, source)
      const name = isJoinText(text) ? joinName(text) : undefined
      return {
        file,
        source,
        documents: undefined,
        named: name === undefined ? [] : [{ by: 'submariner', name }],
      }
    }
    if (text.length > FILE_CHARACTERS_MAX && isTooLarge(text)) {
      this.#diagnostics.error(
        'IN002',
        `${file.path} is too large: ${(text.length / 1024 ** 2).toFixed(1)} MB`,
        {
          expected: `at most ${YAML_CHARACTERS_MAX / 1024 ** 2} MB of YAML, in ${YAML_PARTS_MAX / 1e6} million lines or items of lists; a table may have ${TEXT_CHARACTERS_MAX / 1024 ** 2} MB`,
          hint: 'give each cluster a file, in one folder',
        },
      )
      return undefined
    }
    const documents = this.#parse(file.path, text).flatMap((document) =>
      unpack(document.value, document.root),
    )
    const named = documents.flatMap(({ value }) => clusterNamedBy(value) ?? [])
    return { file, source: this.#sources.get(file.path)!, documents, named }
  }

  #parse(path: string, text: string): readonly YamlDocument[] {
    return parseYaml(path, text, this.#diagnostics, (source) => this.#sources.set(path, source))
  }

  #text(path: string): string | undefined {
    try {
      return this.#files.read(path)
    } catch (error) {
      this.#diagnostics.error('IN001', `cannot read ${path}: ${reasonOf(error)}`)
      return undefined
    }
  }

  #read(opened: Opened): void {
    const { source, documents } = opened
    const { cluster, doubt } = this.#attribution.ofFile(opened)
    if (documents !== undefined) {
      if (documents.some(({ value }) => isMapping(value) && !isScenario(value) && !isBarePlan(value)))
        doubt?.()
      for (const one of documents) this.#readDocument(one, cluster, opened.file)
      return
    }
    if (isOvnText(source.text) || isJoinText(source.text) || isShownText(source.text)) doubt?.()
    if (isOvnText(source.text)) readOvnText(this.#draft, source, cluster)
    else if (isJoinText(source.text))
      readJoinText(
        this.#draft,
        source,
        cluster,
        opened.file.cluster ?? this.#attribution.ofFolder(opened.file),
      )
    else if (isShownText(source.text)) readShownText(this.#draft, source, cluster)
    else if (isCidrList(source.text) || looksLikeCsv(source.text)) {
      const { networks, nodes } = this.#draft
      const before = [networks.length, nodes.length]
      ;(isCidrList(source.text) ? readCidrList : readCsv)(this.#draft, source, cluster)
      const added = [...networks.slice(before[0]), ...nodes.slice(before[1])]
      if (added.some((one) => one.cluster === cluster)) doubt?.()
      return
    } else this.#passOver('text of an unknown form', { file: source.path, line: 1, column: 1 })
  }

  #readDocument({ value, at }: Unpacked, common: string, file: PlanFile): void {
    if (!isMapping(value)) {
      this.#passOver(
        typeof value === 'string' ? 'text of an unknown form' : 'a document that is no mapping',
        at.span,
      )
      return
    }
    const cluster = this.#attribution.ofDocument(value, file, common)
    const document: PlanDocument = { draft: this.#draft, value, at, cluster }
    if (this.#mentions) readMentions(document)
    if (isScenario(value)) {
      this.#scenarios.add(file.path)
      readScenario(document, (id, view) => this.#readManifests(id, view, file))
    } else if (isBarePlan(value)) readBarePlan(document)
    else if (isHelmValues(value)) readHelmValues(document)
    else if (typeof value.kind !== 'string') this.#passOver('a document without kind', at.span)
    else if (!readObject(document))
      this.#passOver(`objects of the kind ${value.kind}`, at.in('kind').span, kindMeant(value.kind))
  }

  /** What a scenario lists under `manifests` of a cluster: paths beside the scenario, or objects. */
  #readManifests(cluster: string, view: View, file: PlanFile): void {
    const entries = Array.isArray(view.value) ? view.value.map((_, i) => view.in(i)) : [view]
    for (const entry of entries) {
      if (typeof entry.value !== 'string') {
        for (const one of unpack(entry.value, entry.at))
          this.#readManifest(one, cluster, { ...file, cluster })
        continue
      }
      for (const path of expandPattern(this.#files, entry.value, file.path).found) {
        const text = this.#text(path)
        if (text === undefined) continue
        for (const document of this.#parse(path, text))
          for (const one of unpack(document.value, document.root))
            this.#readManifest(one, cluster, { ...file, cluster })
      }
    }
  }

  /** A manifest of a scenario is no scenario or plan: those could list each other without end. */
  #readManifest(one: Unpacked, cluster: string, file: PlanFile): void {
    if (isMapping(one.value) && (isScenario(one.value) || isBarePlan(one.value)))
      this.#diagnostics.error('IN071', 'this is a scenario or a plan, not a manifest', {
        span: one.at.span,
        expected: 'a Kubernetes object: apiVersion, kind, metadata',
      })
    else this.#readDocument(one, cluster, file)
  }

  /** Passed over are all of a kind in a file with one note, at the first: `kubectl get all` prints hundreds. */
  #passOver(what: string, span: Diagnostic['span'], hint?: string): void {
    const key = `${span?.file} ${what}`
    if (this.#passedOver.has(key) && !this.#strict) return
    this.#passedOver.add(key)
    const report = this.#strict ? this.#diagnostics.error : this.#diagnostics.info
    report.call(
      this.#diagnostics,
      'PL001',
      `${what} are not checked`.replace(/^(a|text) (.*) are/, '$1 $2 is'),
      {
        span,
        hint,
        expected: `a plan, a table, a scenario, or one of the kinds ${KINDS.join(', ')}`,
      },
    )
  }
}

/** Kinds of the Kubernetes API are short and alike: only what is nearly the word is taken for a slip. */
function kindMeant(kind: string): string | undefined {
  const near = suggest(kind, KINDS)
  const slip = near !== undefined && kind.length > 4 && editDistance(kind, near) <= 2
  return slip ? `did you mean "${near}"?` : undefined
}

function unpack(value: unknown, at: At): Unpacked[] {
  if (
    isMapping(value) &&
    typeof value.kind === 'string' &&
    value.kind.endsWith('List') &&
    Array.isArray(value.items)
  ) {
    const kind = value.kind.slice(0, -'List'.length)
    return value.items.flatMap((item: unknown, i) =>
      unpack(
        // Items of a `SubnetList` may come without a kind of their own.
        isMapping(item) && !('kind' in item) && kind !== ''
          ? { apiVersion: value.apiVersion, ...item, kind }
          : item,
        at.in('items', i),
      ),
    )
  }
  return value === null || value === undefined ? [] : [{ value, at }]
}

/** Everything that is not YAML: tables, printed output, command lines. */
function isPlainText(text: string): boolean {
  return isOvnText(text) || isJoinText(text) || isShownText(text) || isCidrList(text) || looksLikeCsv(text)
}

/** Beyond the limits of a plan in YAML. */
function isTooLarge(text: string): boolean {
  if (text.length > YAML_CHARACTERS_MAX) return true
  let parts = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x0a || code === 0x2c) parts++
  }
  return parts > YAML_PARTS_MAX
}
