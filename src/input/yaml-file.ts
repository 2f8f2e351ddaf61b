// One YAML (or JSON) text with a place for every key and value. Everything that can be wrong before the meaning of a
// word matters is reported here: syntax, duplicate keys, alias bombs (YAML 1.2.2 §7.1), several documents in one file.
// JSON is YAML 1.2, so manifests printed by `kubectl get -o json` need no second parser.

import { type Document, isAlias, isCollection, isMap, isPair, isScalar, isSeq, type Node, parseAllDocuments } from 'yaml'
import type { Diagnostics, Span } from '../diag/diagnostic.ts'
import { type SourceFile, sourceFile, spanAt } from '../diag/source.ts'

/** Steps from the root of a document: keys of mappings and indexes of lists. */
export type Path = readonly (string | number)[]

/** Files beyond this many characters are refused before they are parsed; a scenario of 1,000 clusters has 2 MB. */
export const FILE_CHARACTERS_MAX = 5 * 1024 * 1024

/** How many times aliases may multiply what they stand for. */
const ALIASES_MAX = 100

/** A place in a document: which value is meant, resolved to line and column only when somebody asks. */
export class At {
  readonly document: YamlDocument
  readonly path: Path
  readonly #part: readonly [offset: number, length: number] | 'key' | undefined

  constructor(document: YamlDocument, path: Path = [], part?: readonly [number, number] | 'key') {
    this.document = document
    this.path = path
    this.#part = part
  }

  /** The same place, but the key is meant and not the value: for names that are keys of a mapping. */
  onKey(): At {
    return new At(this.document, this.path, 'key')
  }

  /** The place of a part of this value's text. */
  part(offset: number, length: number): At {
    return new At(this.document, this.path, [offset, length])
  }

  /** The place of something inside this value. */
  in(...steps: Path): At {
    return new At(this.document, [...this.path, ...steps])
  }

