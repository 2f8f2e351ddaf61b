// `ip -j route`: a JSON array of objects with `dst`, `gateway`, `dev`, `type`, `nexthops`. The text is parsed at once, because a
// full view has a million objects; places are looked for only when something is wrong with one of them.

import { type SourceFile, spanAt } from '../../diag/source.ts'
import { familyOf, parseIp } from '../../net/ip.ts'
import { Defaults, NOWHERE } from './ip-route.ts'
import { prefixOf, type TextFile } from './text-file.ts'

interface JsonRoute {
  readonly dst: string
  readonly hop: string
  /** Of `default`, where its gateway tells. */
  readonly family: 4 | 6 | undefined
  /** Only for packets of some sources. */
  readonly from: boolean
}

export function readIpRouteJson(file: TextFile): void {
  const { source, diagnostics, routes } = file
  let parsed: unknown
  try {
    parsed = JSON.parse(source.text)
  } catch {
    const at = placeOfError(source.text)
    diagnostics.error('RF009', 'this is not JSON', {
      span: spanAt(source, at, at + 1),
      expected: 'what `ip -j route` prints',
      hint:
        at >= source.text.trimEnd().length
          ? 'the file ends here: was it cut off?'
          : /^[[{]/.test(source.text.slice(at))
            ? 'a second list begins here: `jq -s add` makes one of several'
            : undefined,
    })
    return
  }
  if (!Array.isArray(parsed)) {
    diagnostics.error('RF009', 'this JSON is no list', {
      span: spanAt(source, 0, 1),
      expected: 'what `ip -j route` prints: a list of objects with "dst"',
    })
    return
  }
  const defaults = new Defaults(routes)
  const wrong: number[] = []
  for (const [i, element] of parsed.entries()) {
    const route = routeOf(element)
    if (route === undefined) wrong.push(i)
    else if (route.from) routes.leaveOut('route of some sources only')
    else if (route.dst !== 'default') {
      // The place is made up only when the prefix is refused.
      const prefix = prefixOf(file, lazyWord(source, i, route.dst))
      if (prefix === undefined) continue
      defaults.saw(prefix)
      routes.add(prefix, route.hop)
    } else defaults.add(route.family, route.hop)
  }
  defaults.finish()
  const offsets = wrong.length === 0 ? [] : elementOffsets(source.text)
  for (const i of wrong)
    diagnostics.error('RF009', 'this element is no route', {
      span: spanAt(source, offsets[i] ?? 0, (offsets[i] ?? 0) + 1),
      expected: 'an object with "dst"',
    })
}

/** Characters that V8 shows on either side of what it stumbles over, in texts of more than two such stretches. */
const CONTEXT = 10

/** Where the parser stops: V8 tells a position, the end of the text, or only the text around the place. */
function placeOfError(text: string): number {
  let message = ''
  try {
    // Room behind the text makes it long enough for a context, and moves its end away.
    JSON.parse(text + ' '.repeat(2 * CONTEXT + 1))
  } catch (error) {
    message = (error as Error).message
  }
  const position = /position (\d+)/.exec(message)?.[1]
  if (position !== undefined) return Number(position)
  const [, before, around = ''] = /, (\.\.\.)?"(.*)"\.\.\. is not valid JSON$/s.exec(message) ?? []
  if (around === '') return text.length
  if (before === undefined) return around.length - CONTEXT
  const from = (text + ' '.repeat(CONTEXT)).indexOf(around)
  return from < 0 ? text.length : from + CONTEXT
}

function routeOf(element: unknown): JsonRoute | undefined {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) return undefined
  const { dst, type } = element as Record<string, unknown>
  if (typeof dst !== 'string') return undefined
  const [first] = nested(element, 'nexthops')
  const gateway = gatewayOf(element) ?? gatewayOf(first)
  const device = textAt(element, 'dev') ?? textAt(first, 'dev')
  const { nhid } = element as Record<string, unknown>
  const hop =
    nowhere(type) ??
    gateway ??
    (device !== undefined ? `dev ${device}` : typeof nhid === 'number' ? `nhid ${nhid}` : 'unicast')
  const ip = gateway === undefined ? undefined : parseIp(gateway)
  // A `via` object names a gateway of the other family (RFC 5549), which IPv4 routes have.
  const other = 'via' in element || (typeof first === 'object' && first !== null && 'via' in first)
  const family = ip === undefined ? undefined : other ? 4 : familyOf(ip)
  return { dst, hop, family, from: textAt(element, 'from') !== undefined }
}

function nowhere(type: unknown): string | undefined {
  return typeof type === 'string' && NOWHERE.has(type) ? type : undefined
}

function gatewayOf(from: unknown): string | undefined {
  if (typeof from !== 'object' || from === null) return undefined
  return textAt(from, 'gateway') ?? textAt((from as Record<string, unknown>).via, 'host')
}

function nested(from: unknown, key: string): readonly unknown[] {
  const value = (from as Record<string, unknown>)[key]
  return Array.isArray(value) ? value : []
}

function textAt(from: unknown, key: string): string | undefined {
  if (typeof from !== 'object' || from === null) return undefined
  const value = (from as Record<string, unknown>)[key]
  return typeof value === 'string' ? value : undefined
}

/** A word of the element at an index: the offset is found when it is asked for. */
function lazyWord(
  source: SourceFile,
  index: number,
  text: string,
): { readonly text: string; readonly at: number } {
  return {
    text,
    get at() {
      const offset = elementOffsets(source.text)[index] ?? 0
      const found = source.text.indexOf(JSON.stringify(text).slice(1, -1), offset)
      return found < 0 ? offset : found
    },
  }
}

let offsetsOf: { readonly text: string; readonly offsets: readonly number[] } | undefined

/** Where the elements of a JSON list begin. */
function elementOffsets(text: string): readonly number[] {
  if (offsetsOf?.text === text) return offsetsOf.offsets
  const offsets: number[] = []
  let depth = 0
  let fresh = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (fresh && depth === 1 && !/[\s\],]/.test(c)) {
      offsets.push(i)
      fresh = false
    }
    if (c === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++
    } else if (c === '[' || c === '{') {
      depth++
      if (depth === 1) fresh = true
    } else if (c === ']' || c === '}') depth--
    else if (c === ',' && depth === 1) fresh = true
  }
  offsetsOf = { text, offsets }
  return offsets
}
