/** Rules of ovn-ic that no other test names: process, keys, gateways, ports, routes. Worlds as in test/control. */
import { describe, expect, it } from 'vitest'
import { PORT_KEY_MAX } from '../../src/control/ovn/ic/ports.ts'
import { allocateKey } from '../../src/control/ovn/ic/step.ts'
import { TRANSIT_KEY_MAX, TRANSIT_KEY_MIN } from '../../src/control/ovn/ic/transit-switches.ts'
import { PORT_KEY_MAX as NORTHD_PORT_KEY_MAX } from '../../src/control/ovn/northd/keys.ts'
import { BOTH_ON, OVN_23_03, subnetOf, transitPort, twoZones, World } from '../control/ic-world.ts'

const switchNames = (world: World, az: string) =>
  [...world.az(az).nb.rows('Logical_Switch').values()].map((row) => row.name)
const portNames = (world: World, az: string) =>
  [...world.az(az).nb.rows('Logical_Switch_Port').values()].map((row) => row.name).sort()
const chassis = (world: World, az: string) =>
  [...world.az(az).sb.rows('Chassis').values()].map((row) => row.name).sort()

describe('the process', () => {
  it('IC-1: a process that has not seen every database once does nothing, whatever its own databases say', () => {
    const world = twoZones().run()
    const daemon = world.host.get('ovn-ic az1')!
    daemon.end('kill')
    world.icNb.available = false
    daemon.start()
    world.command('nbctl', 'ls-del ts', 'az1')
    world.az('az1').cms.addSubnet(subnetOf('late', ['10.50.0.1/24']))
    world.run(5e9)
    expect(switchNames(world, 'az1')).not.toContain('ts')
    expect(world.learned('az2')).toEqual(['10.16.0.1/16 169.254.100.41 connected'])
    world.icNb.available = true
    world.run(20e9)
    expect(switchNames(world, 'az1')).toContain('ts')
  })

  it('IC-2: without a zone nothing of the other steps runs; with its name everything follows in one second', () => {
    const world = twoZones({ name: '' }).run()
    expect(switchNames(world, 'az1')).not.toContain('ts')
    expect(chassis(world, 'az1')).toEqual(['az1-gw1', 'az1-gw2'])
    expect([...world.icSb.rows('Gateway').values()].map((row) => row.name)).toEqual(['az2-gw1', 'az2-gw2'])
    expect(world.learned('az1')).toEqual([])
    world.command('nbctl', 'set NB_Global . name=az1', 'az1')
    world.run()
    expect(switchNames(world, 'az1')).toContain('ts')
    expect(chassis(world, 'az1')).toEqual(['az1-gw1', 'az1-gw2', 'az2-gw1', 'az2-gw2'])
    expect(world.icSb.rows('Gateway').size).toBe(4)
  })
})

describe('keys', () => {
  it('TS-3: transit switches have keys from 16711682 on, one row a switch though every zone may add it', () => {
    const zones = [1, 2].map((n) => ({ id: `az${n}`, networks: [], transit: [] }))
    const world = new World(['ts', 'ts1', 'ts2'], zones).run()
    const rows = [...world.icSb.rows('Datapath_Binding').values()]
    expect(rows.map((row) => row.tunnel_key).sort()).toEqual([16_711_682, 16_711_683, 16_711_684])
    expect(new Set(rows.map((row) => row.transit_switch)).size).toBe(3)
    expect(allocateKey(new Set(), TRANSIT_KEY_MIN, TRANSIT_KEY_MAX, TRANSIT_KEY_MAX)).toBe(16_711_681)
  })

  it('GE-7: no port gets a key that 15 bits cannot hold', () => {
    expect([PORT_KEY_MAX, NORTHD_PORT_KEY_MAX]).toEqual([0x7fff, 0x7fff])
    expect(allocateKey(new Set([1]), 1, PORT_KEY_MAX, 0x7fff)).toBe(2)
  })

  it('PB-1, GE-7: the IC southbound refuses a port key outside 1 to 32767', () => {
    const world = twoZones().run()
    const create = (key: number) =>
      world.command(
        'ic-sbctl',
        `--id=@z create Availability_Zone name=z${key} -- create Port_Binding availability_zone=@z logical_port=p${key} transit_switch=ts tunnel_key=${key}`,
      )
    for (const key of [0, 32768])
      expect(create(key)).toBe(
        `constraint violation: ${key} is not in the valid range 1 to 32767 (inclusive)`,
      )
    expect(create(32767)).toBeUndefined()
  })
})

