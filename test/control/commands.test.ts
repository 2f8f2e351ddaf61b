// Command lines against what ovn-nbctl and its siblings of 23.03.1 answered to the same lines.

import { describe, expect, it } from 'vitest'
import { Database } from '../../src/control/db/database.ts'
import { IC_NB_SCHEMA, IC_SB_SCHEMA, NB_SCHEMA, SB_SCHEMA } from '../../src/control/db/schemas.ts'
import { applyLine } from '../../src/control/ovn/commands/apply.ts'
import { parseCommand, splitWords, stripLeader } from '../../src/model/command-line.ts'
import type { Tool } from '../../src/model/command-words.ts'

function setUp() {
  const nb = new Database(NB_SCHEMA, 'nb', 1)
  const databases = {
    nb,
    sb: new Database(SB_SCHEMA, 'sb', 1),
    icNb: new Database(IC_NB_SCHEMA, 'icnb', 1),
    icSb: new Database(IC_SB_SCHEMA, 'icsb', 1),
  }
  nb.transact('test', (write) => write.create('NB_Global', { name: 'az1' }))
  const run = (line: string, tool: Tool = 'nbctl') => applyLine(databases, line, tool)
  const routes = () =>
    [...nb.rows('Logical_Router_Static_Route').values()].map((row) =>
      [row.ip_prefix, row.nexthop, row.policy ?? '-', row.route_table || '-'].join(' '),
    )
  const options = () => [...nb.rows('NB_Global').values()][0]!.options
  return { ...databases, run, routes, options }
}

/** Runs lines that must succeed. */
function all(run: (line: string) => string | undefined, lines: readonly string[]): void {
  for (const line of lines) expect([line, run(line)]).toEqual([line, undefined])
}

describe('reading a line', () => {
  it('words are split as a shell does', () => {
    expect(splitWords(`a  "b c" 'd "e"' f\\ g h"i"j ''`)).toEqual(['a', 'b c', 'd "e"', 'f g', 'hij', ''])
    expect(splitWords('a "b')).toBeUndefined()
  })

  it('leading words say whose line it is', () => {
    expect(stripLeader('kubectl ko nbctl lr-add x'.split(' '))).toEqual({
      tool: 'nbctl',
      words: ['lr-add', 'x'],
    })
    expect(stripLeader('ovn-ic-sbctl --no-leader-only create'.split(' '))).toEqual({
      tool: 'ic-sbctl',
      words: ['create'],
    })
    expect(stripLeader('sudo ovn-nbctl --db=tcp:1.1.1.1:6641 ls-add'.split(' '))).toEqual({
      tool: 'nbctl',
      words: ['ls-add'],
    })
    expect(stripLeader(['icnbctl', 'ts-add']).tool).toBe('ic-nbctl')
    expect(stripLeader(['lr-add', 'x'])).toEqual({ tool: undefined, words: ['lr-add', 'x'] })
  })

  const wrong: readonly [string, string][] = [
    ['foo', "unknown command 'foo'; use --help for help"],
    ['lr-route-add lr 10.2.0.0/16', "'lr-route-add' command requires at least 3 arguments"],
    ['lr-add a b c', "'lr-add' command takes at most 1 arguments"],
    ['ts-add x', "unknown command 'ts-add'; use --help for help"],
    ['--foo ls-add x', "'ls-add' command has no '--foo' option"],
    [
      '--policy lr-route-add lr 1.0.0.0/8 1.1.1.1',
      "missing argument to '--policy' option on 'lr-route-add' command",
    ],
    ['ovn-sbctl set Chassis x a=b', 'this is a line for ovn-sbctl, not for ovn-nbctl'],
    ['', 'missing command name (use --help for help)'],
    ['lr-add "x', 'a quote is not closed'],
  ]
  it.each(wrong)('%s', (line, message) => {
    expect(parseCommand(line, 'nbctl')).toMatchObject({ kind: 'error', message })
  })

  it('a line is parsed without a database, sub-commands by `--`', () => {
    const command = parseCommand('ovn-ic-sbctl --id=@e create Encap type=geneve -- destroy Gateway g')
    expect(command).toMatchObject({
      tool: 'ic-sbctl',
      steps: [{ name: 'create', args: ['Encap', 'type=geneve'] }, { name: 'destroy' }],
    })
    expect(parseCommand('lr-add x')).toMatchObject({ kind: 'error' })
  })
})

