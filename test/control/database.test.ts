// The in-memory OVSDB: what a commit keeps, clears, removes and refuses.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Database } from '../../src/control/db/database.ts'
import { type DatabaseSchema, type TableSchema, uniqueOn } from '../../src/control/db/schema.ts'
import { IC_SB_SCHEMA, NB_SCHEMA, SB_SCHEMA } from '../../src/control/db/schemas.ts'
import { sameValue } from '../../src/control/db/value.ts'
import {
  type NaiveContent,
  type NaiveRow,
  type NaiveTable,
  type NaiveTables,
  naiveCommit,
} from '../golden/naive-ovsdb.ts'

const icSb = () => new Database(IC_SB_SCHEMA, 'OVN_IC_Southbound', 1)

function withZone() {
  const database = icSb()
  let zone = 0
  database.transact('test', (write) => {
    zone = write.insert('Availability_Zone', { name: 'a' })
  })
  return { database, zone }
}

const message = (result: { kind: string; message?: string }): string => result.message ?? result.kind

describe('constraints, in the words of ovsdb-server', () => {
  it('unique index over one column: a zone name', () => {
    const { database, zone } = withZone()
    const result = database.transact('test', (write) => write.insert('Availability_Zone', { name: 'a' }))
    expect(message(result)).toBe(
      'constraint violation: Transaction causes multiple rows in "Availability_Zone" table to have identical values (a) for ' +
        `index on column "name".  First row, with UUID ${database.uuid(zone)}, existed in the database before this ` +
        'transaction and was not modified by the transaction.  Second row, with UUID ' +
        `${database.uuid(zone + 1)}, was inserted by this transaction.`,
    )
    expect(database.rows('Availability_Zone').size).toBe(1)
  })

  it('GW-5: unique index over two columns: the tunnel address of a gateway', () => {
    const { database, zone } = withZone()
    const gateway = (name: string) =>
      database.transact('test', (write) => {
        const encap = write.insert('Encap', { type: 'geneve', ip: '1.1.1.1', gateway_name: name })
        write.insert('Gateway', { name, availability_zone: zone, hostname: '', encaps: [encap] })
      })
    expect(gateway('g').kind).toBe('committed')
    const before = database.version
    expect(message(gateway('h'))).toMatch(
      /^constraint violation: Transaction causes multiple rows in "Encap" table to have identical values \(geneve and "1\.1\.1\.1"\) for index on columns "type" and "ip"\./,
    )
    expect(database.version).toBe(before)
    expect(database.rows('Gateway').size).toBe(1)
  })

  it('ADV-10: origin is no part of the key of a route', () => {
    const { database, zone } = withZone()
    const route = {
      transit_switch: 'ts',
      availability_zone: zone,
      route_table: '',
      ip_prefix: '1.0.0.0/8',
      nexthop: '1.1.1.1',
    }
    const result = database.transact('test', (write) => {
      write.insert('Route', { ...route, origin: 'static', external_ids: {} })
      write.insert('Route', { ...route, origin: 'connected', external_ids: {} })
    })
    expect(message(result)).toContain(
      `(ts, ${database.uuid(zone)}, "", "1.0.0.0/8", and "1.1.1.1") for index on columns "transit_switch", "availability_zone", "route_table", "ip_prefix", and "nexthop".`,
    )
  })

  it('AZ-3: a zone with rows cannot go; strong references must lead somewhere', () => {
    const { database, zone } = withZone()
    database.transact('test', (write) => {
      write.create('Port_Binding', {
        logical_port: 'p',
        transit_switch: 'ts',
        tunnel_key: 1,
        availability_zone: zone,
      })
    })
    expect(message(database.transact('test', (write) => write.delete('Availability_Zone', zone)))).toBe(
      `referential integrity violation: cannot delete Availability_Zone row ${database.uuid(zone)} because of 1 remaining reference(s)`,
    )
    const dangling = database.transact('test', (write) =>
      write.create('Gateway', { name: 'zz', availability_zone: zone }),
    )
    expect(message(dangling)).toMatch(
      /^referential integrity violation: Table Gateway column encaps row .* references nonexistent row 00000000-0000-0000-0000-000000000000 in table Encap\.$/,
    )
  })

  it('a table of settings has one row', () => {
    const nb = new Database(NB_SCHEMA, 'nb', 1)
    const result = nb.transact('test', (write) => {
      write.create('NB_Global', {})
      write.create('NB_Global', {})
    })
    expect(result).toMatchObject({ kind: 'refused', constraint: 'limit' })
  })
})

