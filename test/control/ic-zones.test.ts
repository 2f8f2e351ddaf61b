// Zones, transit switches, gateways and ports of ovn-ic against what the real ovn-ic 23.03.1 did.

import { describe, expect, it } from 'vitest'
import { Database } from '../../src/control/db/database.ts'
import { IC_SB_SCHEMA } from '../../src/control/db/schemas.ts'
import { type Led, Servers } from '../../src/control/db/servers.ts'
import { Connection } from '../../src/control/ovn/ic/connection.ts'
import { allocateKey } from '../../src/control/ovn/ic/step.ts'
import { SECOND } from '../../src/model/time.ts'
import { Random } from '../../src/net/random.ts'
import { Clock } from '../../src/sim/clock.ts'
import { OVN_23_03, subnetOf, transitPort, transitPortOf, twoZones, World } from './ic-world.ts'

/** Three zones on two transit switches. */
const threeZones = () =>
  new World(
    ['ts', 'ts1'],
    [1, 2, 3].map((n) => ({
      id: `az${n}`,
      networks: [[`10.${15 + n}.0.1/16`]],
      transit: [transitPort('ts', 0, n), transitPort('ts1', 1, n)],
    })),
  )

/** A client that has found its leader, member 0, at time zero. */
const connected = (remotes: readonly number[]) => {
  const clock = new Clock(0, 1e6)
  const database = new Database(IC_SB_SCHEMA, 'OVN_IC_Southbound', 1)
  return { clock, database, connection: new Connection(database, clock, () => {}, remotes) }
}

const keys = (world: World) =>
  [...world.icSb.rows('Datapath_Binding').values()]
    .map((row) => `${row.transit_switch} ${row.tunnel_key}`)
    .sort()
const gateways = (world: World) => [...world.icSb.rows('Gateway').values()].map((row) => row.name).sort()
const switchesOf = (world: World, az: string) =>
  [...world.az(az).nb.rows('Logical_Switch').values()].filter(
    (row) => row.other_config['interconn-ts'] !== undefined,
  )
const remoteChassis = (world: World, az: string) =>
  [...world.az(az).sb.rows('Chassis').values()]
    .filter((row) => row.other_config['is-remote'] === 'true')
    .map((row) => row.name)
const chassisOf = (world: World, az: string, port: string) => {
  const { sb } = world.az(az)
  const binding = sb.get('Port_Binding', sb.find('Port_Binding', 'logical_port', port)!)
  return binding?.chassis === undefined ? undefined : sb.get('Chassis', binding.chassis)?.name
}

