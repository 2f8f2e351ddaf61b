// Aligned columns for terminals: widths are counted in screen columns (wide and combining characters, diag/cells.ts), numbers
// stand right. Cutting off with "…" is for screens only; what is piped keeps every character.

import { layOut, printable } from '../../diag/cells.ts'
import type { Paint } from '../paint.ts'

/** One column. */
export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** Where a cell may be cut when the table is too wide for the screen. */
  readonly shrinks?: boolean
}

export interface TableOptions {
  readonly indent?: number
  /** Screen columns to fit into; not given: nothing is cut. */
  readonly width?: number
  readonly paint?: Paint
}

/** Space between two columns. */
const GUTTER = 2
/** A shrinking column keeps at least this much. */
const SHRUNK_MIN = 8

/** Lines of a table, titles first, without trailing spaces. Control characters in cells become stand-ins. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string[] {
  const { indent = 0, width, paint } = options
  const clean = rows.map((row) => columns.map((_, i) => printable(row[i] ?? '')))
  const widths = columns.map((column, i) =>
    Math.max(textWidth(column.title), ...clean.map((row) => textWidth(row[i]!))),
  )
  if (width !== undefined) shrink(columns, widths, width - indent)
  const render = (cells: readonly string[]): string => {
    const padded = cells.map((cell, i) => {
      const cut = truncate(cell, widths[i]!)
      const space = ' '.repeat(widths[i]! - textWidth(cut))
      return columns[i]!.align === 'right' ? space + cut : cut + space
    })
    return (' '.repeat(indent) + padded.join(' '.repeat(GUTTER))).trimEnd()
  }
  const titles = render(columns.map((column) => column.title))
  return [paint === undefined ? titles : paint('faint', titles), ...clean.map(render)]
}

/** Takes what is too much from the widest columns that may shrink. */
function shrink(columns: readonly Column[], widths: number[], available: number): void {
  let excess = widths.reduce((sum, one) => sum + one, GUTTER * (widths.length - 1)) - available
  while (excess > 0) {
    let widest = -1
    for (const [i, one] of widths.entries())
      if (columns[i]!.shrinks === true && one > SHRUNK_MIN && (widest < 0 || one > widths[widest]!))
        widest = i
    if (widest < 0) return
    widths[widest]!--
    excess--
  }
}

/** Screen columns that a text takes. */
export function textWidth(text: string): number {
  const last = layOut(text).at(-1)
  return last === undefined ? 0 : last.at + last.width
}

/** A text of at most `width` columns, its end replaced by "…" where it is longer. */
export function truncate(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let kept = ''
  for (const cell of layOut(text)) {
    if (cell.at + cell.width > width - 1) break
    kept += text.slice(cell.offset, cell.offset + cell.units)
  }
  return `${kept}…`
}

/** Breaks a text at spaces into lines of at most `width` columns; a word that is longer stands alone and is not cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of printable(text).split(' ')) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  if (line !== '' || lines.length === 0) lines.push(line)
  return lines
}
