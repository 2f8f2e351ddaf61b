import { describe, expect, it } from 'vitest'
import { walk } from '../../src/forward/walk.ts'
import { checksumOf } from '../../src/wire/checksum.ts'
import { address, Fabric, type Hop, stateOf, TS_KEY, twoAzs } from './fixture.ts'
import { ECHO, frameFrom, ttlOf } from './frames.ts'

const azs = twoAzs()
const state = stateOf(azs)
const fabric = new Fabric(state)

function brief(hops: readonly Hop[]) {
  return hops.map(({ from, to, usport, vni, opt, esrc, edst, ttl }) => [
    from,
    to,
    usport,
    vni,
    opt,
    esrc,
    edst,
    ttl,
  ])
}

const TS_MACS = ['00:00:00:50:00:81', '00:00:00:50:00:82'] as const

/** The three tunnel packets of case basic-2az for one flow, from az1 to az2. */
function eastward(usport: number, ttl = 63) {
  return [
    ['az1-w1', 'az1-gw1', usport, 2, '00010003', TS_MACS[0], TS_MACS[1], ttl],
    ['az1-gw1', 'az2-gw1', usport, TS_KEY, '00010002', TS_MACS[0], TS_MACS[1], ttl],
    ['az2-gw1', 'az2-w1', usport, 1, '00010002', '00:00:00:02:00:01', '00:00:00:02:01:0a', ttl - 1],
  ]
}

function westward(usport: number, ttl = 63) {
  return [
    ['az2-w1', 'az2-gw1', usport, 2, '00010003', TS_MACS[1], TS_MACS[0], ttl],
    ['az2-gw1', 'az1-gw1', usport, TS_KEY, '00020001', TS_MACS[1], TS_MACS[0], ttl],
    ['az1-gw1', 'az1-w1', usport, 1, '00020001', '00:00:00:01:00:01', '00:00:00:01:01:0a', ttl - 1],
  ]
}

describe('the path of §3.2, as case basic-2az saw it', () => {
  it('PA-1, PA-5, GE-1: an echo request makes three tunnel packets and arrives with TTL 62', () => {
    const outcome = fabric.send('pod1', frameFrom(azs, 'pod1', '10.17.0.10'))
    expect(brief(outcome.hops)).toEqual(eastward(38_584))
    expect(outcome.delivered.map(({ port, frame }) => [port, ttlOf(frame)])).toEqual([['pod2', 62]])
    expect(outcome.hops[0]!.bytes.length).toBe(14 + 142)
  })

  it('PA-3: the reply takes the way back with its own source port', () => {
    const outcome = fabric.send('pod2', frameFrom(azs, 'pod2', '10.16.0.10', { ...ECHO, kind: 'echo-reply' }))
    expect(brief(outcome.hops)).toEqual(westward(42_461))
  })

  it('probes §3: a request with TTL 5 keeps the source port of its flow', () => {
    const outcome = fabric.send('pod2', frameFrom(azs, 'pod2', '10.16.0.10', { ...ECHO, size: 1000 }, 5))
    expect(brief(outcome.hops)).toEqual(westward(57_970, 4))
  })

  it('probes §3: a later fragment is hashed without ports, as case gateway-mtu saw it', () => {
    const frame = frameFrom(azs, 'pod1', '10.17.0.10', { ...ECHO, size: 92 })
    const ipAt = frame.start + 14
    frame.view.setUint16(ipAt + 6, 1280 >> 3)
    frame.view.setUint16(ipAt + 10, 0)
    frame.view.setUint16(ipAt + 10, checksumOf(frame.view, ipAt, ipAt + 20))
    expect(brief(fabric.send('pod1', frame).hops)).toEqual(eastward(58_329))
  })

  it('GE-2: UDP and TCP flows, both directions', () => {
    const udp = { kind: 'udp', sourcePort: 20_001, destinationPort: 9001, size: 32 } as const
    expect(brief(fabric.send('pod1', frameFrom(azs, 'pod1', '10.17.0.10', udp)).hops)).toEqual(
      eastward(52_665),
    )
    const back = { ...udp, sourcePort: 9001, destinationPort: 20_001 }
    expect(brief(fabric.send('pod2', frameFrom(azs, 'pod2', '10.16.0.10', back)).hops)).toEqual(
      westward(51_380),
    )
    const syn = { kind: 'syn', sourcePort: 20_002, destinationPort: 9002, seq: 1, ack: 0 } as const
    expect(brief(fabric.send('pod1', frameFrom(azs, 'pod1', '10.17.0.10', syn)).hops)).toEqual(
      eastward(40_635),
    )
    const synAck = { kind: 'syn-ack', sourcePort: 9002, destinationPort: 20_002, seq: 1, ack: 2 } as const
    expect(brief(fabric.send('pod2', frameFrom(azs, 'pod2', '10.16.0.10', synAck)).hops)).toEqual(
      westward(60_129),
    )
  })

  it('PA-1: IPv6 takes the same way and loses the same two hops', () => {
    const outcome = fabric.send('pod1', frameFrom(azs, 'pod1', 'fd00:10:17::a'))
    expect(outcome.hops.map(({ vni, opt, ttl }) => [vni, opt, ttl])).toEqual([
      [2, '00010003', 63],
      [TS_KEY, '00010002', 63],
      [1, '00010002', 62],
    ])
    expect(outcome.delivered.map(({ port, frame }) => [port, ttlOf(frame)])).toEqual([['pod2', 62]])
  })

  it('PA-1, PA-5: pods on active gateways save tunnels, pods on standby gateways do not', () => {
    const near = (chassis1: string, chassis2: string) => {
      const moved = twoAzs({
        az1: { pods: [{ ...azs[0]!.pods[0]!, chassis: chassis1 }] },
        az2: { pods: [{ ...azs[1]!.pods[0]!, chassis: chassis2 }] },
      })
      const trace = walk(stateOf(moved), {
        port: 'pod1',
        destination: address('10.17.0.10'),
        protocol: 'icmp',
      })
      expect(trace.disposition).toEqual({ kind: 'delivered', port: 'pod2', ttl: 62 })
      expect(trace.reply?.disposition).toEqual({ kind: 'delivered', port: 'pod1', ttl: 62 })
      return trace.hops.length - 1
    }
    expect(near('az1-gw1', 'az2-gw1')).toBe(1)
    expect(near('az1-gw1', 'az2-w1')).toBe(2)
    expect(near('az1-gw2', 'az2-w1')).toBe(3)
  })
})

