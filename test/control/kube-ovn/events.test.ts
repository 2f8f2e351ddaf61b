import { describe, expect, it } from 'vitest'
import { PROFILES } from '../../../src/model/profile-table.ts'
import { cluster, pod, subnet, Testbed } from './testbed.ts'

const controller = { kind: 'kube-ovn-controller', cluster: 'az1' } as const

function names(bed: Testbed, table: 'Logical_Switch' | 'Logical_Switch_Port'): string[] {
  return [...bed.member('az1').nb.rows(table).values()].map((row) => row.name)
}

function addressSet(bed: Testbed, name: string): readonly string[] | undefined {
  return [...bed.member('az1').nb.rows('Address_Set').values()].find((row) => row.name === name)?.addresses
}

describe('the Northbound follows the objects', () => {
  it('4.7: a subnet has a switch, a router port with its gateway, and a port between', () => {
    const { nb } = new Testbed([cluster(1, 'kube-ovn-1.16')]).run(0.1).member('az1')
    const lrp = nb.get(
      'Logical_Router_Port',
      nb.find('Logical_Router_Port', 'name', 'ovn-cluster-ovn-default')!,
    )!
    expect(lrp).toMatchObject({ mac: '00:00:00:00:00:AA', networks: ['10.16.0.1/16'] })
    const lsp = nb.get(
      'Logical_Switch_Port',
      nb.find('Logical_Switch_Port', 'name', 'ovn-default-ovn-cluster')!,
    )!
    expect(lsp).toMatchObject({ type: 'router', options: { 'router-port': 'ovn-cluster-ovn-default' } })
  })

  it('nodes have a port in the join subnet, pods one in theirs, and both are plugged where they run', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16')]).run(0.1)
    const { nb, vifs } = bed.member('az1')
    const port = nb.get('Logical_Switch_Port', nb.find('Logical_Switch_Port', 'name', 'node-az1-w1')!)!
    expect(port.addresses[0]).toMatch(/^00:00:00(:[0-9A-F]{2}){3} 100\.64\.0\.4$/)
    expect(vifs.get('node-az1-w1')).toBe('az1-w1')
    expect(vifs.get('web.default')).toBe('az1-w1')
  })

  it("ovn0 has the MAC address of the node's annotation, else one of its own that stays", () => {
    const base = cluster(1, 'kube-ovn-1.16')
    const nodes = base.nodes.map((node) => (node.name === 'az1-w1' ? { ...node, joinMac: 0x5a1102 } : node))
    const addresses = (one: typeof base): string[] => {
      const { nb } = new Testbed([one]).run(0.1).member('az1')
      return ['node-az1-gw1', 'node-az1-w1'].map(
        (name) => nb.get('Logical_Switch_Port', nb.find('Logical_Switch_Port', 'name', name)!)!.addresses[0]!,
      )
    }
    const [gateway, worker] = addresses(base)
    expect(addresses({ ...base, nodes })).toEqual([gateway, '00:00:00:5A:11:02 100.64.0.4'])
    expect(worker).not.toContain('5A:11:02')
  })

  it('a pod comes and goes with its port, its interface and its place in the address set of its node', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16')]).run(1)
    expect(addressSet(bed, 'ovn.default.az1.gw1_ip4')).toEqual([])
    bed.apply({ kind: 'pod-add', cluster: 'az1', pod: pod('new', 'az1-gw1', '10.16.0.20') })
    bed.run(0.1)
    expect(names(bed, 'Logical_Switch_Port')).toContain('new.default')
    expect(addressSet(bed, 'ovn.default.az1.gw1_ip4')).toEqual(['10.16.0.20'])
    expect(bed.member('az1').vifs.get('new.default')).toBe('az1-gw1')
    bed.apply({ kind: 'pod-delete', cluster: 'az1', pod: 'new' })
    bed.run(0.1)
    expect(names(bed, 'Logical_Switch_Port')).not.toContain('new.default')
    expect(addressSet(bed, 'ovn.default.az1.gw1_ip4')).toEqual([])
    expect(bed.member('az1').vifs.has('new.default')).toBe(false)
  })

  it('a deleted subnet takes its switch, router port and policies along', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16')]).run(1)
    const before = bed.policies('az1')
    bed.apply({ kind: 'subnet-add', cluster: 'az1', subnet: subnet('more', ['10.88.0.0/16']) })
    bed.run(0.1)
    expect(names(bed, 'Logical_Switch')).toContain('more')
    expect(bed.policies('az1')).toContain('31000 ip4.dst == 10.88.0.0/16 allow')
    bed.apply({ kind: 'subnet-delete', cluster: 'az1', subnet: 'more' })
    bed.run(0.1)
    expect(names(bed, 'Logical_Switch')).not.toContain('more')
    expect(bed.member('az1').nb.find('Logical_Router_Port', 'name', 'ovn-cluster-more')).toBeUndefined()
    expect(bed.policies('az1')).toEqual(before)
  })

  it('what is changed by hand stays until the controller starts again', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16')]).run(1)
    const { nb } = bed.member('az1')
    const [id, row] = [...nb.rows('Logical_Router')][0]!
    nb.transact('lr-policy-del', (tx) => tx.update('Logical_Router', id, { policies: [] }))
    bed.apply({ kind: 'pod-add', cluster: 'az1', pod: pod('new', 'az1-gw1', '10.16.0.20') })
    expect(bed.run(1).policies('az1')).toEqual([])
    bed.apply({ kind: 'daemon', daemon: controller, action: 'stop' })
    bed.apply({ kind: 'daemon', daemon: controller, action: 'start' })
    expect(bed.run(1).policies('az1')).toHaveLength(row.policies.length)
  })

  it('a refused write is tried again each second', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16')]).run(1)
    bed.member('az1').nb.available = false
    bed.apply({ kind: 'pod-add', cluster: 'az1', pod: pod('new', 'az1-gw1', '10.16.0.20') })
    bed.run(2)
    expect(bed.member('az1').vifs.has('new.default')).toBe(false)
    bed.member('az1').nb.available = true
    bed.run(1.1)
    expect(bed.member('az1').vifs.has('new.default')).toBe(true)
  })
})