describe('transit switches', () => {
  it('TS-2: a switch that is no transit switch any more is deleted with its ports, unless ovn-ic is stopped', () => {
    const world = twoZones().run()
    world.host.get('ovn-ic az2')!.end('stop')
    world.command('ic-nbctl', 'ts-del ts')
    world.run()
    expect(switchNames(world, 'az1')).not.toContain('ts')
    expect(portNames(world, 'az1')).toEqual(['net0-ovn-cluster'])
    expect(switchNames(world, 'az2')).toContain('ts')
    expect(portNames(world, 'az2')).toEqual(['net0-ovn-cluster', 'ts-az1', 'ts-az2'])
    world.host.get('ovn-ic az2')!.start()
    world.run()
    expect(switchNames(world, 'az2')).not.toContain('ts')
  })
})

describe('gateways', () => {
  it('GW-1: a gateway is published with the name, host name and tunnel addresses of its chassis', () => {
    const world = twoZones()
    const { sb } = world.az('az1')
    sb.transact('test', (write) => {
      write.update('Chassis', sb.find('Chassis', 'name', 'az1-gw1')!, { hostname: 'node-1.example' })
    })
    world.run()
    const gateways = [...world.icSb.rows('Gateway').values()].map(({ name, hostname, encaps }) => [
      name,
      hostname,
      ...encaps.map((id) => world.icSb.get('Encap', id)).map((encap) => `${encap?.type} ${encap?.ip}`),
    ])
    expect(gateways.filter(([name]) => name!.startsWith('az1')).sort()).toEqual([
      ['az1-gw1', 'node-1.example', 'geneve 192.168.42.11'],
      ['az1-gw2', 'az1-gw2', 'geneve 192.168.42.12'],
    ])
  })

  it('GW-3: the chassis of a gateway that is withdrawn goes from every other zone', () => {
    const world = twoZones().run()
    expect(chassis(world, 'az2')).toEqual(['az1-gw1', 'az1-gw2', 'az2-gw1', 'az2-gw2'])
    world.command('sbctl', 'set Chassis az1-gw2 other_config:is-interconn=false', 'az1')
    expect(chassis(world.run(), 'az2')).toEqual(['az1-gw1', 'az2-gw1', 'az2-gw2'])
  })

  it('GW-4: a chassis with neither flag is published nowhere and touched by nobody', () => {
    const world = twoZones()
    world.command('sbctl', 'set Chassis az1-gw2 other_config:is-interconn=false', 'az1')
    world.run()
    expect([...world.icSb.rows('Gateway').values()].map((row) => row.name).sort()).toEqual([
      'az1-gw1',
      'az2-gw1',
      'az2-gw2',
    ])
    expect(chassis(world, 'az1')).toEqual(['az1-gw1', 'az1-gw2', 'az2-gw1', 'az2-gw2'])
    expect(chassis(world, 'az2')).toEqual(['az1-gw1', 'az2-gw1', 'az2-gw2'])
  })

  it('GW-4: a chassis name in two clusters is refused, in the IC-SB and in the Southbound of the other', () => {
    const world = twoZones()
    world.az('az2').sb.transact('test', (write) => {
      const encaps = [write.create('Encap', { ip: '192.0.2.1', chassis_name: 'az1-gw1' })]
      write.create('Chassis', { name: 'az1-gw1', encaps, other_config: { 'is-interconn': 'true' } })
    })
    world.run()
    const texts = world.refusals('ovn-ic az2').map((entry) => entry.text)
    expect(texts.some((text) => /^IC-SB: .*"Gateway" table.*az1-gw1/.test(text))).toBe(true)
    expect(texts.some((text) => /^SB: .*"Chassis" table.*az1-gw1/.test(text))).toBe(true)
  })
})