describe('walk', () => {
  const trace = walk(state, {
    port: 'pod1',
    name: 'az1/pod1',
    destination: address('10.17.0.10'),
    protocol: 'icmp',
  })

  it('tells the packet, each chassis, and how the frame came and left', () => {
    expect(trace.packet).toEqual({
      from: 'az1/pod1',
      source: '10.16.0.10',
      destination: '10.17.0.10',
      protocol: 'icmp',
      sourcePort: undefined,
      destinationPort: undefined,
      ttl: 64,
      length: 84,
    })
    expect(trace.hops.map(({ chassis }) => chassis)).toEqual([
      'az1/az1-w1',
      'az1/az1-gw1',
      'az2/az2-gw1',
      'az2/az2-w1',
    ])
    expect(trace.hops[0]!.entered).toEqual({ kind: 'vif', port: 'pod1' })
    expect(trace.hops[0]!.left).toEqual([
      {
        kind: 'tunnel',
        from: 'az1/az1-w1',
        to: 'az1/az1-gw1',
        outerSource: '192.168.42.13',
        outerDestination: '192.168.42.11',
        udpSource: 38_584,
        vni: 2,
        ingressKey: 1,
        egressKey: 3,
        datapath: 'ovn-cluster',
        ingressPort: 'ovn-cluster-ovn-default',
        egressPort: 'cr-az1-ts',
      },
    ])
    expect(trace.hops[1]!.entered).toEqual(trace.hops[0]!.left[0])
    expect(trace.hops[3]!.left).toEqual([{ kind: 'vif', port: 'pod2' }])
  })

  it('names stages as OVN does, in order', () => {
    const stages = trace.hops.map(({ steps }) =>
      steps.map(({ datapath, table, stage }) => `${datapath} ${table} ${stage}`),
    )
    expect(stages).toEqual([
      [
        'ovn-default 25 ls_in_l2_lkup',
        'ovn-default 9 ls_out_apply_port_sec',
        'ovn-cluster 0 lr_in_admission',
        'ovn-cluster 13 lr_in_ip_routing',
        'ovn-cluster 17 lr_in_arp_resolve',
        'ovn-cluster 20 lr_in_gw_redirect',
      ],
      ['ovn-cluster 40 local_output', 'ovn-cluster 6 lr_out_delivery', 'ts 25 ls_in_l2_lkup'],
      [
        'ts 9 ls_out_apply_port_sec',
        'ovn-cluster 0 lr_in_admission',
        'ovn-cluster 13 lr_in_ip_routing',
        'ovn-cluster 17 lr_in_arp_resolve',
        'ovn-cluster 6 lr_out_delivery',
        'ovn-default 25 ls_in_l2_lkup',
      ],
      ['ovn-default 9 ls_out_apply_port_sec'],
    ])
  })

  it("RT-3, RT-9: the routing step has northd's match, priority and actions, and a note for people", () => {
    const step = trace.hops[0]!.steps.find(({ stage }) => stage === 'lr_in_ip_routing')!
    expect(step.priority).toBe(50)
    expect(step.match).toBe('ip4.dst == 10.17.0.0/16')
    expect(step.actions.join(' ')).toBe(
      'ip.ttl--; reg8[0..15] = 0; reg0 = 169.254.100.42; reg1 = 169.254.100.41; eth.src = 00:00:00:50:00:81; outport = "az1-ts"; flags.loopback = 1; next;',
    )
    expect(step.note).toBe('10.17.0.0/16 via 169.254.100.42 (learned)')
  })

  it('MT-3, MT-4: 1442 bytes fit an underlay of 1500, 1443 vanish; over IPv6 addresses 1422', () => {
    const at = (size: number) =>
      walk(
        state,
        { port: 'pod1', destination: address('10.17.0.10'), protocol: 'icmp', size },
        { mtuBetween: () => 1500 },
      ).disposition
    expect(at(1442 - 28)).toMatchObject({ kind: 'delivered' })
    expect(at(1443 - 28)).toMatchObject({
      kind: 'mtu-exceeded',
      where: 'az1/az1-w1 > az1/az1-gw1',
      stage: 'underlay',
    })
    const six = twoAzs()
    const moved = six.map((az) => ({
      ...az,
      chassis: az.chassis.map(([name, ip]) => [name, `fd42::${ip.split('.')[3]}`] as const),
    }))
    const over6 = (size: number) =>
      walk(
        stateOf(moved),
        { port: 'pod1', destination: address('10.17.0.10'), protocol: 'icmp', size },
        { mtuBetween: () => 1500 },
      ).disposition.kind
    expect([over6(1422 - 28), over6(1423 - 28)]).toEqual(['delivered', 'mtu-exceeded'])
  })

  it('ends on an underlay that carries nothing, and on a chassis whose vswitchd is down', () => {
    const spec = { port: 'pod1', destination: address('10.17.0.10'), protocol: 'icmp' } as const
    expect(walk(state, spec, { reachable: (_, to) => to !== 'az2/az2-gw1' }).disposition).toMatchObject({
      kind: 'link-down',
      where: 'az1/az1-gw1 > az2/az2-gw1',
    })
    const crashed = stateOf(azs, (chassis) =>
      chassis.node === 'az2-gw1' ? { ...chassis, vswitchd: false } : chassis,
    )
    expect(walk(crashed, spec).disposition).toMatchObject({ kind: 'chassis-down', where: 'az2/az2-gw1' })
  })

  it('answers UDP with an echo and TCP with a SYN-ACK', () => {
    const udp = walk(state, {
      port: 'pod1',
      destination: address('10.17.0.10'),
      protocol: 'udp',
      sourcePort: 20_001,
      destinationPort: 9001,
    })
    expect(udp.reply?.packet).toMatchObject({
      from: 'az2/pod2',
      sourcePort: 9001,
      destinationPort: 20_001,
      source: '10.17.0.10',
    })
    const tcp = walk(state, {
      port: 'pod2',
      destination: address('10.16.0.10'),
      protocol: 'tcp',
      sourcePort: 1,
      destinationPort: 443,
    })
    expect(tcp.reply?.disposition).toEqual({ kind: 'delivered', port: 'pod2', ttl: 62 })
  })

  it('PA-2: pods of one subnet meet at the switch and keep TTL 64', () => {
    const pods = [
      azs[0]!.pods[0]!,
      {
        name: 'near',
        subnet: 'ovn-default',
        chassis: 'az1-gw2',
        mac: '00:00:00:01:01:0b',
        ips: ['10.16.0.11'],
      },
    ]
    const keys = { ...azs[0]!.keys, 'ovn-default/near': 3 }
    const pair = stateOf(twoAzs({ az1: { pods, keys } }))
    const near = walk(pair, { port: 'pod1', destination: address('10.16.0.11'), protocol: 'icmp' })
    expect(near.disposition).toEqual({ kind: 'delivered', port: 'near', ttl: 64 })
    expect(near.hops[0]!.left).toMatchObject([{ to: 'az1/az1-gw2', vni: 1, ingressKey: 1, egressKey: 3 }])
  })

  it('a sender that is nowhere and a destination nobody has end the walk at once', () => {
    expect(
      walk(state, { port: 'nobody', destination: address('10.17.0.10'), protocol: 'icmp' }).disposition,
    ).toMatchObject({ kind: 'unbound' })
    expect(
      walk(state, { port: 'pod1', destination: address('10.16.9.9'), protocol: 'icmp' }).disposition,
    ).toMatchObject({
      kind: 'unknown-neighbour',
      stage: 'host',
    })
  })
})
