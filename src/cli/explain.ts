// The texts of `isthmus explain`, from the same sources as the messages and the manual: the codes of src/input, the
// documentation in the scenario schema, the dispositions of src/verify. The schema is loaded only for keys.

import { allCodes, type CodeList, findCode } from '../diag/codes.ts'
import type { Disposition } from '../model/trace.ts'
import { wrap } from '../report/text/table.ts'
import { DISPOSITIONS } from '../verify/dispositions.ts'
import { RUN_CODES } from './run-codes.ts'

const WIDTH = 80

/** The explanation of a name, or all names there are when it is unknown. */
export async function explanation(
  what: string,
): Promise<
  | { readonly text: string; readonly names?: undefined }
  | { readonly text: undefined; readonly names: string[] }
> {
  const codes = await codeLists()
  const code = findCode(what, codes)
  if (code !== undefined) return { text: page(`${code.code}: ${code.title}`, code.explanation) }
  if (Object.hasOwn(DISPOSITIONS, what)) {
    const { title, explanation: text } = DISPOSITIONS[what as Disposition['kind']]
    return { text: page(`${what}: ${title}`, text) }
  }
  const { findSchemaDoc, schemaDocs } = await import('../input/schema/docs.ts')
  const doc = findSchemaDoc(what)
  if (doc !== undefined) {
    const below = schemaDocs().filter((other) => isChild(doc.path, other.path))
    const facts = [
      `type:     ${doc.type}`,
      doc.required ? 'required: yes' : undefined,
      doc.default === undefined ? undefined : `default:  ${plain(doc.default)}`,
      doc.example === undefined ? undefined : `example:  ${plain(doc.example)}`,
    ].filter((fact) => fact !== undefined)
    const keys = below.map(
      (other) => `  ${other.path.slice(doc.path.length).replace(/^[.[\]]+/, '')}: ${other.type}`,
    )
    const parts = [page(`scenario.${doc.path}`, doc.description), facts.join('\n')]
    if (keys.length > 0) parts.push(`\nkeys:\n${keys.join('\n')}`)
    return { text: `${parts.join('\n')}\n` }
  }
  const names = [...codes.flat().map((entry) => entry.code), ...Object.keys(DISPOSITIONS)]
  // Keys are suggested without the users' own names and list marks, as people type them; both forms are understood.
  const keys = schemaDocs().map(({ path }) => `scenario.${path.replaceAll(/\.<[^>]*>|\[\]/g, '')}`)
  return { text: undefined, names: [...names, ...keys] }
}

/** Everything that can be explained, one line each. */
export async function topics(): Promise<string> {
  const { schemaDocs } = await import('../input/schema/docs.ts')
  const rows = [
    ...allCodes(await codeLists()).map(({ code, title }) => [code, title]),
    ...Object.entries(DISPOSITIONS).map(([kind, { title }]) => [kind, title]),
    ...schemaDocs().map(({ path, description }) => [`scenario.${path}`, description.split('\n')[0]!]),
  ]
  const width = Math.min(44, Math.max(...rows.map(([name]) => name!.length)))
  return `${rows.map(([name, title]) => `${name!.padEnd(width)}  ${title}`.trimEnd()).join('\n')}\n`
}

async function codeLists(): Promise<CodeList[]> {
  const [input, planInput, routes, rules] = await Promise.all([
    import('../input/codes.ts'),
    import('../input/plan/codes.ts'),
    import('../input/routes/codes.ts'),
    import('../plan/rules.ts'),
  ])
  return [input.INPUT_CODES, planInput.PLAN_CODES, routes.ROUTE_FILE_CODES, rules.RULE_CODES, RUN_CODES]
}

function page(title: string, text: string): string {
  const paragraphs = text.split(/\n{2,}/).map((paragraph) =>
    // Indented lines are examples and keep their form.
    paragraph.split('\n').some((line) => /^\s{2,}/.test(line))
      ? paragraph
      : wrap(paragraph.replaceAll('\n', ' '), WIDTH).join('\n'),
  )
  return `${title}\n\n${paragraphs.join('\n\n')}\n`
}

/** True for the keys directly inside a key: list and name steps do not count as a level. */
function isChild(parent: string, path: string): boolean {
  if (!path.startsWith(parent) || path === parent) return false
  const rest = path.slice(parent.length)
  return /^(?:\[\]|\.<[^>]*>)*\.[^.[\]<]+$/.test(rest)
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