describe('a controller that does not run', () => {
  it('does nothing while dead and catches up when it starts', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16'), cluster(2, 'kube-ovn-1.16')]).run(12)
    bed.apply({ kind: 'daemon', daemon: controller, action: 'kill' })
    bed.apply({ kind: 'pod-add', cluster: 'az1', pod: pod('new', 'az1-gw1', '10.16.0.20') })
    bed.apply({ kind: 'pod-delete', cluster: 'az1', pod: 'web' })
    bed.apply({ kind: 'subnet-add', cluster: 'az2', subnet: subnet('more', ['10.88.0.0/16']) })
    bed.run(12)
    // ovn-ic learns, but no policy follows (KO-POL-1).
    expect(bed.learned('az1')).toHaveLength(2)
    expect(bed.policies('az1')).not.toContain('29500 ip4.dst == 10.88.0.1/16 allow')
    expect(names(bed, 'Logical_Switch_Port')).not.toContain('new.default')
    expect(names(bed, 'Logical_Switch_Port')).toContain('web.default')
    bed.apply({ kind: 'daemon', daemon: controller, action: 'start' })
    bed.run(1)
    expect(bed.policies('az1')).toContain('29500 ip4.dst == 10.88.0.1/16 allow')
    expect(names(bed, 'Logical_Switch_Port')).toContain('new.default')
    expect(names(bed, 'Logical_Switch_Port')).not.toContain('web.default')
  })

  it('a restart leaves transit ports as they are', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16')], { switches: 2 }).run(12)
    const before = bed.transitPorts('az1')
    bed.apply({ kind: 'daemon', daemon: controller, action: 'kill' })
    bed.run(3).apply({ kind: 'daemon', daemon: controller, action: 'start' })
    expect(bed.run(5).transitPorts('az1')).toEqual(before)
  })

  it('killed between starting ovn-ic and making the ports, it makes them after the restart', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16')]).run(0.1)
    bed.apply({ kind: 'daemon', daemon: controller, action: 'kill' })
    expect(bed.run(5).transitPorts('az1')).toEqual([])
    bed.apply({ kind: 'daemon', daemon: controller, action: 'start' })
    expect(bed.run(5).transitPorts('az1')).toHaveLength(1)
  })

  it('paused, it resumes where it was', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16')]).run(0.1)
    bed.apply({ kind: 'daemon', daemon: controller, action: 'pause' })
    expect(bed.run(5).transitPorts('az1')).toEqual([])
    bed.apply({ kind: 'daemon', daemon: controller, action: 'resume' })
    expect(bed.run(0.5).transitPorts('az1')).toHaveLength(1)
  })
})

describe('events', () => {
  it('a label changed by hand switches ovn-is-interconn within three seconds', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16')]).run(12)
    bed.apply({ kind: 'interconn', cluster: 'az1', node: 'az1-gw1', on: false })
    expect(bed.run(3.1).interconn('az1')).toEqual(['az1-gw2'])
    bed.apply({ kind: 'interconn', cluster: 'az1', node: 'az1-gw1', on: true })
    expect(bed.run(3.1).interconn('az1')).toEqual(['az1-gw1', 'az1-gw2'])
  })

  it('other clusters and other kinds are not taken', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16')])
    expect(bed.apply({ kind: 'pod-delete', cluster: 'az2', pod: 'web' })).toBe(false)
    expect(bed.apply({ kind: 'snapshot', label: 'here' })).toBe(false)
    expect(bed.apply({ kind: 'link', cluster: 'az1', node: 'az1-w1', up: false, silent: false })).toBe(false)
    expect(bed.apply({ kind: 'daemon', daemon: { kind: 'ovn-ic', cluster: 'az1' }, action: 'kill' })).toBe(
      false,
    )
  })

  it('a cluster of plain OVN is refused', () => {
    const plain = { ...cluster(1, 'kube-ovn-1.16'), profile: PROFILES['ovn-23.03'] }
    expect(() => new Testbed([plain])).toThrow(RangeError)
  })
})
