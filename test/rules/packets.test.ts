/** Rules of the packet path that no other test names: redirection, tunnels, neighbours, MTU, ECMP without liveness. */
import { describe, expect, it } from 'vitest'
import { MULTICAST } from '../../src/forward/ovn/packet.ts'
import { walk } from '../../src/forward/walk.ts'
import { buildFrame } from '../../src/forward/walk-packet.ts'
import { type RunResult, simulate, stateAt, trace, type UnderlayPacket } from '../../src/index.ts'
import { decodeFrame } from '../../src/wire/decode.ts'
import type { DecodedLayer } from '../../src/wire/decoded.ts'
import { address, Fabric, mac, stateOf, twoAzs } from '../forward/fixture.ts'
import { frameFrom, readError } from '../forward/frames.ts'
import { stepsOf, twoClusters } from './run.ts'

const azs = twoAzs()
const state = stateOf(azs)
const TO_POD2 = {
  cluster: 'az1',
  port: 'pod1',
  destination: address('10.17.0.10'),
  protocol: 'icmp',
} as const

/** az1 with a second pod on the worker and a third on the second gateway, all in one subnet. */
const crowded = twoAzs({
  az1: {
    pods: [
      { name: 'pod1', chassis: 'az1-w1', ip: '10.16.0.10', mac: '00:00:00:01:01:0a' },
      { name: 'pod3', chassis: 'az1-w1', ip: '10.16.0.11', mac: '00:00:00:01:01:0b' },
      { name: 'pod4', chassis: 'az1-gw2', ip: '10.16.0.12', mac: '00:00:00:01:01:0c' },
    ].map(({ ip, ...pod }) => ({ ...pod, subnet: 'ovn-default', ips: [ip] })),
    keys: { ...azs[0]!.keys, 'ovn-default/pod3': 3, 'ovn-default/pod4': 4 },
  },
})

/** Everything that crossed the underlay in a run, layer by layer. */
function underlayOf(
  run: (told: (packet: UnderlayPacket) => void) => RunResult,
): readonly (readonly DecodedLayer[])[] {
  const packets: (readonly DecodedLayer[])[] = []
  run(({ bytes }) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    packets.push(decodeFrame(view, 0, bytes.length).layers)
  })
  return packets
}

