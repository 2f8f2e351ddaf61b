import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignKeys, PORT_KEY_MAX } from '../../src/control/ovn/northd/keys.ts'
import type { LogicalRouter } from '../../src/model/forwarding.ts'
import type { HaChassisGroupRow } from '../../src/model/tables.ts'
import { millis, seconds } from '../../src/model/time.ts'
import { formatIp } from '../../src/net/ip.ts'
import { compareUuid } from '../../src/net/random.ts'
import { haAz, TestAz } from './ovn-testbed.ts'

/** Two subnets, a transit switch, no chassis; northd has settled. */
function bareAz(seed = 1): TestAz {
  const az = new TestAz(seed)
  az.addSubnet('blue', '10.16.0.1/16', '00:00:00:01:00:01')
  az.addSubnet('red', '10.17.0.1/16', '00:00:00:01:00:02')
  az.addTransit([
    ['gw1', 99],
    ['gw2', 100],
  ])
  az.run(millis(200))
  return az
}

const lr = (az: TestAz): LogicalRouter => az.views.current()!.byName.get('lr') as LogicalRouter

const binding = (az: TestAz, port: string) =>
  az.sb.get('Port_Binding', az.sb.find('Port_Binding', 'logical_port', port)!)!

const keysOf = (az: TestAz, ports: readonly string[]): number[] =>
  ports.map((port) => binding(az, port).tunnel_key)

/** Port names in the order of their rows' UUIDs. */
function byUuid(
  az: TestAz,
  table: 'Logical_Switch_Port' | 'Logical_Router_Port',
  names: readonly string[],
): string[] {
  const uuid = (name: string): string => az.nb.uuid(az.nb.find(table, 'name', name)!)
  return [...names].sort((a, b) => compareUuid(uuid(a), uuid(b)))
}

