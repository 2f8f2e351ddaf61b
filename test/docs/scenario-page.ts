/**
 * docs/scenarios.md: the introduction below and a table for every level of the format, from the documentation in the schema. Levels
 * with the same keys, such as the two places for static routes, are written once.
 */
import { type SchemaDoc, schemaDocs } from '../../src/input/schema/docs.ts'

const INTRODUCTION = `# Scenario files

This page is made from the schema of the format (\`UPDATE=1 npx vitest run test/docs\` writes it anew). \`isthmus explain
scenario.clusters.gateways\` prints one entry of it; \`isthmus schema\` prints the JSON Schema, which editors use when the first line of a file is
\`# yaml-language-server: $schema=…\`.

A scenario is one YAML file: what is wanted (\`interconnect\`, \`clusters\`, \`underlay\`), what happens (\`traffic\`, \`timeline\`) and what must hold
(\`expect\`). Only \`isthmus\` and \`clusters\` are required. Unknown and duplicate keys are errors.

* **Time** is a number with a unit: \`250ms\`, \`5s\`, \`1.5m\`. Zero is the moment when the network has settled, unless \`start\` is \`cold\`.
* **Names**: a pod is \`cluster/pod\`, a node is \`cluster/node\`. Where several may be meant, \`az1/*\` is every pod of a cluster, and a list is
  a list.
* **Traffic, timeline, expect**: the entries are mappings. One key says what kind of entry it is (\`ping\`, \`fail\`, \`route\`, …), the others are its
  details. “Required” means: required in an entry of that kind.
* **Manifests**: \`clusters.<cluster>.manifests\` takes the Kubernetes objects themselves (Nodes, Pods, Subnets, the ConfigMap \`ovn-ic-config\`) as
  \`kubectl get -o yaml\` or \`-o json\` prints them. Keys of the cluster and manifests can be used together.
* In the headings, names in angle brackets are yours, and \`[]\` is an entry of a list.
`

/** The whole page, with final line end. */
export function scenarioPage(): string {
  const levels = new Map<string, SchemaDoc[]>()
  for (const doc of schemaDocs()) {
    const parent = parentOf(doc.path)
    levels.set(parent, [...(levels.get(parent) ?? []), doc])
  }
  const written = new Map<string, string>()
  const sections = [...levels].map(([parent, docs]) => {
    const heading = `## ${parent === '' ? 'The file' : `\`${parent}\``}`
    const table = tableOf(docs)
    const earlier = written.get(table)
    if (earlier !== undefined) return `${heading}\n\nThe same keys as in \`${earlier}\`.\n`
    written.set(table, parent)
    return `${heading}\n\n${table}\n`
  })
  return [INTRODUCTION, ...sections].join('\n')
}

function parentOf(path: string): string {
  const dot = path.lastIndexOf('.')
  return dot < 0 ? '' : path.slice(0, dot)
}

function tableOf(docs: readonly SchemaDoc[]): string {
  const rows = docs.map(({ path, type, required, description, example, ...rest }) => {
    const key = path.slice(path.lastIndexOf('.') + 1)
    const fallback = required ? '**required**' : rest.default === undefined ? '–' : valueText(rest.default)
    const shown = example === undefined ? '' : ` Example: \`${plain(example)}\``
    return [`\`${key}\``, type, fallback, `${description.replace(/([^.])$/, '$1.')}${shown}`]
  })
  return [['Key', 'Type', 'Default', 'What it is'], ['---', '---', '---', '---'], ...rows]
    .map(rowText)
    .join('\n')
}

function rowText(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('\n', ' ').replaceAll('|', '\\|')).join(' | ')} |`
}

/** Defaults that are sentences stay sentences; values are code. */
function valueText(value: unknown): string {
  return typeof value === 'string' && /[\s`<]/.test(value)
    ? value.replaceAll('<', '&lt;')
    : `\`${plain(value)}\``
}

function plain(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value)
}