describe('the end of a transaction', () => {
  it('switch ports go with their switch, encaps with their chassis, and weak references are cleared', () => {
    const nb = new Database(NB_SCHEMA, 'nb', 1)
    let ls = 0
    nb.transact('test', (write) => {
      const port = write.create('Logical_Switch_Port', { name: 'p' })
      ls = write.create('Logical_Switch', { name: 's', ports: [port] })
      write.create('Logical_Switch_Port', { name: 'orphan' })
    })
    expect([...nb.rows('Logical_Switch_Port').values()].map((row) => row.name)).toEqual(['p'])
    nb.transact('test', (write) => write.delete('Logical_Switch', ls))
    expect(nb.rows('Logical_Switch_Port').size).toBe(0)

    const sb = new Database(SB_SCHEMA, 'sb', 1)
    let [chassis, binding] = [0, 0]
    sb.transact('test', (write) => {
      chassis = write.create('Chassis', { name: 'c', encaps: [write.create('Encap', { ip: '1.1.1.1' })] })
      const datapath = write.create('Datapath_Binding', { tunnel_key: 1 })
      binding = write.create('Port_Binding', { logical_port: 'p', datapath, tunnel_key: 1, chassis })
      const members = [{ chassis_name: 'c', chassis, priority: 1 }]
      write.create('HA_Chassis_Group', { name: 'g', members, ref_chassis: [chassis] })
    })
    expect(sb.transact('test', (write) => write.delete('Chassis', chassis)).kind).toBe('committed')
    expect(sb.rows('Encap').size).toBe(0)
    expect(sb.get('Port_Binding', binding)?.chassis).toBeUndefined()
    expect([...sb.rows('HA_Chassis_Group').values()]).toEqual([
      { name: 'g', members: [{ chassis_name: 'c', chassis: undefined, priority: 1 }], ref_chassis: [] },
    ])
  })

  it('equal values are no change and wake nobody; a body that throws leaves no trace', () => {
    const { database, zone } = withZone()
    let commits = 0
    const stop = database.onCommit(() => commits++)
    expect(
      database.transact('test', (write) => write.update('Availability_Zone', zone, { name: 'a' })).kind,
    ).toBe('unchanged')
    expect(commits).toBe(0)
    expect(() =>
      database.transact('test', (write) => {
        write.insert('Availability_Zone', { name: 'b' })
        throw new Error('boom')
      }),
    ).toThrow('boom')
    expect(database.rows('Availability_Zone').size).toBe(1)
    database.transact('test', (write) => write.update('Availability_Zone', zone, { name: 'b' }))
    stop()
    database.transact('test', (write) => write.update('Availability_Zone', zone, { name: 'c' }))
    expect(commits).toBe(1)
    expect(database.find('Availability_Zone', 'name', 'c')).toBe(zone)
    expect(database.find('Availability_Zone', 'name', 'a')).toBeUndefined()
  })

  it('a listener learns who changed what', () => {
    const { database, zone } = withZone()
    const seen: unknown[] = []
    database.onCommit((commit) =>
      seen.push([commit.author, [...commit.touched('Availability_Zone')], commit.touched('Route').size]),
    )
    database.transact('me', (write) => write.update('Availability_Zone', zone, { name: 'b' }))
    expect(seen).toEqual([['me', [[zone, { name: 'a' }]], 0]])
  })

  it('a snapshot stays as it was, and snapshots between two commits are one object', () => {
    const { database, zone } = withZone()
    const before = database.snapshot()
    expect(database.snapshot()).toBe(before)
    database.transact('test', (write) => write.update('Availability_Zone', zone, { name: 'b' }))
    expect(before.tables.Availability_Zone.get(zone)).toEqual({ name: 'a' })
    expect(database.snapshot().tables.Availability_Zone.get(zone)).toEqual({ name: 'b' })
    expect(before.uuid(zone)).toBe(database.uuid(zone))
  })

  it('a stopped server refuses everything and tells when it is back', () => {
    const { database } = withZone()
    const seen: boolean[] = []
    database.onAvailability((available) => seen.push(available))
    database.available = false
    database.available = false
    const result = database.transact('test', (write) => write.insert('Availability_Zone', { name: 'b' }))
    expect(result).toMatchObject({ kind: 'refused', constraint: 'unavailable' })
    database.available = true
    expect(seen).toEqual([false, true])
    expect(database.rows('Availability_Zone').size).toBe(1)
  })

  it('UUIDs depend on seed, name and row only', () => {
    const uuid = (name: string, seed: number) => new Database(IC_SB_SCHEMA, name, seed).uuid(3)
    expect(uuid('x', 1)).toBe(uuid('x', 1))
    expect(new Set([uuid('x', 1), uuid('y', 1), uuid('x', 2), icSb().uuid(4)]).size).toBe(4)
  })

  it('values compare as OVSDB compares them', () => {
    expect(sameValue({ a: '1', b: '2' }, { b: '2', a: '1' })).toBe(true)
    expect(sameValue({ a: undefined }, { b: undefined })).toBe(false)
    expect(sameValue({ a: '1' }, { a: '1', b: '2' })).toBe(false)
    expect(sameValue([1, 2], [2, 1])).toBe(false)
    expect(sameValue([], {})).toBe(false)
    expect(sameValue([{ x: 1 }], [{ x: 1 }])).toBe(true)
  })
})

