import { describe, expect, it } from 'vitest'
import { policyFlows } from '../../../src/control/ovn/northd/policies.ts'
import { routerInput } from '../../../src/control/ovn/northd/router-input.ts'
import type { Match } from '../../../src/model/match.ts'
import { contains } from '../../../src/net/prefix.ts'
import { cluster, icConfig, ip, pod, subnet, Testbed } from './testbed.ts'

/** What the policies of ovn-cluster do with a packet: `29500 allow`, `29000 reroute 100.64.0.4`, or undefined where none matches. */
function verdict(bed: Testbed, id: string, source: string, destination: string): string | undefined {
  const snapshot = bed.member(id).nb.snapshot()
  const router = [...snapshot.tables.Logical_Router.values()].find(({ name }) => name === 'ovn-cluster')!
  const holds = (match: Match): boolean => {
    if (match.kind === 'const') return match.value
    if (match.kind !== 'address') throw new Error(`unexpected ${match.kind}`)
    const value = ip(match.field.endsWith('src') ? source : destination)
    return match.prefixes.some((prefix) => contains(prefix, value)) === match.equal
  }
  const flow = policyFlows(routerInput(snapshot, router)).find(({ match }) => holds(match))
  if (flow === undefined) return undefined
  const row = [...snapshot.tables.Logical_Router_Policy.values()].find(({ match }) => match === flow.text)!
  return [flow.priority, row.action, ...row.nexthops].join(' ')
}

/** Two clusters with automatic routes, run for this many seconds. */
const joined = (time: number, profile: 'kube-ovn-1.10' | 'kube-ovn-1.16' = 'kube-ovn-1.16'): Testbed =>
  new Testbed([cluster(1, profile), cluster(2, profile)]).run(time)

describe('policies of ovn-cluster (4.8)', () => {
  it('31000 for every subnet of the default VPC, 30000 for every node, 29000 for every node of a distributed subnet', () => {
    const alone = cluster(1, 'kube-ovn-1.16', { ic: undefined })
    expect(new Testbed([alone]).run(1).policies('az1')).toEqual([
      '31000 ip4.dst == 10.16.0.0/16 allow',
      '31000 ip4.dst == 100.64.0.0/16 allow',
      '30000 ip4.dst == 192.168.42.10 reroute 100.64.0.2',
      '30000 ip4.dst == 192.168.42.11 reroute 100.64.0.3',
      '30000 ip4.dst == 192.168.42.12 reroute 100.64.0.4',
      '29000 ip4.src == $ovn.default.az1.gw1_ip4 reroute 100.64.0.2',
      '29000 ip4.src == $ovn.default.az1.gw2_ip4 reroute 100.64.0.3',
      '29000 ip4.src == $ovn.default.az1.w1_ip4 reroute 100.64.0.4',
    ])
  })

  it('29000 of a centralized subnet goes to its first gateway node', () => {
    const central = { gatewayType: 'centralized', gatewayNodes: ['az1-gw2', 'az1-gw1'] } as const
    const subnets = [subnet('ovn-default', ['10.16.0.0/16'], central), subnet('join', ['100.64.0.0/16'])]
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16', { subnets })]).run(1)
    expect(bed.policies('az1').filter((line) => line.startsWith('29000'))).toEqual([
      '29000 ip4.src == 10.16.0.0/16 reroute 100.64.0.3',
    ])
  })

  it('subnets of another VPC get no policy and sit on their own router', () => {
    const other = subnet('private', ['10.99.0.0/16'], {
      router: 'vpc1',
      lrp: 'vpc1-private',
      lsp: 'private-vpc1',
    })
    const subnets = [subnet('ovn-default', ['10.16.0.0/16']), subnet('join', ['100.64.0.0/16']), other]
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16', { subnets }), cluster(2, 'kube-ovn-1.16')]).run(7)
    expect(bed.policies('az1').filter((line) => line.includes('10.99'))).toEqual([])
    const { nb } = bed.member('az1')
    const router = [...nb.rows('Logical_Router').values()].find(({ name }) => name === 'vpc1')!
    expect(router.ports.map((port) => nb.get('Logical_Router_Port', port)!.name)).toEqual(['vpc1-private'])
    expect(bed.learned('az2').filter((line) => line.includes('10.99'))).toEqual([])
  })

  it('dual stack has each policy once a family', () => {
    const base = cluster(1, 'kube-ovn-1.16')
    const nodes = base.nodes.map((node) => ({ ...node, joinIps: [...node.joinIps, ip('fd00:100:64::2')] }))
    const subnets = [
      subnet('ovn-default', ['10.16.0.0/16', 'fd00:10:16::/112']),
      subnet('join', ['100.64.0.0/16', 'fd00:100:64::/112']),
    ]
    const bed = new Testbed([{ ...base, nodes, subnets }]).run(1)
    expect(bed.policies('az1')).toContain('31000 ip6.dst == fd00:10:16::/112 allow')
    expect(bed.policies('az1')).toContain('29000 ip6.src == $ovn.default.az1.w1_ip6 reroute fd00:100:64::2')
    expect(bed.options('az1')['ic-route-blacklist']).toMatch(/^100\.64\.0\.0\/16,fd00:100:64::\/112,/)
  })

  it('the default route makes packets reach the policies (PL-3)', () => {
    const { nb } = joined(1).member('az1')
    const routes = [...nb.rows('Logical_Router_Static_Route').values()]
    expect(routes.find(({ ip_prefix }) => ip_prefix === '0.0.0.0/0')!.nexthop).toBe('100.64.0.1')
  })
})

