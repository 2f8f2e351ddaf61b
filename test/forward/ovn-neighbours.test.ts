import { describe, expect, it } from 'vitest'
import { makeNeighbourRequest } from '../../src/forward/ovn/neighbour-messages.ts'
import type { ChassisState, RouteFlow } from '../../src/model/forwarding.ts'
import { formatIp } from '../../src/net/ip.ts'
import { BROADCAST_MAC, formatMac } from '../../src/net/mac.ts'
import { ArpOperation, emitArp, parseArp } from '../../src/wire/arp.ts'
import { ETHERNET_LENGTH, EtherType, emitEthernet } from '../../src/wire/ethernet.ts'
import { Frame } from '../../src/wire/frame.ts'
import { parseIcmpv6 } from '../../src/wire/icmpv6.ts'
import { ip4Src } from '../../src/wire/ipv4.ts'
import { parseIpv6 } from '../../src/wire/ipv6.ts'
import { address, Fabric, mac, prefix, stateOf, TS_KEY, twoAzs } from './fixture.ts'
import { frameFrom } from './frames.ts'

const azs = twoAzs()
const fabric = new Fabric(stateOf(azs))
const POD1 = mac('00:00:00:01:01:0a')

function arpRequest(of: number, from: string, target: string): Frame {
  const frame = new Frame()
  frame.append(ETHERNET_LENGTH + 28)
  const at = emitEthernet(frame.view, frame.start, { dst: BROADCAST_MAC, src: of, etherType: EtherType.arp })
  emitArp(frame.view, at, {
    operation: ArpOperation.request,
    senderMac: of,
    senderIp: address(from) as number,
    targetMac: 0,
    targetIp: address(target) as number,
  })
  return frame
}

function readArp(frame: Frame) {
  const arp = parseArp(frame.view, frame.start + ETHERNET_LENGTH, frame.end)!
  return [
    arp.operation,
    formatMac(arp.senderMac),
    formatIp(arp.senderIp),
    formatMac(arp.targetMac),
    formatIp(arp.targetIp),
  ]
}

describe('ARP and ND answered on the own chassis', () => {
  it('AR-2, AR-3: the gateway, with nothing on the underlay and without ovn-controller', () => {
    const silent = stateOf(azs, (chassis: ChassisState) => ({ ...chassis, controller: false }))
    const { delivered, hops } = new Fabric(silent).send('pod1', arpRequest(POD1, '10.16.0.10', '10.16.0.1'))
    expect(hops).toEqual([])
    expect(delivered.map(({ port }) => port)).toEqual(['pod1'])
    expect(readArp(delivered[0]!.frame)).toEqual([
      2,
      '00:00:00:01:00:01',
      '10.16.0.1',
      '00:00:00:01:01:0a',
      '10.16.0.10',
    ])
  })

  it('AR-2: solicitations for the gateway and its link-local address, by ovn-controller', () => {
    for (const target of ['fd00:10:16::1', 'fe80::200:ff:fe01:1']) {
      const ask = () => makeNeighbourRequest(POD1, 0, address(target))
      const { delivered, hops } = fabric.send('pod1', ask())
      expect(hops).toEqual([])
      const { frame } = delivered[0]!
      const reply = parseIcmpv6(frame.view, frame.start + 54, frame.end)
      expect(reply).toEqual({
        kind: 'neighbour-advertisement',
        target: address(target),
        linkLayer: mac('00:00:00:01:00:01'),
        router: true,
        solicited: true,
        override: true,
      })
      const ip = parseIpv6(frame.view, frame.start + 14, frame.end)!
      expect([formatIp(ip.src), formatIp(ip.dst), ip.hopLimit]).toEqual([
        target,
        'fe80::200:ff:fe01:10a',
        255,
      ])
      const silent = stateOf(azs, (chassis: ChassisState) => ({ ...chassis, controller: false }))
      expect(new Fabric(silent).send('pod1', ask()).delivered).toEqual([])
    }
  })

  it('AR-2: a pod of another chassis is answered for; the asker itself is not', () => {
    const pods = [
      azs[0]!.pods[0]!,
      {
        name: 'far',
        subnet: 'ovn-default',
        chassis: 'az1-gw2',
        mac: '00:00:00:01:01:0c',
        ips: ['10.16.0.12'],
      },
    ]
    const keys = { ...azs[0]!.keys, 'ovn-default/far': 4 }
    const pair = new Fabric(stateOf(twoAzs({ az1: { pods, keys } })))
    const far = pair.send('pod1', arpRequest(POD1, '10.16.0.10', '10.16.0.12'))
    expect(readArp(far.delivered[0]!.frame).slice(0, 3)).toEqual([2, '00:00:00:01:01:0c', '10.16.0.12'])
    // Detection of duplicates reaches the other chassis instead of being answered with one's own address.
    const own = pair.send('pod1', arpRequest(POD1, '0.0.0.0', '10.16.0.10'))
    expect(own.hops.map(({ to, vni, opt }) => [to, vni, opt])).toEqual([['az1-gw2', 1, '00018000']])
    expect(own.delivered.map(({ port }) => port)).toEqual(['far'])
  })
})

