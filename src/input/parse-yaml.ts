// Text to documents. Everything that can be wrong before the meaning of a word matters is reported here: syntax, duplicate
// keys, alias bombs (YAML 1.2.2 §7.1), bytes that are no text. JSON is YAML 1.2, so manifests printed by
// `kubectl get -o json` need no second parser.

import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  type Node,
  parseAllDocuments,
} from 'yaml'
import type { Diagnostics, Span } from '../diag/diagnostic.ts'
import { type SourceFile, sourceFile, spanAt } from '../diag/source.ts'
import { keyText, YamlDocument } from './yaml-file.ts'

/** Files beyond this many characters are refused before they are parsed; a scenario of 1,000 clusters has 2 MB. */
export const FILE_CHARACTERS_MAX = 5 * 1024 * 1024

/** How many times aliases may multiply what they stand for. */
const ALIASES_MAX = 100

/** Levels of mappings and lists; Kubernetes objects have about 20. */
const DEPTH_MAX = 100
const TOO_DEEP = 'this file is nested too deeply'

/** The parts of a file that could be read; problems go to `diagnostics`. Empty documents are left out. */
export function parseYaml(
  path: string,
  text: string,
  diagnostics: Diagnostics,
  keep: (source: SourceFile) => void,
): YamlDocument[] {
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
    const parsed = parseAllDocuments(text, {
      uniqueKeys: false,
      merge: true,
      prettyErrors: false,
      logLevel: 'silent',
    })
    const documents = 'empty' in parsed ? [] : (parsed as Document[])
    return documents.flatMap((document) => readDocument(source, document, diagnostics))
  } catch (error) {
    // Thousands of nested brackets exhaust the parser's stack; that is the file's fault, not ours.
    if (!(error instanceof RangeError)) throw error
    diagnostics.error('IN003', TOO_DEEP, { span: spanAt(source, 0, 1) })
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
  if (reportCircle(source, document, diagnostics)) return []
  const value = javaScriptOf(source, document, diagnostics)
  if (value === undefined || (value.js ?? null) === null) return []
  if (isDeep(value.js)) {
    diagnostics.error('IN003', TOO_DEEP, {
      span: spanAt(source, 0, 1),
      expected: `at most ${DEPTH_MAX} levels`,
    })
    return []
  }
  return duplicates > 1000 ? [] : [new YamlDocument(source, document, value.js)]
}

/** Without recursion, because the stack is what it protects in all that follows. */
function isDeep(root: unknown): boolean {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: root, depth: 0 }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next
    if (typeof value !== 'object' || value === null) continue
    if (depth > DEPTH_MAX) return true
    for (const inner of Object.values(value)) open.push({ value: inner, depth: depth + 1 })
  }
  return false
}

function javaScriptOf(
  source: SourceFile,
  document: Document,
  diagnostics: Diagnostics,
): { js: unknown } | undefined {
  try {
    return { js: document.toJS({ maxAliasCount: ALIASES_MAX }) }
  } catch (error) {
    // A RangeError is the stack's end; the parser has no classes of its own for what else is wrong with aliases.
    if (!(error instanceof Error) || error instanceof RangeError) throw error
    reportAlias(source, document, error.message, diagnostics)
    return undefined
  }
}

/** An alias inside the very thing that it stands for: the value would have no end. */
function reportCircle(source: SourceFile, document: Document, diagnostics: Diagnostics): boolean {
  const anchors = new Map<string, Node>()
  for (const node of nodesOf(document.contents)) {
    if (!isAlias(node) && node.anchor !== undefined) anchors.set(node.anchor, node)
    if (!isAlias(node) || !node.range) continue
    const target = anchors.get(node.source)?.range
    if (!target || node.range[0] < target[0] || node.range[1] > target[1]) continue
    diagnostics.error('IN003', `the alias *${node.source} stands for something that holds the alias itself`, {
      span: spanOfNode(source, node),
    })
    return true
  }
  return false
}

function reportAlias(
  source: SourceFile,
  document: Document,
  message: string,
  diagnostics: Diagnostics,
): void {
  const [, name] = /^Unresolved alias.*: (.*)$/.exec(message) ?? []
  const nodes = [...nodesOf(document.contents)]
  const alias = nodes.find((node) => isAlias(node) && (name === undefined || node.source === name))
  const merge = nodes.find((node) => isScalar(node) && keyText(node) === '<<')
  const spanOf = (node: Node | undefined): Span =>
    node === undefined ? spanAt(source, 0, 1) : spanOfNode(source, node)
  if (name !== undefined) {
    const text = `the alias *${name} stands for nothing: no anchor &${name} comes before it`
    diagnostics.error('IN003', text, { span: spanOf(alias), hint: STAR_HINT })
  } else if (message.startsWith('Excessive')) {
    diagnostics.error('IN006', 'aliases of this file expand without measure', {
      span: spanOf(alias),
      expected: `aliases that expand to at most ${ALIASES_MAX} times what they stand for`,
    })
  } else {
    const expected = '<<: *name, the name of a mapping'
    diagnostics.error('IN003', 'what << merges is no mapping', { span: spanOf(merge ?? alias), expected })
  }
}

/** All nodes of a document in the order of the text, keys included, aliases not followed. */
function* nodesOf(node: unknown): Generator<Node> {
  if (isPair(node)) {
    yield* nodesOf(node.key)
    yield* nodesOf(node.value)
  } else if (isNode(node)) {
    yield node
    if (isCollection(node)) for (const item of node.items) yield* nodesOf(item)
  }
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
  if (error.message.includes('call stack'))
    diagnostics.error('IN003', TOO_DEEP, { span: spanAt(source, 0, 1) })
  else if (/^Flow (?:map|sequence)/.test(error.message)) {
    const bracket = error.message.includes('map') ? '}' : ']'
    diagnostics.error('IN003', `this is not YAML: a ${bracket} is missing before this place`, {
      span,
      hint: 'look for the bracket that was opened last on the lines above',
    })
  } else {
    const line = source.text.slice(source.text.lastIndexOf('\n', start) + 1, start)
    diagnostics.error(
      tab ? 'IN007' : 'IN003',
      tab ? 'a tab is used for indentation' : `this is not YAML: ${lowerFirst(error.message)}`,
      {
        span,
        hint:
          error.code === 'UNEXPECTED_TOKEN' && /[:-] \*/.test(line) ? STAR_HINT : SYNTAX_HINTS[error.code],
      },
    )
  }
}

function lowerFirst(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`
}
