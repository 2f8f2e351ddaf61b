/** What random scenarios have found: every file still loads and runs, and says where it comes from. That it agrees is asked of real OVN. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scenarioFiles } from '../../src/cli/files.ts'
import { loadScenario } from '../../src/input/load.ts'
import { unsupported } from '../../src/lab/events/unsupported.ts'
import { simulate } from '../../src/run/simulate.ts'

const files = scenarioFiles([join(import.meta.dirname, '../../scenarios/regressions')])

describe.each(files.map((file) => [basename(file), file] as const))('%s', (_, file) => {
  it('loads without an error, can be carried out in a lab, and runs to its end', () => {
    const { scenario, diagnostics } = loadScenario(file)
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(unsupported(scenario!)).toEqual([])
    expect(simulate(scenario!).inconclusive).toBeUndefined()
  })

  it('says by which seed it was found, against which OVN, and what differed', () => {
    const head = readFileSync(file, 'utf8').split('\nisthmus:')[0]!
    expect(head).toMatch(/^# Found by isthmus conform --random 1 --seed \d+, against OVN \d+\.\d+/)
    expect(head).toContain('\n# What differed:\n')
  })
})
