import { describe, expect, it } from 'vitest'
import type { ProfileName } from '../../../src/model/profile.ts'
import { cluster, icConfig, Testbed } from './testbed.ts'

/** Two settled clusters. */
function pair(profile: ProfileName, switches = 1): Testbed {
  return new Testbed([cluster(1, profile), cluster(2, profile)], { switches }).run(12)
}

/** The transit port's address apart from its gateways. */
const addressOf = (line: string | undefined): string => line!.split(' ')[1]!

function editGateways(bed: Testbed): void {
  const config = icConfig('az1', { gatewayNodes: ['az1-gw2', 'az1-w1'] })
  bed.apply({ kind: 'ic-config', cluster: 'az1', config })
}

describe('an edited ConfigMap (4.11)', () => {
  it('1.10: an edit of gw-nodes is ignored while the port exists', () => {
    const bed = pair('kube-ovn-1.10')
    const before = bed.transitPorts('az1')
    editGateways(bed)
    bed.run(12)
    expect(bed.transitPorts('az1')).toEqual(before)
    expect(bed.interconn('az1')).toEqual(['az1-gw1', 'az1-gw2'])
  })

  it('1.10: another az-name is no edit of the same port: a second port appears and the AZ is renamed (AZ-3)', () => {
    const bed = pair('kube-ovn-1.10')
    const gatewayNodes = ['az1-gw1']
    bed.apply({ kind: 'ic-config', cluster: 'az1', config: icConfig('new', { gatewayNodes }) })
    bed.run(5)
    expect(bed.transitPorts('az1').map((line) => line.split(' ')[0])).toEqual(['az1-ts', 'new-ts'])
    expect([...bed.member('az1').nb.rows('NB_Global').values()][0]!.name).toBe('new')
    expect([...bed.icSb.rows('Availability_Zone').values()].map(({ name }) => name)).toContain('az1')
  })

  it('1.16: an edit of gw-nodes makes everything anew with another address', () => {
    const bed = pair('kube-ovn-1.16')
    const before = bed.transitPorts('az1')
    const routeOfAz2 = bed.learned('az2')
    editGateways(bed)
    let without = 0
    for (let i = 0; i < 100; i++) if (bed.run(0.05).transitPorts('az1').length === 0) without++
    expect(without).toBeGreaterThan(0)
    const after = bed.transitPorts('az1')
    expect(after[0]).toMatch(/az1-gw2-chassis:100 az1-w1-chassis:99$/)
    expect(addressOf(after[0])).not.toBe(addressOf(before[0]))
    expect(bed.learned('az2')).not.toEqual(routeOfAz2)
    expect(bed.learned('az2')).toHaveLength(1)
    expect(bed.interconn('az1')).toEqual(['az1-gw2', 'az1-w1'])
  })

  it('1.17: an edit of gw-nodes changes the gateways in place', () => {
    const bed = pair('kube-ovn-1.17', 2)
    const before = bed.transitPorts('az1')
    const routesOfAz2 = bed.learned('az2')
    editGateways(bed)
    bed.run(5)
    const after = bed.transitPorts('az1')
    expect(after.map(addressOf)).toEqual(before.map(addressOf))
    expect(after[0]).toMatch(/ az1-gw2-chassis:100 az1-w1-chassis:99$/)
    expect(after[1]).toMatch(/ az1-w1-chassis:100 az1-gw2-chassis:99$/)
    expect(bed.learned('az2')).toEqual(routesOfAz2)
    expect(bed.interconn('az1')).toEqual(['az1-gw2', 'az1-w1'])
  })

  it('1.17: an edit of anything else makes everything anew', () => {
    const bed = pair('kube-ovn-1.17')
    const before = bed.transitPorts('az1')
    bed.apply({ kind: 'ic-config', cluster: 'az1', config: icConfig('az1', { autoRoute: false }) })
    bed.run(5)
    expect(addressOf(bed.transitPorts('az1')[0])).not.toBe(addressOf(before[0]))
    expect(bed.learned('az2')).toEqual([])
  })

  it('1.10: auto-route is followed even so', () => {
    const bed = pair('kube-ovn-1.10')
    bed.apply({ kind: 'ic-config', cluster: 'az1', config: icConfig('az1', { autoRoute: false }) })
    bed.run(2)
    expect(bed.options('az1')).toEqual({})
    expect(bed.learned('az1')).toEqual([])
  })

  it('1.16: a transit switch added or removed makes everything anew', () => {
    const bed = pair('kube-ovn-1.16', 2)
    const first = addressOf(bed.transitPorts('az1')[0])
    const external_ids = { subnet: '169.254.102.0/24', vendor: 'kube-ovn' }
    bed.icNb.transact('test', (tx) => tx.insert('Transit_Switch', { name: 'ts2', external_ids }))
    bed.run(10)
    const three = bed.transitPorts('az1')
    expect(three.map((line) => line.split(' ')[0])).toEqual(['az1-ts', 'az1-ts1', 'az1-ts2'])
    expect(addressOf(three[0])).not.toBe(first)
    expect(bed.learned('az1')).toHaveLength(3)
    bed.icNb.transact('test', (tx) =>
      tx.delete('Transit_Switch', bed.icNb.find('Transit_Switch', 'name', 'ts2')!),
    )
    bed.run(10)
    expect(bed.transitPorts('az1').map((line) => line.split(' ')[0])).toEqual(['az1-ts', 'az1-ts1'])
    expect(bed.learned('az1')).toHaveLength(2)
  })
})