describe('ports', () => {
  it('PB-2: the published key comes back to the port as the one to ask northd for', () => {
    const world = twoZones().run()
    const asked = (az: string, name: string) =>
      [...world.az(az).nb.rows('Logical_Switch_Port').values()].find((row) => row.name === name)?.options
    expect(asked('az1', 'ts-az1')?.['requested-tnl-key']).toBe('1')
    expect(asked('az2', 'ts-az2')?.['requested-tnl-key']).toBe('2')
  })

  it('PB-5: a binding whose port is gone is withdrawn, and the other zone drops its remote port', () => {
    const world = twoZones().run()
    expect(portNames(world, 'az2')).toEqual(['net0-ovn-cluster', 'ts-az1', 'ts-az2'])
    world.command('nbctl', 'lsp-del ts-az1', 'az1')
    world.run()
    expect(world.ports().map((port) => port.split(' ')[0])).toEqual(['ts-az2'])
    expect(portNames(world, 'az2')).toEqual(['net0-ovn-cluster', 'ts-az2'])
  })

  it('PB-7: the binding of a port that names no router port is withdrawn, and never stands for anything again', () => {
    const world = twoZones().run()
    world.command('nbctl', 'remove Logical_Switch_Port ts-az1 options router-port', 'az1')
    world.run(20e6)
    const version = world.icSb.tableVersion('Port_Binding')
    const seen = Array.from({ length: 100 }, () =>
      world
        .run(3e6)
        .ports()
        .some((port) => port.startsWith('ts-az1')),
    )
    expect(seen).not.toContain(true)
    expect(world.icSb.tableVersion('Port_Binding')).toBe(version)
    expect(world.learned('az2')).toEqual(['10.16.0.1/16 169.254.100.41 connected'])
  })
})

describe('uniqueness', () => {
  it('PB-8: a port name is taken for all switches and zones', () => {
    const world = twoZones().run()
    const create = '--id=@z create Availability_Zone name=new -- create Port_Binding availability_zone=@z'
    expect(
      world.command('ic-sbctl', `${create} logical_port=ts-az1 transit_switch=elsewhere tunnel_key=1`),
    ).toMatch(/"Port_Binding" table to have identical values \("?ts-az1"?\)/)
    expect(
      world.command('ic-sbctl', `${create} logical_port=ts-new transit_switch=elsewhere tunnel_key=1`),
    ).toBeUndefined()
  })
})

