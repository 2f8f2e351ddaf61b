// Edited texts, and what changed as a unified diff that `git apply` and `patch -p1` take.

import type { Sources } from '../../diag/source.ts'
import type { Edit } from './tokens.ts'

/** The new text of every file that changes. Edits do not overlap; what a line holds beside them stays byte for byte. */
export function patchedTexts(sources: Sources, edits: readonly Edit[]): Map<string, string> {
  const byFile = new Map<string, Edit[]>()
  for (const edit of edits) {
    const list = byFile.get(edit.file)
    if (list === undefined) byFile.set(edit.file, [edit])
    else list.push(edit)
  }
  const texts = new Map<string, string>()
  for (const [file, list] of [...byFile].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const source = sources.get(file)
    if (source === undefined) continue
    let { text } = source
    const last = [...list].sort((a, b) => b.line - a.line || b.column - a.column)
    for (const { line, column, from, to } of last) {
      const at = source.lineStarts[line - 1]! + column - 1
      if (text.slice(at, at + from.length) !== from)
        throw new Error(`${file}:${line}:${column} is not ${from}`)
      // Lines that are added end as those of the file do.
      const end = source.text[source.lineStarts[line]! - 2] === '\r' ? '\r\n' : '\n'
      text = text.slice(0, at) + to.replaceAll('\n', end) + text.slice(at + from.length)
    }
    if (text !== source.text) texts.set(file, text)
  }
  return texts
}

const CONTEXT = 3

/** A unified diff of one file (POSIX diff -u, without times). Made for texts whose changed lines are few. */
export function unifiedDiff(path: string, before: string, after: string): string {
  const [old, now] = [linesOf(before), linesOf(after)]
  const changes = changedRuns(old, now)
  if (changes.length === 0) return ''
  // A name with a space ends at a tab for patch(1).
  const end = path.includes(' ') ? '\t' : ''
  const out = [`--- a/${path}${end}`, `+++ b/${path}${end}`]
  for (let i = 0; i < changes.length; ) {
    let last = i
    while (last + 1 < changes.length && changes[last + 1]!.from - changes[last]!.to <= 2 * CONTEXT) last++
    const [first, final] = [changes[i]!, changes[last]!]
    const start = Math.max(0, first.from - CONTEXT)
    const end = Math.min(old.length, final.to + CONTEXT)
    const shift = first.nowFrom - first.from
    const body: string[] = []
    let at = start
    for (const { from, to, nowFrom, nowTo } of changes.slice(i, last + 1)) {
      for (; at < from; at++) body.push(` ${old[at]!}`)
      for (; at < to; at++) body.push(`-${old[at]!}`)
      for (let k = nowFrom; k < nowTo; k++) body.push(`+${now[k]!}`)
    }
    for (; at < end; at++) body.push(` ${old[at]!}`)
    const nowCount = body.filter((line) => !line.startsWith('-')).length
    out.push(`@@ -${range(start, end - start)} +${range(start + shift, nowCount)} @@`, ...body)
    i = last + 1
  }
  return `${out.map((line) => (line.endsWith(OPEN_END) ? `${line.slice(0, -OPEN_END.length)}\n\\ No newline at end of file` : line)).join('\n')}\n`
}

/** Marks a last line without a line end; no text file holds it. */
const OPEN_END = '\u0000'

function linesOf(text: string): string[] {
  const lines = text.split('\n')
  const last = lines.pop()!
  return last === '' ? lines : [...lines, last + OPEN_END]
}

function range(start: number, count: number): string {
  return count === 1 ? String(start + 1) : `${count === 0 ? start : start + 1},${count}`
}

interface Run {
  readonly from: number
  readonly to: number
  readonly nowFrom: number
  readonly nowTo: number
}

/** Runs of lines that differ; after each the texts are taken to meet at the next line that both have nearest. */
function changedRuns(old: readonly string[], now: readonly string[]): Run[] {
  const runs: Run[] = []
  let [a, b] = [0, 0]
  while (a < old.length || b < now.length) {
    if (old[a] === now[b]) {
      a++
      b++
      continue
    }
    const [from, nowFrom] = [a, b]
    // The smallest step at which the rest begins alike.
    meet: for (let step = 1; ; step++) {
      for (let i = 0; i <= step; i++) {
        // As many lines as before come first: most edits stay within their line.
        const gone = (i + (step >> 1)) % (step + 1)
        const [p, q] = [from + gone, nowFrom + step - gone]
        if (p > old.length || q > now.length) continue
        if (old[p] === now[q]) {
          a = p
          b = q
          break meet
        }
      }
    }
    runs.push({ from, to: a, nowFrom, nowTo: b })
  }
  return runs
}
