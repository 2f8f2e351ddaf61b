import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchingRoutes } from '../../src/forward/ovn/route-index.ts'
import { type WalkSpec, walk } from '../../src/forward/walk.ts'
import type { LogicalRouter, PolicyFlow, RouteAction, RouteFlow } from '../../src/model/forwarding.ts'
import type { Trace } from '../../src/model/trace.ts'
import { contains } from '../../src/net/prefix.ts'
import { address, prefix, stateOf, twoAzs } from './fixture.ts'

const base = twoAzs()

function member(nexthop: string | undefined, outport = 'az1-ts'): RouteAction {
  const source = address(outport === 'az1-ts' ? '169.254.100.41' : '10.16.0.1')
  return {
    kind: 'forward',
    member: { nexthop: nexthop === undefined ? undefined : address(nexthop), source, outport },
  }
}

function flow(priority: number, to: string, action: RouteAction, more: Partial<RouteFlow> = {}): RouteFlow {
  return {
    priority,
    routeTable: undefined,
    kind: 'dst',
    prefix: prefix(to),
    inport: undefined,
    origin: 'static',
    action,
    ...more,
  }
}

function from1(
  routes: readonly RouteFlow[],
  policies: readonly PolicyFlow[] = [],
  spec: Partial<WalkSpec> = {},
): Trace {
  const state = stateOf(twoAzs({ az1: { extraRoutes: routes, policies } }))
  return walk(state, {
    cluster: 'az1',
    port: 'pod1',
    destination: address('10.17.0.10'),
    protocol: 'icmp',
    ...spec,
  })
}

const kinds = (trace: Trace) => trace.disposition.kind
const VIA_TS = member('169.254.100.42')
const LOCAL = member(undefined, 'ovn-cluster-ovn-default')

