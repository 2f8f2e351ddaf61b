import { describe, expect, it } from 'vitest'
import { millis, seconds } from '../../src/model/time.ts'
import { haAz, TestAz } from './ovn-testbed.ts'

describe('ovn-controller', () => {
  it('registers its chassis with encapsulation and is-interconn, and binds its interfaces', () => {
    const az = haAz(1)
    const row = (name: string) => az.sb.get('Chassis', az.sb.find('Chassis', 'name', name)!)!
    expect(row('gw1').other_config).toEqual({ 'is-interconn': 'true' })
    expect(row('w1').other_config).toEqual({ 'is-interconn': 'false' })
    expect(az.sb.get('Encap', row('gw1').encaps[0]!)).toMatchObject({ type: 'geneve', ip: '192.168.42.11' })
    expect(az.switchOf('subnet').portByName.get('pod-w1')!.chassis).toBe('w1')
  })

  it('GW-5: a tunnel address that another chassis has keeps it out until that one is gone', () => {
    const az = new TestAz()
    az.addChassis('old', '192.168.42.11')
    az.addSubnet('subnet', '10.16.0.1/16', '00:00:00:01:00:01')
    az.run(seconds(1))
    az.addChassis('new', '192.168.42.11')
    az.run(seconds(1))
    expect(az.sb.find('Chassis', 'name', 'new')).toBeUndefined()
    const refusals = az.log.filter(({ kind }) => kind === 'refused')
    expect(refusals).toHaveLength(1)
    expect(refusals[0]!.text).toContain('identical values (geneve and "192.168.42.11")')
    expect(az.chassis.get('new')!.switch.state.view).toBeUndefined()
    az.chassis.get('old')!.process.end('stop')
    az.run(seconds(1))
    expect(az.sb.find('Chassis', 'name', 'new')).toBeDefined()
    expect(az.chassis.get('new')!.switch.state.view).toBeDefined()
  })

  it('GW-6: tunnels to other AZs start only from gateways, without BFD, and follow the flag', () => {
    const az = haAz(1)
    az.sb.transact('ovn-ic az1', (t) => {
      const encap = t.create('Encap', { type: 'geneve', ip: '192.168.42.21', chassis_name: 'far' })
      t.create('Chassis', { name: 'far', encaps: [encap], other_config: { 'is-remote': 'true' } })
    })
    az.run(millis(100))
    const tunnels = (name: string) => az.chassis.get(name)!.switch.state.tunnels
    expect([...tunnels('gw1').keys()].sort()).toEqual(['far', 'gw2', 'w1'])
    expect(tunnels('gw1').get('far')!.bfd).toBe('off')
    expect([...tunnels('w1').keys()].sort()).toEqual(['gw1', 'gw2'])
    az.chassis.get('gw1')!.controller.setInterconn(false)
    az.run(millis(100))
    expect(tunnels('gw1').has('far')).toBe(false)
    // PB-4: the flag does not touch the gateway's own standing.
    expect([az.resident, az.bound]).toEqual([['gw1'], 'gw1'])
  })

  it('HA-4: BFD between gateways and between gateways and users, not between workers', () => {
    const az = haAz(1, { workers: ['w1', 'w2'] })
    const bfd = (from: string, to: string) => az.chassis.get(from)!.switch.state.tunnels.get(to)!.bfd
    expect([bfd('gw1', 'gw2'), bfd('gw1', 'w2'), bfd('w1', 'gw1'), bfd('w1', 'w2')]).toEqual([
      'up',
      'up',
      'up',
      'off',
    ])
    expect(az.sent.has('w1>w2')).toBe(false)
  })

  it('HA-4: a chassis of another AZ that hosts a remote port counts as a user, but no BFD is spoken with it', () => {
    const az = haAz(1)
    az.write((t) => {
      const ts = [...az.nb.rows('Logical_Switch')].find(([, row]) => row.name === 'ts')!
      const remote = t.create('Logical_Switch_Port', { name: 'ts-az2', type: 'remote', up: true })
      t.update('Logical_Switch', ts[0], { ports: [...ts[1].ports, remote] })
    })
    az.run(millis(100))
    az.sb.transact('ovn-ic az1', (t) => {
      const encap = t.create('Encap', { type: 'geneve', ip: '192.168.42.21', chassis_name: 'far' })
      const chassis = t.create('Chassis', {
        name: 'far',
        encaps: [encap],
        other_config: { 'is-remote': 'true' },
      })
      t.update('Port_Binding', az.sb.find('Port_Binding', 'logical_port', 'ts-az2')!, { chassis })
    })
    az.run(millis(100))
    const far = az.sb.find('Chassis', 'name', 'far')
    const [group] = az.sb.rows('HA_Chassis_Group').values()
    expect(group!.ref_chassis).toContain(far)
    expect(az.switchOf('ts').portByName.get('ts-az2')!.chassis).toBe('far')
    expect(az.chassis.get('gw1')!.switch.state.tunnels.get('far')!.bfd).toBe('off')
  })

  it('a change replaces the state, tells whose, and keeps tunnels that are as before', () => {
    const az = haAz(1)
    const before = az.chassis.get('w1')!.switch.state
    const told: string[] = []
    az.onChange = (name) => told.push(name)
    az.cut('gw1')
    az.run(seconds(4))
    const after = az.chassis.get('w1')!.switch.state
    expect(new Set(told)).toEqual(new Set(['gw1', 'gw2', 'w1']))
    expect(after).not.toBe(before)
    expect(after.tunnels.get('gw2')).toBe(before.tunnels.get('gw2'))
    expect(before.tunnels.get('gw1')!.bfd).toBe('up')
    expect(after.tunnels.get('gw1')!.bfd).toBe('down')
  })

  it('an interface that goes is released, also by a new process', () => {
    const az = haAz(1)
    const home = () => az.switchOf('subnet').portByName.get('pod-w1')!.chassis
    az.chassis.get('w1')!.process.end('kill')
    az.chassis.get('w1')!.switch.setVif('pod-w1', false)
    az.run(seconds(1))
    expect(home()).toBe('w1')
    az.chassis.get('w1')!.process.start()
    az.run(seconds(1))
    expect(home()).toBeUndefined()
  })
})