describe('the way through the gateways', () => {
  it('GR-1: a packet for a gateway port that is active elsewhere goes to its cr- port, and so to that chassis', () => {
    const walked = walk(state, TO_POD2)
    const step = stepsOf(walked).find(({ stage }) => stage === 'lr_in_gw_redirect')
    expect(step).toMatchObject({
      chassis: 'az1/az1-w1',
      datapath: 'ovn-cluster',
      table: 20,
      priority: 50,
      match: 'outport == "az1-ts"',
      actions: ['outport = "cr-az1-ts";', 'next;'],
    })
    expect(walked.hops[0]!.left).toMatchObject([
      { kind: 'tunnel', to: 'az1/az1-gw1', datapath: 'ovn-cluster', egressPort: 'cr-az1-ts', egressKey: 3 },
    ])
    const moved = walk(
      stateOf(twoAzs({ az1: { active: 'az1-gw2', gateways: ['az1-gw2', 'az1-gw1'] } })),
      TO_POD2,
    )
    expect(moved.hops[0]!.left).toMatchObject([{ kind: 'tunnel', to: 'az1/az1-gw2' }])
  })

  it('GE-4: what a tunnel brings is output at once; the ingress pipeline of its datapath does not run again', () => {
    const { hops } = walk(state, TO_POD2)
    const passed = hops
      .slice(1)
      .map(({ steps }) =>
        steps
          .map(({ datapath, pipeline }) => `${datapath} ${pipeline}`)
          .filter((text, i, all) => text !== all[i - 1]),
      )
    expect(passed).toEqual([
      ['ovn-cluster egress', 'ts ingress'],
      ['ts egress', 'ovn-cluster ingress', 'ovn-cluster egress', 'ovn-default ingress'],
      ['ovn-default egress'],
    ])
    expect(hops[1]!.steps[0]).toMatchObject({ table: 40, stage: 'local_output' })
  })

  it('PA-4: a chassis that is not active for the gateway port drops what a tunnel brings for it, and relays nothing', () => {
    const moved = stateOf(azs, (chassis) => {
      if (chassis.node !== 'az1-w1') return chassis
      const tunnels = new Map(chassis.tunnels)
      tunnels.set('az1-gw1', { ...tunnels.get('az1-gw1')!, bfd: 'down' })
      return { ...chassis, tunnels }
    })
    const walked = walk(moved, TO_POD2)
    expect(walked.hops.map(({ chassis }) => chassis)).toEqual(['az1/az1-w1', 'az1/az1-gw2'])
    expect(walked.disposition).toMatchObject({
      kind: 'not-resident',
      where: 'az1/az1-gw2',
      stage: 'local_output',
    })
  })

  it('GE-6: VXLAN carries no interconnection: gateways build no such tunnel, and say so once', () => {
    const nodes = (n: number) =>
      `nodes: { ${['gw1', 'gw2', 'w1'].map((name, i) => `az${n}-${name}: { ip: 192.168.42.${n}${i + 1}, encap: vxlan }`).join(', ')} }`
    const of = (az1: string | undefined, az2: string | undefined) =>
      twoClusters({ ...(az1 && { az1 }), ...(az2 && { az2 }), more: 'duration: 5s' })
    const ends = (scenario: ReturnType<typeof of>) =>
      trace(scenario, { from: 'az1/web', to: 'az2/web', protocol: 'icmp' }).disposition
    for (const [az1, az2] of [
      [nodes(1), nodes(2)],
      [nodes(1), undefined],
      [undefined, nodes(2)],
    ])
      expect(ends(of(az1, az2))).toMatchObject({ kind: 'tunnel-down', where: 'az1/az1-gw1', datapath: 'ts' })
    const { log } = simulate(of(nodes(1), nodes(2)))
    const warnings = log.filter(({ text }) => text.includes('VXLAN'))
    expect(warnings.filter(({ source }) => source === 'ovn-controller az1/az1-gw1')).toHaveLength(2)
    expect(warnings.some(({ source }) => source.endsWith('-w1'))).toBe(false)
  })

  it('PA-2: within a cluster one subnet costs no TTL, another costs one', () => {
    const pods =
      'pods: { web: { node: az1-w1, ip: 10.16.0.10 }, near: { node: az1-gw2, ip: 10.16.0.11 }, far: { node: az1-gw2, subnet: more } }'
    const scenario = twoClusters({
      az1: `subnets: { ovn-default: 10.16.0.0/16, more: 10.30.0.0/24 }, ${pods}`,
    })
    const ttl = (to: string) => trace(scenario, { from: 'az1/web', to, protocol: 'icmp' }).disposition
    expect(ttl('az1/near')).toMatchObject({ kind: 'delivered', ttl: 64 })
    expect(ttl('az1/far')).toMatchObject({ kind: 'delivered', ttl: 63 })
  })
})

