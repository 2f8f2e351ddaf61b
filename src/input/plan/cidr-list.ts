// Plain lists of CIDRs, one a line, with a name behind: `10.16.0.0/16 az1`, `10.96.0.0/12 az1/services`. Read from bytes into
// columns, so that half a million lines take a fraction of a second.

import { lineText, type SourceFile, spanAt } from '../../diag/source.ts'
import { readCidrText } from '../../net/cidr-text.ts'
import { readNetwork } from '../values.ts'
import type { PlanDraft } from './draft.ts'
import { roleOf } from './roles.ts'

/** True where the first line that says anything begins with a CIDR. */
export function isCidrList(text: string): boolean {
  const first = /^(?:\s*(?:#.*)?\r?\n)*[ \t]*(\S+)/.exec(text)?.[1] ?? ''
  return /^[0-9a-f.:]+\/\d{1,3}(?:,|$)/i.test(first)
}

/** Reads a list; lines without a name belong to `cluster`. */
export function readCidrList(draft: PlanDraft, source: SourceFile, cluster: string): void {
  const { table, refused, hostBits } = readCidrText(new TextEncoder().encode(source.text))
  for (const line of [...refused, ...hostBits].sort((a, b) => a - b)) {
    const word = firstWord(source, line)
    // The slow reader says what is wrong.
    readNetwork(draft.context, word.text, { span: spanAt(source, word.start, word.start + word.text.length) })
  }
  for (const columns of [table.v4, table.v6]) {
    for (let row = 0; row < columns.count; row++) {
      const line = columns.id[row]!
      const { text, start, rest } = firstWord(source, line)
      const [owner = '', word] = rest.split('/')
      const role = word === undefined ? undefined : roleOf(word)
      draft.network({
        cluster: owner === '' ? cluster : owner,
        role: role === undefined || role === 'node' ? 'pods' : role,
        name: word ?? 'pods',
        prefix: columns.prefixAt(row),
        span: {
          file: source.path,
          line: line + 1,
          column: start - source.lineStarts[line]! + 1,
          length: text.length,
        },
        exported: true,
      })
    }
  }
}

function firstWord(
  source: SourceFile,
  line: number,
): { readonly text: string; readonly start: number; readonly rest: string } {
  const whole = lineText(source, line + 1)
  const [, space = '', text = '', rest = ''] = /^([ \t]*)([^\s,]*)[\s,]*(\S*)/.exec(whole) ?? []
  return { text, start: source.lineStarts[line]! + space.length, rest }
}
