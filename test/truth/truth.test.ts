/**
 * Every truth case as a scenario in the simulator, held against what the real OVN 23.03.1 answered. Whoever wants to see one case:
 * `npx vitest run test/truth -t basic-2az`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TruthCase } from './case-format.ts'
import { compareDatabases, compareProbes, compareUnderlay } from './compare.ts'
import { type Observed, observe } from './observe.ts'

const folder = join(import.meta.dirname, 'cases')
const names = readdirSync(folder).map((file) => basename(file, '.json'))

describe.each(names)('%s', (name) => {
  const truth = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as TruthCase
  let observed: Observed | undefined
  const run = (): Observed => {
    observed ??= observe(truth)
    return observed
  }

  it('databases and flows agree', () => expect(compareDatabases(truth, run())).toEqual([]))
  it('probes agree', () => expect(compareProbes(truth, run())).toEqual([]))
  it('underlay packets agree', () => expect(compareUnderlay(truth, run())).toEqual([]))
})
