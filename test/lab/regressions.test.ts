/** The scenarios in which model and real OVN once differed: they agree. Skipped with the reason where the machine cannot run a lab. */
import { basename, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { scenarioFiles } from '../../src/cli/files.ts'
import { loadScenario } from '../../src/input/load.ts'
import { tearDown } from '../../src/lab/teardown.ts'
import { lrRouteList } from '../../src/report/ovn/lr-route-list.ts'
import { conform } from '../../src/run/conform/conform.ts'
import { cannotRun } from './scenario.ts'

const files = scenarioFiles([join(import.meta.dirname, '../../scenarios/regressions')])
const begun: string[] = []

afterAll(async () => {
  for (const id of begun) await tearDown(id)
})

describe.skipIf(cannotRun !== '')(
  `regressions on real OVN${cannotRun === '' ? '' : ` (skipped: ${cannotRun})`}`,
  () => {
    it.each(files.map((file) => [basename(file), file] as const))(
      '%s agrees',
      async (_, file) => {
        const { scenario } = loadScenario(file)
        const { comparisons } = await conform(scenario!, lrRouteList, { began: (id) => begun.push(id) })
        expect(comparisons.filter(({ verdict }) => verdict === 'differ')).toEqual([])
      },
      60_000,
    )
  },
)