describe('routes', () => {
  it('ADV-8: lr-route-add masks and shortens, create keeps what was written', () => {
    const { run, routes } = setUp()
    all(run, [
      'lr-add lr',
      'lr-route-add lr 10.1.2.3/16 1.1.1.1',
      'lr-route-add lr 10.5.0.1/32 1.1.1.1',
      'lr-route-add lr fd00:1::5/64 fd00::1',
      '--id=@r create Logical_Router_Static_Route ip_prefix="1.0.0.1/8" nexthop=1.1.1.1 -- add Logical_Router lr static_routes @r',
      'create Logical_Router_Static_Route ip_prefix=9.0.0.0/8 nexthop=1.1.1.1',
    ])
    expect(routes()).toEqual([
      '10.1.0.0/16 1.1.1.1 - -',
      '10.5.0.1 1.1.1.1 - -',
      'fd00:1::/64 fd00::1 - -',
      '1.0.0.1/8 1.1.1.1 - -',
    ])
  })

  it('a prefix is there once in its table and kind, unless --ecmp or --may-exist', () => {
    const { run, routes } = setUp()
    const duplicate =
      'duplicate prefix: 10.1.0.0/16 (policy: dst-ip). Use option --ecmp to allow this for ECMP routing.'
    all(run, ['lr-add lr', 'lr-route-add lr 10.1.2.3/16 1.1.1.1'])
    expect(run('lr-route-add lr 10.1.0.0/16 1.1.1.2')).toBe(duplicate)
    all(run, [
      '--may-exist lr-route-add lr 10.1.0.0/16 1.1.1.2',
      '--ecmp lr-route-add lr 10.1.0.0/16 1.1.1.1',
    ])
    expect(run('--ecmp lr-route-add lr 10.1.0.0/16 1.1.1.1')).toBe(
      'duplicate nexthop for the same ECMP route',
    )
    all(run, [
      '--policy=src-ip lr-route-add lr 10.1.0.0/16 1.1.1.9',
      '--route-table=t1 lr-route-add lr 10.1.0.0/16 1.1.1.9',
    ])
    expect(routes()).toEqual([
      '10.1.0.0/16 1.1.1.2 - -',
      '10.1.0.0/16 1.1.1.1 - -',
      '10.1.0.0/16 1.1.1.9 src-ip -',
      '10.1.0.0/16 1.1.1.9 - t1',
    ])
  })

  const wrong: readonly [string, string][] = [
    ['lr-route-add lr bad 1.1.1.1', 'bad prefix argument: bad'],
    ['lr-route-add lr 10.2.0.0/16 fd00::1', 'bad IPv4 nexthop argument: fd00::1'],
    ['lr-route-add nolr 10.2.0.0/16 1.1.1.1', 'nolr: router name not found'],
    ['--policy=foo lr-route-add lr 10.2.0.0/16 1.1.1.1', 'bad policy: foo'],
    ['lr-route-add lr 10.3.0.0/16 1.1.1.1 noport', 'noport: port name not found'],
    ['--ecmp lr-route-add lr 10.4.0.0/16 discard', 'ecmp is not valid for discard routes.'],
    [
      'lr-route-del lr 10.9.0.0/16',
      "no matching route: policy 'any', prefix '10.9.0.0/16', nexthop 'any', output_port 'any'.",
    ],
    [
      'lr-route-del lr 10.1.0.0/16 9.9.9.9',
      "no matching route: policy 'any', prefix '10.1.0.0/16', nexthop '9.9.9.9', output_port 'any'.",
    ],
  ]
  it.each(wrong)('%s', (line, message) => {
    const { run, routes } = setUp()
    all(run, ['lr-add lr', 'lr-route-add lr 10.1.0.0/16 1.1.1.1'])
    expect(run(line)).toBe(message)
    expect(routes()).toHaveLength(1)
  })

  it('lr-route-del removes by prefix, by policy, or everything whatever the table', () => {
    const { run, routes } = setUp()
    const add = [
      'lr-route-add lr 10.1.0.0/16 1.1.1.1',
      '--policy=src-ip lr-route-add lr 10.1.0.0/16 1.1.1.9',
      'lr-route-add lr 10.4.0.0/16 discard',
    ]
    all(run, [
      'lr-add lr',
      ...add,
      '--if-exists lr-route-del lr 10.9.0.0/16',
      '--policy=src-ip lr-route-del lr',
    ])
    expect(routes()).toEqual(['10.1.0.0/16 1.1.1.1 - -', '10.4.0.0/16 discard - -'])
    all(run, ['lr-route-del lr 10.1.9.9/16 1.1.1.1'])
    expect(routes()).toHaveLength(1)
    all(run, ['--route-table=t1 lr-route-del lr'])
    expect(routes()).toEqual([])
  })
})