describe('groups and neighbours', () => {
  it('GE-3: the keys of groups begin at 0x8000, and a broadcast travels under the key of its group', () => {
    expect(MULTICAST).toEqual({ flood: 0x8000, unknown: 0x8001, floodL2: 0x8004 })
    const echo = { kind: 'echo-request', id: 1, seq: 1, size: 10 } as const
    const frame = buildFrame(
      {
        ethSrc: mac('00:00:00:01:01:0a'),
        ethDst: mac('ff:ff:ff:ff:ff:ff'),
        src: address('10.16.0.10'),
        dst: address('255.255.255.255'),
        ttl: 64,
        tos: 0,
        dontFragment: false,
      },
      echo,
    )
    const { hops, delivered } = new Fabric(stateOf(crowded)).send('pod1', frame)
    expect(hops.map(({ to, vni, opt }) => [to, vni, opt])).toEqual([['az1-gw2', 1, '00018000']])
    expect(delivered.map(({ port }) => port).sort()).toEqual(['pod3', 'pod4'])
  })

  it('AR-1: the next hop of a learned route is known without asking: no ARP or ND crosses the transit switch', () => {
    const scenario = twoClusters({
      more: 'traffic: [{ ping: az1/web -> az2/web, count: 3, interval: 100ms }, { ping: az2/web -> az1/web, count: 3, interval: 100ms }]',
    })
    const resolve = stepsOf(trace(scenario, { from: 'az1/web', to: 'az2/web', protocol: 'icmp' })).find(
      ({ stage, chassis }) => stage === 'lr_in_arp_resolve' && chassis === 'az1/az1-w1',
    )
    expect(resolve).toMatchObject({
      table: 17,
      priority: 100,
      match: 'outport == "az1-ts" && reg0 == 169.254.100.42',
    })
    const { databases } = stateAt(scenario, 0)
    const far = [...databases.clusters.get('az2')!.nb.tables.Logical_Router_Port.values()]
    const { mac: theirs } = far.find(({ name }) => name === 'az2-ts')!
    expect(resolve!.actions).toContain(`eth.dst = ${theirs.toLowerCase()};`)
    let result: RunResult | undefined
    const packets = underlayOf((onUnderlayPacket) => {
      result = simulate(scenario, { onUnderlayPacket })
      return result
    })
    expect(result!.traffic.map(({ lost }) => lost)).toEqual([[], []])
    expect(packets.filter((layers) => layers.some(({ kind }) => kind === 'icmp'))).toHaveLength(2 * 3 * 6)
    expect(packets.filter((layers) => layers.some(({ kind }) => kind === 'arp'))).toEqual([])
  })

  it('HA-13: a failover announces nothing: no ARP, no advertisement, and the port keeps its MAC', () => {
    const scenario = twoClusters({
      more: `traffic: [{ ping: az2/web -> az1/web, at: 500ms, count: 40, interval: 200ms }]
timeline: [{ at: 1s, fail: az1/az1-gw1 }, { at: 6s, recover: az1/az1-gw1 }]`,
    })
    let result: RunResult | undefined
    const packets = underlayOf((onUnderlayPacket) => {
      result = simulate(scenario, { onUnderlayPacket })
      return result
    })
    const claims = result!.log.filter(({ kind, at }) => kind === 'claim' && at > 0)
    expect(claims.map(({ source }) => source)).toEqual(
      expect.arrayContaining(['ovn-controller az1/az1-gw1', 'ovn-controller az1/az1-gw2']),
    )
    const other = packets.filter((layers) => !layers.some(({ kind }) => kind === 'bfd' || kind === 'icmp'))
    expect(other).toEqual([])
    const macs = [...result!.snapshots.values()].map(
      ({ clusters }) =>
        [...clusters.get('az1')!.nb.tables.Logical_Router_Port.values()].find(
          ({ name }) => name === 'az1-ts',
        )!.mac,
    )
    expect(new Set(macs).size).toBe(1)
    expect(macs.length).toBeGreaterThan(1)
  })
})

describe('errors and sizes', () => {
  it('IC4-3: nobody answers for a group address, nor for a later fragment whose TTL has run out, nor a router for any fragment of an echo', () => {
    const fabric = new Fabric(state)
    const UDP = { kind: 'udp', sourcePort: 1, destinationPort: 2, size: 32 } as const
    const header = {
      ethSrc: mac('00:00:00:01:01:0a'),
      ethDst: mac('00:00:00:01:00:01'),
      src: address('10.16.0.10'),
      ttl: 1,
      tos: 0,
      dontFragment: false,
    }
    const group = fabric.send('pod1', buildFrame({ ...header, dst: address('224.1.1.1') }, UDP))
    expect(group.delivered).toEqual([])
    expect(group.drops).toMatchObject([{ stage: 'lr_in_ip_input' }])
    const fragment = frameFrom(azs, 'pod1', '10.17.0.10', UDP, 1)
    const at = fragment.start + 14
    fragment.view.setUint16(at + 6, 185)
    const later = fabric.send('pod1', fragment)
    expect(later.delivered).toEqual([])
    expect(later.drops).toMatchObject([{ kind: 'ttl-exceeded', stage: 'lr_in_ip_input' }])
    expect(later.drops[0]!.icmp).toBeUndefined()
    const ECHO = { kind: 'echo-request', id: 1, seq: 1, size: 32 } as const
    expect(fabric.send('pod1', frameFrom(azs, 'pod1', '10.16.0.1', ECHO)).delivered).toHaveLength(1)
    const first = frameFrom(azs, 'pod1', '10.16.0.1', ECHO)
    first.view.setUint16(first.start + 14 + 6, 0x2000)
    const unanswered = fabric.send('pod1', first)
    expect(unanswered.delivered).toEqual([])
    expect(unanswered.drops).toMatchObject([{ kind: 'own-address', stage: 'lr_in_ip_input' }])
    const whole = fabric.send('pod1', frameFrom(azs, 'pod1', '10.17.0.10', UDP, 1))
    expect(whole.delivered.map(({ port }) => port)).toEqual(['pod1'])
  })

  it('IC4-6: an IPv4 error quotes 534 bytes of the original, or all of a shorter one', () => {
    const small = twoAzs({ az1: { ts: { ...azs[0]!.ts!, gatewayMtu: 600 } } })
    const quoted = (size: number) => {
      const echo = { kind: 'echo-request', id: 1, seq: 1, size } as const
      const { delivered } = new Fabric(stateOf(small)).send(
        'pod1',
        frameFrom(small, 'pod1', '10.17.0.10', echo),
      )
      return readError(delivered[0]!.frame)
    }
    expect(quoted(1000)).toMatchObject({ type: 3, code: 4, mtu: 600, origLen: 534 })
    const expired = new Fabric(state).send('pod1', frameFrom(azs, 'pod1', '10.17.0.10', undefined, 1))
    expect(readError(expired.delivered[0]!.frame)).toMatchObject({ type: 11, origLen: 84 })
  })

  it('MT-1: without gateway_mtu no logical port minds the size of a packet; the underlay alone does', () => {
    const large = { ...TO_POD2, size: 8000 }
    expect(walk(state, large).disposition).toMatchObject({ kind: 'delivered', ttl: 62 })
    expect(walk(state, large, { mtuBetween: () => 1500 }).disposition).toMatchObject({
      kind: 'mtu-exceeded',
      where: expect.stringContaining('az1-w1'),
    })
    const small = twoAzs({ az1: { ts: { ...azs[0]!.ts!, gatewayMtu: 1400 } } })
    expect(walk(stateOf(small), large).disposition).toMatchObject({
      kind: 'mtu-exceeded',
      datapath: 'ovn-cluster',
    })
    const near = walk(
      stateOf(crowded),
      { ...large, destination: address('10.16.0.11') },
      { mtuBetween: () => 1500 },
    )
    expect(near.disposition).toMatchObject({ kind: 'delivered', ttl: 64 })
  })
})

