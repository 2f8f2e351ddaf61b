// What the parts of the text report share: the painter and the limits of the screen.

import { counted } from '../figures.ts'
import type { Paint } from '../paint.ts'

export interface TextContext {
  readonly paint: Paint
  /** Columns to wrap sentences at. */
  readonly columns: number
  /** Columns to cut tables at; undefined where nothing may be cut. */
  readonly cut: number | undefined
  /** The most lines of one list. */
  readonly linesMax: number
}

/** Table options of a section. */
export function tableOptions(context: TextContext, indent: number) {
  return { indent, paint: context.paint, ...(context.cut !== undefined && { width: context.cut }) }
}

/** The first lines of a long list and a sentence about the rest. `headings` lines at the top are not counted. */
export function limited(
  lines: readonly string[],
  { linesMax, paint }: TextContext,
  noun: string,
  headings = 0,
): string[] {
  const rest = lines.length - headings - linesMax
  if (rest <= 0) return [...lines]
  const note = `… and ${counted(rest, `more ${noun}`)}; -o json has them all`
  return [...lines.slice(0, headings + linesMax), paint('faint', `    ${note}`)]
}