describe('bring-up', () => {
  it('AZ-1, GW-1, PB-1, PB-2: two zones as in the real network', () => {
    const world = twoZones().run()
    expect(world.zones()).toEqual(['az1', 'az2'])
    expect(gateways(world)).toEqual(['az1-gw1', 'az1-gw2', 'az2-gw1', 'az2-gw2'])
    expect(keys(world)).toEqual(['ts 16711682'])
    expect(world.ports()).toEqual([
      'ts-az1 1 az1-gw1 00:00:00:50:00:81 169.254.100.41/24',
      'ts-az2 2 az2-gw1 00:00:00:50:00:82 169.254.100.42/24',
    ])
    expect(world.published()).toEqual([
      'az1 ts - 10.16.0.1/16 169.254.100.41 connected',
      'az2 ts - 10.17.0.1/16 169.254.100.42 connected',
    ])
    expect(world.host.busy).toBe(false)
    expect(world.refusals()).toEqual([])
  })

  it('TS-1, TS-4, PB-3, PB-4, GW-3: what the other zone gets', () => {
    const world = twoZones().run()
    const [ts] = switchesOf(world, 'az1')
    expect(ts?.other_config).toEqual({ 'interconn-ts': 'ts', 'requested-tnl-key': '16711682' })
    const ports = ts!.ports.map((id) => world.az('az1').nb.get('Logical_Switch_Port', id)!)
    expect(ports.find((port) => port.name === 'ts-az2')).toEqual({
      name: 'ts-az2',
      type: 'remote',
      addresses: ['00:00:00:50:00:82 169.254.100.42/24'],
      options: { 'requested-tnl-key': '2' },
      up: true,
    })
    expect(ports.find((port) => port.name === 'ts-az1')?.options).toEqual({
      'router-port': 'az1-ts',
      'requested-tnl-key': '1',
    })
    expect(remoteChassis(world, 'az1')).toEqual(['az2-gw1', 'az2-gw2'])
    expect(chassisOf(world, 'az1', 'ts-az2')).toBe('az2-gw1')
  })

  it('PB-1: the key hint is one for all switches of a process', () => {
    expect(
      threeZones()
        .run()
        .ports()
        .map((port) => port.split(' ').slice(0, 2).join(' ')),
    ).toEqual(['ts-az1 1', 'ts-az2 2', 'ts-az3 3', 'ts1-az1 2', 'ts1-az2 3', 'ts1-az3 4'])
  })

  it('PB-1, TS-3: allocation starts after the hint and wraps', () => {
    expect(allocateKey(new Set(), 1, 5, 0)).toBe(1)
    expect(allocateKey(new Set([1, 5]), 1, 5, 4)).toBe(2)
    expect(allocateKey(new Set([1, 2, 3, 4, 5]), 1, 5, 3)).toBeUndefined()
    expect(allocateKey(new Set(), 10, 20, 0)).toBe(10)
  })
})

describe('transit switches', () => {
  it('TS-5, ADV-13: deleting one takes its ports and routes along, and its successor has no ports', () => {
    const world = threeZones().run()
    expect(world.learned('az1')).toHaveLength(4)
    expect(world.command('ic-nbctl', 'ts-del ts1')).toBeUndefined()
    world.run()
    expect(keys(world)).toHaveLength(1)
    expect(world.ports().map((port) => port.split(' ')[0])).toEqual(['ts-az1', 'ts-az2', 'ts-az3'])
    expect(world.published().every((route) => route.split(' ')[1] === 'ts')).toBe(true)
    expect(world.learned('az1')).toHaveLength(2)
    expect(world.command('ic-nbctl', 'ts-add ts1')).toBeUndefined()
    world.run()
    expect(keys(world)).toContain('ts1 16711684')
    expect(switchesOf(world, 'az1').find((row) => row.name === 'ts1')?.ports).toEqual([])
    const { cms } = world.az('az1')
    cms.addTransitPort(
      transitPortOf('az1', {
        ...transitPort('ts1', 1, 1),
        lrp: 'again',
        lsp: 'ts1-again',
        mac: '00:00:00:50:01:99',
      }),
    )
    expect(world.run().ports().join()).toContain('ts1-again')
  })

  it('TS-2: a switch deleted by hand comes back without its port, and stale routes stay', () => {
    const world = twoZones().run()
    expect(world.command('nbctl', 'ls-del ts', 'az1')).toBeUndefined()
    world.run()
    expect(switchesOf(world, 'az1')).toHaveLength(1)
    expect(world.ports()).toEqual(['ts-az2 2 az2-gw1 00:00:00:50:00:82 169.254.100.42/24'])
    expect(world.published()).toContain('az1 ts - 10.16.0.1/16 169.254.100.41 connected')
    expect(world.learned('az2')).toHaveLength(1)
  })
})

