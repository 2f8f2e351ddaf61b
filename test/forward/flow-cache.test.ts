import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeNeighbourRequest } from '../../src/forward/ovn/neighbour-messages.ts'
import type { VswitchOutput } from '../../src/forward/ovn/packet.ts'
import { Vswitch } from '../../src/forward/ovn/vswitch.ts'
import type { WalkMessage } from '../../src/forward/walk-packet.ts'
import type { ChassisState, PolicyFlow, Tunnel } from '../../src/model/forwarding.ts'
import type { Drop } from '../../src/model/trace.ts'
import { ip6 } from '../../src/net/ip.ts'
import { writeIp6, writeMac } from '../../src/wire/bytes.ts'
import { checksumOf } from '../../src/wire/checksum.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { type AzSpec, address, Fabric, mac, type Outcome, prefix, stateOf, twoAzs } from './fixture.ts'
import { ECHO, frameFrom } from './frames.ts'

/** Router addresses, pods, addresses nobody has, routes that lead nowhere. */
const DESTINATIONS = [
  '10.17.0.10',
  '10.17.0.11',
  '10.17.0.99',
  '10.17.0.1',
  '169.254.100.42',
  '10.16.0.1',
  '10.99.0.1',
  'fd00:10:17::a',
  'fd00:10:17::99',
  'fd00:10:17::1',
  'fd00:99::1',
  '10.16.0.11',
]

const base = twoAzs()

function azsWith(policies: readonly PolicyFlow[], gatewayMtu: number | undefined): AzSpec[] {
  const extra1 = {
    name: 'pod3',
    subnet: 'ovn-default',
    chassis: 'az1-gw2',
    mac: '00:00:00:01:01:0b',
    ips: ['10.16.0.11'],
  }
  const extra2 = {
    name: 'pod4',
    subnet: 'ovn-default',
    chassis: 'az2-gw1',
    mac: '00:00:00:02:01:0b',
    ips: ['10.17.0.11'],
  }
  return twoAzs({
    az1: {
      pods: [...base[0]!.pods, extra1],
      keys: { ...base[0]!.keys, 'ovn-default/pod3': 3 },
      ts: { ...base[0]!.ts!, ...(gatewayMtu === undefined ? {} : { gatewayMtu }) },
      policies,
    },
    az2: { pods: [...base[1]!.pods, extra2], keys: { ...base[1]!.keys, 'ovn-default/pod4': 3 } },
  })
}

const messages: fc.Arbitrary<WalkMessage> = fc.oneof(
  fc.record({
    kind: fc.constant('echo-request' as const),
    id: fc.nat(9),
    seq: fc.nat(9),
    size: fc.integer({ min: 0, max: 90 }),
  }),
  fc.record({
    kind: fc.constant('echo-reply' as const),
    id: fc.nat(9),
    seq: fc.nat(9),
    size: fc.integer({ min: 0, max: 90 }),
  }),
  fc.record({
    kind: fc.constant('udp' as const),
    sourcePort: fc.integer({ min: 1, max: 3 }),
    destinationPort: fc.integer({ min: 1, max: 3 }),
    size: fc.integer({ min: 0, max: 90 }),
  }),
  fc.record({
    kind: fc.constant('syn' as const),
    sourcePort: fc.integer({ min: 1, max: 3 }),
    destinationPort: fc.integer({ min: 1, max: 3 }),
    seq: fc.nat(),
    ack: fc.constant(0),
  }),
)

/** A few flows and many packets of each: what matters is a packet that meets the flow of another one. */
const traffic = fc
  .array(fc.record({ to: fc.constantFrom(...DESTINATIONS), message: messages }), {
    minLength: 1,
    maxLength: 3,
  })
  .chain((flows) =>
    fc.array(
      fc.record({
        flow: fc.constantFrom(...flows),
        /** Makes a later fragment of an IPv4 packet, or gives it another length of header. */
        spoil: fc.constantFrom(undefined, undefined, undefined, 'fragment' as const, 'options' as const),
        ttl: fc.oneof(fc.constant(64), fc.integer({ min: 1, max: 4 })),
        size: fc.integer({ min: 0, max: 90 }),
      }),
      { minLength: 1, maxLength: 30 },
    ),
  )

const policies = fc.constantFrom<readonly PolicyFlow[]>(
  [],
  [
    {
      priority: 1,
      match: { kind: 'number', field: 'ip.ttl', equal: true, values: [3] },
      text: 'ip.ttl == 3',
      action: { kind: 'drop' },
    },
  ],
  [
    {
      priority: 1,
      match: { kind: 'number', field: 'udp.dst', equal: true, values: [2] },
      text: 'udp.dst == 2',
      action: { kind: 'drop' },
    },
  ],
  [
    {
      priority: 5,
      match: { kind: 'address', field: 'ip4.dst', equal: true, prefixes: [prefix('10.17.0.8/29')] },
      text: 'ip4.dst == 10.17.0.8/29',
      action: { kind: 'allow' },
    },
  ],
)

