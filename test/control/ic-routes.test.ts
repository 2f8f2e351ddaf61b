// ovn-ic's routes against what the real ovn-ic 23.03.1 published and learned in the same networks.

import { describe, expect, it } from 'vitest'
import { BOTH_ON, OVN_23_03, transitPort, twoZones, World } from './ic-world.ts'

const NEAR = [['10.16.0.1/16'], ['10.30.0.1/24']]
const FORMS = [
  { prefix: '172.16.0.0/16', nexthop: '10.30.0.50' },
  { prefix: '172.16.5.0/24', nexthop: '10.30.0.50' },
  { prefix: '172.17.3.9/16', nexthop: '10.30.0.50' },
  { prefix: '172.18.0.1', nexthop: '10.30.0.50' },
  { prefix: '0.0.0.0/0', nexthop: '10.30.0.50' },
  { prefix: '169.254.7.0/24', nexthop: '10.30.0.50' },
  { prefix: '10.99.0.0/16', nexthop: '10.30.0.50', policy: 'src-ip' as const },
  { prefix: '172.19.0.0/16', nexthop: 'discard' },
]
const FORMS_PUBLISHED = [
  'az1 ts - 10.16.0.1/16 169.254.100.41 connected',
  'az1 ts - 10.30.0.1/24 169.254.100.41 connected',
  'az1 ts - 172.16.0.0/16 169.254.100.41 static',
  'az1 ts - 172.16.5.0/24 169.254.100.41 static',
  'az1 ts - 172.17.0.0/16 169.254.100.41 static',
  'az1 ts - 172.18.0.1/32 169.254.100.41 static',
]