describe('routes', () => {
  it('ADV-1: static routes go out through ports of their table alone, networks of transit ports through none', () => {
    const red = { ...transitPort('ts1', 1, 1), routeTable: 'red', networks: ['192.0.2.1/24'] }
    const world = new World(
      ['ts', 'ts1'],
      [
        {
          id: 'az1',
          networks: [['10.16.0.1/16'], ['10.30.0.1/24']],
          routes: [
            { prefix: '172.16.0.0/16', nexthop: '10.30.0.9', routeTable: 'red' },
            { prefix: '172.17.0.0/16', nexthop: '10.30.0.9' },
          ],
          transit: [transitPort('ts', 0, 1), red],
        },
      ],
    ).run()
    expect(world.published()).toEqual([
      'az1 ts - 10.16.0.1/16 169.254.100.41 connected',
      'az1 ts - 10.30.0.1/24 169.254.100.41 connected',
      'az1 ts - 172.17.0.0/16 169.254.100.41 static',
      'az1 ts1 - 10.16.0.1/16 192.0.2.1 connected',
      'az1 ts1 - 10.30.0.1/24 192.0.2.1 connected',
      'az1 ts1 red 172.16.0.0/16 192.0.2.1 static',
    ])
  })

  it('ADV-4: a prefix is not blocked by an entry inside it, nor by one beside it', () => {
    const list = '10.1.0.0/16,10.30.1.0/24,172.16.9.9'
    const world = twoZones({
      options: { ...BOTH_ON, 'ic-route-blacklist': list },
      networks: [['10.1.0.1/16'], ['10.30.0.1/24'], ['10.30.1.129/25']],
      routes: ['10.0.0.0/8', '172.16.9.9', '172.16.9.8', '172.16.9.0/24'].map((prefix) => ({
        prefix,
        nexthop: '10.30.0.9',
      })),
    }).run()
    const own = world.published().filter((route) => route.startsWith('az1'))
    expect(own.map((route) => route.split(' ')[3])).toEqual([
      '10.0.0.0/8',
      '10.30.0.1/24',
      '172.16.9.0/24',
      '172.16.9.8/32',
    ])
  })

  it('ADV-9: a published route names switch, zone, table, text, nexthop, origin and the row it comes from', () => {
    const world = twoZones({
      networks: [['10.16.0.1/16'], ['10.30.0.1/24']],
      routes: [{ prefix: '172.16.0.0/16', nexthop: '10.30.0.50' }],
    }).run()
    const { nb } = world.az('az1')
    const zone = world.icSb.find('Availability_Zone', 'name', 'az1')
    const rows = [...world.icSb.rows('Route').values()].filter((row) => row.availability_zone === zone)
    const source = (table: 'Logical_Router_Port' | 'Logical_Router_Static_Route', text: string) =>
      nb.uuid([...nb.rows(table)].find(([, row]) => JSON.stringify(row).includes(text))![0])
    const common = {
      transit_switch: 'ts',
      availability_zone: zone,
      route_table: '',
      nexthop: '169.254.100.41',
    }
    expect(rows).toHaveLength(3)
    expect(rows).toContainEqual({
      ...common,
      ip_prefix: '10.16.0.1/16',
      origin: 'connected',
      external_ids: { 'nb-id': source('Logical_Router_Port', '10.16.0.1/16') },
    })
    expect(rows).toContainEqual({
      ...common,
      ip_prefix: '172.16.0.0/16',
      origin: 'static',
      external_ids: { 'nb-id': source('Logical_Router_Static_Route', '172.16.0.0/16') },
    })
  })

  it('ADV-7: the nexthop is the first IPv4 and the first IPv6 address of the transit port', () => {
    const port = {
      ...transitPort('ts', 0, 1),
      networks: ['fd00:100::41/64', '169.254.100.41/24', 'fd00:100::51/64', '169.254.100.51/24'],
    }
    const world = twoZones({ networks: [['10.16.0.1/16', 'fd00:16::1/112']], transit: [port] }).run()
    expect(world.published().filter((route) => route.startsWith('az1'))).toEqual([
      'az1 ts - 10.16.0.1/16 169.254.100.41 connected',
      'az1 ts - fd00:16::1/112 fd00:100::41 connected',
    ])
    const six = { ...port, networks: ['fd00:100::41/64'] }
    const without = twoZones({ networks: [['10.16.0.1/16', 'fd00:16::1/112']], transit: [six] }).run()
    expect(without.published().filter((route) => route.startsWith('az1'))).toEqual([
      'az1 ts - fd00:16::1/112 fd00:100::41 connected',
    ])
  })

  it('ADV-12: what a zone learned over one switch it does not publish on another', () => {
    const zones = [
      { id: 'az1', networks: [['10.16.0.1/16']], transit: [transitPort('ts', 0, 1)] },
      {
        id: 'az2',
        networks: [['10.17.0.1/16']],
        transit: [transitPort('ts', 0, 2), transitPort('ts1', 1, 2)],
      },
      { id: 'az3', networks: [['10.18.0.1/16']], transit: [transitPort('ts1', 1, 3)] },
    ]
    const world = new World(['ts', 'ts1'], zones).run()
    expect(world.learned('az2')).toHaveLength(2)
    expect(world.learned('az1')).toEqual(['10.17.0.1/16 169.254.100.42 connected'])
    expect(world.learned('az3')).toEqual(['10.17.0.1/16 169.254.101.42 connected'])
    // Somebody's edit makes ovn-ic read all routes of the router anew.
    world.command('nbctl', 'lr-route-add ovn-cluster 172.16.0.0/16 10.17.0.9', 'az2')
    expect(world.run().learned('az3')).toEqual([
      '10.17.0.1/16 169.254.101.42 connected',
      '172.16.0.0/16 169.254.101.42 static',
    ])
  })

  it('LRN-1: routes of the own zone are not learned, those of another router of it included', () => {
    const second = {
      ...transitPort('ts', 0, 1),
      lrp: 'b-ts',
      lsp: 'ts-b',
      router: 'lr2',
      networks: ['169.254.100.51/24'],
      mac: '00:00:00:50:00:91',
    }
    // Without the defect of ADV-11, so that the first router's routes stand still.
    const profile = { ...OVN_23_03, icDefects: [] }
    const world = twoZones({ transit: [transitPort('ts', 0, 1), second], profile }).run()
    expect(world.published()).toContain('az1 ts - 10.16.0.1/16 169.254.100.41 connected')
    expect(world.learned('az1', 'lr2')).toEqual(['10.17.0.1/16 169.254.100.42 connected'])
    expect(world.learned('az1')).toEqual(['10.17.0.1/16 169.254.100.42 connected'])
  })

  it('LRN-2: a route of the main table is learned through every port, into the main table', () => {
    const red = (n: number) => ({ ...transitPort('ts', 0, n), routeTable: 'red' })
    const routes = [{ prefix: '172.16.0.0/16', nexthop: '10.16.0.9', routeTable: 'red' }]
    const world = twoZones({ transit: [red(1)], routes }, { transit: [red(2)] }).run()
    expect(world.learned('az2')).toEqual([
      '10.16.0.1/16 169.254.100.41 connected',
      '172.16.0.0/16 169.254.100.41 static red',
    ])
  })

  it('LRN-3: what should not have been published is not learned either: link-local and default routes', () => {
    const route = (prefix: string) =>
      `create Route transit_switch=ts availability_zone=@z ip_prefix="${prefix}" nexthop=169.254.100.9 origin=static`
    const stale = ['169.254.9.0/24', '0.0.0.0/0', '172.16.0.0/16'].map(route)
    const residue = [['--id=@z create Availability_Zone name=old', ...stale].join(' -- ')]
    const world = twoZones({}, {}, residue).run()
    expect(world.published().filter((text) => text.startsWith('old'))).toHaveLength(3)
    expect(world.learned('az1')).toEqual([
      '10.17.0.1/16 169.254.100.42 connected',
      '172.16.0.0/16 169.254.100.9 static',
    ])
  })

  it('LRN-8: a route published anew keeps its row and gets the new mark', () => {
    const world = twoZones().run()
    const { nb } = world.az('az2')
    const [id] = [...nb.rows('Logical_Router_Static_Route').keys()]
    const [route, row] = [...world.icSb.rows('Route')].find(([, each]) => each.ip_prefix === '10.16.0.1/16')!
    world.icSb.transact('test', (write) => {
      write.delete('Route', route)
      write.insert('Route', row)
    })
    world.run()
    const [again] = [...world.icSb.rows('Route')].find(([, each]) => each.ip_prefix === '10.16.0.1/16')!
    expect(again).not.toBe(route)
    expect([...nb.rows('Logical_Router_Static_Route').keys()]).toEqual([id])
    expect(nb.get('Logical_Router_Static_Route', id!)?.external_ids).toEqual({
      'ic-learned-route': world.icSb.uuid(again),
    })
  })

  it('LRN-5: neither an own network, nor an equal route, nor a nexthop out of reach keeps a route from being learned', () => {
    const off = { ...transitPort('ts', 0, 3), networks: ['192.0.2.3/24'] }
    const zones = [
      { id: 'az1', networks: [['10.16.0.1/16']], transit: [transitPort('ts', 0, 1)] },
      { id: 'az2', networks: [['10.16.0.1/16'], ['10.16.7.1/24']], transit: [transitPort('ts', 0, 2)] },
      { id: 'az3', networks: [['10.16.0.1/16']], transit: [off] },
    ]
    const world = new World(['ts'], zones).run()
    expect(world.learned('az1')).toEqual([
      '10.16.0.1/16 169.254.100.42 connected',
      '10.16.0.1/16 192.0.2.3 connected',
      '10.16.7.1/24 169.254.100.42 connected',
    ])
  })

  it('LRN-6: a learned route has the text, nexthop, mark and origin of the published one, and nothing else', () => {
    const world = twoZones().run()
    const published = [...world.icSb.rows('Route')].find(([, row]) => row.ip_prefix === '10.17.0.1/16')!
    expect([...world.az('az1').nb.rows('Logical_Router_Static_Route').values()]).toEqual([
      {
        ip_prefix: '10.17.0.1/16',
        nexthop: '169.254.100.42',
        policy: undefined,
        route_table: '',
        output_port: undefined,
        options: { origin: 'connected' },
        external_ids: { 'ic-learned-route': world.icSb.uuid(published[0]) },
      },
    ])
  })
})

describe('clean-up by hand', () => {
  const rows = ['Gateway', 'Route', 'Port_Binding', 'Availability_Zone'] as const
  const destroyAll = (world: World, az: string) => {
    const zone = world.icSb.find('Availability_Zone', 'name', az)!
    world.icSb.transact('clean-ic-az-db', (write) => {
      for (const table of rows.slice(0, 3))
        for (const [id, row] of world.icSb.rows(table)) {
          if ('availability_zone' in row && row.availability_zone === zone) write.delete(table, id)
        }
      write.delete('Availability_Zone', zone)
    })
  }

  it('KO-RM-2: destroyed rows come back as long as ovn-ic of the zone runs, and stay away once it is stopped', () => {
    const world = twoZones().run()
    destroyAll(world, 'az1')
    world.run()
    expect(world.zones()).toEqual(['az1', 'az2'])
    expect(world.learned('az2')).toHaveLength(1)
    world.host.get('ovn-ic az1')!.end('stop')
    destroyAll(world, 'az1')
    world.run(60e9)
    expect(world.zones()).toEqual(['az2'])
    expect(world.learned('az2')).toEqual([])
    expect(chassis(world, 'az2')).toEqual(['az2-gw1', 'az2-gw2'])
  })
})
