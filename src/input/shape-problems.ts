// What is wrong with the form of scenario files that were read for something else than running them. It stands apart because
// the schema takes time to load, and whoever reads no scenario needs none.

import { type Diagnostic, Diagnostics } from '../diag/diagnostic.ts'
import type { SourceFile } from '../diag/source.ts'
import { parseYaml } from './parse-yaml.ts'
import { checkShape } from './shape.ts'

/** Keys that nobody reads, values of the wrong kind, missing ones: the errors of the schema, each with its place. */
export function shapeProblems(sources: Iterable<SourceFile>): readonly Diagnostic[] {
  const diagnostics = new Diagnostics()
  for (const source of sources) {
    // What is no YAML has been told by whoever read the file first.
    for (const document of parseYaml(source.path, source.text, new Diagnostics(), () => {})) {
      if (!isScenario(document.value)) continue
      checkShape({ diagnostics, broken: new Set(), waived: new Set() }, document)
    }
  }
  return diagnostics.sorted().filter(({ severity }) => severity === 'error')
}

function isScenario(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'isthmus' in value
}
