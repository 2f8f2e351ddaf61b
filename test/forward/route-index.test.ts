import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RouterInput } from '../../src/control/ovn/northd/router-input.ts'
import { routeFlows } from '../../src/control/ovn/northd/routes.ts'
import { RouteIndex } from '../../src/forward/ovn/route-index.ts'
import type { RouteFlow } from '../../src/model/forwarding.ts'
import { PROFILE_NAMES, type ProfileName } from '../../src/model/profile.ts'
import { PROFILES } from '../../src/model/profile-table.ts'
import { type Ip, ip6, parseIp } from '../../src/net/ip.ts'
import { contains, formatPrefix, lastAddress, maskOf4, parsePrefix } from '../../src/net/prefix.ts'
import type { TruthCase } from '../truth/case-format.ts'

const folder = join(import.meta.dirname, '../truth/cases')

/** A flow as northd printed it: `reg7 == 1 && ip4.dst == 10.0.0.0/8`. */
interface Printed {
  readonly priority: number
  readonly match: string
  readonly actions: string
}

/** The route flows of all routers of all truth cases that differ. */
function routersOfTruth(): { name: string; flows: Printed[] }[] {
  const routers = new Map<string, { name: string; flows: Printed[] }>()
  for (const file of readdirSync(folder)) {
    const truth = JSON.parse(readFileSync(join(folder, file), 'utf8')) as TruthCase
    for (const { az } of truth.snapshots) {
      for (const state of az === 'same' ? [] : Object.values(az)) {
        for (const [router, printed] of Object.entries(state.router_flows ?? {})) {
          const flows = printed
            .filter(([stage, , match]) => stage === 'lr_in_ip_routing' && match !== 'nd_rs || nd_ra')
            .map(([, priority, match, actions]) => ({ priority, match, actions }))
          if (flows.length > 0) routers.set(JSON.stringify(flows), { name: `${file} ${router}`, flows })
        }
      }
    }
  }
  return [...routers.values()]
}

const FORM = /^(?:reg7 == (\d+) && )?ip([46])\.(dst|src) == (\S+)$/

function parsed({ priority, match, actions }: Printed): RouteFlow {
  const [, table, , kind, prefix] = FORM.exec(match) ?? []
  expect(prefix, match).toBeDefined()
  const outport = /outport = "([^"]+)"/.exec(actions)?.[1] ?? ''
  return {
    priority,
    routeTable: table === undefined ? undefined : Number(table),
    kind: kind as 'dst' | 'src',
    prefix: parsePrefix(prefix!)!,
    inport: undefined,
    origin: 'static',
    action: { kind: 'forward', member: { nexthop: undefined, source: parseIp('0.0.0.0')!, outport } },
  }
}

/** What a switch does with the flows: the highest priority among those whose match holds, one after the other. */
function scanned(flows: readonly RouteFlow[], src: Ip, dst: Ip, table: number): RouteFlow[] {
  const matching = flows.filter(
    (flow) =>
      (flow.routeTable === undefined || flow.routeTable === table) &&
      contains(flow.prefix, flow.kind === 'dst' ? dst : src),
  )
  const highest = Math.max(-1, ...matching.map((flow) => flow.priority))
  return matching.filter((flow) => flow.priority === highest)
}

describe('flows that the real northd made', () => {
  const routers = routersOfTruth()

  it('are there, source routes and route tables among them', () => {
    const matches = routers.flatMap(({ flows }) => flows.map(({ match }) => match))
    expect(routers.length).toBeGreaterThan(50)
    expect(matches.some((match) => match.includes('.src'))).toBe(true)
    expect(matches.some((match) => match.startsWith('reg7'))).toBe(true)
  })

  it('RT-1, RT-2, RT-3: the index picks what a scan of all flows picks, ties included', () => {
    let asked = 0
    for (const { name, flows } of routers) {
      const routes = flows.map(parsed)
      const index = new RouteIndex(routes)
      const edges: Ip[] = routes.flatMap(({ prefix }) => [prefix.ip, lastAddress(prefix)])
      const probes = [...edges, parseIp('8.8.8.8')!, ip6(0x20010db8, 0, 0, 1)]
      const tables = new Set([0, 7, ...routes.flatMap(({ routeTable }) => routeTable ?? [])])
      for (const table of tables) {
        for (const src of probes) {
          for (const dst of probes) {
            if (typeof src !== typeof dst) continue
            asked++
            const found = new Set(index.match(src, dst, table, 'any'))
            expect(found, name).toEqual(new Set(scanned(routes, src, dst, table)))
          }
        }
      }
    }
    expect(asked).toBeGreaterThan(10_000)
  })

  it('RT-1: their priorities are those of the formula of the profile', () => {
    const { multiplier, srcIp, staticDst, learnedStatic, connected, learnedConnected } =
      PROFILES['ovn-23.03'].routePriorities
    for (const { name, flows } of routers) {
      for (const { kind, prefix, priority } of flows.map(parsed)) {
        const offsets = kind === 'src' ? [srcIp] : [staticDst, learnedStatic, connected, learnedConnected]
        expect(offsets, `${name} ${formatPrefix(prefix)}`).toContain(priority - prefix.len * multiplier)
      }
    }
  })
})

