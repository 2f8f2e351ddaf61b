// Prefixes as a table: comma, semicolon, tab or space between columns, a heading or none, `#` for remarks. The first column, or the one
// whose heading says so, is the prefix; the next hop is optional. A plain list of prefixes is such a table.

import { linesOf, notUnderstood, prefixOf, type TextFile, type Word } from './text-file.ts'

/** Headings that name the prefix, and the next hop. */
const PREFIX_NAMES = /^(?:prefix|network|cidr|dst|destination|subnet|route)$/i
const HOP_NAMES = /^(?:next[ _-]?hop|gateway|gw|via|value|nh)$/i

export function readCsv(file: TextFile): void {
  let prefixAt = 0
  let hopAt = 1
  let first = true
  for (const line of linesOf(file.source)) {
    if (/^\s*#/.test(line.text)) continue
    const cells = cellsOf(line.text, line.at)
    if (first) {
      first = false
      const named = cells.findIndex(({ text }) => PREFIX_NAMES.test(text))
      if (named >= 0) {
        prefixAt = named
        hopAt = cells.findIndex(({ text }) => HOP_NAMES.test(text))
        continue
      }
    }
    const cell = cells[prefixAt]
    if (cell === undefined || cell.text === '') {
      notUnderstood(file, line, `a prefix in column ${prefixAt + 1}`)
      continue
    }
    const prefix = prefixOf(file, cell)
    if (prefix !== undefined) file.routes.add(prefix, cells[hopAt]?.text || 'unnamed')
  }
}

/** True for a line that can begin such a table. */
export function looksLikeCsv(line: string): boolean {
  return cellsOf(line, 0).some(
    ({ text }, i) => PREFIX_NAMES.test(text) || (i === 0 && /^[\da-f.:]+\/\d+$/i.test(text)),
  )
}

function cellsOf(line: string, at: number): Word[] {
  const separator = [',', ';', '\t'].find((one) => line.includes(one)) ?? ' '
  const cells: Word[] = []
  for (let from = 0; from <= line.length; ) {
    const quoted = /^\s*"/.test(line.slice(from, from + 8))
    const open = quoted ? line.indexOf('"', from) + 1 : from
    const close = quoted ? line.indexOf('"', open) : -1
    const end = line.indexOf(separator, close < 0 ? from : close)
    const until = end < 0 ? line.length : end
    const text = line.slice(open, close < 0 ? until : close)
    const blank = text.length - text.trimStart().length
    cells.push({ text: text.trim(), at: at + open + blank })
    from = until + 1
  }
  return cells
}
