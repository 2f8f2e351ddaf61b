/** An exact answer put into words: verdicts of pairs, fates, and what is said once. */
import { describe, expect, it } from 'vitest'
import { familyOf } from '../../../src/net/ip.ts'
import { formatPrefixBare, parsePrefix } from '../../../src/net/prefix.ts'
import { rangeOf } from '../../../src/net/range.ts'
import { troubleText } from '../../../src/report/reachability/text.ts'
import { endsText, listed } from '../../../src/report/reachability/words.ts'
import type { End } from '../../../src/verify/reachability/outcomes.ts'
import type { Unreached } from '../../../src/verify/reachability/reachability.ts'
import type { Endpoint, Senders } from '../../../src/verify/reachability/sources.ts'
import { nameOf, type Selection, summarize } from '../../../src/verify/reachability/summary.ts'

const endpoint = (name: string, ...prefixes: string[]): Endpoint => {
  const [cluster = '', subnet = ''] = name.split('/')
  const nowhere = undefined as never
  return {
    cluster,
    subnet,
    prefixes: prefixes.map((text) => parsePrefix(text)!),
    at: nowhere,
    gateway: nowhere,
  }
}
const range = (text: string) => rangeOf(parsePrefix(text)!)
const all = (one: Endpoint): Senders[] =>
  one.prefixes.map((prefix) => ({ endpoint: one, addresses: rangeOf(prefix) }))
const web = endpoint('az1/web', '10.16.0.0/16')
const api = endpoint('az1/api', '10.20.0.0/16')
const db = endpoint('az2/db', '10.17.0.0/16')
const six = endpoint('az2/six', 'fd00:2::/64')
const lost: End = { kind: 'dropped', why: 'no-route', at: 'az1 r' }
const at = ({ cluster, subnet }: Endpoint): End => ({ kind: 'subnet', cluster, subnet })

const unreached = (
  from: readonly Endpoint[],
  to: readonly Endpoint[],
  addresses: string,
  ...ends: End[]
): Unreached => ({
  from: from.flatMap((one) =>
    all(one).filter(({ addresses: own }) => familyOf(own.first) === familyOf(range(addresses).first)),
  ),
  to,
  addresses: range(addresses),
  ends,
})

const summaryOf = (list: readonly Unreached[], endpoints = [web, api, db, six], selection: Selection = {}) =>
  summarize({ endpoints, senders: endpoints.flatMap(all), unreached: list }, selection)

const pairsOf = (summary: ReturnType<typeof summaryOf>): string[] =>
  summary.pairs.map(({ from, to, verdict }) => `${nameOf(from)} ${nameOf(to)} ${verdict}`)