describe('against brute force', () => {
  const defaults: NaiveRow = { name: '', key: 0, strong: [], weak: undefined }
  const table = (name: NaiveTable, to: NaiveTable | undefined): TableSchema<NaiveRow> => ({
    root: name !== 'leaf',
    indexes: name === 'leaf' ? [uniqueOn('name'), uniqueOn('key')] : [uniqueOn('name')],
    references: [
      ...(to === undefined ? [] : [{ column: 'strong', to, kind: 'strong' } as const]),
      { column: 'weak', to: 'root', kind: 'weak' },
    ],
    defaults,
  })
  const schema: DatabaseSchema<NaiveTables> = {
    name: 'Naive',
    tables: { root: table('root', 'owner'), owner: table('owner', 'leaf'), leaf: table('leaf', undefined) },
  }
  const tables: readonly NaiveTable[] = ['root', 'owner', 'leaf']
  const operation = fc.record({
    what: fc.constantFrom('insert', 'update', 'delete'),
    table: fc.constantFrom(...tables),
    pick: fc.nat(30),
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    key: fc.nat(5),
    strong: fc.array(fc.nat(30), { maxLength: 3 }),
    weak: fc.option(fc.nat(30), { nil: undefined }),
  })

  it('any series of transactions leaves the same rows, or is refused alike', () => {
    const transactions = fc.array(fc.array(operation, { minLength: 1, maxLength: 6 }), { maxLength: 12 })
    let refused = 0
    let committed = 0
    fc.assert(
      fc.property(transactions, (series) => {
        const database = new Database(schema, 'naive', 1)
        let content: NaiveContent = { root: new Map(), owner: new Map(), leaf: new Map() }
        for (const operations of series) {
          const wanted = {
            root: new Map(content.root),
            owner: new Map(content.owner),
            leaf: new Map(content.leaf),
          }
          const result = database.transact('test', (write) => {
            for (const { what, table: name, pick, ...columns } of operations) {
              const row = {
                name: columns.name,
                key: columns.key,
                strong: name === 'leaf' ? [] : columns.strong,
                weak: columns.weak,
              }
              const ids = [...wanted[name].keys()]
              const id = ids[pick % ids.length]
              if (what === 'insert') wanted[name].set(write.insert(name, row), row)
              else if (id === undefined) continue
              else if (what === 'update') {
                write.update(name, id, row)
                wanted[name].set(id, row)
              } else {
                write.delete(name, id)
                wanted[name].delete(id)
              }
            }
          })
          const expected = naiveCommit(wanted)
          if (result.kind === 'refused') refused++
          else committed++
          expect(result.kind === 'refused').toBe(expected === undefined)
          content = expected ?? content
          for (const name of tables) {
            expect(new Map([...database.rows(name)].sort(([a], [b]) => a - b))).toEqual(
              new Map([...content[name]].sort(([a], [b]) => a - b)),
            )
            for (const [id, row] of content[name]) expect(database.find(name, 'name', row.name)).toBe(id)
          }
        }
      }),
      { numRuns: 400 },
    )
    expect(Math.min(refused, committed)).toBeGreaterThan(100)
  })
})
