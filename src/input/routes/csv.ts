// Prefixes as a table: comma, semicolon, tab or spaces between columns, a heading or none, `#` for remarks. The first column, or the one
// whose heading says so, is the prefix; the next hop is optional. A plain list of prefixes is such a table.

import { parsePrefix } from '../../net/prefix.ts'
import { linesOf, notUnderstood, prefixOf, type TextFile, type Word } from './text-file.ts'

/** Headings that name the prefix, and the next hop. */
const PREFIX_NAMES = /^(?:(?:ip[ _-]?)?prefix|network|cidr|dst|destination|subnet|route)$/i
const HOP_NAMES = /^(?:next[ _-]?hop|gateway|gw|via|value|nh)$/i

const SEPARATORS = [',', ';', '\t'] as const
type Separator = (typeof SEPARATORS)[number] | ' '

export function readCsv(file: TextFile): void {
  let separator: Separator | undefined
  let prefixAt = 0
  let hopAt = 1
  for (const line of linesOf(file.source)) {
    const text = line.text.replace(/(?:^|\s+)#.*$/, '')
    if (text.trim() === '') continue
    if (separator === undefined) {
      separator = separatorOf(text)
      const heading = cellsOf(text, line.at, separator)
      const named = heading.findIndex(isPrefixName)
      if (named >= 0) {
        prefixAt = named
        // One column needs no separator: the rows may have one all the same, and a next hop behind it.
        if (heading.length === 1) separator = undefined
        else hopAt = heading.findIndex((cell) => HOP_NAMES.test(cell.text))
        continue
      }
    }
    const cells = cellsOf(text, line.at, separator)
    const cell = cells[prefixAt]
    if (cell === undefined || cell.text === '') {
      notUnderstood(file, line, `a prefix in column ${prefixAt + 1}`)
      continue
    }
    const prefix = prefixOf(file, cell)
    if (prefix !== undefined) file.routes.add(prefix, cells[hopAt]?.text || 'unnamed')
  }
}

/** True for a line that can begin such a table: a heading, which stands first, or a prefix or an address. */
export function looksLikeCsv(line: string, first: boolean): boolean {
  const cells = cellsOf(line, 0, separatorOf(line))
  if (parsePrefix(cells[0]!.text) !== undefined || /^[\da-f.:]+\/\d+$/i.test(cells[0]!.text)) return true
  // Prose has such words as well, and spaces between them.
  return first && cells.some(isPrefixName) && (cells.length === 1 || separatorOf(line) !== ' ')
}

function isPrefixName({ text }: Word): boolean {
  return PREFIX_NAMES.test(text)
}

/** The first of the separators that a line has outside of quotes. */
function separatorOf(line: string): Separator {
  const bare = line.replace(/"(?:[^"]|"")*"/g, '')
  let found: Separator = ' '
  let at = bare.length
  for (const one of SEPARATORS) {
    const here = bare.indexOf(one)
    if (here >= 0 && here < at) {
      found = one
      at = here
    }
  }
  return found
}

/** A cell in quotes, in which a quote is doubled, or up to the separator. */
function cellsOf(line: string, at: number, separator: Separator): Word[] {
  if (separator === ' ')
    return [...line.matchAll(/"((?:[^"]|"")*)"?|(\S+)/g)].map((found) => cellOf(found[0], at + found.index))
  const cells: Word[] = []
  const pattern = new RegExp(`\\s*"(?:[^"]|"")*"?[^${separator}]*|[^${separator}]*`, 'y')
  for (let from = 0; from <= line.length; ) {
    pattern.lastIndex = from
    const text = pattern.exec(line)![0]
    cells.push(cellOf(text, at + from))
    from += text.length + 1
  }
  return cells
}

function cellOf(text: string, at: number): Word {
  const blank = text.length - text.trimStart().length
  const bare = text.trim()
  const quoted = /^"((?:[^"]|"")*)"/.exec(bare)
  if (quoted === null) return { text: bare, at: at + blank }
  return { text: quoted[1]!.replaceAll('""', '"').trim(), at: at + blank + 1 }
}
