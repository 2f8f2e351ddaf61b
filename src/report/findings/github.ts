// Annotations of GitHub Actions: workflow commands `::error file=…,line=…,col=…::message` on standard output, one a finding.

import type { Severity } from '../../diag/diagnostic.ts'
import type { CheckResult, Finding } from '../../model/finding.ts'

const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' }

export function findingsGithub({ findings }: CheckResult): string {
  return findings.map((finding) => `${annotation(finding)}\n`).join('')
}

function annotation({ code, severity, message, effect, hint, places }: Finding): string {
  const span = places[0]?.span
  const end = span === undefined ? undefined : (span.endColumn ?? span.column + (span.length ?? 1))
  const properties =
    span === undefined
      ? [`title=${property(code)}`]
      : [
          `file=${property(span.file)}`,
          `line=${span.line}`,
          `col=${span.column}`,
          `endColumn=${end}`,
          `title=${property(code)}`,
        ]
  const others = places
    .slice(1, 6)
    .map(({ span: at, label }) => `also ${at.file}:${at.line}:${at.column} ${label}`)
  const text = [`${message}. ${effect}`, ...(hint === undefined ? [] : [`Hint: ${hint}`]), ...others].join(
    '\n',
  )
  return `::${COMMANDS[severity]} ${properties.join(',')}::${data(text)}`
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
