import { readFileSync, writeFileSync } from 'node:fs'

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as engine from '../../src/index.ts'
import { isthmus, type Outcome, temporaryFolder } from './harness.ts'

const folder = temporaryFolder()
const overlap = 'scenarios/ovn-ic/overlap-1.14.yaml'

const plan = (second: string, extra = ''): string => `isthmus: 1
name: two clusters
interconnect:
  ovn-ic: { transitSwitches: 1 }
clusters:
  az1:
    nodes: { az1-gw: 192.168.42.11 }
    gateways: [az1-gw]
    autoRoute: true
    subnets: { web: 10.16.0.0/16${extra} }
    pods: { web: { node: az1-gw, subnet: web } }
  az2:
    nodes: { az2-gw: 192.168.43.11 }
    gateways: [az2-gw]
    autoRoute: true
    subnets: { db: ${second} }
    pods: { db: { node: az2-gw, subnet: db } }
`

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const good = file('good.yaml', plan('10.17.0.0/16'))
const bad = file('bad.yaml', plan('10.16.7.0/24', ', api: 10.18.0.0/16'))

/** With the real engine. */
const run = (...words: string[]): Promise<Outcome> => isthmus(words, { engine })

describe('diff', () => {
  it('of a file and itself: nothing, exit code 0', async () => {
    const outcome = await run('diff', good, good)
    expect(outcome).toMatchObject({ code: 0, talk: '' })
    expect(outcome.out).toMatch(/no difference\n$/)
  })

  it('RT-14: an inner CIDR is reached no more by its own cluster, and the change is told with routes, matrix and pairs', async () => {
    const outcome = await run('diff', good, bad)
    expect(outcome.code).toBe(1)
    expect(outcome.out).toContain('+ az1/api')
    expect(outcome.out).toMatch(/ - 10\.17\.0\.0\/16 via az2 \S+ on ts\d?, learned from connected/)
    expect(outcome.out).toMatch(/ \+ 10\.16\.7\.0\/24 via az2 \S+ on ts\d?, learned from connected/)
    expect(outcome.out).toMatch(/- az1\/web → az2\/db: reached → not reached \(they end at az1\/web\)/)
    expect(outcome.out.split('\n').every((line) => line.length <= 80)).toBe(true)
  })

  it('RT-12: two versions of one file: equal CIDRs are undefined up to Kube-OVN 1.14 and refused by learning from 1.16 on', async () => {
    const outcome = await run(
      'diff',
      overlap,
      '--profile',
      'kube-ovn-1.14',
      '--profile',
      'kube-ovn-1.16',
      '-o',
      'json',
    )
    expect(outcome.code).toBe(1)
    const data = JSON.parse(outcome.out)
    expect(data).toMatchObject({ schemaVersion: 1, routes: [], subnetsAdded: [], subnetsRemoved: [] })
    expect(data.pairs).toContainEqual(
      expect.objectContaining({
        from: 'az1/apps',
        to: 'az1/ovn-default',
        before: 'unreached',
        after: 'reached',
        endsBefore: [expect.stringContaining('not specified')],
      }),
    )
  })

  it('names of transit addresses stand for addresses that are drawn at random', async () => {
    const other = file('seed.yaml', readFileSync('scenarios/ovn-ic/auto-routes.yaml', 'utf8'))
    const outcome = await run('diff', 'scenarios/ovn-ic/auto-routes.yaml', other)
    expect(outcome.out).not.toContain('169.254.')
  })

  it('takes plans, tables and folders of manifests, and says what it assumed', async () => {
    const table = file('now.csv', 'cluster,name,cidr\naz1,web,10.16.0.0/16\naz2,db,10.17.0.0/16\n')
    const wanted = file(
      'wanted.yaml',
      'technology: ovn-ic\nclusters:\n  az1: { autoRoute: true, pods: { web: 10.16.0.0/16 } }\n  az2: { autoRoute: true, pods: { db: { cidr: 10.17.0.0/16, disableInterConnection: true } } }\n',
    )
    const same = await run('diff', table, table)
    expect(same.code).toBe(0)
    expect(same.talk).toContain('now.csv: assumed: the clusters are joined by OVN-IC')
    const outcome = await run('diff', table, wanted)
    expect(outcome.code).toBe(1)
    expect(outcome.out).toContain('- 10.17.0.0/16 via az2 ovn-cluster on ts, learned from connected')
    expect(outcome.out).toContain('- az1/web → az2/db: reached → not reached (no route (az1 ovn-cluster))')
  })

  it('two versions of one plan', async () => {
    const table = file(
      'kube.yaml',
      'technology: ovn-ic\nclusters:\n  az1: { autoRoute: true, nodes: { g1: 192.168.1.1 }, gateways: [g1], join: 100.64.0.0/16, pods: { web: 10.16.0.0/16 } }\n  az2: { autoRoute: true, nodes: { g2: 192.168.1.2 }, gateways: [g2], join: 100.64.0.0/16, pods: { db: 10.16.0.0/16 } }\n',
    )
    const outcome = await run('diff', table, '--profile', 'kube-ovn-1.14', '--profile', 'kube-ovn-1.16')
    expect(outcome.code).toBe(1)
  })

  it.each([
    [
      [
        'diff',
        file('sm.csv', 'cluster,technology,cidr\na,submariner,10.1.0.0/16\nb,submariner,10.2.0.0/16\n'),
        good,
      ],
      'joined by Submariner, which is not simulated, and no cluster by OVN-IC',
    ],
    [['diff', 'scenarios/ovn-ic', good], 'scenarios; name one of them'],
    [['diff', good], 'there is nothing to compare with'],
    [['diff', good, bad, '--profile', 'kube-ovn-9'], 'there is no profile kube-ovn-9'],
    [['diff', good, join(folder, 'none.yaml')], 'none.yaml'],
  ])('%j is refused', async (words, message) => {
    const outcome = await run(...words)
    expect(outcome.code).toBe(2)
    expect(outcome.talk).toContain(message)
    expect(outcome.out).toBe('')
  })
})