describe('publishing', () => {
  it('ADV-1, ADV-2, ADV-3, ADV-6, ADV-8: what of a mixed router is published, and how it is written', () => {
    const world = twoZones({ networks: NEAR, routes: FORMS }).run()
    expect(world.published()).toEqual([...FORMS_PUBLISHED, 'az2 ts - 10.17.0.1/16 169.254.100.42 connected'])
    expect(world.refusals()).toEqual([])
  })

  it('ADV-2, LRN-3: a default route needs the -default option on both sides', () => {
    const world = new World(
      ['ts'],
      [
        {
          id: 'az1',
          options: { ...BOTH_ON, 'ic-route-adv-default': 'true' },
          networks: NEAR,
          routes: FORMS,
          transit: [transitPort('ts', 0, 1)],
        },
        {
          id: 'az2',
          options: { ...BOTH_ON, 'ic-route-learn-default': 'true' },
          networks: [['10.17.0.1/16']],
          transit: [transitPort('ts', 0, 2)],
        },
        { id: 'az3', networks: [['10.18.0.1/16']], transit: [transitPort('ts', 0, 3)] },
      ],
    ).run()
    expect(world.published()).toContain('az1 ts - 0.0.0.0/0 169.254.100.41 static')
    expect(world.learned('az2')).toContain('0.0.0.0/0 169.254.100.41 static')
    expect(world.learned('az3')).not.toContain('0.0.0.0/0 169.254.100.41 static')
    expect(world.learned('az3')).toHaveLength(7)
  })

  it('ADV-4, LRN-3: the blacklist works in both directions and passes what is larger', () => {
    const world = twoZones(
      { options: { ...BOTH_ON, 'ic-route-blacklist': '10.33.0.0/16,172.30.1.1' } },
      {
        options: { ...BOTH_ON, 'ic-route-blacklist': '10.32.0.0/15' },
        networks: [['10.17.0.1/16'], ['10.32.0.1/16'], ['10.33.4.1/24'], ['10.34.0.1/16']],
      },
    ).run()
    expect(world.published()).toEqual([
      'az1 ts - 10.16.0.1/16 169.254.100.41 connected',
      'az2 ts - 10.17.0.1/16 169.254.100.42 connected',
      'az2 ts - 10.34.0.1/16 169.254.100.42 connected',
    ])
    world.setOption('az2', 'ic-route-blacklist', undefined)
    world.run()
    expect(world.published()).toHaveLength(5)
    expect(world.learned('az1').map((route) => route.split(' ')[0])).toEqual([
      '10.17.0.1/16',
      '10.32.0.1/16',
      '10.34.0.1/16',
    ])
  })

  it('ADV-5: an IPv6 entry blocks every IPv6 prefix at least as long, with the defect only', () => {
    const dual = (n: number) => {
      const port = transitPort('ts', 0, n)
      return { ...port, networks: [...port.networks, `fd00:100::4${n}/64`] }
    }
    const published = (icDefects: typeof OVN_23_03.icDefects) =>
      twoZones(
        {
          options: { ...BOTH_ON, 'ic-route-blacklist': 'fd00:100:64::/112' },
          networks: [['10.16.0.1/16', 'fd00:16::1/112'], ['fd00:20::1/64']],
          transit: [dual(1)],
          profile: { ...OVN_23_03, icDefects },
        },
        {
          networks: [['10.17.0.1/16', 'fd00:17::1/112']],
          transit: [dual(2)],
          profile: { ...OVN_23_03, icDefects },
        },
      ).run()
    const defective = published(OVN_23_03.icDefects)
    expect(defective.published().filter((route) => route.includes('fd00'))).toEqual([
      'az1 ts - fd00:20::1/64 fd00:100::41 connected',
      'az2 ts - fd00:17::1/112 fd00:100::42 connected',
    ])
    expect(defective.learned('az1')).toEqual(['10.17.0.1/16 169.254.100.42 connected'])
    expect(
      published([])
        .published()
        .filter((route) => route.includes('fd00')),
    ).toHaveLength(3)
  })

  it('ADV-6, ADV-7: without an IPv6 address on the transit port IPv6 is published link-local, and refused by learners', () => {
    const world = twoZones({ networks: [['fd00:16::1/112']] }).run()
    expect(world.published()).toContain('az1 ts - fd00:16::1/112 fe80::200:ff:fe50:81 connected')
    expect(world.learned('az2')).toEqual([])
  })

  it('ADV-10: a static and a connected route of equal text lose everything their zone wants to say', () => {
    const clash = '--id=@r create Logical_Router_Static_Route ip_prefix="10.16.0.1/16" nexthop=10.30.0.50'
    const world = twoZones({
      networks: NEAR,
      commands: [`${clash} -- add Logical_Router ovn-cluster static_routes @r`],
    }).run()
    expect(world.published()).toEqual(['az2 ts - 10.17.0.1/16 169.254.100.42 connected'])
    expect(world.refusals('ovn-ic az1').at(-1)?.text).toMatch(/^IC-SB: constraint violation: .*"Route" table/)
    expect(world.learned('az2')).toEqual([])
    expect(world.learned('az1')).toEqual(['10.17.0.1/16 169.254.100.42 connected'])
    expect(world.ports()[0]).toBe('ts-az1 1 - -')
    // IC-3: tried again only when some database changes.
    const refusals = world.refusals().length
    expect(world.run(60e9).refusals()).toHaveLength(refusals)
    world.setOption('az1', 'unrelated', 'x')
    expect(world.run().refusals()).toHaveLength(refusals + 1)
  })

  it('ADV-10: the masked text that lr-route-add stores does not clash', () => {
    const world = twoZones({
      networks: NEAR,
      routes: [{ prefix: '10.16.0.1/16', nexthop: '10.30.0.50' }],
    }).run()
    expect(world.published()).toEqual([
      'az1 ts - 10.16.0.0/16 169.254.100.41 static',
      'az1 ts - 10.16.0.1/16 169.254.100.41 connected',
      'az1 ts - 10.30.0.1/24 169.254.100.41 connected',
      'az2 ts - 10.17.0.1/16 169.254.100.42 connected',
    ])
  })

  it('ADV-11: two routers of one zone on one switch erase each other; without the defect both are published', () => {
    const second = {
      ...transitPort('ts', 0, 1),
      lrp: 'az1b-ts',
      lsp: 'ts-az1b',
      router: 'lr2',
      networks: ['169.254.100.51/24'],
    }
    const build = (icDefects: typeof OVN_23_03.icDefects) => {
      const transit = [transitPort('ts', 0, 1), { ...second, mac: '00:00:00:50:00:91' }]
      const add = '-- lrp-add lr2 lr2-net2 00:00:00:00:00:09 10.60.0.1/24'
      return twoZones({
        transit,
        commands: [`ls-add net2 ${add}`],
        profile: { ...OVN_23_03, icDefects },
      }).run(200e6)
    }
    const nexthops = (world: World) => world.published().filter((route) => route.startsWith('az1'))
    expect(nexthops(build([]))).toHaveLength(2)
    const world = build(OVN_23_03.icDefects)
    expect(nexthops(world)).toEqual(['az1 ts - 10.16.0.1/16 169.254.100.41 connected'])
    const before = world.icSb.tableVersion('Route')
    world.run(200e6)
    expect(world.icSb.tableVersion('Route')).toBeGreaterThan(before + 10)
    expect(nexthops(world)).toHaveLength(1)
  })
})