describe('gateways', () => {
  it('PB-4, GW-2: a gateway without the flag vanishes from the other zone while the port still names it', () => {
    const world = twoZones().run()
    expect(
      world.command('sbctl', 'set Chassis az1-gw1 other_config:is-interconn=false', 'az1'),
    ).toBeUndefined()
    world.run()
    expect(gateways(world)).toEqual(['az1-gw2', 'az2-gw1', 'az2-gw2'])
    expect(world.ports()[0]).toBe('ts-az1 1 az1-gw1 00:00:00:50:00:81 169.254.100.41/24')
    expect(chassisOf(world, 'az2', 'ts-az1')).toBeUndefined()
    world.command('sbctl', 'set Chassis az1-gw1 other_config:is-interconn=true', 'az1')
    world.run()
    expect(chassisOf(world, 'az2', 'ts-az1')).toBe('az1-gw1')
  })

  it('GW-3: a changed tunnel address is followed', () => {
    const world = twoZones().run()
    world.az('az1').sb.transact('test', (write) => {
      const [id, row] = [...world.az('az1').sb.rows('Chassis')].find(
        ([, chassis]) => chassis.name === 'az1-gw1',
      )!
      write.update('Chassis', id, {
        encaps: [write.create('Encap', { ip: '192.0.2.9', chassis_name: row.name })],
      })
    })
    world.run()
    const ips = [...world.az('az2').sb.rows('Encap').values()].filter((row) => row.chassis_name === 'az1-gw1')
    expect(ips.map((row) => row.ip)).toEqual(['192.0.2.9'])
    expect([...world.icSb.rows('Encap').values()].some((row) => row.ip === '192.168.42.11')).toBe(false)
  })

  it('HA-12: another active gateway reaches the other zone through the databases in well under half a second', () => {
    const world = twoZones().run()
    world.command('sbctl', 'destroy Chassis az1-gw1', 'az1')
    world.run(100e6)
    expect(world.ports()[0]).toMatch(/^ts-az1 1 az1-gw2 /)
    expect(chassisOf(world, 'az2', 'ts-az1')).toBe('az1-gw2')
  })

  it('GW-5, IC-3: a dead gateway with the same tunnel address blocks all of a zone until it is destroyed', () => {
    const residue = [
      'create Availability_Zone name=old',
      '--id=@e create Encap type=geneve ip=192.168.42.21 gateway_name=old-gw1 -- --id=@z create Availability_Zone name=old2 -- create Gateway name=old-gw1 hostname=old-gw1 availability_zone=@z encaps=@e',
    ]
    const world = twoZones({}, {}, residue).run()
    expect(gateways(world)).toEqual(['az1-gw1', 'az1-gw2', 'old-gw1'])
    expect(
      world
        .refusals('ovn-ic az2')
        .map((entry) => entry.text)
        .join('\n'),
    ).toMatch(/IC-SB: .*"Encap" table.*geneve and "192\.168\.42\.21"/)
    expect(world.published()).toEqual(['az1 ts - 10.16.0.1/16 169.254.100.41 connected'])
    expect(world.command('ic-sbctl', 'destroy Gateway old-gw1')).toBeUndefined()
    world.run()
    expect(gateways(world)).toEqual(['az1-gw1', 'az1-gw2', 'az2-gw1', 'az2-gw2'])
    expect(world.learned('az1')).toHaveLength(1)
    expect(world.zones()).toEqual(['az1', 'az2', 'old', 'old2'])
  })
})

