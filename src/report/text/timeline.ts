// The timeline of a run: what the scenario did to the network and what the control plane made of it, in virtual time.

import type { Nanos } from '../../model/time.ts'
import type { LogEntry } from '../../model/trace.ts'
import { counted, seconds } from '../figures.ts'
import type { TextContext } from './context.ts'
import { textWidth, truncate, wrap } from './table.ts'

/** Sources wider than this push their line's text to the right. */
const SOURCE_MAX = 28

/** Lines of one refused transaction, and the end of the last one where the text of the database is longer. */
const REFUSED_LINES_MAX = 2
const CUT = '… (-o json has it whole)'

/** An entry, or a refused transaction with how often it was tried in vain. */
interface Line {
  readonly entry: LogEntry
  readonly count: number
  readonly last: Nanos
}

/**
 * One line an entry: time, who, what; events of the scenario are marked `>`, refusals and warnings `!`. `named` puts names
 * that people know into the texts.
 */
export function timelineLines(
  all: readonly LogEntry[],
  { paint, columns, linesMax }: TextContext,
  named: (text: string) => string,
): string[] {
  // Bring-up is the same few steps in every run; of it only what was refused is worth a line.
  const told = all.filter((entry) => entry.at >= 0 || entry.kind === 'refused')
  const bringUp = all.length - told.length
  const log = once(told)
  const shown = log.slice(0, linesMax)
  const times = shown.map(({ entry }) => seconds(entry.at))
  const timeWidth = Math.max(0, ...times.map((time) => time.length))
  const sourceWidth = Math.min(SOURCE_MAX, Math.max(0, ...shown.map(({ entry }) => textWidth(entry.source))))
  const lines = shown.flatMap((line, i) => {
    const { kind, source } = line.entry
    const isEvent = kind === 'event'
    const isTrouble = kind === 'refused' || kind === 'warning'
    const mark = isEvent ? '>' : isTrouble ? '!' : ' '
    const who = source + ' '.repeat(Math.max(0, sourceWidth - textWidth(source)))
    const head = `${mark} ${times[i]!.padStart(timeWidth)}  ${who}  `
    const [first = '', ...rest] = textLines(line, named, Math.max(24, columns - textWidth(head)))
    const painted = isEvent ? paint('name', first) : isTrouble ? paint('warn', first) : first
    return [`${head}${painted}`.trimEnd(), ...rest.map((text) => `${' '.repeat(textWidth(head))}${text}`)]
  })
  if (bringUp > 0)
    lines.unshift(
      paint('faint', `  ${counted(bringUp, 'line')} of bring-up before time zero; -o json has them`),
    )
  const left = log.slice(linesMax)
  if (left.length > 0) {
    const refused = left.filter(({ entry }) => entry.kind === 'refused').length
    const of = refused > 0 ? `, ${refused} of them refused transactions` : ''
    lines.push(paint('faint', `  … and ${counted(left.length, 'more line')}${of}; -o json has them all`))
  }
  return lines
}

/** Daemons try again what was refused, with the same words: such entries become one, where the first of them stands. */
function once(log: readonly LogEntry[]): Line[] {
  const lines: Line[] = []
  const refused = new Map<string, number>()
  for (const entry of log) {
    const key = `${entry.source}\n${entry.text}`
    const index = entry.kind === 'refused' ? refused.get(key) : undefined
    if (index !== undefined)
      lines[index] = { ...lines[index]!, count: lines[index]!.count + 1, last: entry.at }
    else {
      if (entry.kind === 'refused') refused.set(key, lines.length)
      lines.push({ entry, count: 1, last: entry.at })
    }
  }
  return lines
}

/** What an entry says, in lines of at most `width` columns. */
function textLines({ entry, count, last }: Line, named: (text: string) => string, width: number): string[] {
  const { kind } = entry
  const isTrouble = kind === 'refused' || kind === 'warning'
  const plain = named(entry.text)
  const text = isTrouble && !plain.includes(kind) ? `${kind}: ${plain}` : plain
  const repeated = count > 1 ? `(${count} times, last at ${seconds(last)})` : ''
  const lines = wrap(text, width)
  if (kind !== 'refused' || lines.length <= REFUSED_LINES_MAX)
    return repeated === '' ? lines : wrap(`${text} ${repeated}`, width)
  const kept = lines.slice(0, REFUSED_LINES_MAX)
  // The mark of the cut has its own "…".
  const end = truncate(`${kept.pop()} …`, Math.max(0, width - textWidth(CUT) + 1)).replace(/ ?…$/, '')
  return [...kept, `${end}${CUT}`, ...(repeated === '' ? [] : [repeated])]
}
