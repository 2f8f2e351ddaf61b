// The part of a source line around a span, fitted to a number of columns, and the underline that goes below it. Lines
// that are too long are shown through a window with the span in it and "…" where text is left out, so a minified file
// of one line costs no more than any other.

import { type Cell, layOut } from './cells.ts'

/** Two lines of equal origin: the text, and the marks under it (already indented). */
export interface Excerpt {
  readonly text: string
  readonly marks: string
}

/**
 * Cuts the excerpt of a line. `start` and `end` are offsets into the line (exclusive end); a span at or past the line's
 * end is marked by one caret after the text. Neither result is wider than `columns` (at least 8).
 */
export function excerptOf(line: string, start: number, end: number, columns: number): Excerpt {
  const from = Math.min(start, line.length)
  // A screen column takes at least one UTF-16 unit, so what lies further off than the window is wide cannot be seen.
  const sliceStart = Math.max(0, from - 2 * columns)
  const slice = line.slice(sliceStart, from + 2 * columns)
  const cells = layOut(slice)
  const last = cells.at(-1)
  const textWidth = last === undefined ? 0 : last.at + last.width
  const markStart = columnOf(cells, from - sliceStart, textWidth)
  const markEnd = Math.max(markStart + 1, columnOf(cells, Math.min(end, line.length) - sliceStart, textWidth))
  const width = Math.max(textWidth, markEnd)

  const cutsSlice = sliceStart > 0
  const cutsEnd = sliceStart + slice.length < line.length
  if (width <= columns && !cutsSlice && !cutsEnd) {
    const text = cells.map((cell) => cell.glyph).join('')
    return { text: text.trimEnd(), marks: ' '.repeat(markStart) + '^'.repeat(markEnd - markStart) }
  }

  const marked = Math.min(markEnd - markStart, columns - 2)
  const centred = markStart - Math.floor((columns - marked) / 2)
  const left = Math.max(0, Math.min(centred, width - columns))
  const right = left + columns
  const leftCut = left > 0 || cutsSlice
  const rightCut = right < width || cutsEnd
  const shown = cellsBetween(cells, left + (leftCut ? 1 : 0), right - (rightCut ? 1 : 0))
  const text = `${leftCut ? '…' : ''}${shown}${rightCut ? '…' : ''}`
  const markWidth = Math.max(1, Math.min(markEnd, right - (rightCut ? 1 : 0)) - markStart)
  return { text, marks: ' '.repeat(markStart - left) + '^'.repeat(markWidth) }
}

/** The screen column at which the character with this offset begins; the width of the text for offsets past it. */
function columnOf(cells: readonly Cell[], offset: number, textWidth: number): number {
  const cell = cells.find((candidate) => candidate.offset + candidate.units > offset)
  return cell === undefined ? textWidth : cell.at
}

/** The glyphs that lie wholly between two screen columns; a wide one cut at the left edge leaves a space. */
function cellsBetween(cells: readonly Cell[], left: number, right: number): string {
  const inside = cells.filter((cell) => cell.at >= left && cell.at + cell.width <= right)
  const first = inside[0]
  return first === undefined ? '' : ' '.repeat(first.at - left) + inside.map((cell) => cell.glyph).join('')
}
