/** Rules of routing and of published ports as the whole model keeps them: scenario in, flows, rows and bytes out. */
import { describe, expect, it } from 'vitest'
import type { RouterInput } from '../../src/control/ovn/northd/router-input.ts'
import { routeFlows } from '../../src/control/ovn/northd/routes.ts'
import { matchText } from '../../src/forward/ovn/router-routing.ts'
import { type ForwardingState, type LogicalView, type Scenario, stateAt, trace } from '../../src/index.ts'
import { PROFILES } from '../../src/model/profile-table.ts'
import { formatIp } from '../../src/net/ip.ts'
import { Fabric, mac, prefix, stateOf, twoAzs } from '../forward/fixture.ts'
import { frameFrom } from '../forward/frames.ts'
import { twoClusters } from './run.ts'

/** Route flows of a chassis' router as `50 ip4.dst == 10.17.0.0/16 learned`, but for those of link-local networks. */
function flowsOf(state: ForwardingState, chassis = 'az1/az1-w1'): string[] {
  const view: LogicalView = state.chassis.get(chassis)!.view!
  const router = view.byName.get('ovn-cluster')!
  if (router.kind !== 'router') throw new Error('ovn-cluster is no router')
  return router.routes
    .map((route) => `${route.priority} ${matchText(route)} ${route.origin}`)
    .filter((text) => !text.includes('fe80::/64') && !text.includes('169.254.'))
    .sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10) || (a < b ? -1 : 1))
}

const routes = `[
    { prefix: 172.16.0.0/16, nexthop: 10.16.0.9 },
    { prefix: 172.16.5.0/24, nexthop: 10.16.0.9 },
    { prefix: 172.16.0.0/16, nexthop: 10.16.0.8, policy: src-ip },
    { prefix: 10.16.0.77, nexthop: 10.16.0.8, policy: src-ip },
    { prefix: 172.18.0.0/16, nexthop: 10.16.0.9, table: red },
    { prefix: 172.18.0.0/16, nexthop: 10.16.0.9, table: red, policy: src-ip } ]`
const mixed = (profile?: string) =>
  twoClusters({
    ...(profile !== undefined && { profile }),
    az1: `staticRoutes: ${routes}`,
    az2: 'staticRoutes: [{ prefix: 172.19.0.0/16, nexthop: 10.17.0.9 }]',
  })