function spoiled(frame: Frame, how: 'fragment' | 'options' | undefined): Frame {
  const { view } = frame
  const ipAt = frame.start + 14
  if (how === undefined || view.getUint8(ipAt) !== 0x45) return frame
  if (how === 'fragment') view.setUint16(ipAt + 6, 0x00a0)
  // The first words of the payload pass for options.
  else view.setUint8(ipAt, 0x47)
  view.setUint16(ipAt + 10, 0)
  view.setUint16(ipAt + 10, checksumOf(view, ipAt, ipAt + (view.getUint8(ipAt) & 0xf) * 4))
  return frame
}

function plain(outcome: Outcome) {
  return {
    hops: outcome.hops.map(({ bytes, ...rest }) => [rest, Buffer.from(bytes).toString('hex')]),
    delivered: outcome.delivered.map(({ port, frame }) => [
      port,
      Buffer.from(frame.payload()).toString('hex'),
    ]),
    drops: outcome.drops,
  }
}

describe('flow cache', () => {
  it('replays byte for byte what the pipelines do, checksums of tunnels carried over', () => {
    fc.assert(
      fc.property(policies, fc.constantFrom(undefined, 80), traffic, (rules, gatewayMtu, sent) => {
        const azs = azsWith(rules, gatewayMtu)
        const state = stateOf(azs)
        const slow = new Fabric(state, { cache: false })
        const fast = new Fabric(state, { cache: true, reuseSums: true })
        for (const { flow, ttl, spoil, size } of sent) {
          const { to } = flow
          const message = 'size' in flow.message ? { ...flow.message, size } : flow.message
          const make = (): Frame => spoiled(frameFrom(azs, 'pod1', to, message, ttl), spoil)
          expect(plain(fast.send('pod1', make()))).toEqual(plain(slow.send('pod1', make())))
        }
      }),
      { numRuns: 150 },
    )
  })

  const state = stateOf(base).chassis.get('az1/az1-w1')!

  function counting() {
    const seen: string[] = []
    const output: VswitchOutput = {
      toVif: (_: ChassisState, port: string) => void seen.push(port),
      toTunnel: (_: ChassisState, tunnel: Tunnel) => void seen.push(tunnel.chassis),
      dropped: (drop: Drop) => void seen.push(drop.kind),
    }
    return { seen, vswitch: new Vswitch(output) }
  }

  it('holds one flow for packets that differ in TTL, length and id only', () => {
    const { vswitch, seen } = counting()
    for (const ttl of [64, 63, 9]) {
      vswitch.receiveFromVif(
        state,
        'pod1',
        frameFrom(base, 'pod1', '10.17.0.10', { ...ECHO, id: ttl, size: ttl }, ttl),
      )
    }
    expect(vswitch.cachedFlows).toBe(1)
    expect(seen).toEqual(['az1-gw1', 'az1-gw1', 'az1-gw1'])
    vswitch.receiveFromVif(state, 'pod1', frameFrom(base, 'pod1', '10.17.0.10', ECHO, 1))
    // The packet ends, and its error goes back to the pod.
    expect(seen.slice(3)).toEqual(['ttl-exceeded', 'pod1'])
  })

  it('never holds solicitations: what answers them stands behind their header', () => {
    const { vswitch, seen } = counting()
    const worker = stateOf(azsWith([], undefined)).chassis.get('az1/az1-w1')!
    const ask = (target: string) => {
      const frame = makeNeighbourRequest(mac('00:00:00:01:01:0a'), 0, address(target))
      // Sent to one station, as a host does to see whether it is still there (RFC 4861 §7.3.1).
      writeMac(frame.view, frame.start, mac('00:00:00:01:01:0b'))
      writeIp6(frame.view, frame.start + 38, ip6(0xfd000010, 0x00160000, 0, 0xb))
      return frame
    }
    vswitch.receiveFromVif(worker, 'pod1', ask('fd00:10:16::99'))
    vswitch.receiveFromVif(worker, 'pod1', ask('fd00:10:16::1'))
    expect(seen).toEqual(['az1-gw2', 'pod1'])
    expect(vswitch.cachedFlows).toBe(0)
  })

  it('forgets everything when the chassis state is another', () => {
    const { vswitch, seen } = counting()
    const send = (to: ChassisState) =>
      vswitch.receiveFromVif(to, 'pod1', frameFrom(base, 'pod1', '10.17.0.10'))
    send(state)
    const tunnels = new Map(state.tunnels)
    tunnels.set('az1-gw1', { ...state.tunnels.get('az1-gw1')!, bfd: 'down' })
    send({ ...state, tunnels })
    expect(seen).toEqual(['az1-gw1', 'az1-gw2'])
    expect(vswitch.cachedFlows).toBe(1)
  })

  it('keeps thousands of flows apart', () => {
    const { vswitch, seen } = counting()
    for (let round = 0; round < 2; round++) {
      for (let port = 1; port <= 3000; port++) {
        const message = { kind: 'udp', sourcePort: port, destinationPort: 53, size: 4 } as const
        vswitch.receiveFromVif(state, 'pod1', frameFrom(base, 'pod1', '10.17.0.10', message))
      }
    }
    expect(vswitch.cachedFlows).toBe(3000)
    expect(new Set(seen)).toEqual(new Set(['az1-gw1']))
    expect(seen.length).toBe(6000)
  })
})
