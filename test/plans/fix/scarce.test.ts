// Where room is scarce, and where other changes are cheaper than new addresses: what `isthmus check --fix-plan` says then.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isthmus, temporaryFolder } from '../../cli/harness.ts'

const folder = temporaryFolder()
const before = process.cwd()

beforeAll(() => {
  process.chdir(folder)
  mkdirSync('plans')
})
afterAll(() => process.chdir(before))

function write(texts: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(texts)) writeFileSync(join('plans', name), text)
}

describe('where there is no room', () => {
  /** Clusters that all have one network. */
  const equal = (count: number, more = ''): string =>
    `technology: submariner\nclusters:\n${Array.from({ length: count }, (_, i) => `  c${i}: { pods: 10.16.0.0/16 }\n`).join('')}${more}`

  it('it says how much is missing, what would make room and which findings stay, and fixes all else', async () => {
    write({
      'p.yaml': equal(300, '  x: { pods: 10.20.0.0/24 }\n  y: { pods: 10.20.0.0/24 }\n'),
    })
    const { code, out } = await isthmus('check plans --fix-plan --reserve 10.128.0.0/9')
    expect(code).toBe(1)
    expect(out.split('\n')[0]).toBe('1 change for 1 of 2 findings, cost 10; there is no room for all')
    expect(out).toContain(
      'what has no room\n   299 networks of /16 would have to move, and 10.0.0.0/8, 172.16.0.0/12,\n   192.168.0.0/16 have room for 141; a wider --within or networks of /18 in\n   their place would make room\n',
    )
    expect(out).toMatch(/what stays\n {3}error\[SM001\] the pod network of c0, the pod network of c1, /)
    expect(out).toContain('-  y: { pods: 10.20.0.0/24 }\n+  y: { pods: 10.20.1.0/24 }\n')
    const { noRoom, shortages, stuck } = JSON.parse(
      (await isthmus('check plans --fix-plan --reserve 10.128.0.0/9 -o json')).out,
    )
    expect({ noRoom, stuck, shortages }).toEqual({
      noRoom: true,
      stuck: [],
      shortages: [
        {
          length: 16,
          needed: 299,
          free: 141,
          pools: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
          fits: 18,
          reserved: false,
        },
      ],
    })
    const without = await isthmus('check plans --fix-plan --within 10.0.0.0/7 --reserve 11.0.0.0/8')
    expect(without.out).toMatch(/a\s+wider --within, no --reserve or networks of \/17/)
  })

  it('networks of one family do not go where --within has addresses of the other', async () => {
    write({ 'p.yaml': equal(2).replaceAll('10.16.0.0/16', 'fd00:16::/48').replace('submariner', 'none') })
    const { code, out } = await isthmus('check plans --fix-plan --within 10.200.0.0/16')
    expect(code).toBe(1)
    expect(out).toContain(
      '1 network of /48 would have to move, and no --within is of their family; a\n   wider --within would make room\n',
    )
  })

  it('what needs no room is taken where room ends, and the cost is still proven least', async () => {
    write({ 'p.yaml': equal(12).replace('submariner', 'ovn-ic') })
    const { code, out } = await isthmus('check plans --fix-plan --within 10.200.0.0/14')
    expect(code).toBe(0)
    expect(out.split('\n')[0]).toBe('11 changes for 1 finding, cost 740; no way is cheaper')
    expect(out.match(/: disableInterConnection;/g)).toHaveLength(7)
  })
})

describe('manual routes', () => {
  const many = (auto: string): string =>
    `technology: ovn-ic\nclusters:\n${Array.from({ length: 20 }, (_, i) => `  c${i}: { ${i < 2 ? auto : ''}pods: { x: { cidr: 10.${i < 2 ? 1 : i}.0.0/16, pods: ${9000 - i} } } }\n`).join('')}`

  it('are weighed with any number of clusters, as a change among the others', async () => {
    write({ 'p.yaml': many('autoRoute: true, ') })
    const { out } = await isthmus('check plans --fix-plan')
    expect(out.split('\n')[0]).toBe('1 change for 1 finding, cost 3800; no way is cheaper')
    expect(out).toContain('1. manual routes in c1 (auto-route off), cost 3800\n')
    expect(out).toContain('or renumber c1/x, cost 9009')
    expect(out).toContain('+  c1: { autoRoute: false, pods')
    const { changes } = JSON.parse((await isthmus('check plans --fix-plan -o json')).out)
    expect(changes).toMatchObject([
      {
        kind: 'manual-routes',
        cluster: 'c1',
        cost: 3800,
        instead: [{ kind: 'manual-routes' }, {}, {}, {}, {}],
      },
    ])
  })

  it('that were not weighed are named with the reason', async () => {
    write({ 'p.yaml': many('') })
    expect((await isthmus('check plans --fix-plan')).out).toContain(
      'not weighed\n   manual routes in c0 and c1, because no file says auto-route there\n',
    )
    write({ 'p.yaml': many('autoRoute: true, ') })
    expect((await isthmus('check plans --fix-plan --pin c0')).out).toContain(
      'not weighed\n   manual routes in c0, because of what is pinned nothing changes\n',
    )
  })
})