  /** Where the value stands. */
  get span(): Span {
    const span = this.document.spanOf(this.path)
    if (this.#part === undefined) return span
    if (this.#part === 'key') return this.key
    const [offset, length] = this.#part
    // A scalar in quotes begins one column further on; escapes and folded lines are not worth counting.
    const quoted = /^["']/.test(this.document.textOf(this.path) ?? '') ? 1 : 0
    return { file: span.file, line: span.line, column: span.column + quoted + offset, length: Math.max(1, length) }
  }

  /** Where its key stands; for list items the item itself. */
  get key(): Span {
    return this.document.keySpanOf(this.path)
  }

  /** The path as one text, for sets of paths. */
  get id(): string {
    return JSON.stringify(this.path)
  }
}

/** One document of a file: its value in plain JavaScript and the places of its parts. */
export class YamlDocument {
  readonly source: SourceFile
  readonly value: unknown
  readonly #document: Document
  /** List items that were cut from the value, by the path of their list: indexes in `At` count without them. */
  readonly #skipped = new Map<string, number[]>()

  constructor(source: SourceFile, document: Document, value: unknown) {
    this.source = source
    this.#document = document
    this.value = value
  }

  /** The place of the whole document. */
  get root(): At {
    return new At(this)
  }

  /** The span of a value; of a block collection its key; of a value that is not there the nearest thing around it. */
  spanOf(path: Path): Span {
    const found = this.#find(path)
    if (found === undefined) return path.length === 0 ? this.#span(undefined) : this.keySpanOf(path.slice(0, -1))
    const { key, value } = found
    const block = isCollection(value) && !value.flow
    if ((block || value === undefined || isEmptyScalar(value)) && key !== undefined) return this.#span(key)
    return this.#span(value)
  }

  /** The span of the key that leads to a value; of a list item the item. */
  keySpanOf(path: Path): Span {
    const found = this.#find(path)
    if (found === undefined) return path.length === 0 ? this.#span(undefined) : this.keySpanOf(path.slice(0, -1))
    return this.#span(found.key ?? found.value)
  }

  /** The source text of a value on one line, when it was written on one. */
  textOf(path: Path): string | undefined {
    const range = this.#find(path)?.value?.range
    if (range === undefined || range === null) return undefined
    const text = this.source.text.slice(range[0], range[1]).trim()
    return text.includes('\n') ? undefined : text
  }

  /** Says that an item was cut from a list of the value, so that places of the items behind it stay right. */
  skipItem(list: Path, index: number): void {
    const id = JSON.stringify(this.#original(list))
    const skipped = this.#skipped.get(id) ?? []
    this.#skipped.set(id, [...skipped, originalIndex(skipped, index)].sort((a, b) => a - b))
  }

  /** The path in the file of a path in the value. */
  #original(path: Path): Path {
    if (this.#skipped.size === 0) return path
    const original: (string | number)[] = []
    for (const step of path) {
      const skipped = typeof step === 'number' ? this.#skipped.get(JSON.stringify(original)) : undefined
      original.push(skipped === undefined ? step : originalIndex(skipped, Number(step)))
    }
    return original
  }

  #span(node: Node | undefined): Span {
    const range = node?.range ?? this.#document.contents?.range ?? [0, 1]
    const start = range[0]
    let end = range[1]
    if (isCollection(node) && !node.flow) {
      const first: unknown = node.items[0]
      const head = isPair(first) ? first.key : first
      end = (head as Node | null)?.range?.[1] ?? end
    }
    return spanAt(this.source, start, end)
  }

  #find(path: Path): { key: Node | undefined; value: Node | undefined } | undefined {
    let key: Node | undefined
    let value = this.#resolve(this.#document.contents)
    for (const step of this.#original(path)) {
      if (isMap(value)) {
        const pair = this.#pairOf(value, String(step))
        if (pair === undefined) return undefined
        key = pair.key
        value = this.#resolve(pair.value)
      } else if (isSeq(value)) {
        key = undefined
        value = this.#resolve(value.items[Number(step)])
        if (value === undefined) return undefined
      } else return undefined
    }
    return { key, value }
  }

  #pairOf(map: { items: readonly unknown[] }, name: string): { key: Node; value: unknown } | undefined {
    const merged: unknown[] = []
    for (const pair of map.items) {
      if (!isPair(pair)) continue
      const key = pair.key as Node
      if (isScalar(key) && String(key.value) === name) return { key, value: pair.value }
      if (isScalar(key) && keyText(key) === '<<') merged.push(pair.value)
    }
    for (const one of merged.flatMap((value) => (isSeq(value) ? value.items : [value]))) {
      const from = this.#resolve(one)
      const pair = isMap(from) ? this.#pairOf(from, name) : undefined
      if (pair !== undefined) return pair
    }
    return undefined
  }

  #resolve(node: unknown): Node | undefined {
    if (isAlias(node)) return node.resolve(this.#document) as Node | undefined
    return (node as Node | null) ?? undefined
  }
}

/** The index before the skipped ones (ascending) were taken out. */
function originalIndex(skipped: readonly number[], index: number): number {
  let original = index
  for (const one of skipped) if (one <= original) original++
  return original
}

/** The parts of a file that could be read; problems go to `diagnostics`. Empty documents are left out. */
export function parseYaml(path: string, text: string, diagnostics: Diagnostics, keep: (source: SourceFile) => void): YamlDocument[] {
  const source = sourceFile(path, text)
  keep(source)
  const zero = text.indexOf('\0')
  if (zero >= 0 || text.includes('\ufffd')) {
    const at = zero >= 0 ? zero : text.indexOf('\ufffd')
    diagnostics.error('IN009', 'this is not a text file', {
      span: spanAt(source, at, at + 1),
      expected: 'YAML or JSON in UTF-8',
    })
    return []
  }
  try {
    const parsed = parseAllDocuments(text, { uniqueKeys: false, merge: true, prettyErrors: false, logLevel: 'silent' })
    const documents = 'empty' in parsed ? [] : (parsed as Document[])
    return documents.flatMap((document) => readDocument(source, document, diagnostics))
  } catch (error) {
    // Thousands of nested brackets exhaust the parser's stack; that is the file's fault, not ours.
    if (!(error instanceof RangeError)) throw error
    diagnostics.error('IN003', 'this file is nested too deeply', { span: spanAt(source, 0, 1) })
    return []
  }
}

function readDocument(source: SourceFile, document: Document, diagnostics: Diagnostics): YamlDocument[] {
  if (document.errors.length > 0) {
    // What follows a syntax error is mostly noise caused by it.
    reportSyntax(source, document.errors[0]!, diagnostics)
    return []
  }
  const duplicates = reportDuplicates(source, document.contents, diagnostics)
  const value = valueOf(source, document, diagnostics)
  if (value === undefined || (value.js ?? null) === null) return []
  return duplicates > 1000 ? [] : [new YamlDocument(source, document, value.js)]
}

function valueOf(source: SourceFile, document: Document, diagnostics: Diagnostics): { js: unknown } | undefined {
  try {
    return { js: document.toJS({ maxAliasCount: ALIASES_MAX }) }
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    const alias = firstAlias(document.contents, error.message)
    const bomb = error.message.startsWith('Excessive')
    const name = error.message.replace(/^.*: /, '')
    diagnostics.error(bomb ? 'IN006' : 'IN003', bomb ? 'aliases of this file expand without measure' : `the alias *${name} stands for nothing: no anchor &${name} comes before it`, {
      span: spanAt(source, alias?.[0] ?? 0, alias?.[1] ?? 1),
      ...(bomb ? { expected: `aliases that expand to at most ${ALIASES_MAX} times what they stand for` } : { hint: STAR_HINT }),
    })
    return undefined
  }
}

function firstAlias(node: unknown, message: string): readonly number[] | undefined {
  if (isAlias(node)) {
    return message.startsWith('Excessive') || message.includes(node.source) ? (node.range ?? undefined) : undefined
  }
  if (isPair(node)) return firstAlias(node.value, message)
  if (!isCollection(node)) return undefined
  for (const item of node.items) {
    const found = firstAlias(item, message)
    if (found !== undefined) return found
  }
  return undefined
}

/** Duplicate keys of every mapping, with the place of the first; YAML 1.2.2 §3.2.1.1 forbids them. */
function reportDuplicates(source: SourceFile, node: unknown, diagnostics: Diagnostics): number {
  if (isPair(node)) return reportDuplicates(source, node.value, diagnostics)
  if (!isCollection(node)) return 0
  let count = 0
  const first = new Map<string, Node>()
  for (const item of node.items) {
    if (isPair(item) && isScalar(item.key) && isMap(node)) {
      const name = keyText(item.key)
      const before = first.get(name)
      if (before === undefined) first.set(name, item.key)
      else if (name !== '<<') {
        count++
        diagnostics.error('IN008', `the key "${name}" is given twice`, {
          span: spanOfNode(source, item.key),
          hint: 'keep one of the two; which one would count is not defined',
          related: [{ message: 'first given here', span: spanOfNode(source, before) }],
        })
      }
    }
    count += reportDuplicates(source, item, diagnostics)
  }
  return count
}

function spanOfNode(source: SourceFile, node: Node): Span {
  return spanAt(source, node.range?.[0] ?? 0, node.range?.[1] ?? 1)
}

function keyText(key: { value: unknown }): string {
  return typeof key.value === 'symbol' ? '<<' : String(key.value)
}

function isEmptyScalar(node: Node): boolean {
  return isScalar(node) && node.range?.[0] === node.range?.[1]
}

const STAR_HINT = 'a text that begins with * is an alias in YAML; put it in quotes: "*"'

// The parser's own words are good; these say more where people slip.
const SYNTAX_HINTS: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'a text with ": " in it needs quotes; or is the line below indented too far?',
  BAD_SCALAR_START: 'put the text in quotes',
  BAD_ALIAS: STAR_HINT,
  BAD_INDENT: 'check the indentation of this line and of the lines before it',
  MULTILINE_IMPLICIT_KEY: 'is a colon missing at the end of this line?',
  TAB_AS_INDENT: 'indent with spaces; YAML forbids tabs there',
}

