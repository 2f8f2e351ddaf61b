/** A scenario as data, written as the YAML a person would write: what is one thing stands on one line. */
import { Document, visit, type YAMLMap, type YAMLSeq } from 'yaml'

/** How deep a collection lies whose like stand on one line each, by the key at the top: `clusters.az1.nodes`, `traffic[0]`. */
const ONE_LINE: Readonly<Record<string, number>> = {
  clusters: 4,
  traffic: 2,
  timeline: 2,
  expect: 2,
  underlay: 2,
}
const ALWAYS = 2
/** Parts of a cluster that stand on one line as a whole. */
const SHORT = new Set(['nodes', 'gateways', 'options'])

/** The text of the scenario file that holds `scenario`; `head` becomes comments at its top, a line each. */
export function scenarioYaml(scenario: object, head: readonly string[] = []): string {
  const document = new Document(scenario)
  visit(document, {
    Collection(_key, node: YAMLMap | YAMLSeq, path) {
      const keys = path.flatMap((step) =>
        typeof step === 'object' && 'key' in step && step.key !== null ? [String(step.key)] : [],
      )
      const depth = path.filter((step) => 'items' in step).length
      if (depth >= (ONE_LINE[keys[0] ?? ''] ?? ALWAYS) || (depth === 3 && SHORT.has(keys.at(-1) ?? '')))
        node.flow = true
    },
  })
  const comments = head.map((line) => (line === '' ? '#\n' : `# ${line}\n`)).join('')
  return `${comments}${document.toString({ lineWidth: 0 })}`
}