describe('removal (4.11)', () => {
  const left = (bed: Testbed): number[] =>
    (['Availability_Zone', 'Gateway', 'Port_Binding', 'Route'] as const).map(
      (table) => bed.icSb.rows(table).size,
    )

  it('1.16: a deleted ConfigMap leaves neither ports nor switch nor rows in the IC Southbound', () => {
    const bed = pair('kube-ovn-1.16')
    expect(left(bed)).toEqual([2, 4, 2, 2])
    bed.apply({ kind: 'ic-config', cluster: 'az1', config: undefined })
    bed.run(5)
    expect(left(bed)).toEqual([1, 2, 1, 1])
    const { nb } = bed.member('az1')
    expect(bed.transitPorts('az1')).toEqual([])
    expect([...nb.rows('Logical_Switch').values()].map((row) => row.name)).toEqual(['ovn-default', 'join'])
    expect(bed.interconn('az1')).toEqual([])
    expect(bed.options('az1')).toEqual({})
    expect(bed.host.get('ovn-ic az1')!.state).toBe('stopped')
    expect(bed.learned('az2')).toEqual([])
  })

  it('enable-ic "false" is the same as no ConfigMap', () => {
    const bed = pair('kube-ovn-1.16')
    bed.apply({ kind: 'ic-config', cluster: 'az1', config: icConfig('az1', { enable: false }) })
    bed.run(5)
    expect(left(bed)).toEqual([1, 2, 1, 1])
    expect(bed.transitPorts('az1')).toEqual([])
  })

  it('1.10: rows stay in the IC Southbound and the peer keeps its routes', () => {
    const bed = pair('kube-ovn-1.10')
    bed.apply({ kind: 'ic-config', cluster: 'az1', config: undefined })
    bed.run(10)
    expect(left(bed)).toEqual([2, 4, 2, 2])
    expect(bed.transitPorts('az1')).toEqual([])
    expect(bed.learned('az1')).toEqual([])
    expect(bed.learned('az2')).toHaveLength(1)
    const switches = [...bed.member('az1').nb.rows('Logical_Switch').values()].map((row) => row.name)
    expect(switches).toContain('ts')
  })

  it('KO-RM-1: 1.16 leaves learned routes and their 29500 policies, 1.17 does not', () => {
    const bed = pair('kube-ovn-1.16')
    bed.apply({ kind: 'ic-config', cluster: 'az1', config: undefined })
    bed.run(12)
    expect(bed.learned('az1')).toHaveLength(1)
    expect(bed.policies('az1')).toContain('29500 ip4.dst == 10.17.0.1/16 allow')

    const later = pair('kube-ovn-1.17')
    later.apply({ kind: 'ic-config', cluster: 'az1', config: undefined })
    later.run(12)
    expect(later.learned('az1')).toEqual([])
    expect(later.policies('az1').filter((line) => line.startsWith('29500'))).toEqual([])
  })

  it('1.12: the route options stay when interconnection is removed', () => {
    const bed = pair('kube-ovn-1.12')
    bed.apply({ kind: 'ic-config', cluster: 'az1', config: undefined })
    bed.run(5)
    expect(bed.options('az1')['ic-route-adv']).toBe('true')
  })

  it('a ConfigMap deleted while the controller is down leaves ports and IC Southbound rows for good', () => {
    const bed = pair('kube-ovn-1.16')
    const ports = bed.transitPorts('az1')
    const daemon = { kind: 'kube-ovn-controller', cluster: 'az1' } as const
    bed.apply({ kind: 'daemon', daemon, action: 'kill' })
    bed.apply({ kind: 'ic-config', cluster: 'az1', config: undefined })
    bed.run(5)
    expect(bed.host.get('ovn-ic az1')!.state).toBe('running')
    bed.apply({ kind: 'daemon', daemon, action: 'start' })
    bed.run(10)
    expect(bed.transitPorts('az1')).toEqual(ports)
    expect(left(bed)).toEqual([2, 4, 2, 2])
    // What needs no name is done: labels, ovn-ic, options.
    expect(bed.interconn('az1')).toEqual([])
    expect(bed.host.get('ovn-ic az1')!.state).toBe('stopped')
  })

  it('removal is tried again while the IC Southbound database does not answer', () => {
    const bed = pair('kube-ovn-1.16')
    bed.icSb.available = false
    bed.apply({ kind: 'ic-config', cluster: 'az1', config: undefined })
    bed.run(5)
    expect(bed.says('cannot remove interconnection')).toHaveLength(1)
    bed.icSb.available = true
    bed.run(2)
    expect(left(bed)).toEqual([1, 2, 1, 1])
  })
})