function reportSyntax(
  source: SourceFile,
  error: { code: string; message: string; pos: readonly [number, number] },
  diagnostics: Diagnostics,
): void {
  const tab = error.code === 'TAB_AS_INDENT'
  const [start, end] = error.pos
  const span = spanAt(source, start, end)
  // Where the stack ends differs from machine to machine, so the place is that of the file.
  if (error.message.includes('call stack')) diagnostics.error('IN003', 'this file is nested too deeply', { span: spanAt(source, 0, 1) })
  else if (/^Flow (?:map|sequence)/.test(error.message)) {
    const bracket = error.message.includes('map') ? '}' : ']'
    diagnostics.error('IN003', `this is not YAML: a ${bracket} is missing before this place`, { span, hint: 'look for the bracket that was opened last on the lines above' })
  } else {
    const line = source.text.slice(source.text.lastIndexOf('\n', start) + 1, start)
    diagnostics.error(tab ? 'IN007' : 'IN003', tab ? 'a tab is used for indentation' : `this is not YAML: ${lowerFirst(error.message)}`, {
      span,
      hint: error.code === 'UNEXPECTED_TOKEN' && /[:-] \*/.test(line) ? STAR_HINT : SYNTAX_HINTS[error.code],
    })
  }
}

function lowerFirst(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`
}
