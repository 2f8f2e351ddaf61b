import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RouteIndex } from '../../src/forward/ovn/route-index.ts'
import type { RouteFlow } from '../../src/model/forwarding.ts'
import { PROFILES } from '../../src/model/profile-table.ts'
import { type Ip, ip6, parseIp } from '../../src/net/ip.ts'
import { contains, formatPrefix, lastAddress, parsePrefix } from '../../src/net/prefix.ts'
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
