// Networks that are made of plans, their mistakes included, against packets one at a time: what `check --reachability` says of them.

import { describe, expect, it } from 'vitest'
import { loadScenarioText } from '../../../src/input/load.ts'
import { loadPlan } from '../../../src/input/plan/load.ts'
import { formatIp } from '../../../src/net/ip.ts'
import { lastAddress, parsePrefix } from '../../../src/net/prefix.ts'
import { networkDocument } from '../../../src/run/plan-scenario/document.ts'
import { Simulation } from '../../../src/run/simulation.ts'
import { CASES } from '../../plans/cases.ts'
import { packetsAgainstAnswer } from './packets.ts'

const FIREWALL = `technology: ovn-ic
clusters:
  az1:
    autoRoute: true
    pods: { web: 10.1.0.0/16, fw: 10.3.0.0/24 }
    policies:
      - { priority: 31000, match: 'ip4.src == 10.1.0.0/17 && ip4.dst == 10.2.0.0/16', action: reroute, nexthop: 10.3.0.9 }
      - { priority: 31000, match: 'ip4.dst == 10.2.4.0/22', action: drop }
      - { priority: 31001, match: 'ip4.dst == 10.2.128.0/17', action: allow }
    routes: [{ prefix: 10.2.64.0/18, nexthop: 10.3.0.10 }]
  az2: { autoRoute: true, pods: { db: 10.2.0.0/16, inside: 10.1.7.0/24 } }
`

const PLANS: readonly (readonly [string, string])[] = [
  ['policies of equal priority, a captured subnet, a static route into a subnet', FIREWALL],
  ...Object.entries(CASES).flatMap(([code, { fires, silent }]) =>
    /^(?:IC|NP00[12])/.test(code) && typeof fires === 'string' && typeof silent === 'string'
      ? [[`${code}, fires`, fires] as const, [`${code}, silent`, silent] as const]
      : [],
  ),
]

interface ClusterDocument {
  readonly nodes: Record<string, unknown>
  readonly subnets: Record<string, { readonly cidr: readonly string[] }>
  pods?: Record<string, unknown>
}

/** The network of a plan with two pods in each subnet, who can send: near its beginning and near its end. */
function scenarioOf(text: string) {
  const { plan } = loadPlan(['plan.yaml'], { read: () => text, list: () => undefined })
  const { document } = networkDocument(plan!, 'plan', undefined)
  for (const cluster of Object.values((document?.clusters ?? {}) as Record<string, ClusterDocument>)) {
    const [node] = Object.keys(cluster.nodes)
    for (const [name, { cidr }] of Object.entries(cluster.subnets)) {
      const four = cidr.map((one) => parsePrefix(one)!).find(({ ip }) => typeof ip === 'number')
      cluster.pods = { ...cluster.pods, [`low-${name}`]: { subnet: name, node } }
      if (four === undefined || four.len > 28) continue
      const ip = formatIp((lastAddress(four) as number) - 5)
      cluster.pods[`high-${name}`] = { subnet: name, node, ip }
    }
  }
  return document === undefined ? undefined : loadScenarioText(JSON.stringify(document), 'plan').scenario
}

describe('plans', () => {
  let ran = 0

  it.each(PLANS)('%s', (_, text) => {
    const scenario = scenarioOf(text)
    // Some of these mistakes leave no network; obstacles are tested with the command.
    if (scenario === undefined || scenario.network.clusters.length > 4) return
    const simulation = new Simulation(scenario)
    simulation.bringUp()
    const { asked, wrong, answer } = packetsAgainstAnswer(scenario, simulation.forwarding())
    expect(wrong.slice(0, 5)).toEqual([])
    expect(asked > 0 || answer.endpoints.length === 0).toBe(true)
    ran++
  })

  it('most of them run', () => {
    expect(ran).toBeGreaterThan(PLANS.length / 2)
  })
})
