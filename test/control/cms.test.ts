// The scenario as cloud management system: what stands in the Northbound after set-up and after each event.

import { describe, expect, it } from 'vitest'
import { subnetOf, transitPort, twoZones } from './ic-world.ts'

const pod = {
  name: 'web',
  subnet: 'net0',
  node: 'n',
  mac: 0x0a0000000009,
  ips: [0x0a100009],
  mtu: 1400,
  lsp: 'web.default',
}
const names = (rows: Iterable<{ name: string }>) => [...rows].map((row) => row.name).sort()

describe('set-up', () => {
  it('HA-1, PB-1: routers, subnets and transit ports as ovn-nbctl would make them', () => {
    const { nb } = twoZones({ commands: ['set Logical_Router_Port az1-ts options:gateway_mtu=1300'] })
      .run()
      .az('az1')
    expect([...nb.rows('NB_Global').values()].map((row) => row.name)).toEqual(['az1'])
    expect(names(nb.rows('Logical_Switch').values())).toEqual(['net0', 'ts'])
    const lrp = nb.get('Logical_Router_Port', nb.find('Logical_Router_Port', 'name', 'az1-ts')!)!
    expect(lrp).toMatchObject({
      mac: '00:00:00:50:00:81',
      networks: ['169.254.100.41/24'],
      options: { gateway_mtu: '1300' },
    })
    const chassis = lrp.gateway_chassis.map((id) => nb.get('Gateway_Chassis', id)!)
    expect(chassis.map((row) => `${row.name} ${row.priority}`)).toEqual([
      'az1-ts-az1-gw1 100',
      'az1-ts-az1-gw2 99',
    ])
    const lsp = nb.get('Logical_Switch_Port', nb.find('Logical_Switch_Port', 'name', 'net0-ovn-cluster')!)
    expect(lsp).toMatchObject({
      type: 'router',
      addresses: ['router'],
      options: { 'router-port': 'ovn-cluster-net0' },
    })
  })

  it('what ovn-nbctl refuses is complained of, the rest is done', () => {
    const route = { prefix: '10.9.0.0/16', nexthop: '10.16.0.9' }
    expect(() => twoZones({ routes: [route, route], commands: ['lrp-del nope'] })).toThrow(
      /^duplicate prefix: 10\.9\.0\.0\/16 .*\nnope: port name not found$/,
    )
  })
})

describe('events', () => {
  it('pods and subnets come and go, pods with their subnet', () => {
    const { cms, nb } = twoZones().run().az('az1')
    expect(cms.addPod(pod)).toEqual([])
    expect(
      nb.get('Logical_Switch_Port', nb.find('Logical_Switch_Port', 'name', 'web.default')!)?.addresses,
    ).toEqual(['0a:00:00:00:00:09 10.16.0.9'])
    expect(cms.addPod(pod)).toEqual(['web.default: a port with this name already exists'])
    expect(cms.deletePod('web')).toEqual([])
    expect(cms.deletePod('web')).toEqual(['web: no such pod'])
    cms.addPod(pod)
    expect(cms.deleteSubnet('net0')).toEqual([])
    expect(nb.find('Logical_Switch_Port', 'name', 'web.default')).toBeUndefined()
    expect(nb.find('Logical_Router_Port', 'name', 'ovn-cluster-net0')).toBeUndefined()
    expect(cms.deleteSubnet('net0')).toEqual(['net0: no such subnet'])
    expect(cms.addSubnet(subnetOf('new', ['10.50.0.1/24']))).toEqual([])
    expect(cms.addPod({ ...pod, subnet: 'gone' })).toEqual(['gone: switch name not found'])
  })

  it('ADV-4: a subnet leaves interconnection by the blacklist and comes back, other entries untouched', () => {
    const world = twoZones({
      options: { 'ic-route-adv': 'true', 'ic-route-learn': 'true', 'ic-route-blacklist': '9.0.0.0/8' },
    }).run()
    const { cms, nb } = world.az('az1')
    const list = () => [...nb.rows('NB_Global').values()][0]?.options['ic-route-blacklist']
    cms.setInterconnection('net0', true)
    cms.setInterconnection('net0', true)
    expect(list()).toBe('9.0.0.0/8,10.16.0.0/16')
    expect(world.run().learned('az2')).toEqual([])
    cms.setInterconnection('net0', false)
    expect(list()).toBe('9.0.0.0/8')
    expect(world.run().learned('az2')).toHaveLength(1)
    expect(cms.setInterconnection('nope', true)).toEqual(['nope: no such subnet'])
  })

  it('TS-2: a port deleted by hand is not put back', () => {
    const world = twoZones().run()
    const port = transitPort('ts', 0, 1)
    expect(world.command('nbctl', `lsp-del ${port.lsp}`, 'az1')).toBeUndefined()
    world.run()
    expect(world.az('az1').nb.find('Logical_Switch_Port', 'name', port.lsp)).toBeUndefined()
  })
})
