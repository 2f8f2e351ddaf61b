// A text file with its line starts, so that an offset becomes line and column by binary search. Lines end at "\n" or
// "\r\n"; a lone carriage return is an ordinary (and later visible) character. Columns count UTF-16 units from 1.

import type { Span } from './diagnostic.ts'

/** A file that was read; `lineStarts[i]` is the offset at which line i + 1 begins. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly lineStarts: readonly number[]
}

/** Where the sources of diagnostics are found, by the path in their spans; a `Map` will do. */
export interface Sources {
  get(path: string): SourceFile | undefined
}

/** A place by line and column, both from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Indexes the lines of a text. */
export function sourceFile(path: string, text: string): SourceFile {
  const lineStarts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1)
  return { path, text, lineStarts }
}

/** The line and column of an offset; offsets outside the text count as its nearest end. */
export function positionAt(source: SourceFile, offset: number): Position {
  const inside = Math.max(0, Math.min(offset, source.text.length))
  let low = 0
  let high = source.lineStarts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (source.lineStarts[middle]! <= inside) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: inside - source.lineStarts[low]! + 1 }
}

/** The span of the offsets start to end (exclusive); a span over several lines keeps its part on the first. */
export function spanAt(source: SourceFile, start: number, end: number): Span {
  const { line, column } = positionAt(source, start)
  const lineEnd = source.lineStarts[line - 1]! + lineText(source, line).length
  const length = Math.max(1, Math.min(end, lineEnd) - start)
  return { file: source.path, line, column, endColumn: column + length }
}

/** The text of a line (from 1) without its line end; empty for lines that the file does not have. */
export function lineText(source: SourceFile, line: number): string {
  const start = source.lineStarts[line - 1]
  if (start === undefined) return ''
  const next = source.lineStarts[line]
  let end = next === undefined ? source.text.length : next - 1
  if (next !== undefined && end > start && source.text.charCodeAt(end - 1) === CARRIAGE_RETURN) end--
  return source.text.slice(start, end)
}

const CARRIAGE_RETURN = 13
