/** What modelled Kube-OVN controllers did, as commands for real programs. The interpreter of ovn-nbctl's commands is the judge of the words. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Database } from '../../src/control/db/database.ts'
import { NB_SCHEMA } from '../../src/control/db/schemas.ts'
import { applyLine } from '../../src/control/ovn/commands/apply.ts'
import { loadScenarioText } from '../../src/input/load.ts'
import { labScript } from '../../src/lab/build.ts'
import type { EventContext } from '../../src/lab/events/context.ts'
import { Controllers } from '../../src/lab/events/controllers.ts'
import type { Daemons } from '../../src/lab/events/daemons.ts'
import { northboundEdits, switchesNeeded } from '../../src/lab/plan/edits.ts'
import { quoted } from '../../src/lab/process.ts'
import type { ControllerAct } from '../../src/model/controller-act.ts'
import type { DatabaseSnapshot, NbTables, RowId } from '../../src/model/tables.ts'
import { MILLISECOND, SECOND } from '../../src/model/time.ts'
import { labInput } from '../../src/run/lab-options.ts'

type Nb = DatabaseSnapshot<NbTables>

function emptyNorthbound(): Database<NbTables> {
  const database = new Database(NB_SCHEMA, 'OVN_Northbound', 1)
  // As `ovn-nbctl init` leaves it.
  database.transact('init', (tx) => tx.create('NB_Global', {}))
  return database
}

/** Carries out commands as ovn-nbctl would, in one transaction; what it complained of. */
function carryOut(
  database: Database<NbTables>,
  commands: readonly (readonly string[])[],
): string | undefined {
  if (commands.length === 0) return undefined
  const line = commands.map((words) => words.map(quoted).join(' ')).join(' -- ')
  return applyLine({ nb: database }, line, 'nbctl')
}

/** Content without identities: every row with its children, sorted. Ports of other zones are ovn-ic's affair. */
function contentOf({ tables }: Nb): unknown {
  const sorted = (values: readonly unknown[]): unknown[] =>
    [...values].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  const rows = <T>(table: ReadonlyMap<RowId, T>, ids: readonly RowId[]): T[] =>
    ids.flatMap((id) => table.get(id) ?? [])
  return {
    globals: tables.NB_Global.size === 0 ? [{ name: '', options: {} }] : [...tables.NB_Global.values()],
    sets: sorted([...tables.Address_Set.values()]),
    switches: sorted(
      [...tables.Logical_Switch.values()].map(({ name, ports, other_config }) => ({
        name,
        other_config,
        ports: sorted(
          rows(tables.Logical_Switch_Port, ports)
            .filter(({ type }) => type !== 'remote')
            .map(({ name, type, addresses, options }) => ({ name, type, addresses, options })),
        ),
      })),
    ),
    routers: sorted(
      [...tables.Logical_Router.values()].map(({ name, options, ports, static_routes, policies }) => ({
        name,
        options,
        static_routes: sorted(
          rows(tables.Logical_Router_Static_Route, static_routes).map(({ policy = 'dst-ip', ...row }) => ({
            ...row,
            policy,
          })),
        ),
        policies: sorted(rows(tables.Logical_Router_Policy, policies)),
        ports: sorted(
          rows(tables.Logical_Router_Port, ports).map(({ gateway_chassis, ...row }) => ({
            ...row,
            gateways: sorted(
              rows(tables.Gateway_Chassis, gateway_chassis).map(({ chassis_name, priority }) => ({
                chassis_name,
                priority,
              })),
            ),
          })),
        ),
      })),
    ),
  }
}

/** A database of its own with the content of another. */
function copyOf(nb: Nb): Database<NbTables> {
  const copy = emptyNorthbound()
  expect(carryOut(copy, northboundEdits(emptyNorthbound().snapshot(), nb))).toBeUndefined()
  return copy
}

const pick = <T>(...values: readonly T[]) => fc.constantFrom(...values)
const prefix = pick('10.1.0.0/16', '10.2.0.0/16', 'fd00::/64')
const name = pick('a', 'b')