describe('zones', () => {
  it('AZ-1: without a name nothing runs, and a name taken away removes a zone that has no rows', () => {
    const world = new World([], [{ id: 'az1', name: '', networks: [] }]).run()
    expect(world.zones()).toEqual([])
    world.command('nbctl', 'set NB_Global . name=late', 'az1')
    expect(world.run().zones()).toEqual(['late'])
    world.command('sbctl', 'destroy Chassis az1-gw1 az1-gw2', 'az1')
    world.run()
    world.command('nbctl', `set NB_Global . name='""'`, 'az1')
    expect(world.run().zones()).toEqual([])
  })

  it('AZ-2: two clusters of one name fight without an error and learn nothing', () => {
    const world = twoZones({}, { name: 'az1' }).run()
    const before = world.icSb.tableVersion('Port_Binding')
    world.run()
    expect(world.icSb.tableVersion('Port_Binding') - before).toBeGreaterThan(50)
    expect(world.icSb.tableVersion('Port_Binding') - before).toBeLessThan(500)
    expect(world.zones()).toEqual(['az1'])
    expect(world.learned('az1')).toEqual([])
    expect(world.learned('az2')).toEqual([])
  })

  it('AZ-3: a rename is refused in three databases, adds the new zone, and leaves the data plane alone', () => {
    const world = twoZones().run()
    world.command('nbctl', 'set NB_Global . name=new', 'az1')
    world.run(6 * SECOND)
    const texts = world.refusals('ovn-ic az1').map((entry) => entry.text)
    expect(
      texts.some((text) => /cannot delete Availability_Zone row .* remaining reference/.test(text)),
    ).toBe(true)
    expect(texts.some((text) => text.startsWith('SB: ') && /"(Encap|Chassis)" table/.test(text))).toBe(true)
    expect(texts.some((text) => text.startsWith('NB: ') && /"Logical_Switch_Port" table/.test(text))).toBe(
      true,
    )
    expect(texts.length).toBeLessThan(40)
    expect(world.zones()).toEqual(['az1', 'az2', 'new'])
    expect(world.learned('az2')).toEqual(['10.16.0.1/16 169.254.100.41 connected'])
  })

  it('AZ-3: without the defect the row is renamed in place', () => {
    const world = twoZones({ profile: { ...OVN_23_03, icDefects: [] } }).run()
    world.command('nbctl', 'set NB_Global . name=new', 'az1')
    expect(world.run().zones()).toEqual(['az2', 'new'])
    expect(world.refusals()).toEqual([])
  })

  it('a zone that withdraws its routes, ports, chassis and name leaves nothing behind', () => {
    const world = threeZones().run()
    const { cms } = world.az('az3')
    cms.withdrawRoutes()
    world.run()
    cms.removeTransitPorts()
    world.run()
    world.command('sbctl', 'destroy Chassis az3-gw1 az3-gw2', 'az3')
    world.run()
    cms.clearName()
    world.run()
    expect(world.zones()).toEqual(['az1', 'az2'])
    expect(world.learned('az1')).toHaveLength(2)
    expect(world.refusals()).toEqual([])
  })

  it('a zone that removes its ports first leaves its routes, and so its row', () => {
    const world = threeZones().run()
    const { cms } = world.az('az3')
    cms.removeTransitPorts()
    world.run()
    world.command('sbctl', 'destroy Chassis az3-gw1 az3-gw2', 'az3')
    world.run()
    cms.clearName()
    world.run()
    expect(world.zones()).toEqual(['az1', 'az2', 'az3'])
    expect(world.published().filter((route) => route.startsWith('az3'))).toHaveLength(2)
    expect(world.learned('az1')).toHaveLength(4)
  })

  it('PB-8: a port name in use in a stale zone blocks the new owner', () => {
    const residue = [
      '--id=@z create Availability_Zone name=old -- create Port_Binding logical_port=ts-az1 transit_switch=ts availability_zone=@z tunnel_key=9',
    ]
    const world = twoZones({}, {}, residue).run()
    // The stale binding becomes a remote port of that name before the owner can have it.
    expect(world.complaints).toEqual(['ts-az1: a port with this name already exists'])
    expect(world.ports()).toEqual(['ts-az1 9 - -', 'ts-az2 1 az2-gw1 00:00:00:50:00:82 169.254.100.42/24'])
    expect(world.learned('az2')).toEqual([])
  })
})

