// Every format of `isthmus check` under its name.

import type { Sources } from '../../diag/source.ts'
import type { CheckResult } from '../../model/finding.ts'
import { findingsGithub } from './github.ts'
import { type FindingsJsonOptions, findingsJson } from './json.ts'
import { findingsJunit } from './junit.ts'
import { findingsMarkdown } from './markdown.ts'
import { findingsSarif } from './sarif.ts'
import { type FindingsTextOptions, findingsText } from './text.ts'

export type FindingsFormat = 'text' | 'json' | 'sarif' | 'junit' | 'github' | 'markdown'

export interface FindingsOptions extends FindingsTextOptions {
  /** False when the findings make the check fail. */
  readonly ok: boolean
  /** Who reaches whom in each network, where that was asked for. */
  readonly reachability?: NonNullable<FindingsJsonOptions['reachability']>
}

export function findingsReport(
  format: FindingsFormat,
  result: CheckResult,
  sources: Sources,
  options: FindingsOptions,
): string {
  switch (format) {
    case 'text':
      return findingsText(result, sources, options)
    case 'json':
      return findingsJson(result, options)
    case 'sarif':
      return findingsSarif(result)
    case 'junit':
      return findingsJunit(result)
    case 'github':
      return findingsGithub(result)
    case 'markdown':
      return findingsMarkdown(result, options)
  }
}
