// Findings for a person at a terminal, 80 columns: what is wrong, each place with its line underlined, which addresses, what their
// packets do, what helps. Findings of one code stand together under one heading where there are several.

import { printable } from '../../diag/cells.ts'
import type { Severity } from '../../diag/diagnostic.ts'
import { renderPlace } from '../../diag/render.ts'
import type { Sources } from '../../diag/source.ts'
import type { CheckResult, Finding } from '../../model/finding.ts'
import { formatPrefixBare } from '../../net/prefix.ts'
import { counted } from '../figures.ts'
import { painter } from '../paint.ts'
import { wrap } from '../text/table.ts'

export interface FindingsTextOptions {
  readonly color?: boolean
  /** Columns; 80 unless given. */
  readonly width?: number
  /** The most findings printed; 50 unless given. */
  readonly findingsMax?: number
  /** How many findings the baseline accepted. */
  readonly accepted?: number
  /** How many files were read. */
  readonly files?: number
}

const WIDTH = 80
const FINDINGS_MAX = 50
const PLACES_MAX = 6
const ADDRESSES_MAX = 8

/** The report with its last line end. */
export function findingsText(
  result: CheckResult,
  sources: Sources,
  options: FindingsTextOptions = {},
): string {
  const { findings } = result
  const shown = findings.slice(0, options.findingsMax ?? FINDINGS_MAX)
  const blocks = shown.map((finding) => findingText(finding, sources, options))
  const left = findings.length - shown.length
  if (left > 0) blocks.push(`… and ${counted(left, 'more finding')}, not shown; -o json has them all`)
  blocks.push(summaryText(result, options))
  return `${blocks.join('\n\n')}\n`
}

/** `2 errors, 1 warning in 4 files; 3 accepted by the baseline`. */
export function summaryText({ findings, dropped }: CheckResult, options: FindingsTextOptions = {}): string {
  const count = (severity: Severity): number =>
    findings.filter((one) => one.severity === severity).length + dropped[severity]
  const parts = [
    counted(count('error'), 'error'),
    counted(count('warning'), 'warning'),
    counted(count('info'), 'note'),
  ].filter((part) => !part.startsWith('0 '))
  const where = options.files === undefined ? '' : ` in ${counted(options.files, 'file')}`
  const beyond = dropped.error + dropped.warning + dropped.info
  return [
    `${parts.length === 0 ? 'no findings' : parts.join(', ')}${where}`,
    beyond === 0 ? '' : `, ${beyond} of them beyond the limit and counted only`,
    options.accepted ? `; ${options.accepted} accepted by the baseline` : '',
  ].join('')
}

function findingText(finding: Finding, sources: Sources, options: FindingsTextOptions): string {
  const width = Math.max(40, options.width ?? WIDTH)
  const color = options.color ?? false
  const paint = painter(color)
  const { code, severity, message, places } = finding
  const role = severity === 'error' ? 'bad' : severity === 'warning' ? 'warn' : 'faint'
  const head = `${severity}[${code}]`
  const [first = '', ...more] = wrap(`${head} ${message}`, width)
  const lines = [
    paint(role, head) + paint('heading', first.slice(head.length)),
    ...more.map((line) => paint('heading', line)),
  ]
  const gutter = Math.max(1, ...places.slice(0, PLACES_MAX).map(({ span }) => String(span.line).length))
  const indent = ' '.repeat(gutter)
  for (const { span, label } of places.slice(0, PLACES_MAX)) {
    const excerpt = renderPlace(span, sources, severity, gutter, { color, width })
    const last = excerpt.length - 1
    // The label goes behind the marks where it fits, else on a line of its own.
    const marks = excerpt.length > 1 ? excerpt[last]! : undefined
    const plain = marks === undefined ? 0 : stripped(marks).length
    if (marks !== undefined && plain + 1 + label.length <= width) {
      excerpt[last] = `${marks} ${paint('faint', printable(label))}`
      lines.push(...excerpt)
    } else lines.push(...excerpt, `${indent}   ${paint('faint', printable(label))}`)
  }
  if (places.length > PLACES_MAX)
    lines.push(`${indent}   … and ${counted(places.length - PLACES_MAX, 'more place')}`)
  const note = (label: string, text: string): void => {
    const under = ' '.repeat(gutter + 1 + 2 + label.length + 2)
    const [start = '', ...rest] = wrap(text, width - under.length)
    lines.push(`${indent} = ${label}: ${start}`, ...rest.map((line) => under + line))
  }
  if (finding.addresses.length > 0) note('addresses', addressList(finding))
  note('effect', finding.effect)
  if (finding.hint !== undefined) note('hint', finding.hint)
  return lines.join('\n')
}

function addressList({ addresses }: Finding): string {
  const shown = addresses.slice(0, ADDRESSES_MAX).map(formatPrefixBare).join(', ')
  const rest = addresses.length - ADDRESSES_MAX
  return rest > 0 ? `${shown} and ${counted(rest, 'more block')}` : shown
}

function stripped(text: string): string {
  return text.replaceAll(/\x1b\[[0-9;]*m/g, '')
}