describe('stopped parts', () => {
  it('IC-5: with ovn-ic stopped everything stays, and what is new is published when it starts', () => {
    const world = twoZones().run()
    world.host.get('ovn-ic az2')!.end('kill')
    world.az('az2').cms.addSubnet(subnetOf('late', ['10.50.0.1/24']))
    world.run()
    expect(world.learned('az1')).toEqual(['10.17.0.1/16 169.254.100.42 connected'])
    world.host.get('ovn-ic az2')!.start()
    world.run(100e6)
    expect(world.learned('az1')).toContain('10.50.0.1/24 169.254.100.42 connected')
  })

  it('IC-5: without the IC databases the state freezes, and a new subnet appears within ten seconds of their return', () => {
    const world = twoZones().run()
    const before = world.icSb.snapshot()
    world.icNb.available = false
    world.icSb.available = false
    world.run()
    world.az('az2').cms.addSubnet(subnetOf('late', ['10.50.0.1/24']))
    world.run(2.2 * SECOND)
    expect(world.icSb.snapshot()).toBe(before)
    expect(world.learned('az1')).toHaveLength(1)
    world.icNb.available = true
    world.icSb.available = true
    world.run(10 * SECOND)
    expect(world.learned('az1')).toContain('10.50.0.1/24 169.254.100.42 connected')
    expect(world.refusals()).toEqual([])
  })

  it('IC-5: clients come back on a back-off of 1, 2, 4, 8 seconds from when they lost the server', () => {
    const back = [0.5, 1.1, 2.9, 3.1, 6.9, 7.1, 15.1, 23.1].map((up) => {
      const { connection, database, clock } = connected([0])
      database.leader = undefined
      clock.runUntil(up * SECOND)
      database.leader = 0
      while (!connection.connected) clock.runUntil(clock.now + 0.1 * SECOND)
      return Math.floor(clock.now / SECOND)
    })
    expect(back).toEqual([1, 3, 3, 7, 7, 15, 23, 31])
  })

  it('IC-5: of a Raft cluster only the leader will do, and dead members and followers cost an attempt each', () => {
    // As ovn-ic's own log had it: member 0 dies while it leads, 2 and 1 are tried at once, then 0, 2, 1, 0 after 1, 2, 4 and 8 s.
    const after = (leader: number): number => {
      const { connection, database, clock } = connected([0, 2, 1])
      database.leader = undefined
      clock.runUntil(8 * SECOND)
      database.leader = leader
      while (!connection.connected) clock.runUntil(clock.now + 0.1 * SECOND)
      return Math.floor(clock.now / SECOND)
    }
    expect([1, 2, 0].map(after)).toEqual([31, 23, 15])
  })

  it('IC-5: an attempt that a process needed to find the leader is not free again', () => {
    const { connection, database, clock } = connected([1, 0, 2])
    expect(connection.connected).toBe(true)
    database.leader = undefined
    clock.runUntil(0.5 * SECOND)
    database.leader = 1
    clock.runUntil(SECOND + 1)
    // Free were two: 1 at the start, 2 when 0 went. One second later it is the turn of 1.
    expect(connection.connected).toBe(true)
  })
})

describe('members of a Raft cluster', () => {
  const cluster = (seed: number) => {
    const clock = new Clock(0, 1e6)
    const led: Led = { leader: 0 }
    return { clock, led, servers: new Servers(3, led, clock, new Random(seed)) }
  }

  it('IC-5: a majority without its leader elects another within one to two seconds, and does without nobody else', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { clock, led, servers } = cluster(seed)
      servers.set(2, false)
      clock.runUntil(5 * SECOND)
      expect(led.leader).toBe(0)
      servers.set(2, true)
      servers.set(0, false)
      expect(led.leader).toBeUndefined()
      clock.runUntil(6 * SECOND)
      expect(led.leader).toBeUndefined()
      clock.runUntil(7 * SECOND)
      expect([1, 2]).toContain(led.leader)
    }
  })

  it('IC-5: one of three cannot decide; the member that was there all the time leads when a second is back', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { clock, led, servers } = cluster(seed)
      servers.set(0, false)
      servers.set(1, false)
      clock.runUntil(8 * SECOND)
      expect(led.leader).toBeUndefined()
      servers.set(1, true)
      clock.runUntil(10 * SECOND)
      expect(led.leader).toBe(2)
    }
  })

  it('IC-5: a leader that hears from nobody gives up after a second', () => {
    const { clock, led, servers } = cluster(1)
    servers.set(1, false)
    servers.set(2, false)
    expect(led.leader).toBe(0)
    clock.runUntil(1.1 * SECOND)
    expect(led.leader).toBeUndefined()
  })
})
