/** Plans as scenarios: what is kept, what is invented, and what stands in the way. */
import { describe, expect, it } from 'vitest'
import { loadPlan } from '../../src/input/plan/load.ts'
import { formatIp } from '../../src/net/ip.ts'
import { formatPrefix } from '../../src/net/prefix.ts'
import { planScenario } from '../../src/run/plan-scenario/plan-scenario.ts'
import { stateAt } from '../../src/run/simulate.ts'
import { reachability } from '../../src/verify/reachability/reachability.ts'
import { nameOf, summarize } from '../../src/verify/reachability/summary.ts'

function scenarioOf(text: string) {
  const { plan, diagnostics } = loadPlan(['plan.yaml'], { read: () => text, list: () => undefined })
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return planScenario(plan!, 'plan.yaml')
}

function summaryOf(text: string) {
  const { scenario, obstacles } = scenarioOf(text)
  expect(obstacles).toEqual([])
  return summarize(reachability(stateAt(scenario!, 0).state))
}

const two = (a: string, b: string, top = ''): string =>
  `technology: ovn-ic\n${top}clusters:\n  az1: { autoRoute: true, ${a} }\n  az2: { autoRoute: true, ${b} }\n`

describe('planScenario', () => {
  it('keeps nodes, gateways, subnets and names of zones as they are written', () => {
    const { scenario, assumed } = scenarioOf(
      two(
        'az: one, profile: kube-ovn-1.16, nodes: { g: { ip: 192.168.1.1, chassis: c1 }, w: 192.168.1.2 }, gateways: [g], pods: { web: { cidr: 10.1.0.0/16, gateway: 10.1.255.254 } }',
        'profile: kube-ovn-1.16, nodes: { g: 192.168.2.1 }, gateways: [g], pods: 10.2.0.0/16',
      ),
    )
    const [az1, az2] = scenario!.network.clusters
    expect(az1).toMatchObject({ azName: 'one', profile: { name: 'kube-ovn-1.16' } })
    expect(az1!.nodes.map(({ name, chassis, encapIp }) => [name, chassis, formatIp(encapIp)])).toEqual([
      ['g', 'c1', '192.168.1.1'],
      ['w', 'az1-w', '192.168.1.2'],
    ])
    // Nodes of one name in two clusters have chassis of their own, as Kube-OVN gives them.
    expect(az2!.nodes.map(({ chassis }) => chassis)).toEqual(['az2-g'])
    expect(az1!.subnets.find(({ name }) => name === 'web')!.gateways.map(formatPrefix)).toEqual([
      '10.1.255.254/16',
    ])
    expect(assumed).toEqual([])
  })

  it('invents machines outside everything that the plan names', () => {
    const { scenario, assumed } = scenarioOf(two('pods: 198.18.0.0/16', 'pods: 203.0.113.0/24'))
    const ips = scenario!.network.clusters.flatMap(({ nodes }) =>
      nodes.map(({ encapIp }) => formatIp(encapIp)),
    )
    expect(ips).toEqual(['198.51.100.1', '198.51.100.2'])
    expect(assumed).toContain('nodes that the plan does not list have addresses of 198.51.100.0/24')
  })

  it('says when nothing is left for them', () => {
    const { scenario, obstacles } = scenarioOf(two('pods: 0.0.0.0/0', 'pods: 10.0.0.0/8'))
    expect(scenario).toBeUndefined()
    expect(obstacles.length).toBeGreaterThan(0)
  })

  it('dual stack: two networks of one name are one subnet, and IPv6 is captured as IPv4 is (RT-14)', () => {
    const summary = summaryOf(
      two(
        'pods: { web: { cidr: [10.1.0.0/16, fd00:1::/112] } }',
        'pods: { db: [10.2.0.0/16, fd00:1::8000/113] }',
      ),
    )
    expect(
      summary.endpoints.map((one) => `${nameOf(one)} ${one.prefixes.map(formatPrefix).join()}`).sort(),
    ).toEqual(['az1/web 10.1.0.0/16,fd00:1::/112', 'az2/db 10.2.0.0/16,fd00:1::8000/113'])
    expect(summary.troubles).toContainEqual(
      expect.objectContaining({
        fate: 'captured',
        ends: [{ kind: 'subnet', cluster: 'az1', subnet: 'web' }],
      }),
    )
  })

  it('several networks of one family and name are subnets of their own', () => {
    const { scenario } = scenarioOf(two('pods: [10.1.0.0/16, 10.3.0.0/16]', 'pods: 10.2.0.0/16'))
    expect(scenario!.network.clusters[0]!.subnets.map(({ name }) => name)).toEqual(['pods', 'pods-2'])
  })

  it('what two files say of one subnet is one subnet', () => {
    const files: Readonly<Record<string, string>> = {
      'plan.yaml': two('pods: { web: 10.1.0.0/16 }', 'pods: { db: 10.2.0.0/16 }'),
      'sheet.csv': 'cluster,name,cidr\naz1,web,10.1.0.0/16\naz2,db,10.2.0.0/16\n',
    }
    const { plan } = loadPlan(Object.keys(files), { read: (path) => files[path]!, list: () => undefined })
    const { scenario } = planScenario(plan!, 'both')
    expect(scenario!.network.clusters.map(({ subnets }) => subnets.map(({ name }) => name))).toEqual([
      ['web'],
      ['db'],
    ])
  })

  it('manual routes in place of automatic ones carry packets, and one that is missing makes it one way', () => {
    const port = (ip: string): string => `nodes: { g: ${ip} }, gateways: [g]`
    const text = `technology: ovn-ic
transitSwitches: { ts: 169.254.100.0/24 }
clusters:
  az1: { ${port('192.168.1.1')}, autoRoute: false, pods: 10.1.0.0/16, routes: [{ prefix: 10.2.0.0/16, nexthop: 169.254.100.42 }] }
  az2: { ${port('192.168.2.1')}, autoRoute: false, pods: 10.2.0.0/16 }
`
    const summary = summaryOf(text)
    expect(summary.oneWay.map(({ from, to }) => `${nameOf(from)} ${nameOf(to)}`)).toEqual([
      'az1/pods az2/pods',
    ])
  })

  it('places of obstacles are those of the plan', () => {
    const { obstacles } = scenarioOf(
      two(
        'pods: { web: { cidr: 10.1.0.0/16, gateway: 10.9.0.1 } }',
        'pods: { db: { cidr: 10.2.0.0/16, gateway: 10.9.0.1 } }',
      ),
    )
    expect(obstacles.map(({ message, span }) => [message, span?.line])).toEqual([
      ['the gateway 10.9.0.1 is not in 10.1.0.0/16', 3],
      ['the gateway 10.9.0.1 is not in 10.2.0.0/16', 4],
    ])
  })

  it('policies hold, those that reroute as well; one that says too little is left out, which is said', () => {
    const policy = (action: string): string =>
      `pods: 10.1.0.0/16, policies: [{ priority: 31000, match: 'ip4.dst == 10.2.0.0/17', action: ${action} }]`
    const dropping = summaryOf(two(policy('drop'), 'pods: 10.2.0.0/16'))
    expect(dropping.troubles.map(({ fate, blocks }) => [fate, blocks.map(formatPrefix)])).toEqual([
      ['black-holed', ['10.2.0.0/17']],
    ])
    const rerouting = summaryOf(two(policy('reroute, nexthop: 10.1.0.9'), 'pods: 10.2.0.0/16'))
    expect(rerouting.troubles.map(({ blocks }) => blocks.map(formatPrefix))).toEqual([['10.2.0.0/17']])
    for (const [action, why] of [
      ['reroute', 'it does not say where it sends packets'],
      ['forward', 'the action forward is not known'],
    ] as const)
      expect(scenarioOf(two(policy(action), 'pods: 10.2.0.0/16')).assumed.join('\n')).toContain(
        `the policy "ip4.dst == 10.2.0.0/17" is left out: ${why}`,
      )
    const odd = two(
      "pods: 10.1.0.0/16, policies: [{ priority: 9, match: 'ct.est && ip4', action: drop }]",
      'pods: 10.2.0.0/16',
    )
    expect(scenarioOf(odd).assumed.join('\n')).toContain(
      'the policy "ct.est && ip4" is left out: its match is not modelled',
    )
  })

  it('a pod of the plan that is a next hop gets the packets; of a next hop that nobody has it is said', () => {
    const plan = (pod: string): string => `isthmus: 1
interconnect: { ovn-ic: {} }
clusters:
  az1:
    nodes: { n: 192.168.1.1 }
    gateways: [n]
    autoRoute: true
    subnets: { web: 10.1.0.0/16, fw: 10.3.0.0/24 }
    pods: { firewall: { node: n, subnet: fw, ip: ${pod} } }
    policies: [{ priority: 31000, match: 'ip4.dst == 10.2.0.0/16', action: reroute, nexthop: 10.3.0.9 }]
  az2: { nodes: { n: 192.168.2.1 }, gateways: [n], autoRoute: true, subnets: { db: 10.2.0.0/16 } }
`
    const fates = (pod: string) => {
      const { scenario, obstacles, assumed } = scenarioOf(plan(pod))
      expect(obstacles).toEqual([])
      const { troubles } = summarize(reachability(stateAt(scenario!, 0).state))
      const fate = troubles.find(({ blocks }) => blocks.map(formatPrefix).includes('10.2.0.0/16'))!.fate
      return { fate, said: assumed.filter((text) => text.includes('next hop')) }
    }
    expect(fates('10.3.0.9')).toEqual({ fate: 'diverted', said: [] })
    expect(fates('10.3.0.8')).toEqual({
      fate: 'black-holed',
      said: ['az1: no pod of the plan has the next hop 10.3.0.9, and what is sent there is lost'],
    })
  })

  it('policyRoutes of a Vpc are the same, to one next hop and to several', () => {
    const files = (hops: string): Record<string, string> => ({
      'plan.yaml': two('pods: 10.1.0.0/16', 'pods: 10.2.0.0/16'),
      'vpc.yaml': `apiVersion: kubeovn.io/v1
kind: Vpc
metadata: { name: ovn-cluster }
spec: { policyRoutes: [{ priority: 31000, match: 'ip4.dst == 10.2.128.0/17', action: reroute, nextHopIP: '${hops}' }] }
`,
    })
    for (const hops of ['10.1.0.9', '10.1.0.9,10.1.0.10']) {
      const { plan } = loadPlan(['plan.yaml', 'az1=vpc.yaml'], {
        read: (path) => files(hops)[path]!,
        list: () => undefined,
      })
      const { scenario, assumed } = planScenario(plan!, 'plan')
      expect(assumed.join()).not.toContain('left out')
      const { troubles } = summarize(reachability(stateAt(scenario!, 0).state))
      expect(troubles.flatMap(({ blocks }) => blocks.map(formatPrefix))).toContain('10.2.128.0/17')
    }
  })
})