describe('tunnel keys', () => {
  it('requested keys come first, then keys in use, then new ones', () => {
    const requests = [
      { id: 'new', requested: undefined, present: undefined },
      { id: 'kept', requested: undefined, present: 1 },
      { id: 'asked', requested: 2, present: 7 },
      { id: 'robbed', requested: undefined, present: 2 },
    ]
    const keys = (policy: 'lowest-free' | 'after-highest') => [...assignKeys(requests, policy, 10)].sort()
    expect(keys('lowest-free')).toEqual([
      ['asked', 2],
      ['kept', 1],
      ['new', 3],
      ['robbed', 4],
    ])
    expect(keys('after-highest')).toEqual(keys('lowest-free'))
  })

  it('a freed port key is not used again until the numbers wrap, a freed datapath key is', () => {
    const requests = [
      { id: 'a', requested: undefined, present: 1 },
      { id: 'c', requested: undefined, present: 4 },
      { id: 'new', requested: undefined, present: undefined },
    ]
    expect(assignKeys(requests, 'after-highest', 10).get('new')).toBe(5)
    expect(assignKeys(requests, 'after-highest', 4).get('new')).toBe(2)
    expect(assignKeys(requests, 'lowest-free', 10).get('new')).toBe(2)
  })

  it('every key is given once and lies in range, whatever is asked for', () => {
    const key = fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined })
    const requests = fc.array(fc.record({ requested: key, present: key }), { maxLength: 12 })
    fc.assert(
      fc.property(
        requests,
        fc.constantFrom('lowest-free' as const, 'after-highest' as const),
        (list, policy) => {
          const keys = assignKeys(
            list.map((request, id) => ({ id, ...request })),
            policy,
            12,
          )
          expect(keys.size).toBe(list.length)
          expect(new Set(keys.values()).size).toBe(list.length)
          for (const value of keys.values()) expect(value >= 1 && value <= 12).toBe(true)
        },
      ),
    )
  })

  it('TS-4, PB-1: a transit switch has the key that its switch asks for, so have its ports', () => {
    const az = bareAz()
    expect(az.switchOf('ts')).toMatchObject({ key: 16711682, transit: true })
    expect(keysOf(az, ['ts-az1'])).toEqual([1])
  })

  it('GE-1: local datapaths count from 1, switches before routers; ports count from 1 in UUID order, cr- after its port', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const az = new TestAz(seed)
      az.write((t) => {
        const port = (name: string) => t.create('Logical_Switch_Port', { name })
        t.create('Logical_Switch', { name: 's', ports: ['p1', 'p2', 'p3'].map(port) })
        const gateway = t.create('Gateway_Chassis', { name: 'g', chassis_name: 'gw1', priority: 1 })
        const lrp = (name: string) => {
          const gateway_chassis = name === 'r2' ? [gateway] : []
          return t.create('Logical_Router_Port', {
            name,
            mac: '00:00:00:00:00:01',
            networks: [],
            gateway_chassis,
          })
        }
        t.create('Logical_Router', { name: 'lr', ports: ['r1', 'r2', 'r3'].map(lrp) })
      })
      az.run(millis(100))
      expect([...az.views.current()!.datapaths].map(([key, { name }]) => [key, name])).toEqual([
        [1, 's'],
        [2, 'lr'],
      ])
      expect(keysOf(az, byUuid(az, 'Logical_Switch_Port', ['p1', 'p2', 'p3']))).toEqual([1, 2, 3])
      const routerPorts = byUuid(az, 'Logical_Router_Port', ['r1', 'r2', 'r3'])
      const withRedirect = routerPorts.flatMap((name) => (name === 'r2' ? ['r2', 'cr-r2'] : [name]))
      expect(keysOf(az, withRedirect)).toEqual([1, 2, 3, 4])
      expect(PORT_KEY_MAX).toBe(0x7fff)
    }
  })

  it('keys stay when rows come and go; a later port comes after the highest', () => {
    const az = bareAz()
    const before = keysOf(az, ['blue-lr', 'red-lr', 'lr-blue', 'lr-red'])
    az.write((t) => {
      const id = az.nb.find('Logical_Switch_Port', 'name', 'blue-lr')!
      const blue = [...az.nb.rows('Logical_Switch')].find(([, row]) => row.name === 'blue')!
      const pods = ['x', 'y'].map((name) => t.create('Logical_Switch_Port', { name }))
      t.update('Logical_Switch', blue[0], { ports: [id, ...pods] })
    })
    az.run(millis(100))
    expect(keysOf(az, ['blue-lr', 'red-lr', 'lr-blue', 'lr-red'])).toEqual(before)
    expect(keysOf(az, byUuid(az, 'Logical_Switch_Port', ['x', 'y']))).toEqual([2, 3])
  })
})