describe('routes', () => {
  it('RT-10: without a route the packet ends and nobody is told', () => {
    const trace = from1([], [], { destination: address('10.99.0.1') })
    expect(trace.disposition).toMatchObject({
      kind: 'no-route',
      stage: 'lr_in_ip_routing',
      where: 'az1/az1-w1',
    })
    expect(trace.disposition).not.toHaveProperty('icmp')
    expect(trace.reply).toBeUndefined()
  })

  it('PL-3: and no policy sees it', () => {
    const policy: PolicyFlow = {
      priority: 9,
      match: { kind: 'const', value: true },
      text: '1',
      action: { kind: 'reroute', members: [] },
    }
    expect(kinds(from1([], [policy], { destination: address('10.99.0.1') }))).toBe('no-route')
  })

  it('RT-8: a discard route drops', () => {
    const trace = from1([flow(73, '10.17.0.0/24', { kind: 'drop' })])
    expect(trace.disposition).toMatchObject({
      kind: 'discard-route',
      reason: 'the route 10.17.0.0/24 discard (static) discards',
    })
  })

  it('RT-13: the learned connected route (50) beats a local static one (49)', () => {
    expect(kinds(from1([flow(49, '10.17.0.0/16', LOCAL, { routeTable: 0 })]))).toBe('delivered')
  })

  it('RT-12: two routes of equal priority that disagree end the packet as undefined, with both candidates', () => {
    const trace = from1([flow(50, '10.17.0.0/16', LOCAL, { origin: 'connected' })])
    expect(trace.disposition).toMatchObject({
      kind: 'undefined',
      stage: 'lr_in_ip_routing',
      candidates: [
        '10.17.0.0/16 dev ovn-cluster-ovn-default (connected)',
        '10.17.0.0/16 via 169.254.100.42 (learned)',
      ],
    })
    expect(trace.hops.length).toBe(1)
  })

  it('RT-12: two that agree are one', () => {
    expect(kinds(from1([flow(50, '10.17.0.0/16', VIA_TS)]))).toBe('delivered')
  })

  it('RT-1: a source route of /32 (96) beats any destination route up to /31', () => {
    const drop = flow(96, '10.16.0.10/32', { kind: 'drop' }, { kind: 'src' })
    expect(kinds(from1([drop]))).toBe('discard-route')
    expect(kinds(from1([drop, flow(97, '10.17.0.10/32', VIA_TS)]))).toBe('delivered')
    expect(kinds(from1([flow(48, '10.16.0.0/16', { kind: 'drop' }, { kind: 'src' })]))).toBe('delivered')
  })

  it('RT-6: where source routes of all lengths have priority 1, two that disagree are undefined', () => {
    const wide = flow(1, '10.16.0.0/16', VIA_TS, { kind: 'src' })
    const narrow = flow(1, '10.16.0.0/24', { kind: 'drop' }, { kind: 'src' })
    expect(kinds(from1([wide, narrow], [], { destination: address('10.99.0.1') }))).toBe('undefined')
    expect(kinds(from1([wide, narrow]))).toBe('delivered')
  })

  it('RT-3: a route of a table counts only for ports of that table, one without counts everywhere', () => {
    expect(kinds(from1([flow(60, '10.17.0.0/16', { kind: 'drop' }, { routeTable: 1 })]))).toBe('delivered')
    expect(kinds(from1([flow(60, '10.17.0.0/16', { kind: 'drop' }, { routeTable: 0 })]))).toBe(
      'discard-route',
    )
    expect(kinds(from1([flow(60, '10.17.0.0/16', { kind: 'drop' })]))).toBe('discard-route')
  })

  it('RT-4: a route of an input port counts only there', () => {
    const at = (inport: string) => kinds(from1([flow(60, '10.17.0.0/16', { kind: 'drop' }, { inport })]))
    expect([at('az1-ts'), at('ovn-cluster-ovn-default')]).toEqual(['delivered', 'discard-route'])
  })

  it('RT-11: a router takes one from the TTL however long its way through policies', () => {
    const policy: PolicyFlow = {
      priority: 30_000,
      match: { kind: 'protocol', name: 'ip4' },
      text: 'ip4',
      action: { kind: 'reroute', members: [(VIA_TS as Extract<RouteAction, { kind: 'forward' }>).member] },
    }
    expect(from1([flow(1, '0.0.0.0/0', LOCAL)], [policy]).disposition).toMatchObject({
      kind: 'delivered',
      ttl: 62,
    })
  })

  it('RT-12: when both sides choose the transit switch, the packet circles until its TTL is gone', () => {
    // Each side sends the range to the other: 63 tunnel packets after the first, as probes saw once.
    const to = (nexthop: string, source: string, outport: string): RouteFlow =>
      flow(98, '10.50.0.1/32', {
        kind: 'forward',
        member: { nexthop: address(nexthop), source: address(source), outport },
      })
    const azs = twoAzs({
      az1: { extraRoutes: [to('169.254.100.42', '169.254.100.41', 'az1-ts')] },
      az2: { extraRoutes: [to('169.254.100.41', '169.254.100.42', 'az2-ts')] },
    })
    const spec = { port: 'pod1', destination: address('10.50.0.1'), protocol: 'icmp' } as const
    const trace = walk(stateOf(azs), spec)
    expect(trace.disposition).toMatchObject({ kind: 'ttl-exceeded', icmp: { from: '10.50.0.1' } })
    expect(trace.hops.flatMap(({ left }) => left).length).toBe(64)
    expect(walk(stateOf(azs), spec, { hopLimit: 10 }).disposition).toMatchObject({ kind: 'loop' })
  })

  it('agrees with a search through all flows', () => {
    const flows = fc.record({
      len: fc.integer({ min: 0, max: 32 }),
      ip: fc.nat(0xffff),
      kind: fc.constantFrom('dst' as const, 'src' as const),
      priority: fc.option(fc.nat(3)),
      routeTable: fc.constantFrom(undefined, 0, 1),
      inport: fc.constantFrom(undefined, 'a', 'b'),
    })
    fc.assert(
      fc.property(
        fc.array(flows, { maxLength: 30 }),
        fc.nat(0xffff),
        fc.nat(0xffff),
        fc.nat(1),
        (list, src, dst, table) => {
          const routes = list.map(({ len, ip, kind, priority, routeTable, inport }, i): RouteFlow => {
            const mask = len === 0 ? 0 : (0xffff_ffff << (32 - len)) >>> 0
            const fixed = priority ?? len * 3 + (kind === 'dst' ? 1 : 0)
            return {
              priority: fixed,
              routeTable,
              kind,
              prefix: { ip: (ip & mask) >>> 0, len },
              inport,
              origin: 'static',
              action: { kind: 'ecmp', group: i, members: [] },
            }
          })
          const router: LogicalRouter = { ...emptyRouter, routes }
          const matching = routes.filter(
            (each) =>
              (each.routeTable === undefined || each.routeTable === table) &&
              (each.inport === undefined || each.inport === 'a') &&
              contains(each.prefix, each.kind === 'dst' ? dst : src),
          )
          const top = Math.max(...matching.map(({ priority }) => priority))
          const expected = matching.filter(({ priority }) => priority === top)
          expect(new Set(matchingRoutes(router, src, dst, table, 'a'))).toEqual(new Set(expected))
        },
      ),
      { numRuns: 300 },
    )
  })
})

