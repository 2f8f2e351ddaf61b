// Diagnostics as a person at a terminal reads them: the message, a clickable file:line:col, the line with what is wrong
// underlined, what was expected, what to do. Source excerpts stay within a width; messages are never cut, because
// a terminal wraps them and a script greps for them. User text cannot smuggle in control sequences (cells.ts).

import { printable } from './cells.ts'
import type { Diagnostic, Severity, Span } from './diagnostic.ts'
import { excerptOf } from './excerpt.ts'
import { lineText, type Sources } from './source.ts'

/** How diagnostics are printed. */
export interface RenderOptions {
  /** ANSI colours; off unless asked for. */
  readonly color?: boolean
  /** The most columns a source excerpt takes, gutter included; 100 unless given, at least 40. */
  readonly width?: number
}

/** How a whole list is printed. */
export interface RenderListOptions extends RenderOptions {
  /** The most diagnostics printed; 50 unless given. What is left out is said in a last line. */
  readonly diagnosticsMax?: number
}

const STYLES = {
  error: '\x1b[1;31m',
  warning: '\x1b[1;33m',
  info: '\x1b[1;36m',
  frame: '\x1b[1;34m',
  message: '\x1b[1m',
} as const
const RESET = '\x1b[0m'

type Paint = (style: keyof typeof STYLES, text: string) => string

/** Renders one diagnostic as lines without a final line end. */
export function renderDiagnostic(
  diagnostic: Diagnostic,
  sources: Sources,
  options: RenderOptions = {},
): string {
  const paint: Paint = options.color ? (style, text) => `${STYLES[style]}${text}${RESET}` : (_, text) => text
  const width = Math.max(40, options.width ?? 100)
  const { code, severity, message, span, related = [] } = diagnostic
  const spans = [...(span === undefined ? [] : [span]), ...related.map((place) => place.span)]
  const gutter = Math.max(1, ...spans.map((place) => String(place.line).length))

  const lines = [`${paint(severity, `${severity}[${code}]`)} ${paint('message', printable(message))}`]
  if (span !== undefined) lines.push(...renderSpan(span, sources, severity, gutter, width, paint))
  lines.push(...renderNote('expected', diagnostic.expected, gutter, paint))
  lines.push(...renderNote('hint', diagnostic.hint, gutter, paint))
  for (const place of related) {
    lines.push(`${paint('info', 'note')}: ${printable(place.message)}`)
    lines.push(...renderSpan(place.span, sources, 'info', gutter, width, paint))
  }
  return lines.join('\n')
}

/** A place alone: its position, the line, the marks below; `gutter` is how wide line numbers are. */
export function renderPlace(
  span: Span,
  sources: Sources,
  severity: Severity,
  gutter: number,
  options: RenderOptions = {},
): string[] {
  const paint: Paint = options.color ? (style, text) => `${STYLES[style]}${text}${RESET}` : (_, text) => text
  return renderSpan(span, sources, severity, gutter, Math.max(40, options.width ?? 100), paint)
}

/** Renders a list with empty lines between, stops at the limit and says so; an empty list gives empty text. */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: Sources,
  options: RenderListOptions = {},
): string {
  const shown = diagnostics.slice(0, options.diagnosticsMax ?? 50)
  const blocks = shown.map((diagnostic) => renderDiagnostic(diagnostic, sources, options))
  const rest = diagnostics.length - shown.length
  if (rest > 0) blocks.push(`… and ${counted(rest, 'more problem')}, not shown`)
  return blocks.join('\n\n')
}

/**
 * Sums up a list: `3 errors, 1 warning in scenario.yaml`. Without `subject` it names the file, or counts the files, that
 * the diagnostics point at.
 */
export function renderSummary(diagnostics: readonly Diagnostic[], subject?: string): string {
  const count = (severity: Severity): number => diagnostics.filter((one) => one.severity === severity).length
  const parts = [
    [count('error'), 'error'],
    [count('warning'), 'warning'],
    [count('info'), 'note'],
  ] as const
  const present = parts.filter(([n]) => n > 0).map(([n, noun]) => counted(n, noun))
  const files = new Set(diagnostics.flatMap((one) => (one.span === undefined ? [] : [one.span.file])))
  const [only] = files
  const where = subject ?? (files.size > 1 ? `${files.size} files` : only)
  const what = present.length === 0 ? 'no problems' : present.join(', ')
  return where === undefined ? what : `${what} in ${printable(where)}`
}

/** The place, and below it the underlined line when its source is at hand. */
function renderSpan(
  span: Span,
  sources: Sources,
  severity: Severity,
  gutter: number,
  width: number,
  paint: Paint,
): string[] {
  const indent = ' '.repeat(gutter)
  const place = `${indent}${paint('frame', '-->')} ${printable(span.file)}:${span.line}:${span.column}`
  const source = sources.get(span.file)
  if (source === undefined || span.line > source.lineStarts.length) return [place]

  const start = span.column - 1
  const end = span.endColumn === undefined ? start + (span.length ?? 1) : span.endColumn - 1
  const excerpt = excerptOf(lineText(source, span.line), start, end, width - gutter - 3)
  const bar = paint('frame', `${indent} |`)
  const numbered = paint('frame', `${String(span.line).padStart(gutter)} |`)
  const marks = excerpt.marks.trimStart()
  const marksIndent = excerpt.marks.slice(0, excerpt.marks.length - marks.length)
  return [
    place,
    bar,
    excerpt.text === '' ? numbered : `${numbered} ${excerpt.text}`,
    `${bar} ${marksIndent}${paint(severity, marks)}`,
  ]
}

/** A line such as `  = hint: …`; a note of several lines goes on under its first. */
function renderNote(label: string, text: string | undefined, gutter: number, paint: Paint): string[] {
  if (text === undefined) return []
  const indent = ' '.repeat(gutter + 1)
  const [first = '', ...rest] = text.split('\n').map(printable)
  const under = ' '.repeat(gutter + 3 + label.length + 2)
  return [
    `${indent}${paint('frame', '=')} ${paint('message', `${label}:`)} ${first}`,
    ...rest.map((line) => (line === '' ? '' : `${under}${line}`)),
  ]
}

function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}
