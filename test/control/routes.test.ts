import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { policyFlows, policyProblem } from '../../src/control/ovn/northd/policies.ts'
import { type RouterInput, routerInputPort } from '../../src/control/ovn/northd/router-input.ts'
import { type RouteOptions, routeFlows, routeTablesOfPorts } from '../../src/control/ovn/northd/routes.ts'
import { routeProblem } from '../../src/control/ovn/northd/static-route.ts'
import type { RouteFlow } from '../../src/model/forwarding.ts'
import type { RouterPolicyRow, StaticRouteRow } from '../../src/model/tables.ts'
import { formatIp } from '../../src/net/ip.ts'
import { flowTexts, routeMatchText } from '../../src/report/ovn/flow-text.ts'
import { PRIORITIES_2303 } from './ovn-testbed.ts'

const OPTIONS: RouteOptions = { priorities: PRIORITIES_2303, ecmpOrder: {} }

const port = (name: string, mac: string, networks: readonly string[], table = '') => {
  const options = table === '' ? {} : { route_table: table }
  return routerInputPort({ name, mac, networks, gateway_chassis: [], options })!
}

const route = (ip_prefix: string, nexthop: string, more: Partial<StaticRouteRow> = {}): StaticRouteRow => ({
  ...{ ip_prefix, nexthop, policy: undefined, route_table: '', output_port: undefined },
  ...{ options: {}, external_ids: {} },
  ...more,
})

const learned = (origin: 'connected' | 'static'): Partial<StaticRouteRow> => ({
  options: { origin },
  external_ids: { 'ic-learned-route': 'row' },
})

const policy = (
  priority: number,
  match: string,
  action: RouterPolicyRow['action'],
  ...nexthops: string[]
) => ({
  ...{ priority, match, action, nexthops, external_ids: {} },
})

const A = port('a', '00:00:00:00:00:0a', ['10.0.0.1/24', 'fd00::1/64'])
const B = port('b', '00:00:00:00:00:0b', ['10.1.0.1/24'])

const router = (routes: readonly StaticRouteRow[], more: Partial<RouterInput> = {}): RouterInput => ({
  ...{ name: 'lr', ports: [A, B], routes, policies: [], addressSets: new Map() },
  ...more,
})

const statics = (input: RouterInput, options = OPTIONS): readonly RouteFlow[] =>
  routeFlows(input, options).filter(({ origin }) => origin !== 'connected')

const texts = (flows: readonly RouteFlow[]): string[] =>
  flows.map((flow) => `${flow.priority} ${routeMatchText(flow)}`)

interface TruthCase {
  readonly case: string
  readonly az: string
  readonly ports: readonly [string, string, string[]][]
  readonly routes: readonly [string, string, 'dst-ip' | 'src-ip', string][]
  readonly policies: readonly [number, string, 'allow' | 'drop' | 'reroute', string[]][]
  readonly flows: readonly [string, number, string, string][]
}

describe('what the real northd wrote', () => {
  const cases = JSON.parse(readFileSync(new URL('route-flows.json', import.meta.url), 'utf8')) as TruthCase[]

  for (const truth of cases) {
    it(`RT-1..4, RT-7, EC-1..3, PL-2: ${truth.case} ${truth.az} has the same flows, text for text`, () => {
      const input = router(
        truth.routes.map(([prefix, nexthop, kind, origin]) => {
          const more = origin === 'local' ? {} : learned(origin.slice('learned '.length) as 'static')
          return route(prefix, nexthop, { ...more, policy: kind })
        }),
        {
          ports: truth.ports.map(([name, mac, networks]) => port(name, mac, networks)),
          policies: truth.policies.map(([priority, match, action, nexthops]) =>
            policy(priority, match, action, ...nexthops),
          ),
        },
      )
      const macOf = (name: string) => input.ports.find((p) => p.name === name)!.mac
      const made = flowTexts(routeFlows(input, OPTIONS), policyFlows(input), macOf)
        // The observation leaves out the link-local routes, which are equal everywhere.
        .filter(({ match }) => !match.includes('fe80::/64'))
        .map(({ stage, priority, match, actions }) => [stage, priority, match, actions].join(' | '))
      expect(made.sort()).toEqual(truth.flows.map((flow) => flow.join(' | ')).sort())
    })
  }
})