const emptyRouter: LogicalRouter = {
  kind: 'router',
  name: 'r',
  key: 1,
  ports: [],
  portByKey: new Map(),
  portByName: new Map(),
  routes: [],
  policies: [],
}

describe('ECMP', () => {
  const group: RouteAction = {
    kind: 'ecmp',
    group: 1,
    members: ['10.16.0.201', '10.16.0.202', '10.16.0.203'].map((nexthop) => ({
      nexthop: address(nexthop),
      source: address('10.16.0.1'),
      outport: 'ovn-cluster-ovn-default',
    })),
  }
  const nexthops = ['10.16.0.201', '10.16.0.202', '10.16.0.203'].map((ip, i) => ({
    name: `hop${i}`,
    subnet: 'ovn-default',
    chassis: 'az1-w1',
    mac: `00:00:00:01:02:0${i}`,
    ips: [ip],
  }))
  const keys = { ...base[0]!.keys, 'ovn-default/hop0': 10, 'ovn-default/hop1': 11, 'ovn-default/hop2': 12 }
  const pods = [...base[0]!.pods, ...nexthops]
  const chosen = (spec: Partial<WalkSpec>, ecmpHash: 'l4-symmetric' | 'source-ip' = 'l4-symmetric') => {
    const state = stateOf(
      twoAzs({ az1: { pods, keys, extraRoutes: [flow(49, '10.50.0.0/16', group)], ecmpHash } }),
    )
    const trace = walk(state, {
      cluster: 'az1',
      port: 'pod1',
      destination: address('10.50.0.1'),
      protocol: 'icmp',
      ...spec,
    })
    return trace.disposition.kind === 'delivered' ? trace.disposition.port : trace.disposition.kind
  }

  it('EC-4: every flow takes the member it took in case ecmp-2ts', () => {
    const two: RouteAction = { ...group, members: group.members.slice(0, 2) }
    const senders = ['20', '21', '22', '23', '24', '25', '26', '27'].map((last, i) => ({
      name: `p1x${i}`,
      subnet: 'ovn-default',
      chassis: 'az1-w1',
      mac: `00:00:00:01:03:0${i}`,
      ips: [`10.16.0.${last}`],
    }))
    const all = Object.fromEntries(senders.map(({ name }, i) => [`ovn-default/${name}`, 20 + i]))
    const az1 = {
      pods: [...pods, ...senders],
      keys: { ...keys, ...all },
      extraRoutes: [flow(51, '10.17.0.0/16', two)],
    }
    const state = stateOf(twoAzs({ az1 }))
    const taken = (spec: Partial<WalkSpec>) => {
      const trace = walk(state, {
        cluster: 'az1',
        port: 'pod1',
        destination: address('10.17.0.10'),
        protocol: 'icmp',
        ...spec,
      })
      return trace.disposition.kind === 'delivered' ? trace.disposition.port : trace.disposition.kind
    }
    const to = ['10', '20', '21', '22', '23'].map((last) =>
      taken({ destination: address(`10.17.0.${last}`) }),
    )
    expect(to).toEqual(['hop0', 'hop0', 'hop1', 'hop1', 'hop0'])
    expect(senders.map(({ name }) => taken({ port: name }))).toEqual([
      'hop0',
      'hop1',
      'hop1',
      'hop0',
      'hop1',
      'hop0',
      'hop0',
      'hop0',
    ])
    const tcp = [0, 1, 2, 3, 4, 5, 6, 7].map((i) =>
      taken({ protocol: 'tcp', sourcePort: 32_000 + i, destinationPort: 9200 }),
    )
    expect(tcp).toEqual(['hop0', 'hop1', 'hop1', 'hop1', 'hop1', 'hop1', 'hop1', 'hop0'])
    for (let i = 0; i < 8; i++)
      expect(taken({ protocol: 'udp', sourcePort: 30_000 + i, destinationPort: 9000 })).toBe('hop1')
  })

  it('EC-4: UDP ports do not matter, TCP ports do', () => {
    const over = (protocol: 'udp' | 'tcp') =>
      new Set(Array.from({ length: 24 }, (_, i) => chosen({ protocol, sourcePort: 1000 + i })))
    expect(over('udp').size).toBe(1)
    expect(over('tcp').size).toBe(3)
  })

  it('EC-4: patched programs hash the source address alone', () => {
    const seen = Array.from({ length: 12 }, (_, i) =>
      chosen({ destination: address(`10.50.0.${i + 1}`), protocol: 'tcp', sourcePort: i + 1 }, 'source-ip'),
    )
    expect(new Set(seen).size).toBe(1)
  })
})