describe('summarize', () => {
  it('a subnet that is lost but for a few addresses is not reached, one that is lost by half is in part', () => {
    const summary = summaryOf([
      unreached([web], [db], '10.17.0.0/16', lost),
      unreached([api], [db], '10.17.128.0/17', lost),
    ])
    expect(pairsOf(summary)).toEqual(['az1/web az2/db unreached', 'az1/api az2/db partly'])
  })

  it('answers that do not come back make the other direction one way', () => {
    const summary = summaryOf([unreached([db], [web], '10.16.0.0/16', lost)])
    expect(summary.oneWay.map(({ from, to }) => `${nameOf(from)} ${nameOf(to)}`)).toEqual(['az1/web az2/db'])
  })

  it('addresses of one sentence are the shortest list of blocks, senders of one fate stand together', () => {
    const summary = summaryOf([
      unreached([web], [db], '10.17.0.0/17', lost),
      unreached([web], [db], '10.17.128.0/17', lost),
      unreached([api], [db], '10.17.0.0/17', lost),
      unreached([api], [db], '10.17.128.0/17', lost),
    ])
    expect(summary.troubles.map(troubleText)).toEqual([
      'black-holed: 10.17.0.0/16 of az2/db, from az1/web, az1/api: no route (az1 r)',
    ])
  })

  it.each<[string, End[], string]>([
    ['captured', [at(api)], 'they end at az1/api'],
    ['captured', [{ kind: 'router', cluster: 'az3', router: 'r' }], 'router r of az3 answers'],
    ['diverted', [{ kind: 'pod', cluster: 'az1', port: 'p' }], 'they are handed to port p of az1'],
    ['looping', [{ kind: 'dropped', why: 'loop', at: '' }], 'they go round between routers'],
    [
      'undefined',
      [{ kind: 'dropped', why: 'undefined', at: 'az1 r' }],
      'which of two equal routes or policies acts is not specified (az1 r)',
    ],
    ['black-holed', [lost], 'no route (az1 r)'],
    ['depends', [at(db), lost], 'by hash: they end at az2/db, or no route (az1 r)'],
  ])('%s: %j', (fate, ends, words) => {
    const [trouble, second] = summaryOf([unreached([web], [db], '10.17.0.0/24', ...ends)]).troubles
    expect(second).toBeUndefined()
    expect(trouble).toMatchObject({ fate })
    expect(endsText(ends)).toBe(words)
    expect(troubleText(trouble!)).toBe(`${fate}: 10.17.0.0/24 of az2/db, from az1/web: ${words}`)
  })

  it('where two have the addresses, only the one that does not get the packets misses them', () => {
    const twin = endpoint('az3/db', '10.17.0.0/16')
    const summary = summaryOf([unreached([web], [db, twin], '10.17.0.0/16', at(twin))], [web, db, twin])
    expect(pairsOf(summary)).toEqual(['az1/web az2/db unreached'])
    expect(summary.troubles.map(({ to }) => to.map(nameOf))).toEqual([['az2/db']])
  })

  it('pairs are counted by family: a subnet of IPv6 alone has none with those of IPv4', () => {
    const both = endpoint('az3/both', '10.19.0.0/16', 'fd00:3::/64')
    const endpoints = [web, db, six, both]
    const summary = summaryOf([], endpoints)
    // web-db, web-both, db-both, six-both, each in both directions.
    expect(summary.count(endpoints, endpoints)).toBe(8)
    const lostSix = summaryOf([unreached([both], [six], 'fd00:2::/64', lost)], endpoints)
    expect(lostSix.troubles.map(troubleText)).toEqual([
      'black-holed: fd00:2::/64 of az2/six, from az3/both: no route (az1 r)',
    ])
    expect(pairsOf(lostSix)).toEqual(['az3/both az2/six unreached'])
  })

  it('subnets that are local to their cluster are no pair with others, but senders are', () => {
    const isLocal = (one: Endpoint): boolean => one === db
    const list = [unreached([web], [db], '10.17.0.0/16', lost), unreached([db], [web], '10.16.0.0/16', lost)]
    const summary = summaryOf(list, [web, api, db], { isLocal })
    expect(summary.count([web, api, db], [web, api, db])).toBe(4)
    expect(pairsOf(summary)).toEqual(['az2/db az1/web unreached'])
    expect(summary.troubles.map(({ to }) => to.map(nameOf))).toEqual([['az1/web']])
  })

  it('a selection leaves out pairs, and addresses in sentences that are of others', () => {
    const list = [
      unreached([web, api], [db], '10.17.0.0/16', lost),
      unreached([web], [api], '10.20.0.0/16', lost),
    ]
    const summary = summaryOf(list, undefined, {
      from: (one) => one === web,
      to: ({ cluster }) => cluster === 'az2',
    })
    expect(pairsOf(summary)).toEqual(['az1/web az2/db unreached'])
    expect(summary.troubles.map(troubleText)).toEqual([
      'black-holed: 10.17.0.0/16 of az2/db, from az1/web: no route (az1 r)',
    ])
  })

  it('senders of which only some fare so are told with their addresses', () => {
    const some: Unreached = {
      ...unreached([], [db], '10.17.0.0/16', lost),
      from: [{ endpoint: web, addresses: range('10.16.0.1/32') }],
    }
    const [trouble] = summaryOf([some]).troubles
    expect(trouble!.from[0]!.blocks!.map(formatPrefixBare)).toEqual(['10.16.0.1'])
    expect(troubleText(trouble!)).toContain('from az1/web (10.16.0.1)')
  })

  it('addresses that nobody has and that go round are told without an owner', () => {
    const [trouble] = summaryOf([
      unreached([web], [], '172.16.0.0/12', { kind: 'dropped', why: 'loop', at: '' }),
    ]).troubles
    expect(troubleText(trouble!)).toBe('looping: 172.16.0.0/12, from az1/web: they go round between routers')
  })
})

describe('listed', () => {
  it('counts what is too much for a sentence, but never a single one', () => {
    const words = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    expect(listed(words.slice(0, 7))).toBe('a, b, c, d, e, f, g')
    expect(listed(words)).toBe('a, b, c, d, e, f and 2 more')
  })
})