describe('routes of a router', () => {
  it('RT-1: a src-ip host route beats every destination shorter than a host', () => {
    const flows = statics(
      router([route('10.9.0.9', '10.0.0.5', { policy: 'src-ip' }), route('0.0.0.0/0', '10.0.0.5')]),
    )
    expect(texts(flows)).toEqual(['96 ip4.src == 10.9.0.9/32', '1 reg7 == 0 && ip4.dst == 0.0.0.0/0'])
  })

  it('RT-2, RT-12: a learned connected route has the rank and the match of a connected one', () => {
    const flows = routeFlows(router([route('10.0.0.9/24', '10.1.0.9', learned('connected'))]), OPTIONS)
    expect(texts(flows).filter((text) => text === '74 ip4.dst == 10.0.0.0/24')).toHaveLength(2)
  })

  it('RT-3: tables other than main are matched by everything in them, src-ip and learned routes included', () => {
    const inTable = { route_table: 'blue' }
    const flows = statics(
      router([
        route('10.9.0.0/16', '10.0.0.5', inTable),
        route('10.9.0.0/16', '10.0.0.5', { ...inTable, policy: 'src-ip' }),
        route('10.9.0.0/16', '10.0.0.5', { ...inTable, ...learned('connected') }),
      ]),
    )
    expect(texts(flows).sort()).toEqual([
      '48 reg7 == 1 && ip4.src == 10.9.0.0/16',
      // The second destination route joins the first, which decides the rank (EC-1).
      '49 reg7 == 1 && ip4.dst == 10.9.0.0/16',
    ])
  })

  it('RT-4: link-local networks hold on their own port; a transit network under fe80:a9fe:: does not count', () => {
    const ts = port('ts', '00:00:00:50:00:81', ['fe80:a9fe:64::29/112'])
    const flows = routeFlows(router([route('fe80::/64', 'fd00::9')], { ports: [A, ts] }), OPTIONS)
    expect(texts(flows)).toEqual([
      '193 inport == "a" && reg7 == 0 && ip6.dst == fe80::/64',
      '74 ip4.dst == 10.0.0.0/24',
      '194 ip6.dst == fd00::/64',
      '194 inport == "a" && ip6.dst == fe80::/64',
      '338 ip6.dst == fe80:a9fe:64::/112',
      '194 inport == "ts" && ip6.dst == fe80::/64',
    ])
  })

  it('RT-5, RT-6: priorities are data; with a fixed src-ip priority any longer destination wins', () => {
    const priorities = { ...PRIORITIES_2303, multiplier: 8, staticDst: 4, connected: 6, srcIpFixed: 1 }
    const flows = statics(
      router([
        route('10.9.0.0/16', '10.0.0.5'),
        route('10.9.0.9', '10.0.0.5', { policy: 'src-ip' }),
        route('10.9.0.0/16', '10.0.0.5', { policy: 'src-ip' }),
      ]),
      { ...OPTIONS, priorities },
    )
    expect(flows.map(({ priority }) => priority)).toEqual([132, 2, 1])
  })

  it('RT-7: the first port in UUID order whose network holds the nexthop is taken', () => {
    const twin = port('twin', '00:00:00:00:00:0c', ['10.0.0.2/24'])
    const via = (ports: RouterInput['ports']) => {
      const [flow] = statics(router([route('10.9.0.0/16', '10.0.0.5')], { ports }))
      return flow!.action.kind === 'forward' ? flow!.action.member.outport : flow!.action.kind
    }
    expect([via([A, twin]), via([twin, A])]).toEqual(['a', 'twin'])
  })

  it('RT-7: with output_port, a nexthop outside its networks is reached from its first address', () => {
    const row = route('10.9.0.0/16', '172.16.0.1', { output_port: 'b' })
    const [flow] = statics(router([row]))
    expect(flow!.action).toMatchObject({
      kind: 'forward',
      member: { outport: 'b', source: B.networks[0]!.ip },
    })
    expect(routeProblem({ ports: [A] }, row)).toBe('Bad out port b for static route 10.9.0.0/16')
  })

  it('RT-7, RT-8: what is wrong with a row, in the words of northd', () => {
    const problem = (row: StaticRouteRow) => routeProblem({ ports: [A, B] }, row)
    expect(problem(route('10.9.0.0/16', '172.16.0.1'))).toBe(
      'No path for static route 10.9.0.0/16; next hop 172.16.0.1',
    )
    expect(problem(route('10.9.0.0/16', '10.0.0.5/24'))).toBe('bad next hop mask 10.0.0.5/24 in static route')
    expect(problem(route('10.9.0.0/16', 'gateway'))).toBe("bad 'nexthop' gateway in static route")
    expect(problem(route('10.9.0.0/99', '10.0.0.5'))).toBe("bad 'ip_prefix' 10.9.0.0/99 in static route")
    expect(problem(route('fd09::/64', '10.0.0.5'))).toContain("Address family doesn't match")
    expect(problem(route('10.9.0.0/16', 'discard'))).toBeUndefined()
    expect(problem(route('10.9.0.0/16', '10.0.0.5'))).toBeUndefined()
    expect(problem(route('10.9.0.0/16', '10.0.0.5/32'))).toBeUndefined()
  })

  it('RT-8: discard drops', () => {
    const [flow] = statics(router([route('10.9.0.0/16', 'discard')]))
    expect(flow!.action).toEqual({ kind: 'drop' })
  })

  it('EC-1, EC-3: equal prefixes group, the same network written otherwise does not', () => {
    const flows = statics(
      router([
        route('10.9.0.0/16', '10.0.0.5'),
        route('10.9.0.1/16', '10.0.0.6'),
        route('10.9.0.0/16', '10.1.0.5'),
        route('10.9.0.0/16', '10.0.0.7', { policy: 'src-ip' }),
      ]),
    )
    expect(flows.map(({ action }) => action.kind)).toEqual(['ecmp', 'forward', 'forward'])
    expect(new Set(texts(flows).slice(0, 2)).size).toBe(1)
  })

  it('EC-2: a member without a way out does not count; a group of one is an ordinary route', () => {
    const [flow] = statics(router([route('10.9.0.0/16', '172.16.0.1'), route('10.9.0.0/16', '10.0.0.5')]))
    expect(flow!.action.kind).toBe('forward')
  })

  it('EC-2: groups are numbered from 1 in the order in which they become groups', () => {
    const rows = ['10.8.0.0/16', '10.9.0.0/16', '10.9.0.0/16', '10.8.0.0/16'].map((prefix, i) =>
      route(prefix, `10.0.0.${5 + i}`),
    )
    const groups = statics(router(rows)).map(({ action, prefix }) => {
      return [formatIp(prefix.ip), action.kind === 'ecmp' ? action.group : 0]
    })
    expect(groups).toEqual([
      ['10.9.0.0', 1],
      ['10.8.0.0', 2],
    ])
  })

  it('EC-3: a pinned order of nexthops arranges the members, the rest follows by UUID', () => {
    const rows = ['10.0.0.5', '10.0.0.6', '10.0.0.7', '10.0.0.8'].map((nexthop) =>
      route('10.9.0.0/16', nexthop),
    )
    const [flow] = statics(router(rows), { ...OPTIONS, ecmpOrder: { '': ['10.0.0.8', '10.0.0.6'] } })
    const members = flow!.action.kind === 'ecmp' ? flow!.action.members : []
    expect(members.map(({ nexthop }) => formatIp(nexthop!))).toEqual([
      '10.0.0.8',
      '10.0.0.6',
      '10.0.0.5',
      '10.0.0.7',
    ])
  })

  it('PL-1: route tables are numbered by first use, ports before routes, routes that are left out not at all', () => {
    const ports = [A, port('c', '00:00:00:00:00:0c', ['10.2.0.1/24'], 'red')]
    const flows = statics(
      router(
        [
          route('10.7.0.0/16', '172.16.0.1', { route_table: 'lost' }),
          route('10.8.0.0/16', '10.0.0.5', { route_table: 'blue' }),
          route('10.9.0.0/16', '10.0.0.5', { route_table: 'red' }),
        ],
        { ports },
      ),
    )
    expect(flows.map(({ routeTable }) => routeTable)).toEqual([2, 1])
    expect([...routeTablesOfPorts(ports)]).toEqual([['red', 1]])
  })
})