describe('policies', () => {
  it('are added, refused and removed', () => {
    const { run, nb } = setUp()
    all(run, [
      'lr-add lr',
      "lr-policy-add lr 100 'ip4.src == 1.1.1.0/24' allow",
      "--may-exist lr-policy-add lr 100 'ip4.src == 1.1.1.0/24' allow",
      'lr-policy-add lr 5 ip4 reroute 1.1.1.1,1.1.1.2',
    ])
    expect(run("lr-policy-add lr 100 'ip4.src == 1.1.1.0/24' drop")).toBe(
      'Same routing policy already existed on the logical router lr.',
    )
    expect(run('lr-policy-add lr 40000 x allow')).toBe('40000: priority must in range 0...32767')
    expect(run('lr-policy-add lr 1 x foo')).toBe('foo: action must be one of "allow", "drop", and "reroute"')
    expect(run('lr-policy-add lr 5 ip6 reroute')).toBe('Nexthop is required when action is reroute.')
    expect(run('lr-policy-add lr 6 ip4 reroute 1.1.1.x')).toBe('bad next hop argument: 1.1.1.x')
    expect([...nb.rows('Logical_Router_Policy').values()].map((row) => row.nexthops)).toEqual([
      [],
      ['1.1.1.1', '1.1.1.2'],
    ])
    all(run, ['lr-policy-del lr 7', 'lr-policy-del lr 100 zzz'])
    expect(nb.rows('Logical_Router_Policy').size).toBe(2)
    all(run, ['lr-policy-del lr 5', 'lr-policy-del lr'])
    expect(nb.rows('Logical_Router_Policy').size).toBe(0)
  })
})

describe('switches, routers, ports', () => {
  const wrong: readonly [string, string][] = [
    ['lr-add lr', 'lr: a router with this name already exists'],
    ['ls-add ls', 'ls: a switch with this name already exists'],
    ['lrp-add lr p1 00:00:00:00:00:01 10.0.0.1/24', 'p1: a port with this name already exists'],
    ['lrp-add lr p2 00:00:00:00:01 10.0.0.1/24', 'p2: invalid mac address 00:00:00:00:01'],
    ['lrp-add lr p2 00:00:00:00:00:01 10.0.0.x/24', 'p2: invalid network address: 10.0.0.x/24'],
    ['lrp-set-gateway-chassis nop ch3', 'nop: port name not found'],
    ['lrp-del-gateway-chassis p1 chx', 'chassis chx is not added to logical port p1'],
    ['lsp-add ls s1', 's1: a port with this name already exists'],
    ['lsp-add nols s2', 'nols: switch name not found'],
    ['lsp-set-type s1 foo', "Logical switch port type 'foo' is unrecognized. Not setting type."],
    [
      'lsp-set-addresses s1 bad',
      'bad: Invalid address format. See ovn-nb(5). Hint: An Ethernet address must be listed before an IP address, together as a single argument.',
    ],
    ['ls-del nols', 'nols: switch name not found'],
    ['lrp-del nop', 'nop: port name not found'],
  ]
  it.each(wrong)('%s', (line, message) => {
    const { run } = setUp()
    all(run, ['lr-add lr', 'ls-add ls', 'lrp-add lr p1 00:00:00:00:00:01 10.0.0.1/24', 'lsp-add ls s1'])
    expect(run(line)).toBe(message)
  })

  it('HA-1: gateway chassis are added, changed and removed', () => {
    const { run, nb } = setUp()
    const chassis = () => [...nb.rows('Gateway_Chassis').values()].map((row) => `${row.name} ${row.priority}`)
    all(run, [
      'lr-add lr -- lrp-add lr p1 00:00:00:00:00:01 10.0.3.1/24 fd00::1/64 options:route_table=t1',
      'lrp-set-gateway-chassis p1 ch1 20',
      'lrp-set-gateway-chassis p1 ch2',
      'lrp-set-gateway-chassis p1 ch1 30',
    ])
    expect(chassis()).toEqual(['p1-ch1 30', 'p1-ch2 0'])
    all(run, ['lrp-del-gateway-chassis p1 ch2'])
    expect(chassis()).toEqual(['p1-ch1 30'])
    const port = [...nb.rows('Logical_Router_Port').values()][0]!
    expect([port.networks, port.options]).toEqual([['10.0.3.1/24', 'fd00::1/64'], { route_table: 't1' }])
    all(run, ['lr-del lr'])
    expect(nb.rows('Logical_Router_Port').size + nb.rows('Gateway_Chassis').size).toBe(0)
  })

  it('a line is one transaction: nothing of it stays when a part fails', () => {
    const { run, nb } = setUp()
    expect(run('ls-add a -- lsp-add a p -- lsp-add nope q')).toBe('nope: switch name not found')
    expect(nb.rows('Logical_Switch').size).toBe(0)
    all(run, [
      'ls-add a -- lsp-add a p -- lsp-set-type p router -- lsp-set-options p router-port=r -- lsp-set-addresses p router',
    ])
    expect([...nb.rows('Logical_Switch_Port').values()]).toEqual([
      { name: 'p', type: 'router', addresses: ['router'], options: { 'router-port': 'r' }, up: false },
    ])
  })
})

