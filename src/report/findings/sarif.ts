// SARIF 2.1.0 (OASIS standard, §3) for code hosts: one run, one rule a code, the first place of a finding as its location and the
// others as related ones. Columns count UTF-16 units, as spans do. The types are made from the standard's schema.

import type { Location, Log, Result } from 'sarif'
import type { Severity } from '../../diag/diagnostic.ts'
import { type CheckResult, type Finding, type FindingPlace, fingerprint } from '../../model/finding.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { RULES } from '../../plan/rules.ts'
import { toJson } from '../structured.ts'

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'

const LEVELS: Readonly<Record<Severity, Result.level>> = { error: 'error', warning: 'warning', info: 'note' }

export function findingsSarif({ findings }: CheckResult): string {
  const used = RULES.filter(({ code }) => findings.some((one) => one.code === code))
  const indexOf = new Map(used.map(({ code }, i) => [code, i]))
  const log: Log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'isthmus check',
            rules: used.map(({ code, title, explanation, basis }) => ({
              id: code,
              shortDescription: { text: messageOf(title) },
              fullDescription: { text: messageOf(explanation) },
              help: { text: messageOf(`${explanation}\n\nBasis: ${basis.join(', ')}.`) },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => resultOf(finding, indexOf.get(finding.code)!)),
      },
    ],
  }
  return toJson(log)
}

function resultOf(finding: Finding, ruleIndex: number): Result {
  const { code, severity, message, effect, hint, places, addresses, clusters } = finding
  const [first, ...others] = places
  const text = [`${message}.`, effect, hint === undefined ? '' : `Hint: ${hint}.`].filter(
    (part) => part !== '',
  )
  return {
    ruleId: code,
    ruleIndex,
    level: LEVELS[severity],
    message: { text: messageOf(text.join(' ')) },
    locations: first === undefined ? [] : [locationOf(first)],
    ...(others.length > 0 && {
      relatedLocations: others.map((place, id) => ({
        id,
        ...locationOf(place),
        message: { text: messageOf(place.label) },
      })),
    }),
    partialFingerprints: { 'isthmus/v1': fingerprint(finding) },
    properties: { addresses: addresses.map(formatPrefix), clusters },
  }
}

/** Braces are doubled: alone they would stand for an argument (§3.11.5). */
function messageOf(text: string): string {
  return text.replace(/[{}]/g, '$&$&')
}

function locationOf({ span }: FindingPlace): Location {
  const end = span.endColumn ?? (span.length === undefined ? undefined : span.column + span.length)
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(span.file) },
      region: {
        startLine: span.line,
        startColumn: span.column,
        ...(end !== undefined && { endColumn: end }),
      },
    },
  }
}

/** A relative reference of RFC 3986; what a file name may hold and a URI may not is escaped. */
function uriOf(path: string): string {
  if (path === '-') return 'stdin'
  const escaped = path.split('/').map(encodeURIComponent).join('/')
  return path.startsWith('/') ? `file://${escaped}` : escaped.replace(/^\.\//, '')
}
