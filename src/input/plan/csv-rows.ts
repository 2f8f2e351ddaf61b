// Lines of a table into cells, each with its place; separators are the caller's, quotes those of RFC 4180.

import { positionAt, type SourceFile } from '../../diag/source.ts'
import type { PlanDraft } from './draft.ts'

/** A cell and where it stands. */
export interface Cell {
  readonly text: string
  readonly line: number
  readonly column: number
}

/** Rows of a text: quotes as in RFC 4180, empty lines and lines of `#` left out. */
export class Rows {
  readonly #draft: PlanDraft
  readonly #source: SourceFile
  readonly #separator: string
  #at = 0
  #line = 0

  constructor(draft: PlanDraft, source: SourceFile, separator: string) {
    this.#draft = draft
    this.#source = source
    this.#separator = separator
  }

  next(): Cell[] | undefined {
    const { text } = this.#source
    while (this.#at < text.length) {
      const end = text.indexOf('\n', this.#at)
      const stop = end < 0 ? text.length : end
      const line = text.slice(this.#at, stop)
      const start = this.#at
      this.#line++
      this.#at = stop + 1
      const trimmed = line.trim()
      if (trimmed === '' || trimmed.startsWith('#')) continue
      return line.includes('"') ? this.#quoted(start) : this.#plain(line)
    }
    return undefined
  }

  #plain(line: string): Cell[] {
    const cells: Cell[] = []
    let from = 0
    for (const piece of line.split(this.#separator)) {
      const text = piece.trim()
      cells.push({ text, line: this.#line, column: from + 1 + (piece.length - piece.trimStart().length) })
      from += piece.length + 1
    }
    return cells
  }

  #quoted(start: number): Cell[] {
    const { text } = this.#source
    const cells: Cell[] = []
    let at = start
    const firstLineNumber = this.#line
    for (;;) {
      while (text[at] === ' ') at++
      const cellStart = at
      let value = ''
      if (text[at] === '"') {
        at++
        for (;;) {
          const quote = text.indexOf('"', at)
          if (quote < 0) {
            const { line, column } = positionAt(this.#source, cellStart)
            this.#draft.diagnostics.error('PL005', 'this quote is not closed', {
              span: { file: this.#source.path, line, column },
            })
            this.#at = text.length
            return []
          }
          value += text.slice(at, quote)
          at = quote + 1
          if (text[at] !== '"') break
          value += '"'
          at++
        }
      }
      const stop = at
      while (at < text.length && text[at] !== this.#separator && text[at] !== '\n') at++
      value += text.slice(stop, at)
      const { line, column } = positionAt(this.#source, cellStart)
      cells.push({ text: value.trim(), line, column: column + (text[cellStart] === '"' ? 1 : 0) })
      if (text[at] !== this.#separator) break
      at++
    }
    this.#at = at + 1
    this.#line = firstLineNumber + text.slice(start, at).split('\n').length - 1
    return cells
  }
}
