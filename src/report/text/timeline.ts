// The timeline of a run: what the scenario did to the network and what the control plane made of it, in virtual time.

import type { LogEntry } from '../../model/trace.ts'
import { counted, seconds } from '../figures.ts'
import type { TextContext } from './context.ts'
import { textWidth, wrap } from './table.ts'

/** Sources wider than this push their line's text to the right. */
const SOURCE_MAX = 28

/** One line an entry: time, who, what; events of the scenario are marked `>`, refusals and warnings `!`. */
export function timelineLines(all: readonly LogEntry[], { paint, columns, linesMax }: TextContext): string[] {
  // Bring-up is the same few steps in every run; of it only what was refused is worth a line.
  const log = all.filter((entry) => entry.at >= 0 || entry.kind === 'refused')
  const bringUp = all.length - log.length
  const shown = log.slice(0, linesMax)
  const times = shown.map((entry) => seconds(entry.at))
  const timeWidth = Math.max(0, ...times.map((time) => time.length))
  const sourceWidth = Math.min(SOURCE_MAX, Math.max(0, ...shown.map((entry) => textWidth(entry.source))))
  const lines = shown.flatMap((entry, i) => {
    const isEvent = entry.kind === 'event'
    const isTrouble = entry.kind === 'refused' || entry.kind === 'warning'
    const mark = isEvent ? '>' : isTrouble ? '!' : ' '
    const source = entry.source + ' '.repeat(Math.max(0, sourceWidth - textWidth(entry.source)))
    const head = `${mark} ${times[i]!.padStart(timeWidth)}  ${source}  `
    const text = isTrouble && !entry.text.includes(entry.kind) ? `${entry.kind}: ${entry.text}` : entry.text
    const [first = '', ...rest] = wrap(text, Math.max(24, columns - textWidth(head)))
    const painted = isEvent ? paint('name', first) : isTrouble ? paint('warn', first) : first
    return [`${head}${painted}`.trimEnd(), ...rest.map((line) => `${' '.repeat(textWidth(head))}${line}`)]
  })
  if (bringUp > 0)
    lines.unshift(
      paint('faint', `  ${counted(bringUp, 'line')} of bring-up before time zero; -o json has them`),
    )
  const rest = log.length - shown.length
  if (rest > 0) {
    const refused = log.slice(linesMax).filter((entry) => entry.kind === 'refused').length
    const told = refused > 0 ? `, ${refused} of them refused transactions` : ''
    lines.push(paint('faint', `  … and ${counted(rest, 'more line')}${told}; -o json has them all`))
  }
  return lines
}
