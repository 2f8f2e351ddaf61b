import { describe, expect, it } from 'vitest'
import { loadScenario as load } from '../../src/input/load.ts'
import type { ForwardingState } from '../../src/model/forwarding.ts'
import { lflowList } from '../../src/report/ovn/lflow-list.ts'
import { renderShow, SHOW_TOPICS } from '../../src/report/ovn/show.ts'
import { runData } from '../../src/report/run-data.ts'
import { shellWord } from '../../src/report/text/reproduce.ts'
import { renderRun } from '../../src/report/text/run.ts'
import { tableLines, textWidth, truncate, wrap } from '../../src/report/text/table.ts'
import { renderTrace, roundTrip } from '../../src/report/trace/render.ts'
import { stateAt } from '../../src/run/simulate.ts'
import { pingResult } from '../verify/fixtures.ts'
import { DATABASES, DROPPED, failedResult, resultOf, TRACE, unreachedResult } from './fixtures.ts'

const golden = (name: string): string => `golden/text/${name}.txt`

describe('text report of a run', () => {
  it('as people read it', async () => {
    const text = renderRun([resultOf()])
    await expect(text).toMatchFileSnapshot(golden('run-ok'))
    for (const line of text.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(80)
  })

  it('failures say why and how to see them again', async () => {
    const text = renderRun([failedResult(), resultOf()])
    await expect(text).toMatchFileSnapshot(golden('run-failed'))
    expect(text).toContain(
      `reproduce: isthmus run 'it'\\''s a file.yaml' --seed 1 --only 'loss steady atMost 1s'`,
    )
  })

  it('colour adds escapes and nothing else', () => {
    const plain = renderRun([failedResult()])
    const colored = renderRun([failedResult()], { color: true })
    expect(colored).not.toBe(plain)
    // biome-ignore lint/complexity/useRegexLiterals: a literal with an escape character is refused by another rule
    expect(colored.replace(new RegExp('\\u001b\\[\\d+m', 'g'), '')).toBe(plain)
    expect(plain).not.toContain('\u001b')
  })

  it('long lists end with how much is left out', () => {
    const log = Array.from(
      { length: 100 },
      (_, i) =>
        ({ at: i, source: 'ovn-ic az1', kind: i > 90 ? 'refused' : 'learn', text: `line ${i}` }) as const,
    )
    const text = renderRun([resultOf({ log })], { linesMax: 10 })
    expect(text).toContain('line 9\n')
    expect(text).not.toContain('line 10')
    expect(text).toContain('… and 90 more lines, 9 of them refused transactions; -o json has them all')
  })

  it('bring-up is one line, and what was refused in it', () => {
    const log = [
      { at: -3 * 1e9, source: 'ovn-ic az1', kind: 'learn', text: 'learns something' },
      { at: -2 * 1e9, source: 'ovn-ic az1', kind: 'refused', text: 'Encap: duplicate' },
      { at: -1 * 1e9, source: 'ovn-ic az1', kind: 'learn', text: 'learns more' },
      { at: 1e9, source: 'timeline', kind: 'event', text: 'fail' },
    ] as const
    expect(renderRun([resultOf({ log })])).toContain(`Timeline
  2 lines of bring-up before time zero; -o json has them
! -2.000s  ovn-ic az1  refused: Encap: duplicate
>  1.000s  timeline    fail
`)
  })

  it('what was not reached is open, neither kept nor broken', () => {
    const text = renderRun([unreachedResult()])
    expect(text).toContain(`
  ✔ ok   route az1 10.17.0.0/16 learned
  ? open az: az1, at: 7s
         not reached: the run ended at 2.9s.
`)
    expect(text).toMatch(/\nINCONCLUSIVE two clusters: expectations 1\/2, 1 not reached, 2.9s simulated\n$/)
    expect(renderRun([{ ...unreachedResult(), inconclusive: undefined }])).toContain('\nFAIL two clusters: ')
  })

  it('the verdict wraps', () => {
    const { scenario } = resultOf()
    const name = 'Two clusters, automatic routes, a gateway dies and comes back'
    expect(renderRun([resultOf({ scenario: { ...scenario, name } })])).toMatch(
      /\nPASS Two clusters, automatic routes, a gateway dies and comes back:\n {2}expectations 1\/1, 10s simulated\n$/,
    )
  })

  it('settling is told in seconds, an open gap goes to the end', () => {
    expect(renderRun([resultOf({ settled: { ok: true, after: 993_329_000 } })])).toContain(
      'settled in 0.993s',
    )
    expect(renderRun([resultOf({ traffic: [pingResult([1, 9, 10])] })])).toMatch(/ 0-1000 8000-end\n/)
  })

  it('width 0 is no width', () => {
    expect(renderRun([failedResult()], { width: 0 })).toBe(renderRun([failedResult()]))
  })

  it('a transaction that is refused again and again is one line', () => {
    const refused = (at: number, source: string, text: string) =>
      ({ at: at * 1e9, source, kind: 'refused', text }) as const
    const log = [
      refused(-1, 'ovn-ic az1', 'Encap: duplicate'),
      refused(1, 'ovn-ic az2', 'Encap: duplicate'),
      { at: 2e9, source: 'timeline', kind: 'event', text: 'fail' },
      refused(3, 'ovn-ic az1', 'Encap: duplicate'),
      { at: 4e9, source: 'timeline', kind: 'event', text: 'fail' },
      refused(5.5, 'ovn-ic az1', 'Encap: duplicate'),
    ] as const
    expect(renderRun([resultOf({ log })])).toContain(`Timeline
! -1.000s  ovn-ic az1  refused: Encap: duplicate (3 times, last at 5.500s)
!  1.000s  ovn-ic az2  refused: Encap: duplicate
>  2.000s  timeline    fail
>  4.000s  timeline    fail

`)
    expect(runData([resultOf({ log })]).scenarios[0]!.events).toHaveLength(6)
  })

  it('long texts of a database are cut to two lines, those of others are not', () => {
    const text = `Transaction ${'causes multiple rows to have identical values '.repeat(5)}`.trim()
    const entry = { at: 1e9, source: 'ovn-ic az1', kind: 'refused', text } as const
    expect(renderRun([resultOf({ log: [entry] })])).toContain(`Timeline
! 1.000s  ovn-ic az1  refused: Transaction causes multiple rows to have
                      identical values causes multiple r… (-o json has it whole)
`)
    const cut = renderRun([resultOf({ log: [entry, { ...entry, at: 2e9 }] })])
    expect(cut).toContain('… (-o json has it whole)\n                      (2 times, last at 2.000s)\n')
    for (const line of cut.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(80)
    expect(renderRun([resultOf({ log: [{ ...entry, kind: 'config' }] })])).not.toContain('has it whole')
  })

  it('chassis with UUIDs are called by their nodes, in the text only', () => {
    const uuid = '6bd8e1c5-0a35-4f3b-9d52-7a1f3c2e4b60'
    const { scenario } = resultOf()
    const [az1, ...others] = scenario.network.clusters
    const node = { name: 'az1-gw2', chassis: uuid } as (typeof scenario.network.clusters)[0]['nodes'][0]
    const network = { ...scenario.network, clusters: [{ ...az1!, nodes: [node] }, ...others] }
    const stranger = uuid.replace('6', '7')
    const text = `BFD to ${uuid} is up, to ${stranger} down`
    const result = resultOf({
      scenario: { ...scenario, network },
      log: [{ at: 1e9, source: 'ovs-vswitchd az1/az1-gw1', kind: 'bfd', text }],
    })
    expect(renderRun([result], { width: 200 })).toContain(`BFD to az1-gw2 is up, to ${stranger} down`)
    expect(runData([result]).scenarios[0]!.events[0]!.text).toBe(text)
  })

  it('control characters of a scenario cannot steer the terminal', () => {
    const evil = resultOf()
    const text = renderRun([
      { ...evil, log: [{ at: 0, source: 'timeline', kind: 'event', text: 'x\u001b[2Jy' }] },
    ])
    expect(text).toContain('x␛[2Jy')
  })
})

describe('tables', () => {
  const columns = [
    { title: 'NAME', shrinks: true },
    { title: 'N', align: 'right' },
  ] as const

  it('counts screen columns, not characters', () => {
    expect(
      tableLines(columns, [
        ['日本', '1'],
        ['e\u0301a', '20'],
      ]),
    ).toEqual(['NAME   N', '日本   1', 'e\u0301a    20'])
  })

  it('cuts only when told how wide the screen is', () => {
    const rows = [['a-name-that-is-much-too-long', '1']]
    expect(tableLines(columns, rows)[1]).toBe('a-name-that-is-much-too-long  1')
    expect(tableLines(columns, rows, { width: 20 })[1]).toBe('a-name-that-is-m…  1')
    expect(tableLines(columns, rows, { width: 5 })[1]).toBe('a-name-…  1')
  })

  it('truncates at whole characters', () => {
    expect(truncate('日本語', 4)).toBe('日…')
    expect(truncate('日本語', 6)).toBe('日本語')
  })

  it('wraps at spaces and leaves long words whole', () => {
    expect(wrap('aa bb cc', 5)).toEqual(['aa bb', 'cc'])
    expect(wrap('a verylongword b', 5)).toEqual(['a', 'verylongword', 'b'])
    expect(wrap('', 5)).toEqual([''])
  })
})

describe('traces', () => {
  for (const depth of ['detailed', 'summary', 'minimal'] as const)
    it(`${depth}, there and back and dropped`, async () => {
      const text = `${renderTrace(TRACE, depth)}\n${renderTrace(DROPPED, depth)}`
      await expect(text).toMatchFileSnapshot(golden(`trace-${depth}`))
    })

  it('minimal has no ports, keys or addresses that differ between runs', () => {
    const hops = TRACE.hops.map((hop) => ({
      ...hop,
      left: hop.left.map((left) =>
        left.kind === 'vif'
          ? left
          : { ...left, udpSource: 1, vni: 99, ingressKey: 7, outerSource: '1.1.1.1' },
      ),
    }))
    expect(renderTrace({ ...TRACE, hops }, 'minimal')).toBe(renderTrace(TRACE, 'minimal'))
  })

  it('a round trip needs both directions', () => {
    expect(roundTrip(TRACE)).toBe(true)
    expect(roundTrip(DROPPED)).toBe(false)
    expect(roundTrip({ ...TRACE, reply: undefined })).toBe(false)
    expect(renderTrace({ ...TRACE, reply: undefined }, 'minimal')).toContain('nothing was sent back')
  })
})

const NO_STATE: ForwardingState = { at: 0, version: 0, chassis: new Map() }

describe('show', () => {
  it('names the real command when there are several blocks', async () => {
    const text = SHOW_TOPICS.filter((topic) => topic !== 'flows')
      .map((topic) => `== ${topic}\n${renderShow(DATABASES, NO_STATE, topic)}`)
      .join('')
    await expect(text).toMatchFileSnapshot(golden('show'))
  })

  it('flows are the routing and policy stages as lflow-list prints them', async () => {
    const { scenario } = load('scenarios/quickstart.yaml')
    const { databases, state } = stateAt(scenario!, 0)
    const text = renderShow(databases, state, 'flows', { cluster: 'az1' })
    await expect(text).toMatchFileSnapshot(golden('show-flows'))
    const view = [...state.chassis.values()][0]!.view!
    const router = view.byName.get('ovn-cluster')
    expect(router?.kind === 'router' && lflowList(router)).toBe(text)
  })

  it('a single block is the bare layout', () => {
    expect(renderShow(DATABASES, NO_STATE, 'routes', { cluster: 'az1' })).toMatch(/^IPv4 Routes\n/)
    expect(renderShow(DATABASES, NO_STATE, 'routes', { cluster: 'az1', router: 'none' })).toBe('')
  })
})

it.each([
  ['plain-word/1.yaml', 'plain-word/1.yaml'],
  ['two words', "'two words'"],
  ["it's", "'it'\\''s'"],
  ['', "''"],
  ['$HOME', "'$HOME'"],
])('quotes %s for a shell', (word, quoted) => {
  expect(shellWord(word)).toBe(quoted)
})
