// Documents with a place for every key and value: paths into the plain JavaScript value lead back to lines and columns.
// Aliases and merge keys are followed, so the place of an inherited value is where it was written. parse-yaml.ts makes
// documents out of text.

import { type Document, isAlias, isCollection, isMap, isPair, isScalar, isSeq, type Node } from 'yaml'
import type { Span } from '../diag/diagnostic.ts'
import { type SourceFile, spanAt } from '../diag/source.ts'

/** Steps from the root of a document: keys of mappings and indexes of lists. */
export type Path = readonly (string | number)[]

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
    return {
      file: span.file,
      line: span.line,
      column: span.column + quoted + offset,
      length: Math.max(1, length),
    }
  }

  /** Where the value stands, line by line. */
  get lines(): readonly Span[] {
    return this.document.linesOf(this.path)
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
    if (found === undefined)
      return path.length === 0 ? this.#span(undefined) : this.keySpanOf(path.slice(0, -1))
    const { key, value } = found
    const block = isCollection(value) && !value.flow
    if ((block || value === undefined || isEmptyScalar(value)) && key !== undefined) return this.#span(key)
    return this.#span(value)
  }

  /** The spans of a value on each of its lines; that of `spanOf` where it is on one. */
  linesOf(path: Path): Span[] {
    const range = this.#find(path)?.value?.range
    if (range === undefined || range === null) return [this.spanOf(path)]
    const spans: Span[] = []
    for (let start = range[0]; start < range[1]; ) {
      const end = this.source.text.indexOf('\n', start)
      const last = end < 0 || end > range[1] ? range[1] : end
      if (last > start) spans.push(spanAt(this.source, start, last))
      start = last + 1
    }
    return spans
  }

  /** The span of the key that leads to a value; of a list item the item. */
  keySpanOf(path: Path): Span {
    const found = this.#find(path)
    if (found === undefined)
      return path.length === 0 ? this.#span(undefined) : this.keySpanOf(path.slice(0, -1))
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
    this.#skipped.set(
      id,
      [...skipped, originalIndex(skipped, index)].sort((a, b) => a - b),
    )
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

function isEmptyScalar(node: Node): boolean {
  return isScalar(node) && node.range?.[0] === node.range?.[1]
}

/** A key as text; the merge key of YAML 1.1 is a symbol in the parser. */
export function keyText(key: { value: unknown }): string {
  return typeof key.value === 'symbol' ? '<<' : String(key.value)
}
