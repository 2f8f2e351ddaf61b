/**
 * Reachability over all addresses against packets, one at a time: every scenario of this project and every case of the real OVN at
 * time zero, and random networks at rest, after their events and amid them.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadScenario, loadScenarioText } from '../../../src/input/load.ts'
import type { Scenario } from '../../../src/model/scenario.ts'
import { randomScenario } from '../../../src/run/conform/random/generate.ts'
import { Simulation } from '../../../src/run/simulation.ts'
import type { TruthCase } from '../../truth/case-format.ts'
import { scenarioOf } from '../../truth/to-scenario.ts'
import { packetsAgainstAnswer } from './packets.ts'

const root = join(import.meta.dirname, '../../..')

function files(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => join(root, folder, name))
}

const scenarios: [string, () => Scenario][] = [
  ...[join(root, 'scenarios/quickstart.yaml'), ...files('scenarios/ovn-ic', '.yaml')].map(
    (file): [string, () => Scenario] => [file.slice(root.length + 1), () => loadScenario(file).scenario!],
  ),
  ...files('test/truth/cases', '.json').map((file): [string, () => Scenario] => [
    file.slice(root.length + 1),
    () => {
      const truth = JSON.parse(readFileSync(file, 'utf8')) as TruthCase
      return loadScenarioText(JSON.stringify(scenarioOf(truth), null, 1), file).scenario!
    },
  ]),
]

describe('reachability says of all addresses what packets show of each', () => {
  it.each(scenarios)('%s', (_name, load) => {
    const scenario = load()
    const simulation = new Simulation(scenario)
    simulation.bringUp()
    const { asked, wrong, answer } = packetsAgainstAnswer(scenario, simulation.forwarding())
    expect(wrong.slice(0, 5)).toEqual([])
    expect(asked > 0 || answer.endpoints.length === 0).toBe(true)
  })

  it.each(Array.from({ length: 24 }, (_, i) => i + 1))('random scenario %i', (seed) => {
    const { scenario } = loadScenarioText(JSON.stringify(randomScenario(seed)), `random-${seed}.json`)
    const simulation = new Simulation(scenario!)
    simulation.bringUp()
    const moments = scenario!.timeline.length === 0 ? [0] : [0, scenario!.duration / 2, scenario!.duration]
    for (const at of moments) {
      simulation.runUntil(at)
      const { asked, wrong } = packetsAgainstAnswer(scenario!, simulation.forwarding(), {
        amidChanges: at > 0,
      })
      expect([at, ...wrong.slice(0, 5)]).toEqual([at])
      expect(asked).toBeGreaterThan(0)
    }
  })
})
