import { describe, expect, it } from 'vitest'
import { walk } from '../../src/forward/walk.ts'
import type { ChassisState, Tunnel } from '../../src/model/forwarding.ts'
import { type AzSpec, address, Fabric, stateOf, twoAzs } from './fixture.ts'
import { ECHO, frameFrom } from './frames.ts'

const azs = twoAzs()
const TO_POD2 = {
  cluster: 'az1',
  port: 'pod1',
  destination: address('10.17.0.10'),
  protocol: 'icmp',
} as const

function withTunnels(
  node: string,
  change: (tunnel: Tunnel) => Tunnel | undefined,
  of: readonly AzSpec[] = azs,
) {
  return stateOf(of, (chassis: ChassisState) => {
    if (chassis.node !== node) return chassis
    const tunnels = new Map<string, Tunnel>()
    for (const tunnel of chassis.tunnels.values()) {
      const kept = change(tunnel)
      if (kept !== undefined) tunnels.set(kept.chassis, kept)
    }
    return { ...chassis, tunnels }
  })
}

describe('gateways', () => {
  it('HA-8: a worker takes the first member whose tunnel is alive, without asking a database', () => {
    const down = withTunnels('az1-w1', (tunnel) =>
      tunnel.chassis === 'az1-gw1' ? { ...tunnel, bfd: 'down' } : tunnel,
    )
    const moved = walk(down, TO_POD2)
    // The other gateway has not become active: what a tunnel brought for the gateway port ends there (PA-4).
    expect(moved.disposition).toMatchObject({
      kind: 'not-resident',
      where: 'az1/az1-gw2',
      stage: 'local_output',
    })
    const active = twoAzs({ az1: { active: 'az1-gw2' } })
    const both = withTunnels(
      'az1-w1',
      (tunnel) => (tunnel.chassis === 'az1-gw1' ? { ...tunnel, bfd: 'down' } : tunnel),
      active,
    )
    expect(walk(both, TO_POD2).hops.map(({ chassis }) => chassis)).toEqual([
      'az1/az1-w1',
      'az1/az1-gw2',
      'az2/az2-gw1',
      'az2/az2-w1',
    ])
  })

  it('HA-8: a tunnel without BFD is taken as alive', () => {
    const off = withTunnels('az1-w1', (tunnel) => ({ ...tunnel, bfd: 'off' }))
    expect(walk(off, TO_POD2).hops[1]?.chassis).toBe('az1/az1-gw1')
  })

  it('HA-8: no live tunnel to any member ends the packet', () => {
    const dead = withTunnels('az1-w1', (tunnel) => ({ ...tunnel, bfd: 'down' }))
    expect(walk(dead, TO_POD2).disposition).toMatchObject({
      kind: 'tunnel-down',
      where: 'az1/az1-w1',
      stage: 'remote_output',
    })
  })

  it('HA-3: a single member is used as bound, whatever BFD says', () => {
    const single = twoAzs({ az1: { gateways: ['az1-gw1'] } })
    const down = withTunnels('az1-w1', (tunnel) => ({ ...tunnel, bfd: 'down' }), single)
    expect(walk(down, TO_POD2).disposition).toMatchObject({ kind: 'delivered', ttl: 62 })
  })

  it('PB-4, HA-9: a remote port without chassis leads nowhere', () => {
    const unbound = azs.map((az) => (az.name === 'az2' ? { ...az, gateways: [] } : az))
    expect(walk(stateOf(unbound), TO_POD2).disposition).toMatchObject({
      kind: 'unbound',
      where: 'az1/az1-gw1',
      stage: 'remote_output',
    })
  })

  it('GW-6: no tunnel to the remote gateway', () => {
    const cut = withTunnels('az1-gw1', (tunnel) => (tunnel.chassis === 'az2-gw1' ? undefined : tunnel))
    expect(walk(cut, TO_POD2).disposition).toMatchObject({ kind: 'tunnel-down', where: 'az1/az1-gw1' })
  })

  it('LR-1, PA-4: packets for a gateway port end on a chassis that is not active for it', () => {
    const state = stateOf(azs, (chassis) =>
      chassis.node === 'az2-gw1' ? { ...chassis, resident: new Set<string>() } : chassis,
    )
    expect(walk(state, TO_POD2).disposition).toMatchObject({
      kind: 'not-resident',
      where: 'az2/az2-gw1',
      stage: 'lr_in_admission',
    })
  })

  it('LR-1: a router drops frames for another MAC; a switch does not bring them there', () => {
    const frame = frameFrom(azs, 'pod1', '10.17.0.10')
    frame.view.setUint8(frame.start + 6, 0x01)
    expect(new Fabric(stateOf(azs)).send('pod1', frame).drops).toMatchObject([
      { kind: 'admission', stage: 'ls_in_check_port_sec' },
    ])
  })

  it('LR-2: addresses no packet may come from or go to', () => {
    const fabric = new Fabric(stateOf(azs))
    const dropped = (field: 26 | 30, ip: string) => {
      const frame = frameFrom(azs, 'pod1', '10.17.0.10', ECHO)
      frame.view.setUint32(frame.start + field, address(ip) as number)
      return fabric.send('pod1', frame).drops.map(({ kind, stage }) => [kind, stage])
    }
    const admission = [['admission', 'lr_in_ip_input']]
    for (const source of [
      '10.16.0.1',
      '10.16.255.255',
      '169.254.100.41',
      '127.0.0.1',
      '0.0.0.1',
      '224.0.0.1',
      '255.255.255.255',
    ]) {
      expect(dropped(26, source)).toEqual(admission)
    }
    for (const destination of ['127.0.0.1', '0.0.0.1', '239.0.0.1', '255.255.255.255'])
      expect(dropped(30, destination)).toEqual(admission)
  })

  it('probes V10: two AZs with one transit address and different MACs reach each other', () => {
    const same = twoAzs({
      az2: { ts: { ...azs[1]!.ts!, networks: ['169.254.100.41/24', 'fe80:a9fe:64::2a/112'] } },
    })
    expect(walk(stateOf(same), TO_POD2).reply?.disposition).toMatchObject({
      kind: 'delivered',
      port: 'pod1',
      ttl: 62,
    })
  })

  it('two pods with one address or one MAC on a switch are undefined, with both named', () => {
    const twin = {
      name: 'twin',
      subnet: 'ovn-default',
      chassis: 'az2-w1',
      mac: '00:00:00:02:01:0b',
      ips: ['10.17.0.10'],
    }
    const keys = { ...azs[1]!.keys, 'ovn-default/twin': 9 }
    const ips = twoAzs({ az2: { pods: [azs[1]!.pods[0]!, twin], keys } })
    expect(walk(stateOf(ips), TO_POD2).disposition).toMatchObject({
      kind: 'undefined',
      stage: 'lr_in_arp_resolve',
      candidates: ['pod2', 'twin'],
    })
    const macs = twoAzs({
      az2: { pods: [azs[1]!.pods[0]!, { ...twin, mac: '00:00:00:02:01:0a', ips: ['10.17.0.11'] }], keys },
    })
    expect(walk(stateOf(macs), TO_POD2).disposition).toMatchObject({
      kind: 'undefined',
      stage: 'ls_in_l2_lkup',
      candidates: ['pod2', 'twin'],
    })
  })

  it('br-int is fail-secure before ovn-controller first ran, and silent without vswitchd', () => {
    const blank = stateOf(azs, (chassis) => ({ ...chassis, view: undefined }))
    expect(new Fabric(blank).send('pod1', frameFrom(azs, 'pod1', '10.17.0.10')).drops).toMatchObject([
      { kind: 'chassis-down', where: 'az1/az1-w1' },
    ])
  })

  it('cut-off headers are malformed', () => {
    const frame = frameFrom(azs, 'pod1', '10.17.0.10')
    frame.end = frame.start + 30
    expect(new Fabric(stateOf(azs)).send('pod1', frame).drops).toMatchObject([{ kind: 'malformed' }])
  })
})
