// What the readers of text formats share: lines with their places, words of a line, prefixes with their problems.

import type { Diagnostics, Span } from '../../diag/diagnostic.ts'
import { type SourceFile, spanAt } from '../../diag/source.ts'
import { formatIp } from '../../net/ip.ts'
import { formatPrefix, hasHostBits, masked, type Prefix, parsePrefix } from '../../net/prefix.ts'
import type { RouteCollector } from './collector.ts'

/** One reader's view of a file: every line that is not blank, and where to put what it finds. */
export interface TextFile {
  readonly source: SourceFile
  readonly routes: RouteCollector
  readonly diagnostics: Diagnostics
}

/** A line without its end, and where it begins in the text. */
export interface Line {
  readonly text: string
  readonly at: number
}

/** A run of characters without white space, and where it begins in the text. */
export interface Word {
  readonly text: string
  readonly at: number
}

export function* linesOf({ text }: SourceFile): Generator<Line> {
  for (let at = 0; at < text.length; ) {
    const feed = text.indexOf('\n', at)
    const next = feed < 0 ? text.length : feed + 1
    const line = text.slice(at, feed < 0 ? next : feed).trimEnd()
    if (line !== '') yield { text: line, at }
    at = next
  }
}

export function wordsOf({ text, at }: Line): Word[] {
  return [...text.matchAll(/\S+/g)].map((found) => ({ text: found[0], at: at + found.index }))
}

export function spanOf({ source }: TextFile, { at, text }: Word | Line): Span {
  return spanAt(source, at, at + text.length)
}

/** The prefix that a word is; a problem is reported and gives undefined. A bare address is a host. */
export function prefixOf(file: TextFile, word: Word): Prefix | undefined {
  const prefix = parsePrefix(word.text)
  if (prefix === undefined) {
    file.diagnostics.error('RF006', `"${shortened(word.text)}" is not a prefix`, {
      span: spanOf(file, word),
      expected: 'an address and a length, such as 10.0.0.0/8 or fd00::/8',
    })
    return undefined
  }
  if (!hasHostBits(prefix)) return prefix
  file.diagnostics.error('RF007', `${word.text} has bits set beyond its length`, {
    span: spanOf(file, word),
    expected: 'the address of the network',
    hint: `${formatPrefix(masked(prefix))} is the network, ${formatIp(prefix.ip)} a host in it`,
  })
  return undefined
}

/** Reports a line that is not of its format. */
export function notUnderstood(file: TextFile, place: Word | Line, expected: string): void {
  file.diagnostics.error('RF008', 'this line is not understood', { span: spanOf(file, place), expected })
}

/** Text for a message. */
export function shortened(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`
}
