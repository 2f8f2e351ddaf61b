// Baselines: findings that a team knows and accepts, as a file for version control. They are known by code, names and values, so
// lines may move; a finding whose addresses change is a new one.

import { readFileSync } from 'node:fs'
import { type Finding, fingerprint } from '../model/finding.ts'
import { CliError } from './errors.ts'

interface BaselineFile {
  readonly isthmusBaseline: 1
  readonly accepted: readonly { readonly fingerprint: string; readonly message: string }[]
}

/** The text of a baseline that accepts these findings, in a stable order. */
export function baselineText(findings: readonly Finding[]): string {
  const accepted = findings
    .map((finding) => ({ fingerprint: fingerprint(finding), message: finding.message }))
    .sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
  const file: BaselineFile = { isthmusBaseline: 1, accepted }
  return `${JSON.stringify(file, null, 2)}\n`
}

/** Reads a baseline; what is no baseline is a usage error. */
export function readBaseline(path: string): { readonly has: (finding: Finding) => boolean } {
  let data: unknown
  try {
    data = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new CliError(
      code === 'ENOENT' ? `${path}: no such file` : `${path} cannot be read as a baseline: ${message}`,
      { hint: `isthmus check … --write-baseline ${path} writes one` },
    )
  }
  const { isthmusBaseline, accepted } = (data ?? {}) as Partial<BaselineFile>
  if (
    isthmusBaseline !== 1 ||
    !Array.isArray(accepted) ||
    accepted.some((one) => typeof one?.fingerprint !== 'string')
  )
    throw new CliError(`${path} is no baseline`, {
      hint: 'a baseline is JSON with "isthmusBaseline": 1, as --write-baseline writes it',
    })
  const known = new Set(accepted.map((one) => one.fingerprint))
  return { has: (finding) => known.has(fingerprint(finding)) }
}