describe('addresses nobody has', () => {
  it('AR-4: one ARP request per packet from the remote gateway, with key 0x8004, to chassis that host ports', () => {
    for (let packet = 0; packet < 2; packet++) {
      const { hops, delivered, drops } = fabric.send('pod1', frameFrom(azs, 'pod1', '10.17.0.99'))
      expect(hops.slice(2).map(({ from, to, vni, opt, edst }) => [from, to, vni, opt, edst])).toEqual([
        ['az2-gw1', 'az2-w1', 1, '00018004', 'ff:ff:ff:ff:ff:ff'],
      ])
      expect(readArp(delivered[0]!.frame)).toEqual([
        1,
        '00:00:00:02:00:01',
        '10.17.0.1',
        '00:00:00:00:00:00',
        '10.17.0.99',
      ])
      expect(drops).toMatchObject([
        { kind: 'unknown-neighbour', where: 'az2/az2-gw1', stage: 'lr_in_arp_request' },
      ])
    }
  })

  it('AR-4: IPv6 solicits from the link-local address, as case unreachable-pod-v6 saw it', () => {
    const { hops, delivered } = fabric.send('pod1', frameFrom(azs, 'pod1', 'fd00:10:17::99'))
    expect(
      hops.slice(2).map(({ from, to, vni, opt, esrc, edst, ttl }) => [from, to, vni, opt, esrc, edst, ttl]),
    ).toEqual([['az2-gw1', 'az2-w1', 1, '00018004', '00:00:00:02:00:01', '33:33:ff:00:00:99', 255]])
    const { frame } = delivered[0]!
    const ip = parseIpv6(frame.view, frame.start + 14, frame.end)!
    expect([formatIp(ip.src), formatIp(ip.dst)]).toEqual(['fe80::200:ff:fe02:1', 'ff02::1:ff00:99'])
    expect(parseIcmpv6(frame.view, frame.start + 54, frame.end)).toMatchObject({
      target: address('fd00:10:17::99'),
    })
  })

  it("AR-2: a transit address nobody has is asked for by way of the gateway, with each remote port's own key", () => {
    const { hops, drops } = fabric.send('pod1', frameFrom(azs, 'pod1', '169.254.100.99'))
    expect(hops.map(({ from, to, vni, opt, edst }) => [from, to, vni, opt, edst])).toEqual([
      ['az1-w1', 'az1-gw1', 2, '00010003', 'ff:ff:ff:ff:ff:ff'],
      ['az1-gw1', 'az2-gw1', TS_KEY, '00010002', 'ff:ff:ff:ff:ff:ff'],
    ])
    expect(drops.map(({ kind, where }) => [kind, where])).toEqual([
      ['unknown-neighbour', 'az1/az1-w1'],
      ['unknown-destination', 'az2/az2-gw1'],
    ])
  })

  it("AR-4: the request carries the router's address on the output port, whatever the packet's source", () => {
    const route: RouteFlow = {
      priority: 49,
      routeTable: 0,
      kind: 'dst',
      prefix: prefix('172.16.0.0/16'),
      inport: undefined,
      origin: 'static',
      action: {
        kind: 'forward',
        member: {
          nexthop: address('10.16.200.1'),
          source: address('10.16.0.1'),
          outport: 'ovn-cluster-ovn-default',
        },
      },
    }
    const routed = twoAzs({ az1: { extraRoutes: [route] } })
    const { delivered } = new Fabric(stateOf(routed)).send('pod1', frameFrom(routed, 'pod1', '172.16.5.9'))
    expect(readArp(delivered[0]!.frame)).toEqual([
      1,
      '00:00:00:01:00:01',
      '10.16.0.1',
      '00:00:00:00:00:00',
      '10.16.200.1',
    ])
  })

  it('own subnet: a request for an unknown pod is flooded with key 0x8000 and never reaches the router', () => {
    const { hops, drops } = fabric.send('pod1', arpRequest(POD1, '10.16.0.10', '10.16.0.99'))
    expect(hops).toEqual([])
    expect(drops).toMatchObject([{ kind: 'unknown-destination', datapath: 'ovn-default' }])
  })

  it('a frame to a MAC nobody has ends at the switch', () => {
    const frame = frameFrom(azs, 'pod1', '10.17.0.10')
    frame.view.setUint32(frame.start, 0x0a0b0c0d)
    expect(fabric.send('pod1', frame).drops).toMatchObject([
      { kind: 'unknown-destination', stage: 'ls_in_l2_unknown' },
    ])
  })
})