describe('several switches', () => {
  it('EC-6: members of a group stay while their gateway is dead: its share of the flows is lost until HA moves it', () => {
    const names = Array.from({ length: 8 }, (_, i) => `p${i}`)
    const pods = `pods: { ${names.map((name, i) => `${name}: { node: az2-w1, ip: 10.17.0.${20 + i} }`).join(', ')} }`
    const pings = names.map(
      (name) => `  - { ping: az1/web -> az2/${name}, count: 80, interval: 100ms, as: ${name} }`,
    )
    const scenario = twoClusters({
      switches: 2,
      az2: pods,
      more: `traffic:\n${pings.join('\n')}\ntimeline: [{ at: 1s, fail: az1/az1-gw1 }]`,
    })
    const group = (at: number) => {
      const view = stateAt(scenario, at).state.chassis.get('az1/az1-w1')!.view!
      const router = view.byName.get('ovn-cluster')!
      if (router.kind !== 'router') throw new Error('no router')
      const found = router.routes.find(
        ({ priority, origin }) => priority === 50 && origin === 'learned',
      )!.action
      return found.kind === 'ecmp' ? found.members.map(({ outport }) => outport).sort() : found.kind
    }
    expect([0, 2e9, 7e9].map(group)).toEqual(Array(3).fill(['az1-ts', 'az1-ts1']))
    const { traffic } = simulate(scenario)
    const losses = traffic.map(({ lost }) => lost.length)
    expect(losses.filter((lost) => lost === 0).length).toBeGreaterThan(0)
    const hit = losses.filter((lost) => lost > 0)
    expect(hit.length).toBeGreaterThan(0)
    for (const lost of hit) expect(lost).toBeGreaterThanOrEqual(20)
    for (const lost of hit) expect(lost).toBeLessThanOrEqual(32)
  })

  it('HA-12: with ovn-ic dead another zone keeps sending to the dead gateway, and follows when it runs again', () => {
    const scenario = twoClusters({
      more: `timeline:
  - { at: 500ms, kill: ovn-ic az1 }
  - { at: 1s, fail: az1/az1-gw1 }
  - { at: 9s, start: ovn-ic az1 }
duration: 12s`,
    })
    const end = (from: string, to: string, at: number) =>
      trace(scenario, { from, to, protocol: 'icmp', at: at * 1e9 }).disposition
    expect(end('az1/web', 'az2/web', 8)).toMatchObject({ kind: 'delivered' })
    expect(end('az2/web', 'az1/web', 8)).toMatchObject({ kind: 'link-down' })
    expect(end('az2/web', 'az1/web', 10)).toMatchObject({ kind: 'delivered', ttl: 62 })
  })
})