/** Lines of ovn-nbctl over a few names; those that make no sense are refused and change nothing. */
const line = fc.oneof(
  name.map((s) => `ls-add ls-${s}`),
  name.map((s) => `ls-del ls-${s}`),
  fc.tuple(name, name).map(([s, p]) => `lsp-add ls-${s} p-${p}`),
  name.map((p) => `lsp-del p-${p}`),
  fc
    .tuple(name, pick('1', '2'))
    .map(([p, n]) => `lsp-set-addresses p-${p} "00:00:00:00:00:0${n} 10.1.0.${n}"`),
  fc.tuple(name, name, pick('1', '2')).map(([p, k, v]) => `lsp-set-options p-${p} ${k}=${v}`),
  name.map((r) => `lr-add lr-${r}`),
  name.map((r) => `lr-del lr-${r}`),
  fc
    .tuple(name, name, pick('1', '2'))
    .map(([r, p, n]) => `lrp-add lr-${r} q-${p} 00:00:00:00:01:0${n} 10.${n}.0.1/16`),
  name.map((p) => `lrp-del q-${p}`),
  fc.tuple(name, name, pick(1, 2)).map(([p, c, n]) => `lrp-set-gateway-chassis q-${p} ch-${c} ${n}`),
  fc.tuple(name, name).map(([p, c]) => `lrp-del-gateway-chassis q-${p} ch-${c}`),
  fc.tuple(name, name, name).map(([p, k, v]) => `lrp-set-options q-${p} ${k}=${v}`),
  fc
    .tuple(name, prefix, pick('', '--policy=src-ip ', '--ecmp ', '--route-table=t '))
    .map(([r, to, how]) => `${how}lr-route-add lr-${r} ${to} ${to.includes(':') ? 'fd00::1' : '10.9.0.1'}`),
  fc.tuple(name, prefix).map(([r, to]) => `lr-route-del lr-${r} ${to}`),
  fc
    .tuple(name, pick(100, 200), pick('allow', 'drop'))
    .map(([r, n, act]) => `lr-policy-add lr-${r} ${n} "ip4.dst == 10.1.0.0/16" ${act}`),
  fc.tuple(name, pick(100, 200)).map(([r, n]) => `lr-policy-del lr-${r} ${n}`),
  fc.tuple(name, name).map(([k, v]) => `set NB_Global . options:${k}=${v}`),
  name.map((k) => `remove NB_Global . options ${k}`),
  fc
    .tuple(name, pick('10.1.0.1', '10.1.0.2'))
    .map(([s, ip]) => `create Address_Set name=set_${s} addresses=${ip}`),
  name.map((s) => `destroy Address_Set set_${s}`),
)

describe('changes of a Northbound', () => {
  it('are commands that make the one database of the other, whatever was done in between', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 25 }), fc.array(line, { maxLength: 12 }), (first, then) => {
        const database = emptyNorthbound()
        for (const one of first) applyLine({ nb: database }, one, 'nbctl')
        const before = database.snapshot()
        for (const one of then) applyLine({ nb: database }, one, 'nbctl')
        const after = database.snapshot()
        const copy = copyOf(before)
        expect(contentOf(copy.snapshot())).toEqual(contentOf(before))
        expect(carryOut(copy, northboundEdits(before, after))).toBeUndefined()
        expect(contentOf(copy.snapshot())).toEqual(contentOf(after))
      }),
    )
  })

  it('are nothing where nothing differs', () => {
    const database = emptyNorthbound()
    applyLine({ nb: database }, 'ls-add a', 'nbctl')
    expect(northboundEdits(database.snapshot(), database.snapshot())).toEqual([])
  })
})

function journalOf(file: string): readonly ControllerAct[] {
  const path = `scenarios/ovn-ic/${file}.yaml`
  const { scenario } = loadScenarioText(readFileSync(path, 'utf8'), path, {})
  return labInput(scenario!).options.journal
}

