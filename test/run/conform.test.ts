import { describe, expect, it } from 'vitest'
import type { RouteFlow } from '../../src/model/forwarding.ts'
import type { Cluster } from '../../src/model/network.ts'
import type { RunResult } from '../../src/model/observation.ts'
import { orderOf } from '../../src/run/conform/conform.ts'
import { ip, prefix } from '../verify/fixtures.ts'

describe('the order of ECMP members (EC-1)', () => {
  it('is that of the highest group of a prefix: a learned network above a learned static route, whichever was read first', () => {
    const group = (priority: number, nexthops: readonly string[]): RouteFlow =>
      ({
        priority,
        prefix: prefix('10.17.0.0/16'),
        action: { kind: 'ecmp', members: nexthops.map((text) => ({ nexthop: ip(text) })) },
      }) as unknown as RouteFlow
    const network = group(50, ['169.254.101.42', '169.254.100.42'])
    const fixed = group(49, ['169.254.100.42', '169.254.101.42'])
    for (const routes of [
      [network, fixed],
      [fixed, network],
    ]) {
      const datapaths = new Map([[1, { kind: 'router', routes }]])
      const chassis = new Map([['az1/gw', { cluster: 'az1', view: { datapaths } }]])
      const run = { states: [{ chassis }] } as unknown as RunResult
      expect(orderOf({ id: 'az1', ecmpOrder: {} } as unknown as Cluster, run)).toEqual({
        '10.17.0.0/16': ['169.254.101.42', '169.254.100.42'],
      })
    }
  })
})