describe('case rt14-containment', () => {
  const keys1 = {
    x: 1,
    'ovn-default': 2,
    'ovn-cluster': 3,
    'x/podx': 1,
    'x/x-ovn-cluster': 2,
    'ovn-default/pod1': 1,
    'ovn-default/podin': 2,
    'ovn-default/ovn-default-ovn-cluster': 3,
    'ovn-cluster/ovn-cluster-x': 1,
    'ovn-cluster/ovn-cluster-ovn-default': 2,
    'ovn-cluster/az1-ts': 3,
    'ovn-cluster/cr-az1-ts': 4,
  }
  const keys2 = {
    inner: 1,
    'ovn-default': 2,
    'ovn-cluster': 3,
    'inner/inner-ovn-cluster': 1,
    'inner/podr': 2,
    'ovn-default/pod2': 1,
    'ovn-default/ovn-default-ovn-cluster': 2,
    'ovn-cluster/ovn-cluster-inner': 1,
    'ovn-cluster/ovn-cluster-ovn-default': 2,
    'ovn-cluster/az2-ts': 3,
    'ovn-cluster/cr-az2-ts': 4,
  }
  const contained = twoAzs({
    az1: {
      keys: keys1,
      subnets: [
        { name: 'ovn-default', mac: '00:00:00:01:00:01', gateways: ['10.16.0.1/16'] },
        { name: 'x', mac: '00:00:00:01:00:16', gateways: ['10.40.0.1/24'] },
      ],
      pods: [
        {
          name: 'pod1',
          subnet: 'ovn-default',
          chassis: 'az1-w1',
          mac: '00:00:00:01:01:0a',
          ips: ['10.16.0.10'],
        },
        {
          name: 'podin',
          subnet: 'ovn-default',
          chassis: 'az1-w1',
          mac: '00:00:00:01:01:4d',
          ips: ['10.16.7.7'],
        },
        { name: 'podx', subnet: 'x', chassis: 'az1-w1', mac: '00:00:00:01:01:3c', ips: ['10.40.0.10'] },
      ],
    },
    az2: {
      keys: keys2,
      subnets: [
        { name: 'ovn-default', mac: '00:00:00:02:00:01', gateways: ['10.17.0.1/16'] },
        { name: 'inner', mac: '00:00:00:02:00:15', gateways: ['10.16.7.1/24'] },
      ],
      pods: [
        {
          name: 'pod2',
          subnet: 'ovn-default',
          chassis: 'az2-w1',
          mac: '00:00:00:02:01:0a',
          ips: ['10.17.0.10'],
        },
        { name: 'podr', subnet: 'inner', chassis: 'az2-w1', mac: '00:00:00:02:01:4e', ips: ['10.16.7.8'] },
      ],
    },
  })
  const split = new Fabric(stateOf(contained))

  it('RT-14: another subnet reaches the pod of the remote /24 and loses the local one of the same range', () => {
    expect(
      split.send('podx', frameFrom(contained, 'podx', '10.16.7.8')).delivered.map(({ port }) => port),
    ).toEqual(['podr'])
    const { hops, delivered } = split.send('podx', frameFrom(contained, 'podx', '10.16.7.7'))
    expect(hops.at(-1)).toMatchObject({
      from: 'az2-gw1',
      to: 'az2-w1',
      vni: 1,
      opt: '00018004',
      esrc: '00:00:00:02:00:15',
    })
    expect(readArp(delivered[0]!.frame)).toEqual([
      1,
      '00:00:00:02:00:15',
      '10.16.7.1',
      '00:00:00:00:00:00',
      '10.16.7.7',
    ])
    expect(
      split.send('podx', frameFrom(contained, 'podx', '10.16.0.10')).delivered.map(({ port }) => port),
    ).toEqual(['pod1'])
  })

  it('RT-14: pods of the same /16 meet at the switch', () => {
    const { delivered } = split.send('pod1', frameFrom(contained, 'pod1', '10.16.7.7'))
    expect(delivered.map(({ port }) => port)).toEqual(['podin'])
    expect(ip4Src(delivered[0]!.frame.view, delivered[0]!.frame.start + 14)).toBe(address('10.16.0.10'))
  })
})