describe('the journal of a modelled controller', () => {
  it('begins at time zero and is in order; each transaction can be repeated on a database of its own', () => {
    for (const file of ['disable-interconnection', 'enable-ic-false', 'gw-nodes-edit-1.10', 'policy-delay']) {
      const journal = journalOf(file)
      expect(journal.length).toBeGreaterThan(0)
      expect(journal.map(({ at }) => at)).toEqual(journal.map(({ at }) => at).sort((a, b) => a - b))
      expect(journal[0]!.at).toBeGreaterThanOrEqual(0)
      for (const { act } of journal) {
        if (act.kind !== 'northbound') continue
        const copy = copyOf(act.before)
        expect(carryOut(copy, northboundEdits(act.before, act.after))).toBeUndefined()
        expect(contentOf(copy.snapshot())).toEqual(contentOf(act.after))
      }
    }
  })

  it('4.11: an edited gw-nodes on 1.17 is one transaction that replaces the gateways of the port', () => {
    const [first, ...others] = journalOf('gw-nodes-edit-1.17').filter(({ act }) => act.kind === 'northbound')
    expect(others).toEqual([])
    const { act, at } = first!
    expect(at).toBeGreaterThan(2 * SECOND)
    expect(at).toBeLessThan(3.1 * SECOND)
    expect(act.kind === 'northbound' && northboundEdits(act.before, act.after)).toEqual([
      ['lrp-del-gateway-chassis', 'az1-ts', expect.any(String)],
      ['lrp-set-gateway-chassis', 'az1-ts', expect.any(String), '100'],
    ])
  })

  it('KO-RM-1, 4.11: switched off, ovn-ic ends, the ports go and the rows of the AZ are destroyed, the AZ last', () => {
    const off = journalOf('enable-ic-false').filter(({ at, cluster }) => cluster === 'az1' && at < 9 * SECOND)
    const kinds = off.map(({ act }) =>
      act.kind === 'ic-southbound' ? `${act.table} ${act.azName}` : act.kind,
    )
    expect(kinds.filter((kind) => kind !== 'interconn')).toEqual([
      'ovn-ic',
      'northbound',
      'Port_Binding az1',
      'Gateway az1',
      'Route az1',
      'Availability_Zone az1',
      'northbound',
    ])
  })

  it('a port on a transit switch that the transaction does not make waits for the switch', () => {
    const waits = journalOf('enable-ic-false').flatMap(({ at, act }) =>
      act.kind === 'northbound' && at > 10 * SECOND ? switchesNeeded(act.before, act.after) : [],
    )
    expect(waits).toEqual(['ts'])
  })

  it('a cold start begins with an empty Northbound: everything is in the journal, and the daemons start last', () => {
    const path = 'scenarios/ovn-ic/policy-delay.yaml'
    const { scenario } = loadScenarioText(readFileSync(path, 'utf8'), path, {})
    const input = labInput(scenario!)
    expect(input.options.journal[0]).toMatchObject({ at: 20 * MILLISECOND, act: { kind: 'northbound' } })
    const script = labScript(input.scenario, input.options)
    expect(script).not.toContain('lr-add')
    expect(script.indexOf('ovn-northd')).toBeGreaterThan(script.lastIndexOf('add-port br-int'))
  })
})

it('an act that was late puts off those after it: what lies between them stays', async () => {
  const times: number[] = []
  const daemons = {
    runs: () => undefined,
    // The first act is slow, as on a busy machine.
    act: async () => {
      if (times.length === 0) await new Promise((resolve) => setTimeout(resolve, 80))
      times.push(performance.now())
    },
  } as unknown as Daemons
  const controllers = new Controllers({} as EventContext, daemons)
  const act = (at: number, cluster: string): Promise<void> =>
    controllers.act({ at: at * MILLISECOND, cluster, act: { kind: 'ovn-ic', on: true } })
  await Promise.all([act(0, 'az1'), act(60, 'az1')])
  // Timers may fire a millisecond early.
  expect(times[1]! - times[0]!).toBeGreaterThan(58)
})