/** The rows of one router: static, learned and source routes over two networks, some prefixes more than once. */
const rows = fc.array(
  fc
    .record({
      bits: fc.constantFrom(0x0a100000, 0x0a100500, 0x0a110000, 0xac150000),
      len: fc.constantFrom(0, 8, 16, 24, 25, 32),
      kind: fc.constantFrom('static', 'src-ip', 'learned static', 'learned connected'),
      table: fc.constantFrom('', 'blue'),
    })
    .map(({ bits, len, kind, table }) => ({
      ip_prefix: formatPrefix({ ip: (bits & maskOf4(len)) >>> 0, len }),
      nexthop: '169.254.100.9',
      policy: kind === 'src-ip' ? 'src-ip' : undefined,
      route_table: kind === 'src-ip' ? '' : table,
      output_port: undefined,
      options: kind === 'learned connected' ? { origin: 'connected' } : {},
      external_ids: kind.startsWith('learned') ? { 'ic-learned-route': 'x' } : {},
    })),
  { minLength: 1, maxLength: 30 },
)

describe('flows that the modelled northd makes for each profile', () => {
  const ports = [
    { name: 'az1-ts', networks: ['169.254.100.1/24'], routeTable: '' },
    { name: 'az1-net', networks: ['10.16.0.1/16', '10.17.0.1/16'], routeTable: 'blue' },
  ].map((port) => ({ ...port, networks: port.networks.map((text) => parsePrefix(text)!) }))
  const flowsOf = (routes: readonly object[], name: ProfileName) =>
    routeFlows({ ports, routes } as unknown as RouterInput, {
      priorities: PROFILES[name].routePriorities,
      ecmpOrder: {},
    })

  it('RT-1, RT-5, RT-6: have the priorities of that release', () => {
    // A prefix length times a factor and what is added for connected, static, learned connected, learned static; source routes.
    const by3 = [3, 2, 1, 2, 1] as const
    const by8 = [8, 6, 4, 2, 2] as const
    const released = (name: ProfileName) => (PROFILES[name].ovnVersion === '25.03' ? by8 : by3)
    for (const name of PROFILE_NAMES) {
      const [times, connected, fixed, learnedConnected, learnedStatic] = released(name)
      const row = {
        nexthop: '169.254.100.9',
        route_table: '',
        output_port: undefined,
        options: {},
        external_ids: {},
      }
      const learned = { ...row, external_ids: { 'ic-learned-route': 'x' } }
      const flows = flowsOf(
        [
          { ...row, ip_prefix: '172.16.0.0/12' },
          { ...learned, ip_prefix: '172.17.0.0/16', options: { origin: 'connected' } },
          { ...learned, ip_prefix: '172.18.0.0/17' },
          { ...row, ip_prefix: '10.16.0.0/24', policy: 'src-ip' },
          { ...row, ip_prefix: '10.16.0.9', policy: 'src-ip' },
        ],
        name,
      )
      const priorities = Object.fromEntries(
        flows.map(({ prefix, priority }) => [formatPrefix(prefix), priority]),
      )
      expect(priorities, name).toMatchObject({
        '10.17.0.0/16': 16 * times + connected,
        '172.16.0.0/12': 12 * times + fixed,
        '172.17.0.0/16': 16 * times + learnedConnected,
        '172.18.0.0/17': 17 * times + learnedStatic,
        '10.16.0.0/24': name === 'ovn-23.03' ? 72 : 1,
        '10.16.0.9/32': name === 'ovn-23.03' ? 96 : 2,
      })
    }
  })

  it('RT-1 to RT-6: are found as a scan of all flows finds them, source routes below or among the others', () => {
    const ip = fc.constantFrom(0x0a100000, 0x0a100501, 0x0a1005ff, 0x0a110003, 0xac150001, 0x08080808)
    fc.assert(
      fc.property(
        rows,
        fc.constantFrom(...PROFILE_NAMES),
        ip,
        ip,
        fc.constantFrom(0, 1),
        (routes, name, src, dst, table) => {
          const flows = flowsOf(routes, name)
          const found = new Set(new RouteIndex(flows).match(src, dst, table, 'az1-net'))
          expect(found).toEqual(
            new Set(
              scanned(
                flows.filter(({ inport }) => inport === undefined),
                src,
                dst,
                table,
              ),
            ),
          )
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

describe('ties', () => {
  const flow = (prefix: string, priority: number, outport: string): RouteFlow =>
    parsed({ priority, match: `ip4.dst == ${prefix}`, actions: `outport = "${outport}"` })

  it('RT-12: flows of one priority and prefix that lead elsewhere are one; equal flows are none', () => {
    const [a, b] = [flow('10.0.0.0/8', 26, 'a'), flow('10.0.0.0/8', 26, 'b')]
    const index = new RouteIndex([
      a,
      flow('10.0.0.0/8', 25, 'c'),
      b,
      flow('10.1.0.0/16', 50, 'a'),
      flow('10.1.0.0/16', 50, 'a'),
    ])
    expect(index.ties()).toEqual([[a, b]])
    expect(index.match(0, parseIp('10.2.0.1')!, 0, 'any')).toEqual([a, b])
  })
})
