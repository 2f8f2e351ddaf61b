// The networks that a command line means: every scenario file is one, and whatever else is given makes up one together.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { loadScenarioText } from '../input/load.ts'
import { type LoadPlanResult, loadPlan } from '../input/plan/load.ts'
import type { ProfileName } from '../model/profile.ts'
import { type Obstacle, type PlanScenario, planScenario } from '../run/plan-scenario/plan-scenario.ts'

/** A network, or why there is none, and what it is called in reports. */
export interface NamedNetwork extends PlanScenario {
  readonly name: string
}

/** Turns what `loadPlan` has read of these paths into networks; nothing is read twice. */
export function networksOf(
  loaded: LoadPlanResult,
  paths: readonly string[],
  options: { readonly profile?: ProfileName; readonly strict?: boolean } = {},
): NamedNetwork[] {
  if (loaded.plan === undefined) return []
  const { profile } = options
  if (loaded.scenarios.length === 0) {
    const name = paths.join(' ')
    return [{ name, ...planScenario(loaded.plan, name, profile) }]
  }
  const skip = new Set<string>()
  const networks = loaded.scenarios.map((path): NamedNetwork => {
    const text = loaded.sources.get(path)!.text
    const { scenario, diagnostics, sources } = loadScenarioText(text, path, {
      ...(profile !== undefined && { profile }),
      read: (file) => loaded.sources.get(file)?.text ?? readFileSync(file, 'utf8'),
    })
    for (const file of [path, ...sources.keys()]) skip.add(resolve(file))
    const obstacles = diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ message, span }): Obstacle => ({ message, ...(span !== undefined && { span }) }))
    return { name: path, assumed: [], obstacles, ...(scenario !== undefined && { scenario }) }
  })
  const others = [...loaded.sources.keys()].filter((path) => !skip.has(resolve(path)))
  if (others.length === 0) return networks
  const rest = loadPlan(paths, {
    skip,
    strict: options.strict ?? false,
    read: (path) => loaded.sources.get(path)?.text ?? '',
  }).plan
  if (rest === undefined) return networks
  const ids = new Set(
    networks.flatMap(({ scenario }) => scenario?.network.clusters.map(({ id }) => id) ?? []),
  )
  // Other files that speak of a scenario's clusters complete it, and all is one plan.
  if (
    networks.some(({ scenario }) => scenario === undefined) ||
    rest.clusters.some(({ id }) => ids.has(id))
  ) {
    const name = paths.join(' ')
    return [{ name, ...planScenario(loaded.plan, name, profile) }]
  }
  const name = others.length > 3 ? `${others.length} other files` : others.join(' ')
  return [...networks, { name, ...planScenario(rest, name, profile) }]
}
