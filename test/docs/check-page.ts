/** docs/check.md: how to use `isthmus check`, what it reads, and a section for each rule, made from the rules. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PLAN_CODES } from '../../src/input/plan/codes.ts'
import { RULES } from '../../src/plan/rules.ts'
import { ROOT } from './checkout.ts'

const GROUPS = [
  ['IC', 'Clusters joined by OVN-IC'],
  ['SM', 'Clusters joined by Submariner'],
  ['SP', 'Spiderpool'],
  ['NP', 'Any plan'],
] as const

/** Where the part that is made begins; what stands before it is written by hand. */
export const MARK = '<!-- made from the rules; UPDATE=1 npx vitest run test/docs writes it anew -->'

export function checkPage(): string {
  const head = readFileSync(join(ROOT, 'docs/check.md'), 'utf8').split(MARK)[0]!
  const sections = GROUPS.flatMap(([prefix, title]) => {
    const rules = RULES.filter(({ code }) => code.startsWith(prefix))
    return [
      `## ${title}\n`,
      '| Code | Finding | Severity |',
      '| --- | --- | --- |',
      ...rules.map(
        ({ code, title: name, severity }) =>
          `| [${code}](#${code.toLowerCase()}) | ${cell(name)} | ${cell(severity)} |`,
      ),
      '',
      ...rules.flatMap(({ code, title: name, explanation, severity, basis }) => [
        `### ${code}\n`,
        `**${name}.** Severity: ${severity}.\n`,
        `${explanation}\n`,
        `Basis: ${basis.map(link).join(', ')}.\n`,
      ]),
    ]
  })
  const input = [
    '## Problems of the input\n',
    ...PLAN_CODES.flatMap(({ code, title, explanation }) => [
      `### ${code}\n`,
      `**${title}.** ${explanation}\n`,
    ]),
  ]
  return `${head}${MARK}\n\n${[...sections, ...input].join('\n')}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function link(basis: string): string {
  const [, owner, kind, number] =
    /^https:\/\/github\.com\/([\w.-]+\/[\w.-]+)\/(issues|pull)\/(\d+)$/.exec(basis) ?? []
  return owner === undefined
    ? basis.startsWith('https:')
      ? `<${basis}>`
      : basis
    : `[${owner}${kind === 'pull' ? ' PR ' : '#'}${number}](${basis})`
}
