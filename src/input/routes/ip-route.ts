// `ip route` and `ip -6 route` of iproute2, any table, with or without `-d`: a route a line, nexthops of a multipath route
// indented below it. `default` does not say its family: the address behind `via` does, then what the other lines are.

import { familyOf, ip6, parseIp } from '../../net/ip.ts'
import type { Prefix } from '../../net/prefix.ts'
import type { RouteCollector } from './collector.ts'
import {
  type Line,
  linesOf,
  notUnderstood,
  prefixOf,
  type TextFile,
  type Word,
  wordsOf,
} from './text-file.ts'

/** Words of a route's type, ip-route(8); without one it is unicast. */
const TYPES = new Set([
  'unicast',
  'local',
  'broadcast',
  'multicast',
  'anycast',
  'throw',
  'unreachable',
  'prohibit',
  'blackhole',
  'nat',
])

/** Types by which nothing is forwarded. */
export const NOWHERE = new Set(['throw', 'unreachable', 'prohibit', 'blackhole'])

/** A route whose nexthops are still to come; `default` has no prefix until they tell its family. */
interface OpenRoute {
  readonly line: Line
  readonly prefix: Prefix | undefined
}

export function readIpRoute(file: TextFile): void {
  let open: OpenRoute | undefined
  const defaults = new Defaults(file.routes)
  const flush = (): void => {
    if (open !== undefined)
      notUnderstood(file, open.line, 'a gateway ("via"), a device ("dev") or a nexthop in the next line')
    open = undefined
  }
  for (const line of linesOf(file.source)) {
    const words = wordsOf(line)
    if (words[0]!.text === 'nexthop') {
      if (open === undefined) continue
      const hop = nextHopOf(words) ?? 'nexthop'
      if (open.prefix === undefined) defaults.add(familyOfVia(words), hop)
      else file.routes.add(open.prefix, hop)
      open = undefined
      continue
    }
    flush()
    const type = TYPES.has(words[0]!.text) ? words.shift()!.text : 'unicast'
    const [destination, next] = words
    if (destination === undefined) {
      notUnderstood(file, line, 'a destination')
      continue
    }
    const isDefault = destination.text === 'default'
    const prefix = isDefault ? undefined : prefixOf(file, destination)
    if (prefix === undefined && !isDefault) continue
    if (next?.text === 'from') {
      file.routes.leaveOut('route of some sources only')
      continue
    }
    if (prefix !== undefined) defaults.saw(prefix)
    const hop = NOWHERE.has(type) ? type : nextHopOf(words)
    if (hop === undefined) open = { line, prefix }
    else if (prefix !== undefined) file.routes.add(prefix, hop)
    else defaults.add(familyOfVia(words), hop)
  }
  flush()
  defaults.finish()
}

/** Default routes, which do not say their family: where the gateway does not tell it, most other routes do. */
export class Defaults {
  readonly #routes: RouteCollector
  readonly #open: string[] = []
  readonly #families = { 4: 0, 6: 0 }

  constructor(routes: RouteCollector) {
    this.#routes = routes
  }

  /** A route that says its family. */
  saw({ ip }: Prefix): void {
    this.#families[familyOf(ip)]++
  }

  add(family: 4 | 6 | undefined, hop: string): void {
    if (family === undefined) this.#open.push(hop)
    else this.#routes.add(ANY[family], hop)
  }

  finish(): void {
    const family = this.#families[6] > this.#families[4] ? 6 : 4
    for (const hop of this.#open) this.#routes.add(ANY[family], hop)
  }
}

/** The default routes. */
const ANY: Readonly<Record<4 | 6, Prefix>> = {
  4: { ip: 0, len: 0 },
  6: { ip: ip6(0, 0, 0, 0), len: 0 },
}

function nextHopOf(words: readonly Word[]): string | undefined {
  const after = (name: string): string | undefined => {
    const at = words.findIndex(({ text }) => text === name)
    const next = at < 0 ? undefined : words[at + 1]?.text
    return next === 'inet' || next === 'inet6' ? words[at + 2]?.text : next
  }
  const via = after('via')
  if (via !== undefined) return via
  const id = after('nhid')
  const device = after('dev')
  return device !== undefined ? `dev ${device}` : id === undefined ? undefined : `nhid ${id}`
}

/** The family of `via`; `via inet6 …` is a gateway of the other family and says IPv4. */
function familyOfVia(words: readonly Word[]): 4 | 6 | undefined {
  const at = words.findIndex(({ text }) => text === 'via')
  if (at < 0) return undefined
  const next = words[at + 1]?.text ?? ''
  if (next === 'inet6') return 4
  if (next === 'inet') return 6
  const ip = parseIp(next)
  return ip === undefined ? undefined : familyOf(ip)
}