describe('policies', () => {
  const hop = {
    nexthop: address('10.16.0.10'),
    source: address('10.16.0.1'),
    outport: 'ovn-cluster-ovn-default',
  }
  const reroute: PolicyFlow = {
    priority: 29_000,
    match: { kind: 'protocol', name: 'ip4' },
    text: 'ip4',
    action: { kind: 'reroute', members: [hop] },
  }
  const allow: PolicyFlow = {
    priority: 29_500,
    match: { kind: 'address', field: 'ip4.dst', equal: true, prefixes: [prefix('10.17.0.1/16')] },
    text: 'ip4.dst == 10.17.0.1/16',
    action: { kind: 'allow' },
  }
  const drop: PolicyFlow = {
    priority: 29_500,
    match: { kind: 'protocol', name: 'icmp4' },
    text: 'icmp4',
    action: { kind: 'drop' },
  }

  it('PL-2, KO-POL-2: a reroute hijacks what a route sends to the other side; an allow above it does not', () => {
    expect(from1([], [reroute]).disposition).toMatchObject({ kind: 'delivered', port: 'pod1' })
    expect(from1([], [reroute]).reply).toBeUndefined()
    expect(from1([], [allow, reroute]).disposition).toMatchObject({
      kind: 'delivered',
      port: 'pod2',
      ttl: 62,
    })
  })

  it('PL-2: a drop drops', () => {
    expect(from1([], [drop, reroute]).disposition).toMatchObject({ kind: 'policy', stage: 'lr_in_policy' })
  })

  it('PL-4: two policies of equal priority that disagree are undefined', () => {
    expect(from1([], [allow, drop]).disposition).toMatchObject({
      kind: 'undefined',
      stage: 'lr_in_policy',
      candidates: ['29500 ip4.dst == 10.17.0.1/16: allow', '29500 icmp4: drop'],
    })
    expect(kinds(from1([], [allow, drop], { protocol: 'udp' }))).toBe('delivered')
  })

  it('PL-2: matches on ports and protocols, and their negations', () => {
    const on = (match: PolicyFlow['match']) =>
      kinds(from1([], [{ ...drop, match }], { protocol: 'tcp', sourcePort: 5, destinationPort: 443 }))
    expect(on({ kind: 'number', field: 'tcp.dst', equal: true, values: [80, 443] })).toBe('policy')
    expect(on({ kind: 'number', field: 'tcp.dst', equal: false, values: [443] })).toBe('delivered')
    expect(on({ kind: 'number', field: 'udp.dst', equal: false, values: [80] })).toBe('delivered')
    expect(on({ kind: 'number', field: 'ip.ttl', equal: true, values: [63] })).toBe('policy')
    expect(on({ kind: 'port', field: 'inport', equal: true, names: ['ovn-cluster-ovn-default'] })).toBe(
      'policy',
    )
    expect(on({ kind: 'address', field: 'ip6.dst', equal: false, prefixes: [prefix('fd00::/16')] })).toBe(
      'delivered',
    )
    expect(
      on({
        kind: 'not',
        term: { kind: 'address', field: 'ip6.dst', equal: true, prefixes: [prefix('fd00::/16')] },
      }),
    ).toBe('policy')
    const both = {
      kind: 'and',
      terms: [
        { kind: 'protocol', name: 'tcp' },
        { kind: 'const', value: false },
      ],
    } as const
    expect([on(both), on({ ...both, kind: 'or' })]).toEqual(['delivered', 'policy'])
  })
})