describe('northd', () => {
  it('PB-2: the mac column of a router port has every network', () => {
    const az = bareAz()
    expect(binding(az, 'az1-ts')).toMatchObject({
      ...{ type: 'patch', mac: ['00:00:00:50:00:81 169.254.100.41/24'], options: { peer: 'ts-az1' } },
    })
    expect(binding(az, 'ts-az1')).toMatchObject({ type: 'patch', options: { peer: 'az1-ts' } })
  })

  it('HA-1: a gateway port has a group of its name and a chassisredirect binding; members have no chassis yet', () => {
    const az = bareAz()
    const [[id, group]] = [...az.sb.rows('HA_Chassis_Group')] as [[number, HaChassisGroupRow]]
    expect(group).toMatchObject({
      name: 'az1-ts',
      members: [
        { chassis_name: 'gw2', chassis: undefined, priority: 100 },
        { chassis_name: 'gw1', chassis: undefined, priority: 99 },
      ],
    })
    expect(binding(az, 'cr-az1-ts')).toMatchObject({ type: 'chassisredirect', ha_chassis_group: id })
  })

  it('HA-4: ref_chassis are those with bound ports on switches that reach the gateway', () => {
    const az = haAz(1, { workers: ['w1', 'w2'] })
    const names = (): string[] => {
      const [group] = az.sb.rows('HA_Chassis_Group').values()
      return group!.ref_chassis.map((id) => az.sb.get('Chassis', id)!.name).sort()
    }
    expect(names()).toEqual(['w1', 'w2'])
    az.chassis.get('w2')!.switch.setVif('pod-w2', false)
    az.run(millis(200))
    expect(names()).toEqual(['w1'])
  })

  it('a switch that no gateway reaches has no part in ref_chassis', () => {
    const az = haAz(1)
    az.write((t) => {
      const port = t.create('Logical_Switch_Port', { name: 'alone' })
      t.create('Logical_Switch', { name: 'island', ports: [port] })
    })
    az.addChassis('w9', '192.168.42.99').switch.setVif('alone', true)
    az.run(millis(200))
    const [group] = az.sb.rows('HA_Chassis_Group').values()
    expect(group!.ref_chassis.map((id) => az.sb.get('Chassis', id)!.name)).toEqual(['w1'])
    expect(az.chassis.get('w9')!.switch.state.tunnels.get('gw1')!.bfd).toBe('off')
  })

  it('switch ports are up once they are bound', () => {
    const az = haAz(1)
    const up = (name: string) =>
      az.nb.get('Logical_Switch_Port', az.nb.find('Logical_Switch_Port', 'name', name)!)!.up
    expect([up('pod-w1'), up('ts-az1')]).toEqual([true, true])
    az.chassis.get('w1')!.switch.setVif('pod-w1', false)
    az.run(millis(200))
    expect(up('pod-w1')).toBe(false)
  })

  it('RT-7: a route without a path is named once', () => {
    const az = bareAz()
    az.addRoute('10.9.0.0/16', '172.16.0.1')
    az.run(millis(100))
    az.addRoute('10.8.0.0/16', '10.16.0.9')
    az.run(millis(100))
    const warnings = az.log.filter(({ kind }) => kind === 'warning').map(({ text }) => text)
    expect(warnings).toEqual(['No path for static route 10.9.0.0/16; next hop 172.16.0.1'])
  })

  it('a stopped northd leaves flows and bindings as they are; started, it catches up', () => {
    const az = bareAz()
    const routes = (): number => lr(az).routes.length
    const before = routes()
    az.northdProcess.end('kill')
    az.addRoute('10.9.0.0/16', '10.16.0.9')
    az.addSubnet('late', '10.50.0.1/24', '00:00:00:01:00:03')
    az.run(seconds(1))
    expect(routes()).toBe(before)
    expect(az.sb.find('Port_Binding', 'logical_port', 'lr-late')).toBeUndefined()
    az.northdProcess.start()
    az.run(seconds(1))
    // The route, the subnet and the link-local network of its port.
    expect(routes()).toBe(before + 3)
  })
})