describe('route flows', () => {
  it('RT-1, RT-2, RT-3: priority is length × 3 plus 0, 1 or 2 by origin; reg7 stands where a table matters', () => {
    expect(flowsOf(stateAt(mixed(), 0).state)).toEqual([
      '96 ip4.src == 10.16.0.77/32 static',
      '73 reg7 == 0 && ip4.dst == 172.16.5.0/24 static',
      '50 ip4.dst == 10.16.0.0/16 connected',
      '50 ip4.dst == 10.17.0.0/16 learned',
      '49 reg7 == 0 && ip4.dst == 172.16.0.0/16 static',
      '49 reg7 == 0 && ip4.dst == 172.19.0.0/16 learned',
      '49 reg7 == 1 && ip4.dst == 172.18.0.0/16 static',
      '48 ip4.src == 172.16.0.0/16 static',
      '48 reg7 == 1 && ip4.src == 172.18.0.0/16 static',
    ])
  })

  it('RT-5, RT-6: from 25.03 length × 8 with learned routes last, and with Kube-OVN src-ip routes below all', () => {
    const scenario: Scenario = mixed('kube-ovn-1.16')
    const flows = flowsOf(stateAt(scenario, 20e9).state)
    expect(flows).toContain('134 ip4.dst == 10.16.0.0/16 connected')
    expect(flows).toContain('132 reg7 == 0 && ip4.dst == 172.16.0.0/16 static')
    expect(flows.filter((text) => text.includes('learned'))).toEqual([
      '130 ip4.dst == 10.17.0.0/16 learned',
      '130 reg7 == 0 && ip4.dst == 172.19.0.0/16 learned',
    ])
    expect(flows).toContain('2 ip4.src == 10.16.0.77/32 static')
    expect(flows).toContain('1 ip4.src == 172.16.0.0/16 static')
  })

  it('RT-13: of an own static and a learned connected route the learned one wins, with its own flow', () => {
    const scenario = twoClusters({ az1: 'staticRoutes: [{ prefix: 10.17.0.0/16, nexthop: 10.16.0.9 }]' })
    expect(flowsOf(stateAt(scenario, 0).state).filter((text) => text.includes('10.17'))).toEqual([
      '50 ip4.dst == 10.17.0.0/16 learned',
      '49 reg7 == 0 && ip4.dst == 10.17.0.0/16 static',
    ])
    expect(trace(scenario, { from: 'az1/web', to: 'az2/web', protocol: 'icmp' }).disposition).toMatchObject({
      kind: 'delivered',
      ttl: 62,
    })
  })

  it('EC-1: a group of static and connected origin ranks as its first member, wherever a pin puts that one', () => {
    const route = (id: number, nexthop: string, origin: string) => ({
      ...{ ip_prefix: '10.20.0.0/16', nexthop, policy: undefined, route_table: '', output_port: undefined },
      ...{
        options: origin === '' ? {} : { origin },
        external_ids: origin === '' ? {} : { 'ic-learned-route': `${id}` },
      },
    })
    const ports = twoAzs()[0]!.ts!.networks.map(prefix)
    const rank = (origins: readonly string[], order: readonly string[]) => {
      const rows = origins.map((origin, i) => route(i, `169.254.100.${50 + i}`, origin))
      const port = { name: 'az1-ts', networks: ports, routeTable: '' }
      const router = { routes: rows, ports: [port] } as unknown as RouterInput
      const found = routeFlows(router, {
        priorities: PROFILES['ovn-23.03'].routePriorities,
        ecmpOrder: { '': order },
      })
      const flow = found.find(({ prefix: { len } }) => len === 16)!
      const members = flow.action.kind === 'ecmp' ? flow.action.members : []
      return [flow.priority, ...members.map(({ nexthop }) => formatIp(nexthop!))].join(' ')
    }
    expect(rank(['', 'connected'], [])).toBe('49 169.254.100.50 169.254.100.51')
    expect(rank(['connected', ''], [])).toBe('50 169.254.100.50 169.254.100.51')
    expect(rank(['', 'connected'], ['169.254.100.51'])).toBe('49 169.254.100.51 169.254.100.50')
  })

  it('EC-2: a discard beside a route with a way out leaves an ordinary route', () => {
    const scenario = twoClusters({
      az1: `staticRoutes: [{ prefix: 10.40.0.0/16, nexthop: discard }, { prefix: 10.40.0.0/16, nexthop: 10.16.0.9, ecmp: true }]`,
    })
    const router = stateAt(scenario, 0).state.chassis.get('az1/az1-w1')!.view!.byName.get('ovn-cluster')!
    const flows = router.kind === 'router' ? router.routes.filter(({ priority }) => priority === 49) : []
    expect(flows.map(({ action }) => action.kind)).toEqual(['forward'])
  })

  it('AR-3: the router takes a pod’s MAC from the database and asks nobody', () => {
    const azs = twoAzs()
    const { hops, drops } = new Fabric(stateOf(azs)).send('pod1', frameFrom(azs, 'pod1', '10.17.0.10'))
    expect(drops).toEqual([])
    expect(hops).toHaveLength(3)
    expect(hops.at(-1)).toMatchObject({ to: 'az2-w1', edst: '00:00:00:02:01:0a', ttl: 62 })
  })

  it('RT-9: the frame that leaves carries the MAC of the output port, and goes to that of the nexthop', () => {
    const azs = twoAzs()
    const { hops, delivered } = new Fabric(stateOf(azs)).send('pod1', frameFrom(azs, 'pod1', '10.17.0.10'))
    expect(hops.map(({ esrc, edst }) => [esrc, edst])).toEqual([
      ['00:00:00:50:00:81', '00:00:00:50:00:82'],
      ['00:00:00:50:00:81', '00:00:00:50:00:82'],
      ['00:00:00:02:00:01', '00:00:00:02:01:0a'],
    ])
    expect(delivered.map(({ port }) => port)).toEqual(['pod2'])
  })

  it('LR-1: a frame for a MAC that the port no longer has is dropped where it arrives', () => {
    const azs = twoAzs()
    const ts = { ...azs[1]!.ts!, mac: '00:00:00:50:00:99' }
    const moved = stateOf(twoAzs({ az2: { ts } }))
    const stale = stateOf(azs)
    // az1 has not heard of the new MAC yet.
    const chassis = new Map([
      ...stale.chassis,
      ...[...moved.chassis].filter(([key]) => key.startsWith('az2/')),
    ])
    expect(mac('00:00:00:50:00:99')).not.toBe(mac(azs[1]!.ts!.mac))
    const { drops, delivered } = new Fabric({ ...stale, chassis }).send(
      'pod1',
      frameFrom(azs, 'pod1', '10.17.0.10'),
    )
    expect(delivered).toEqual([])
    expect(drops).toMatchObject([{ kind: 'admission', where: 'az2/az2-gw1', stage: 'lr_in_admission' }])
  })
})

describe('published ports', () => {
  const bindings = (scenario: Scenario, at: number) =>
    [...stateAt(scenario, at).databases.icSb.tables.Port_Binding.values()].map(
      ({ logical_port, address, gateway }) => [logical_port, address.replace(/^\S+ ?/, 'MAC '), gateway],
    )

  it('PB-2: every network of the router port, and the chassis that holds its cr- port', () => {
    const dual = (n: number) =>
      `subnets: { ovn-default: { cidr: ['10.${15 + n}.0.0/16', 'fd00:10:${15 + n}::/112'] } }, transitPorts: { ts: { ip: ['169.254.100.4${n}/24', 'fe80:a9fe:64::4${n}/112', '192.0.2.${n}/28'] } }`
    const scenario = twoClusters({
      az1: dual(1),
      az2: dual(2),
      more: 'timeline: [{ at: 1s, stop: ovn-controller az1/az1-gw1 }]\nduration: 4s',
    })
    expect(bindings(scenario, 0)).toEqual([
      ['ts-az1', 'MAC 169.254.100.41/24 fe80:a9fe:64::41/112 192.0.2.1/28', 'az1-gw1'],
      ['ts-az2', 'MAC 169.254.100.42/24 fe80:a9fe:64::42/112 192.0.2.2/28', 'az2-gw1'],
    ])
    expect(bindings(scenario, 3e9).map((row) => row[2])).toEqual(['az1-gw2', 'az2-gw1'])
  })

  it('PB-6: with its router port gone a switch port stays published, bare, and remote ports lose their address', () => {
    const scenario = twoClusters({
      more: "timeline: [{ at: 1s, nbctl: { az2: 'lrp-del az2-ts' } }]\nduration: 4s",
    })
    expect(bindings(scenario, 2e9)).toEqual([
      ['ts-az1', 'MAC 169.254.100.41/24', 'az1-gw1'],
      ['ts-az2', '', ''],
    ])
    const { nb } = stateAt(scenario, 2e9).databases.clusters.get('az1')!
    const remote = [...nb.tables.Logical_Switch_Port.values()].find(({ name }) => name === 'ts-az2')
    expect(remote).toMatchObject({ type: 'remote', addresses: [] })
  })
})
