/**
 * Networks on real OVN against the model, as test/lab/record.ts runs them: some by default, all with `ISTHMUS_NETWORKS=all`, or those whose
 * path holds its value.
 */
import { describe, expect, it } from 'vitest'
import { unsupported } from '../../src/lab/events/unsupported.ts'
import { lrRouteList } from '../../src/report/ovn/lr-route-list.ts'
import { conform } from '../../src/run/conform/conform.ts'
import { networkPaths, scenarioAt } from './networks.ts'
import { cannotRun } from './scenario.ts'

/** One of each kind: packets of all sorts, a failover, route tables, path MTU, a daemon that is dead. */
const SOME = [
  'test/truth/cases/ttl-dual.json',
  'test/truth/cases/gateway-mtu.json',
  'test/truth/cases/ha-link-down.json',
  'test/lab/cases/route-tables.yaml',
  'test/lab/cases/gateway-moves-without-ovn-ic.yaml',
]

const wanted = process.env.ISTHMUS_NETWORKS
const paths = networkPaths().filter((path) =>
  wanted === undefined ? SOME.includes(path) : wanted === 'all' || path.includes(wanted),
)

describe.skipIf(cannotRun !== '')(`networks${cannotRun === '' ? '' : ` (skipped: ${cannotRun})`}`, () => {
  it.each(paths.filter((path) => unsupported(scenarioAt(path)).length === 0))(
    '%s: real OVN and the model agree',
    { timeout: 120_000 },
    async (path) => {
      const { comparisons } = await conform(scenarioAt(path), lrRouteList)
      const differing = comparisons.filter(({ verdict }) => verdict === 'differ')
      expect(
        differing.flatMap(({ aspect, what, differences }) => [`${aspect} ${what}`, ...differences]),
      ).toEqual([])
    },
  )
})