describe('29500', () => {
  it('KO-POL-1: before it comes, packets to a learned prefix leave through the node', () => {
    const bed = joined(4.5)
    expect(bed.learned('az1')).toHaveLength(1)
    expect(verdict(bed, 'az1', '10.16.0.10', '10.17.0.10')).toBe('29000 reroute 100.64.0.4')
    bed.run(1)
    expect(verdict(bed, 'az1', '10.16.0.10', '10.17.0.10')).toBe('29500 allow')
    expect(verdict(bed, 'az1', '10.16.0.10', '8.8.8.8')).toBe('29000 reroute 100.64.0.4')
    expect(verdict(bed, 'az1', '10.16.0.10', '10.16.0.11')).toBe('31000 allow')
    expect(verdict(bed, 'az1', '10.16.0.10', '192.168.42.10')).toBe('30000 reroute 100.64.0.2')
  })

  it('KO-POL-1: a prefix learned at run time has its policy within five seconds, and loses it within five', () => {
    const bed = joined(12)
    bed.apply({ kind: 'subnet-add', cluster: 'az2', subnet: subnet('more', ['10.88.0.0/16']) })
    bed.run(0.5)
    const line = '29500 ip4.dst == 10.88.0.1/16 allow'
    expect(bed.learned('az1').filter((route) => route.startsWith('10.88.0.1/16'))).toHaveLength(1)
    expect(bed.policies('az1')).not.toContain(line)
    bed.run(5)
    expect(bed.policies('az1')).toContain(line)
    bed.apply({ kind: 'subnet-delete', cluster: 'az2', subnet: 'more' })
    bed.run(0.5)
    expect(bed.learned('az1')).toHaveLength(1)
    expect(bed.policies('az1')).toContain(line)
    bed.run(5)
    expect(bed.policies('az1')).not.toContain(line)
  })

  it('several transit switches give one policy a prefix', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16'), cluster(2, 'kube-ovn-1.16')], { switches: 3 }).run(
      12,
    )
    expect(bed.learned('az1')).toHaveLength(3)
    expect(bed.policies('az1').filter((line) => line.startsWith('29500'))).toHaveLength(1)
  })

  it('KO-POL-1: 1.10 mirrors connected origins only, later releases static ones too', () => {
    const route = {
      prefix: '10.77.0.0/16',
      nexthop: '10.17.0.77',
      policy: 'dst-ip',
      routeTable: '',
      ecmp: false,
    } as const
    const mirrored = (profile: 'kube-ovn-1.10' | 'kube-ovn-1.16'): string[] => {
      const routers = [{ name: 'ovn-cluster', staticRoutes: [route], policies: [] }]
      const bed = new Testbed([cluster(1, profile), cluster(2, profile, { routers })]).run(12)
      expect(bed.learned('az1')).toHaveLength(2)
      return bed.policies('az1').filter((line) => line.startsWith('29500'))
    }
    const connected = '29500 ip4.dst == 10.17.0.1/16 allow'
    expect(mirrored('kube-ovn-1.10')).toEqual([connected])
    expect(mirrored('kube-ovn-1.16')).toEqual([connected, '29500 ip4.dst == 10.77.0.0/16 allow'])
  })
})

describe('manual routes (KO-POL-2)', () => {
  function manual(): Testbed {
    const off = (n: number): ReturnType<typeof cluster> =>
      cluster(n, 'kube-ovn-1.16', { ic: icConfig(`az${n}`, { autoRoute: false }) })
    const bed = new Testbed([off(1), off(2)]).run(8)
    const { nb } = bed.member('az1')
    const [router, row] = [...nb.rows('Logical_Router')].find(([, { name }]) => name === 'ovn-cluster')!
    nb.transact('lr-route-add', (tx) => {
      const route = tx.create('Logical_Router_Static_Route', {
        ip_prefix: '10.17.0.0/16',
        nexthop: '169.254.100.79',
      })
      tx.update('Logical_Router', router, { static_routes: [...row.static_routes, route] })
    })
    return bed.run(12)
  }

  it('nothing is advertised or learned with auto-route "false"', () => {
    const bed = manual()
    expect(bed.options('az1')).toEqual({})
    expect(bed.icSb.rows('Route').size).toBe(0)
  })

  it('a route by lr-route-add never gets a 29500 policy: its packets leave through the node', () => {
    const bed = manual()
    expect(bed.policies('az1').filter((line) => line.startsWith('29500'))).toEqual([])
    expect(verdict(bed, 'az1', '10.16.0.10', '10.17.0.10')).toBe('29000 reroute 100.64.0.4')
  })

  it('with lr-policy-add 29500 it works, and the policy is left alone', () => {
    const bed = manual()
    const { nb } = bed.member('az1')
    const [router, row] = [...nb.rows('Logical_Router')].find(([, { name }]) => name === 'ovn-cluster')!
    nb.transact('lr-policy-add', (tx) => {
      const match = 'ip4.dst == 10.17.0.0/16'
      const policy = tx.create('Logical_Router_Policy', { priority: 29500, match, action: 'allow' })
      tx.update('Logical_Router', router, { policies: [...row.policies, policy] })
    })
    bed.run(12).apply({ kind: 'pod-add', cluster: 'az1', pod: pod('other', 'az1-gw1', '10.16.0.11') })
    expect(verdict(bed.run(12), 'az1', '10.16.0.10', '10.17.0.10')).toBe('29500 allow')
  })
})
