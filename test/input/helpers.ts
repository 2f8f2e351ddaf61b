// Short ways to load a text in tests.

import { type LoadOptions, loadScenarioText } from '../../src/input/load.ts'
import type { Scenario } from '../../src/model/scenario.ts'

/** The scenario of a text that has no errors. */
export function load(text: string, options: LoadOptions = {}, path = 'test.yaml'): Scenario {
  const { scenario, diagnostics } = loadScenarioText(text, path, options)
  if (scenario === undefined)
    throw new Error(diagnostics.map((one) => `${one.code} ${one.message}`).join('\n'))
  return scenario
}

/** The codes of the errors and warnings of a text, in reading order. */
export function codesOf(text: string, options: LoadOptions = {}): string[] {
  return loadScenarioText(text, 'test.yaml', options)
    .diagnostics.filter((one) => one.severity !== 'info')
    .map((one) => one.code)
}

/** Everything that is said about a text: `error IN010 unknown key …`. */
export function problemsOf(text: string, options: LoadOptions = {}, path = 'test.yaml'): string[] {
  return loadScenarioText(text, path, options).diagnostics.map(
    (one) => `${one.severity} ${one.code} ${one.message}`,
  )
}