describe('views', () => {
  it('share every datapath that did not change', () => {
    const az = bareAz()
    const before = az.views.current()!
    const [blue, router, transit] = [az.switchOf('blue'), lr(az), az.switchOf('ts')]
    expect(az.views.current()).toBe(before)
    az.addRoute('10.9.0.0/16', '10.16.0.9')
    az.run(millis(100))
    const after = az.views.current()!
    expect(after).not.toBe(before)
    expect(az.switchOf('blue')).toBe(blue)
    expect(az.switchOf('ts')).toBe(transit)
    expect(lr(az)).not.toBe(router)
    expect(lr(az).ports).toEqual(router.ports)
  })

  it('show the moment they were made for, even when looked into later', () => {
    const az = bareAz()
    const old = az.views.current()!
    az.addRoute('10.9.0.0/16', '10.16.0.9')
    az.addSubnet('late', '10.50.0.1/24', '00:00:00:01:00:03')
    az.run(millis(100))
    const router = old.byName.get('lr') as LogicalRouter
    expect(router.routes.filter(({ origin }) => origin === 'static')).toEqual([])
    expect(old.byName.has('late')).toBe(false)
    expect(lr(az).routes.filter(({ origin }) => origin === 'static')).toHaveLength(1)
  })

  it('EC-1, EC-3: members of a group stand in the order of their rows, which is that of the UUIDs', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const az = bareAz(seed)
      for (const nexthop of ['10.16.0.9', '10.17.0.9', '10.16.0.8']) az.addRoute('10.9.0.0/16', nexthop)
      az.run(millis(100))
      const rows = [...az.nb.rows('Logical_Router_Static_Route')]
      const order = rows
        .sort(([a], [b]) => compareUuid(az.nb.uuid(a), az.nb.uuid(b)))
        .map(([, { nexthop }]) => nexthop)
      const { action } = lr(az).routes.find(({ origin }) => origin === 'static')!
      const members = action.kind === 'ecmp' ? action.members : []
      expect(members.map(({ nexthop }) => formatIp(nexthop!))).toEqual(order)
    }
  })

  it('a route edited in place, a gateway claimed: each makes a new router', () => {
    const az = haAz(1)
    az.addRoute('10.9.0.0/16', '10.16.0.9')
    az.run(millis(100))
    const before = lr(az)
    const [id] = az.nb.rows('Logical_Router_Static_Route').keys()
    az.write((t) => t.update('Logical_Router_Static_Route', id!, { ip_prefix: '10.8.0.0/16' }))
    az.run(millis(100))
    const edited = lr(az)
    expect(edited).not.toBe(before)
    expect(edited.routes.some(({ prefix }) => prefix.len === 16 && prefix.ip === 0x0a080000)).toBe(true)
    expect(edited.portByName.get('az1-ts')!.gateway).toMatchObject({
      ...{ redirectPort: 'cr-az1-ts', boundTo: 'gw1' },
      members: [
        { chassis: 'gw1', priority: 100 },
        { chassis: 'gw2', priority: 99 },
      ],
    })
    az.cut('gw1')
    az.run(seconds(4))
    expect(lr(az).portByName.get('az1-ts')!.gateway!.boundTo).toBe('gw2')
  })

  it('PB-6, AR-1: remote ports carry address and chassis, a router port without its peer has neither MAC nor peer', () => {
    const az = haAz(1)
    az.write((t) => {
      const ts = [...az.nb.rows('Logical_Switch')].find(([, row]) => row.name === 'ts')!
      const addresses = ['00:00:00:50:00:82 169.254.100.42/24']
      const options = { 'requested-tnl-key': '2' }
      const remote = t.create('Logical_Switch_Port', {
        name: 'ts-az2',
        type: 'remote',
        addresses,
        options,
        up: true,
      })
      t.update('Logical_Switch', ts[0], { ports: [...ts[1].ports, remote] })
      const [router] = az.nb.rows('Logical_Router')
      const gone = az.nb.find('Logical_Router_Port', 'name', 'az1-ts')!
      t.update('Logical_Router', router![0], { ports: router![1].ports.filter((id) => id !== gone) })
    })
    az.run(millis(100))
    const ts = az.switchOf('ts')
    expect(ts.portByKey.get(2)).toMatchObject({
      kind: 'remote',
      name: 'ts-az2',
      mac: 0x500082,
      ips: [0xa9fe642a],
    })
    expect(ts.portByKey.get(1)).toMatchObject({ kind: 'router', mac: undefined, ips: [], peer: undefined })
    expect(az.sb.find('Port_Binding', 'logical_port', 'cr-az1-ts')).toBeUndefined()
    expect(az.sb.rows('HA_Chassis_Group').size).toBe(0)
  })

  it('a port knows its peer on the other datapath both ways', () => {
    const az = bareAz()
    const blue = az.switchOf('blue')
    const port = lr(az).portByName.get('lr-blue')!
    expect(port.peer).toEqual({ datapath: blue.key, port: 'blue-lr' })
    expect(blue.portByName.get('blue-lr')).toMatchObject({
      mac: port.mac,
      peer: { datapath: lr(az).key, port: 'lr-blue' },
    })
    expect(az.views.current()!.switchOfPort.get('blue-lr')).toBe(blue.key)
  })
})