describe('learning', () => {
  it('LRN-4: a local static route of equal text is preferred to learning, one of other text is not', () => {
    const world = twoZones(
      {
        networks: [['10.16.0.1/16'], ['10.31.0.1/24']],
        routes: ['172.20.0.0/16', '172.21.0.0/16', '10.17.0.0/16'].map((prefix) => ({
          prefix,
          nexthop: '10.31.0.50',
        })),
      },
      {
        networks: [['10.17.0.1/16'], ['10.32.0.1/24']],
        routes: ['172.20.0.0/16', '172.22.0.0/16'].map((prefix) => ({ prefix, nexthop: '10.32.0.50' })),
        commands: [
          '--id=@r create Logical_Router_Static_Route ip_prefix="172.21.0.1/16" nexthop="10.32.0.50" -- add Logical_Router ovn-cluster static_routes @r',
        ],
      },
    ).run()
    expect(world.learned('az1').map((route) => route.split(' ')[0])).toEqual([
      '10.17.0.1/16',
      '10.32.0.1/24',
      '172.21.0.1/16',
      '172.22.0.0/16',
    ])
    expect(world.learned('az2').map((route) => route.split(' ')[0])).toEqual([
      '10.16.0.1/16',
      '10.17.0.0/16',
      '10.31.0.1/24',
      '172.21.0.0/16',
    ])
  })

  it('LRN-2: a route table is learned through ports of that table only, the main one through all', () => {
    const tables = (n: number) => ({ ...transitPort('ts', 0, n), routeTable: 'red' })
    const world = new World(
      ['ts'],
      [
        {
          id: 'az1',
          networks: NEAR,
          routes: [{ prefix: '172.16.0.0/16', nexthop: '10.30.0.9', routeTable: 'red' }],
          transit: [tables(1)],
        },
        { id: 'az2', networks: [['10.17.0.1/16']], transit: [tables(2)] },
        { id: 'az3', networks: [['10.18.0.1/16']], transit: [transitPort('ts', 0, 3)] },
      ],
    ).run()
    expect(world.learned('az2')).toContain('172.16.0.0/16 169.254.100.41 static red')
    expect(world.learned('az3').join()).not.toContain('172.16')
    expect(world.learned('az3')).toContain('10.30.0.1/24 169.254.100.41 connected')
  })

  it('LRN-6, LRN-7: one prefix over two switches is learned twice, with mark and origin', () => {
    const world = new World(
      ['ts', 'ts1'],
      [
        {
          id: 'az1',
          networks: [['10.16.0.1/16']],
          transit: [transitPort('ts', 0, 1), transitPort('ts1', 1, 1)],
        },
        {
          id: 'az2',
          networks: [['10.17.0.1/16']],
          transit: [transitPort('ts', 0, 2), transitPort('ts1', 1, 2)],
        },
      ],
    ).run()
    expect(world.learned('az1')).toEqual([
      '10.17.0.1/16 169.254.100.42 connected',
      '10.17.0.1/16 169.254.101.42 connected',
    ])
    const { nb } = world.az('az1')
    const marks = [...nb.rows('Logical_Router_Static_Route').values()].map(
      (row) => row.external_ids['ic-learned-route'],
    )
    const uuids = [...world.icSb.rows('Route').keys()].map((id) => world.icSb.uuid(id))
    expect(uuids).toEqual(expect.arrayContaining(marks))
  })

  it('LRN-10: each switch takes effect within a tenth of a second', () => {
    const world = twoZones().run()
    const tenth = 100e6
    expect(world.learned('az2')).toHaveLength(1)
    world.setOption('az1', 'ic-route-adv', 'false')
    expect(world.run(tenth).learned('az2')).toEqual([])
    expect(world.published()).toHaveLength(1)
    world.setOption('az1', 'ic-route-adv', 'true')
    expect(world.run(tenth).learned('az2')).toHaveLength(1)
    world.setOption('az2', 'ic-route-learn', 'false')
    expect(world.run(tenth).learned('az2')).toEqual([])
    world.setOption('az2', 'ic-route-learn', 'true')
    expect(world.run(tenth).learned('az2')).toHaveLength(1)
  })

  it('LRN-8: a route published anew under another UUID keeps its row and changes only its mark', () => {
    const world = twoZones().run()
    const { nb } = world.az('az2')
    const [id, before] = [...nb.rows('Logical_Router_Static_Route')][0]!
    const [route] = [...world.icSb.rows('Route')].find(([, row]) => row.ip_prefix === '10.16.0.1/16')!
    world.icSb.transact('test', (write) => {
      const row = world.icSb.get('Route', route)!
      write.delete('Route', route)
      write.insert('Route', row)
    })
    world.run()
    const after = nb.get('Logical_Router_Static_Route', id)
    expect(after?.external_ids).not.toEqual(before.external_ids)
    expect(world.learned('az2')).toHaveLength(1)
  })

  it('duplicates of a learned route in the Northbound collapse to one (ovn-ic.at, duplicate NB route)', () => {
    const world = twoZones().run()
    const { nb } = world.az('az2')
    nb.transact('test', (write) => {
      const [lr, row] = [...nb.rows('Logical_Router')][0]!
      const copy = nb.get('Logical_Router_Static_Route', row.static_routes[0]!)!
      const copies = [
        write.insert('Logical_Router_Static_Route', copy),
        write.insert('Logical_Router_Static_Route', copy),
      ]
      write.update('Logical_Router', lr, { static_routes: [...row.static_routes, ...copies] })
    })
    expect(world.learned('az2')).toHaveLength(3)
    expect(world.run().learned('az2')).toHaveLength(1)
  })

  it('LRN-1: learning can skip by router instead of by zone in later versions', () => {
    const profile = { ...OVN_23_03, icDefects: [], learnSkips: 'own-router' as const }
    const second = {
      ...transitPort('ts', 0, 1),
      lrp: 'b-ts',
      lsp: 'ts-b',
      router: 'lr2',
      networks: ['169.254.100.51/24'],
      mac: '00:00:00:50:00:91',
    }
    const world = twoZones({ transit: [transitPort('ts', 0, 1), second], profile }, { profile }).run()
    expect(world.learned('az1', 'lr2')).toEqual([
      '10.16.0.1/16 169.254.100.41 connected',
      '10.17.0.1/16 169.254.100.42 connected',
    ])
    expect(world.learned('az1')).toEqual(['10.17.0.1/16 169.254.100.42 connected'])
  })

  it('ADV-14: with its router port gone a zone learns the same route again and again, up to a limit', () => {
    const world = twoZones().run()
    expect(world.command('nbctl', 'lrp-del az2-ts', 'az2')).toBeUndefined()
    world.run()
    const soon = world.learned('az2').length
    expect(soon).toBeGreaterThan(50)
    expect(world.learned('az2').length).toBeLessThan(world.run().learned('az2').length)
    world.run(30e9)
    expect(world.learned('az2')).toHaveLength(2001)
    expect(
      world.log.filter((entry) => entry.kind === 'warning' && entry.text.includes('2000 times')),
    ).toHaveLength(1)
    expect(world.ports()).toContain('ts-az2 2 - -')
    expect(world.published()).toHaveLength(2)
  })

  it('ADV-14: without the defect nothing is copied', () => {
    const world = twoZones({}, { profile: { ...OVN_23_03, icDefects: [] } }).run()
    world.command('nbctl', 'lrp-del az2-ts', 'az2')
    expect(world.run().learned('az2')).toHaveLength(1)
  })

  it('LRN-9: a router that loses its transit port keeps what it learned, with the defect only', () => {
    const lose = (icDefects: typeof OVN_23_03.icDefects) => {
      const world = twoZones({}, { profile: { ...OVN_23_03, icDefects } }).run()
      expect(world.command('nbctl', 'lsp-del ts-az2 -- lrp-del az2-ts', 'az2')).toBeUndefined()
      return world.run().learned('az2')
    }
    expect(lose(OVN_23_03.icDefects)).toEqual(['10.16.0.1/16 169.254.100.41 connected'])
    expect(lose([])).toEqual([])
  })
})