describe('database commands', () => {
  it('maps: set, add, remove, clear', () => {
    const { run, options } = setUp()
    all(run, ['set NB_Global . options:ic-route-adv=true options:x=y', 'add NB_Global . options x=z a=b'])
    expect(options()).toEqual({ 'ic-route-adv': 'true', x: 'y', a: 'b' })
    all(run, [
      'remove NB_Global . options x',
      'remove NB_Global . options a=other',
      'remove NB_Global . options nope',
    ])
    expect(options()).toEqual({ 'ic-route-adv': 'true', a: 'b' })
    all(run, [`set NB_Global . 'options:ic-route-blacklist="10.0.0.0/8,10.1.0.0/16"'`])
    expect(options()['ic-route-blacklist']).toBe('10.0.0.0/8,10.1.0.0/16')
    all(run, [`set nb_g . options='{"p"="q,r",s=t}'`])
    expect(options()).toEqual({ p: 'q,r', s: 't' })
    all(run, ['clear NB_Global . options', 'set NB_Global . name=az9'])
    expect(options()).toEqual({})
  })

  const wrong: readonly [string, string][] = [
    ['set Nope . a=b', 'unknown table "Nope"'],
    ['set NB_Global . foo=b', 'NB_Global does not contain a column whose name matches "foo"'],
    ['set NB_Global . name=', 'name=: argument does not end in "=" followed by a value.'],
    ['set NB_Global . name:x=y', 'cannot specify key to set for non-map column name'],
    ['set Logical_Router_Port nop options:a=b', 'no row "nop" in table Logical_Router_Port'],
    ['destroy Logical_Router nosuch', 'no row "nosuch" in table Logical_Router'],
    ['destroy Logical_Router', 'either --all or records argument should be specified'],
    ['create Gateway_Chassis priority=x', '"x" is not a valid integer'],
  ]
  it.each(wrong)('%s', (line, message) => {
    expect(setUp().run(line)).toBe(message)
  })

  it('residue of a dead cluster is made and removed in the IC-SB', () => {
    const { run, icSb } = setUp()
    const icsb = (line: string) => run(line, 'ic-sbctl')
    const line =
      '--id=@e create Encap type=geneve ip=192.168.42.21 gateway_name=old-gw1 -- --id=@z create Availability_Zone name=old2 -- create Gateway name=old-gw1 hostname=old-gw1 availability_zone=@z encaps=@e'
    all(icsb, [
      line,
      'create Route transit_switch=ts ip_prefix=1.0.0.0/8 nexthop=1.1.1.1 origin=static availability_zone=old2',
    ])
    expect([...icSb.rows('Encap').values()]).toEqual([
      { type: 'geneve', ip: '192.168.42.21', gateway_name: 'old-gw1' },
    ])
    expect(icsb('destroy Availability_Zone old2')).toMatch(
      /^transaction error: referential integrity violation: cannot delete/,
    )
    expect(icsb(line.replace('old2', 'old3'))).toMatch(
      /^transaction error: constraint violation: .*"(Gateway|Encap)" table/,
    )
    all(icsb, [
      '--if-exists destroy Gateway nosuch',
      'destroy Gateway old-gw1',
      '--all destroy Route',
      'destroy Availability_Zone old2',
    ])
    expect(icSb.rows('Encap').size + icSb.rows('Route').size + icSb.rows('Availability_Zone').size).toBe(0)
  })

  it('rows are named by UUID too, whole or its beginning', () => {
    const { run, nb } = setUp()
    all(run, ['lr-add lr -- lr-route-add lr 10.1.0.0/16 1.1.1.1'])
    const id = [...nb.rows('Logical_Router_Static_Route').keys()][0]!
    all(run, [`set Logical_Router_Static_Route ${nb.uuid(id)} nexthop=1.1.1.2`])
    all(run, [`set Logical_Router_Static_Route ${nb.uuid(id).slice(0, 8)} external_ids:a=b`])
    expect(nb.get('Logical_Router_Static_Route', id)).toMatchObject({
      nexthop: '1.1.1.2',
      external_ids: { a: 'b' },
    })
  })

  it('transit switches, and databases that are not there or down', () => {
    const { run, icNb } = setUp()
    const icnb = (line: string) => run(line, 'ic-nbctl')
    all(icnb, ['ts-add ts', '--may-exist ts-add ts', 'ts-del ts', '--if-exists ts-del ts'])
    expect(icnb('ts-del ts')).toBe('ts: switch name not found')
    expect(applyLine({}, 'ts-add ts', 'ic-nbctl')).toBe('ovn-ic-nbctl has no database here')
    icNb.available = false
    expect(icnb('ts-add ts')).toMatch(/database connection failed/)
  })
})
