/**
 * What the lab reads out of real switches and real logs. The texts under recorded/ are what OVS 3.1.0 and OVN 23.03.1 printed in a lab
 * of two clusters, unchanged.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { refusalsOf, withoutCollisions } from '../../src/lab/observe/daemon-logs.ts'
import { endOf, type SbFlow } from '../../src/lab/trace/end.ts'
import { followPacket, type Question, type Switches } from '../../src/lab/trace/follow.ts'
import { readOfprotoTrace } from '../../src/lab/trace/ofproto-trace.ts'
import type { ChassisState } from '../../src/model/forwarding.ts'
import { parseIp } from '../../src/net/ip.ts'
import { stateAt } from '../../src/run/simulate.ts'
import { smallScenario } from './scenario.ts'

function recorded(name: string): string {
  return readFileSync(new URL(`recorded/${name}.txt`, import.meta.url), 'utf8')
}

const read = (name: string) => readOfprotoTrace(recorded(`ofproto-trace-${name}`))

describe('ofproto/trace', () => {
  it('of a packet that goes into a tunnel: the outer addresses, keys, and the packet as it is inside', () => {
    const { outputs, controller } = read('forwarded')
    expect(outputs).toEqual([
      {
        kind: 'tunnel',
        source: '192.168.42.13',
        destination: '192.168.42.11',
        vni: 2,
        keys: 0x10003,
        fields: { dl_src: '00:00:00:01:ff:01', dl_dst: '00:00:00:02:ff:01', nw_ttl: '63' },
      },
    ])
    expect(controller).toBe(false)
  })

  it('of a packet without a route: the last flow is the one that drops, in the datapath it is in', () => {
    const { steps, outputs } = read('no-route')
    expect(outputs).toEqual([])
    expect(steps.at(-1)).toEqual({
      table: 21,
      priority: 0,
      cookie: '621ab7a4',
      datapath: 2,
      inport: 1,
      outport: 0,
    })
  })

  it('of a ping to a router: the answer leaves by the port that asked', () => {
    const { steps, outputs } = read('answered')
    expect(outputs).toEqual([
      {
        kind: 'port',
        fields: {
          dl_src: '00:00:00:01:00:01',
          dl_dst: '00:00:00:01:01:00',
          nw_src: '10.16.0.1',
          nw_dst: '10.16.0.10',
          nw_ttl: '254',
          icmp_type: '0',
          icmp_code: '0',
        },
      },
    ])
    expect(steps.at(-1)).toMatchObject({ table: 65, datapath: 1, outport: 2 })
    expect(steps.map(({ cookie }) => cookie)).toContain('882107b3')
  })

  it('ovn-controller gets what has to be answered or asked for; lookups on the way end nothing', () => {
    expect(read('ttl')).toMatchObject({ controller: true, outputs: [] })
    expect(read('ttl').steps.at(-1)).toMatchObject({ table: 11, cookie: '52e709be' })
    const { controller, steps } = read('unknown-neighbour')
    expect(controller).toBe(true)
    expect(steps.at(-1)).toMatchObject({ table: 29, cookie: '8c720e62' })
    expect(steps.map(({ table }) => table)).not.toContain(66)
  })

  it('a length decides between the branches of check_pkt_len, which takes the frame', () => {
    const text =
      'Datapath actions: check_pkt_len(size=1414,gt(userspace(pid=0,controller(reason=1))),le(set(ipv4(ttl=62)),7))'
    expect(readOfprotoTrace(text, 1400)).toMatchObject({ controller: false, outputs: [{ kind: 'port' }] })
    expect(readOfprotoTrace(text, 1401)).toMatchObject({ controller: true, outputs: [] })
  })
})

describe('where a packet ends', () => {
  const { state } = stateAt(smallScenario(), 0)
  const chassis = state.chassis.get('az1/az1-w1')!
  const flow = (stage: string, priority: number, match: string, actions = 'drop;'): SbFlow => ({
    datapath: 'ovn-cluster',
    pipeline: 'ingress',
    table: 0,
    stage,
    priority,
    match,
    actions,
  })
  const kind = (found: SbFlow | undefined, destination = '00:00:00:00:00:01', at: ChassisState = chassis) =>
    endOf({ chassis: at, last: undefined, flow: found, fromTunnel: false, destination }).kind

  // Flows as `ovn-sbctl lflow-list` of OVN 23.03.1 has them.
  it.each([
    ['no-route', flow('lr_in_ip_routing', 0, '1')],
    ['discard-route', flow('lr_in_ip_routing', 49, 'reg7 == 0 && ip4.dst == 10.88.0.0/16')],
    ['policy', flow('lr_in_policy', 100, 'ip4.dst == 10.17.0.99')],
    [
      'unknown-neighbour',
      flow('lr_in_arp_request', 100, 'eth.dst == 00:00:00:00:00:00 && ip4', 'arp { … };'),
    ],
    [
      'ttl-exceeded',
      flow('lr_in_ip_input', 31, 'inport == "p" && ip4 && ip.ttl == {0, 1} && !ip.later_frag', 'icmp4 {…};'),
    ],
    ['ttl-exceeded', flow('lr_in_ip_input', 30, 'ip.ttl == {0, 1}')],
    ['own-address', flow('lr_in_ip_input', 60, 'ip4.dst == {10.16.0.1}')],
    ['admission', flow('lr_in_ip_input', 100, 'ip4.src == {10.16.0.1, 10.16.255.255} && reg9[0] == 0')],
    ['admission', flow('lr_in_admission', 0, '1')],
    ['unknown-destination', flow('ls_in_l2_unknown', 50, 'outport == "none"')],
  ] as const)('%s', (wanted, found) => {
    expect(kind(found)).toBe(wanted)
  })

  it('a frame for a gateway port that is active on another chassis is not-resident (LR-1, PA-4)', () => {
    const router = [...chassis.view!.datapaths.values()].find((one) => one.kind === 'router')!
    const gateway = router.ports.find((port) => port.gateway !== undefined)!
    const mac = gateway.mac
      .toString(16)
      .padStart(12, '0')
      .replace(/..(?=.)/g, '$&:')
    expect(kind(flow('lr_in_admission', 0, '1'), mac)).toBe('not-resident')
    expect(kind(flow('lr_in_admission', 0, '1'), mac, state.chassis.get('az1/az1-gw1'))).toBe('admission')
  })

  it('behind the pipelines, the port that it was to leave by tells (PB-4, HA-8, HA-9)', () => {
    const router = [...chassis.view!.datapaths.values()].find((one) => one.kind === 'router')!
    const { redirectKey } = router.ports.find((port) => port.gateway !== undefined)!.gateway!
    const last = {
      table: 40,
      priority: 0,
      cookie: undefined,
      datapath: router.key,
      inport: 1,
      outport: redirectKey,
    }
    const end = (fromTunnel: boolean) =>
      endOf({ chassis, last, flow: undefined, fromTunnel, destination: '' }).kind
    expect(end(true)).toBe('not-resident')
    expect(end(false)).toBe('tunnel-down')
  })
})

describe('following', () => {
  const { state } = stateAt(smallScenario(), 0)
  const question: Question = {
    cluster: 'az1',
    lsp: 'web',
    source: parseIp('10.16.0.10')!,
    destination: parseIp('10.17.0.10')!,
    protocol: 'icmp',
    reply: false,
    sourcePort: 0,
    destinationPort: 0,
    ttl: 64,
    length: 84,
  }

  it('asks the next chassis about the packet that the one before sends, in its tunnel', async () => {
    const asked: string[] = []
    const switches: Switches = {
      trace: async (node, flow) => {
        asked.push(`${node} ${flow}`)
        return node === 'az1/az1-w1' ? recorded('ofproto-trace-forwarded') : undefined
      },
      flow: () => undefined,
      face: (_node, what) => ('lsp' in what ? 'v0' : `to-${what.remote}`),
    }
    const { hops, disposition } = await followPacket(switches, state, question)
    expect(asked[0]).toMatch(
      /^az1\/az1-w1 in_port=v0,icmp,dl_src=\S+,nw_src=10.16.0.10,nw_dst=10.17.0.10,nw_ttl=64,icmp_type=8,icmp_code=0$/,
    )
    expect(asked[1]).toMatch(
      /^az1\/az1-gw1 in_port=to-192.168.42.13,tun_id=2,tun_src=192.168.42.13,tun_dst=192.168.42.11,tun_metadata0=0x10003,icmp,dl_src=00:00:00:01:ff:01,dl_dst=00:00:00:02:ff:01,.*nw_ttl=63/,
    )
    expect(hops.map(({ chassis }) => chassis)).toEqual(['az1/az1-w1', 'az1/az1-gw1'])
    expect(disposition).toMatchObject({ kind: 'chassis-down', where: 'az1/az1-gw1' })
  })

  it('names fields as exact flows want them: ICMPv6 and ports by their protocol', async () => {
    const asked: string[] = []
    const switches: Switches = {
      trace: async (_node, flow) => void asked.push(flow),
      flow: () => undefined,
      face: () => 'v0',
    }
    const { state: dual } = stateAt(smallScenario('', true), 0)
    const six = { source: parseIp('fd00:10:16::a')!, destination: parseIp('fd00:10:17::a')! }
    await followPacket(switches, dual, { ...question, ...six })
    await followPacket(switches, dual, { ...question, ...six, reply: true })
    for (const protocol of ['udp', 'tcp'] as const)
      for (const ends of [{}, six])
        await followPacket(switches, dual, {
          ...question,
          ...ends,
          protocol,
          sourcePort: 20_000,
          destinationPort: 9000,
        })
    expect(asked.map((flow) => flow.replace(/,dl_src.*nw_ttl=64/, ' …'))).toEqual([
      'in_port=v0,icmp6 …,icmpv6_type=128,icmpv6_code=0',
      'in_port=v0,icmp6 …,icmpv6_type=129,icmpv6_code=0',
      'in_port=v0,udp …,udp_src=20000,udp_dst=9000',
      'in_port=v0,udp6 …,udp_src=20000,udp_dst=9000',
      'in_port=v0,tcp …,tcp_src=20000,tcp_dst=9000',
      'in_port=v0,tcp6 …,tcp_src=20000,tcp_dst=9000',
    ])
  })

  it('nobody on the own subnet has the address: the pod itself finds no neighbour', async () => {
    const silent: Switches = { trace: async () => undefined, flow: () => undefined, face: () => undefined }
    const near = { ...question, destination: parseIp('10.16.0.77')! }
    expect((await followPacket(silent, state, near)).disposition).toMatchObject({
      kind: 'unknown-neighbour',
      stage: 'host',
    })
  })
})

describe('refused transactions in the log of a daemon', () => {
  it('have their time since zero, and what ovsdb-server said', () => {
    const zero = Date.parse('2026-11-21T20:40:00Z')
    const entries = refusalsOf(recorded('ovn-controller-log'), 'ovn-controller az2/az2-gw1', zero)
    expect(entries.length).toBeGreaterThan(1)
    for (const { kind, source, text, at } of entries) {
      expect({ kind, source }).toEqual({ kind: 'refused', source: 'ovn-controller az2/az2-gw1' })
      expect(text).toMatch(/^constraint violation: Transaction causes multiple rows in "Encap" table/)
      expect(Math.abs(at)).toBeLessThan(3600e9)
    }
  })

  it('what is refused once before time zero is a collision; what comes again, or later, is a refusal', () => {
    const entry = (at: number, text: string) => ({ at, source: 'ovn-ic az1', kind: 'refused' as const, text })
    const row = 'First row, with UUID 19f08059-fd0f-4b10-a64c-ff3ba2964ebe'
    const other = row.replace('19f08059', '00000000')
    const kinds = (...entries: ReturnType<typeof entry>[]) =>
      withoutCollisions(entries).map(({ kind }) => kind)
    expect(kinds(entry(-5, 'a key'), entry(-3, row), entry(-2, other), entry(4, 'late'))).toEqual([
      'warning',
      'refused',
      'refused',
      'refused',
    ])
  })
})
