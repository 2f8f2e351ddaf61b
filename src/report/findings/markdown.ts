// Findings as Markdown, for a comment on a change: a table to begin with, each finding with its places below.

import { printable } from '../../diag/cells.ts'
import type { CheckResult, Finding } from '../../model/finding.ts'
import { formatPrefixBare } from '../../net/prefix.ts'
import { type FindingsTextOptions, summaryText } from './text.ts'

export function findingsMarkdown(result: CheckResult, options: FindingsTextOptions): string {
  const { findings } = result
  const lines = ['# Plan check', '', `${summaryText(result, options)}.`]
  if (findings.length > 0) {
    lines.push('', '| | Code | Finding | Where |', '| --- | --- | --- | --- |')
    for (const { severity, code, message, places } of findings) {
      const span = places[0]?.span
      const where = span === undefined ? '' : codeSpan(`${span.file}:${span.line}`)
      lines.push(`| ${severity} | ${code} | ${cell(message)} | ${where} |`)
    }
    for (const finding of findings) lines.push(...section(finding))
  }
  return `${lines.join('\n')}\n`
}

function section({ code, message, places, addresses, effect, hint }: Finding): string[] {
  return [
    '',
    `## ${code}: ${cell(message)}`,
    '',
    ...places.map(
      ({ span, label }) => `- ${codeSpan(`${span.file}:${span.line}:${span.column}`)} ${cell(label)}`,
    ),
    ...(addresses.length > 0
      ? ['', `Addresses: ${addresses.map((one) => codeSpan(formatPrefixBare(one))).join(', ')}`]
      : []),
    '',
    cell(effect),
    ...(hint === undefined ? [] : ['', `Hint: ${cell(hint)}.`]),
  ]
}

/** Text that Markdown shall not read as markup or as a border of the table. */
function cell(text: string): string {
  return printable(text).replace(/[\\`*_[\]<>|]/g, (character) => `\\${character}`)
}

function codeSpan(text: string): string {
  return `\`${printable(text).replaceAll('`', "'").replaceAll('|', '\\|')}\``
}
