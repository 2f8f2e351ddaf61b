// `birdc show route` of BIRD 1, 2 and 3, with or without `all`. BIRD 2 and 3 say the type behind the prefix and the gateways in
// indented lines; BIRD 1 has the gateway in the line itself. The route in use has a `*`, or a `!` when the kernel refused it; the others
// of a prefix are alternatives.

import type { Prefix } from '../../net/prefix.ts'
import { type Line, linesOf, notUnderstood, prefixOf, type TextFile, wordsOf } from './text-file.ts'

/** True for a line that only this format has. */
export const BIRD_LINE =
  /^(?:BIRD \d|Table [\w'-]+:$|[\da-fA-F.:/]+\s.*\[[\w'-]+ .*\d.*\] (?:[*!] )?(?:(?:IA?|E[12]) )?\()/

/** What BIRD says when nothing is forwarded. */
const NOWHERE = /^(?:blackhole|unreachable|prohibit(?:ed)?)$/

/** Types whose gateways come in the next lines; BIRD 3 leaves a next hop unresolved in tables that do not forward. */
const OPEN = /^(?:unicast|multipath|recursive)$/

interface OpenRoute {
  readonly line: Line
  readonly prefix: Prefix
  readonly best: boolean
}

export function readBird(file: TextFile): void {
  let last: Prefix | undefined
  let open: OpenRoute | undefined
  const add = ({ prefix, best }: Pick<OpenRoute, 'prefix' | 'best'>, hop: string): void =>
    best ? file.routes.add(prefix, hop) : file.routes.addAlternative(prefix, hop)
  const flush = (): void => {
    if (open !== undefined) add(open, 'unicast')
    open = undefined
  }
  for (const line of linesOf(file.source)) {
    if (/^(?:BIRD |Table |Access restricted|\d{4}[ -](?:BIRD|Table))/.test(line.text)) continue
    const words = wordsOf(line)
    if (line.text.startsWith('\t')) {
      // `via A on DEV` or `dev DEV`, of an open route; everything else is a detail of `show route all`.
      if (open !== undefined && (words[0]!.text === 'via' || words[0]!.text === 'dev')) {
        add(open, words[0]!.text === 'via' ? (words[1]?.text ?? 'via') : `dev ${words[1]?.text}`)
        open = undefined
      }
      continue
    }
    flush()
    if (!/^\s/.test(line.text)) {
      last = prefixOf(file, words[0]!)
      words.shift()
    } else if (last === undefined && file.routes.empty) {
      notUnderstood(file, line, 'a route that begins with its prefix')
      continue
    }
    if (last === undefined) continue
    const best = /\] [*!] /.test(line.text)
    const [first, second] = words
    if (first === undefined)
      notUnderstood(file, line, 'unicast, via, dev, blackhole, unreachable or prohibit')
    else if (first.text === 'via') add({ prefix: last, best }, second?.text ?? 'via')
    else if (first.text === 'dev') add({ prefix: last, best }, `dev ${second?.text}`)
    else if (NOWHERE.test(first.text)) add({ prefix: last, best }, first.text)
    else if (OPEN.test(first.text)) open = { line, prefix: last, best }
    else notUnderstood(file, first, 'unicast, via, dev, blackhole, unreachable or prohibit')
  }
  flush()
}