describe('policies of a router', () => {
  const flows = (...policies: RouterPolicyRow[]) => policyFlows(router([], { policies }))
  const problem = (row: RouterPolicyRow) => policyProblem(router([]), row)

  it('PL-2: descending priority; allow, drop, and reroute with the port that holds the nexthop', () => {
    const made = flows(
      policy(100, 'ip4.src == 10.0.0.0/24', 'drop'),
      policy(300, 'ip4.src == 10.0.0.0/24', 'reroute', '10.1.0.9'),
      policy(200, 'ip4.dst == 10.0.0.0/24', 'allow'),
    )
    expect(made.map(({ priority, action }) => [priority, action.kind])).toEqual([
      [300, 'reroute'],
      [200, 'allow'],
      [100, 'drop'],
    ])
    expect(made[0]!.action).toMatchObject({ members: [{ outport: 'b' }] })
  })

  it('PL-2: a reroute without a path is left out whole, with a warning', () => {
    const row = policy(29000, 'ip4.src == 10.0.0.0/24', 'reroute', '10.1.0.9', '172.16.0.1')
    expect(flows(row)).toEqual([])
    expect(problem(row)).toBe('No path for routing policy priority 29000; next hop 172.16.0.1')
  })

  it('PL-2: several nexthops make a group of their own, printed as northd prints it', () => {
    // Members stand as OVSDB keeps sets, sorted by bytes, and not as they were written.
    const [first] = flows(policy(101, 'ip4', 'reroute', '10.1.0.9', '10.0.0.9'))
    const printed = flowTexts([], [first!], (name) => (name === 'a' ? A.mac : B.mac))
      .filter(({ stage }) => stage.startsWith('lr_in_policy'))
      .map(({ match, actions }) => `${match} | ${actions}`)
    expect(printed).toEqual([
      'ip4 | reg8[0..15] = 1; reg8[16..31] = select(1, 2);',
      'reg8[0..15] == 1 && reg8[16..31] == 1 | reg0 = 10.0.0.9; reg1 = 10.0.0.1; eth.src = 00:00:00:00:00:0a; outport = "a"; flags.loopback = 1; next;',
      'reg8[0..15] == 1 && reg8[16..31] == 2 | reg0 = 10.1.0.9; reg1 = 10.1.0.1; eth.src = 00:00:00:00:00:0b; outport = "b"; flags.loopback = 1; next;',
    ])
  })

  it('PL-5: a match that does not parse takes no effect and is named', () => {
    expect(flows(policy(1, 'ip4.dst = 10.0.0.0/8', 'drop'))).toEqual([])
    expect(problem(policy(1, 'ip4.dst = 10.0.0.0/8', 'drop'))).toMatch(/^error parsing match/)
    expect(problem(policy(1, 'ip4.dst == 10.17.0.1/16', 'drop'))).toBeUndefined()
  })
})
