// What moves with a network, in every form in which a plan is written.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GROW_COST, withholdCost } from '../../../src/plan/fix/changes.ts'
import { FIXABLE } from '../../../src/plan/fix/judge.ts'
import { ROLE_COSTS } from '../../../src/plan/fix/networks.ts'
import type { Files } from './fixing.ts'
import { fixed, hasPatch, patched } from './fixing.ts'

/** Lines that a fix changed, as `- old` and `+ new`. */
function changes(
  files: string | Files,
  ...rest: Parameters<typeof fixed> extends [unknown, ...infer R] ? R : never
): string[] {
  return fixed(files, ...rest)
    .patch.split('\n')
    .filter((line) => /^[-+](?![-+])/.test(line))
    .map((line) => `${line[0]} ${line.slice(1).trim()}`)
}

const bare = (az1: string, az2: string, more = ''): string =>
  `technology: ovn-ic\nclusters:\n  az1: ${az1}\n  az2: ${az2}\n${more}`

describe('with a network move', () => {
  it('its gateway, its exclusions and ranges, in both families', () => {
    expect(
      changes(
        bare(
          '{ pods: { a: { cidr: "10.16.0.0/16,fd00:10:16::/64", pods: 100 } } }',
          '{ pods: { b: { cidr: "10.16.0.0/16,fd00:10:16::/64", gateway: "10.16.0.1,fd00:10:16::1", exclude: ["10.16.0.1..10.16.0.9", "10.16.255.0/24", "fd00:10:16::1"] } } }',
        ),
      ),
    ).toEqual([
      '- az2: { pods: { b: { cidr: "10.16.0.0/16,fd00:10:16::/64", gateway: "10.16.0.1,fd00:10:16::1", exclude: ["10.16.0.1..10.16.0.9", "10.16.255.0/24", "fd00:10:16::1"] } } }',
      '+ az2: { pods: { b: { cidr: "10.17.0.0/16,fd00:10:16:1::/64", gateway: "10.17.0.1,fd00:10:16:1::1", exclude: ["10.17.0.1..10.17.0.9", "10.17.255.0/24", "fd00:10:16:1::1"] } } }',
    ])
  })

  it('routes of other clusters to it, and policies that name it; where two could be meant both are left and named', () => {
    const routes = '[{ prefix: 10.17.3.0/24, nexthop: 169.254.100.9 }]'
    const policies = '[{ priority: 31000, match: "ip4.dst == 10.17.0.0/16" }]'
    const text = bare(
      `{ pods: { a: { cidr: 10.16.0.0/16, pods: 500 } }, services: 10.17.0.0/16, routes: ${routes}, policies: ${policies} }`,
      '{ pods: 10.17.0.0/16 }',
    )
    expect(changes(text, {}, 'warning')).toEqual([
      `- az1: { pods: { a: { cidr: 10.16.0.0/16, pods: 500 } }, services: 10.17.0.0/16, routes: ${routes}, policies: ${policies} }`,
      '- az2: { pods: 10.17.0.0/16 }',
      `+ az1: { pods: { a: { cidr: 10.16.0.0/16, pods: 500 } }, services: 10.17.0.0/16, routes: ${routes.replace('10.17', '10.18')}, policies: ${policies.replace('10.17', '10.18')} }`,
      '+ az2: { pods: 10.18.0.0/16 }',
    ])
    const three = `${bare('{ pods: { a: { cidr: 10.16.0.0/16, pods: 500 } } }', '{ pods: 10.16.0.0/16 }')}  az3: { pods: 10.18.0.0/16, routes: ${routes.replace('10.17.3', '10.16.3')} }\n`
    const { left, now } = fixed(three)
    expect(left.map(({ span, text: why }) => `${span.line}: ${why}`)).toEqual([
      '5: route of az3: it may mean az1/a or az2/pods',
    ])
    expect(now['plan.yaml']).toContain('prefix: 10.16.3.0/24')
  })

  it('what was carved out of it, pods, and the shares of nodes; a subnet alone stays in its range', () => {
    const kubeadm = `kind: ClusterConfiguration\napiVersion: kubeadm.k8s.io/v1beta3\nclusterName: az1\nnetworking:\n  podSubnet: 10.16.0.0/16 # the pods\n  serviceSubnet: 10.96.0.0/16\n`
    const joining = (id: string, range: string): string =>
      `subctl join broker-info.subm --clusterid ${id} --clustercidr ${range} --servicecidr 10.9${id === 'az1' ? 6 : 7}.0.0/16\n`
    const subnet =
      'apiVersion: kubeovn.io/v1\nkind: Subnet\nmetadata: { name: web }\nspec: { cidrBlock: 10.16.4.0/24, gateway: 10.16.4.1 }\n'
    const pool =
      'apiVersion: kubeovn.io/v1\nkind: IPPool\nmetadata: { name: p }\nspec: { subnet: web, ips: [10.16.4.20..10.16.4.30] }\n'
    const files = {
      'az1/subnet.yaml': `${subnet}---\n${pool}`,
      'az1/join.sh': joining('az1', '10.16.0.0/16'),
      'az2/join.sh': joining('az2', '10.16.0.0/16'),
      'az2/subnet.yaml': subnet.replace('10.16.4.0', '10.16.9.0').replace('10.16.4.1', '10.16.9.1'),
    }
    expect(changes(files, { pin: ['az2'] })).toEqual([
      `- ${joining('az1', '10.16.0.0/16').trim()}`,
      `+ ${joining('az1', '10.17.0.0/16').trim()}`,
      '- spec: { cidrBlock: 10.16.4.0/24, gateway: 10.16.4.1 }',
      '+ spec: { cidrBlock: 10.17.4.0/24, gateway: 10.17.4.1 }',
      '- spec: { subnet: web, ips: [10.16.4.20..10.16.4.30] }',
      '+ spec: { subnet: web, ips: [10.17.4.20..10.17.4.30] }',
    ])
    expect(fixed({ 'az1/kubeadm.yaml': kubeadm }).proposal.placed).toEqual([])
  })

  it('what other documents of the cluster say about the same network', () => {
    const kind = (id: string): string =>
      `kind: ClusterConfiguration\napiVersion: kubeadm.k8s.io/v1beta3\nclusterName: ${id}\nnetworking: { podSubnet: 10.${id === 'a' ? 1 : 2}.0.0/16, serviceSubnet: 10.96.0.0/16 }\n`
    const join = (id: string): string =>
      `subctl join b.subm --clusterid ${id} --clustercidr 10.${id === 'a' ? 1 : 2}.0.0/16 --servicecidr 10.96.0.0/16\n`
    const files = { 'a/k.yaml': kind('a'), 'a/j.sh': join('a'), 'b/k.yaml': kind('b'), 'b/j.sh': join('b') }
    const { now, codes, appeared } = fixed(files, { pin: ['a/servicecidr'] })
    expect(now['b/k.yaml']).toBe(kind('b').replace('10.96.', '10.97.'))
    expect(now['b/j.sh']).toBe(join('b').replace('10.96.', '10.97.'))
    expect([now['a/k.yaml'], now['a/j.sh']]).toEqual([kind('a'), join('a')])
    expect(codes).not.toContain('SM001')
    expect(appeared).toEqual([])
    // Either name pins both.
    expect(fixed(files, { pin: ['b/serviceSubnet'] }).now['b/j.sh']).toBe(join('b'))
  })

  it('hijackCIDR of the other clusters, where it names the network', () => {
    const multus = (id: string, hijack: string): string =>
      `apiVersion: spiderpool.spidernet.io/v2beta1\nkind: SpiderMultusConfig\nmetadata: { name: macvlan, namespace: kube-system }\nspec: { cniType: macvlan, macvlan: { master: [eth0], ippools: { ipv4: [p-${id}] } }, coordinator: { hijackCIDR: [${hijack}] } }\n`
    const pool = (id: string): string =>
      `apiVersion: spiderpool.spidernet.io/v2beta1\nkind: SpiderIPPool\nmetadata: { name: p-${id} }\nspec: { subnet: 10.50.0.0/24, ips: [10.50.0.10-10.50.0.99], gateway: 10.50.0.1 }\n`
    const files = {
      'a.yaml': `${pool('a')}---\n${multus('a', '10.50.0.0/24')}`,
      'b.yaml': `${pool('b')}---\n${multus('b', '10.50.0.0/24')}`,
    }
    expect(changes(files, { pin: ['a'] })).toEqual([
      `- ${multus('a', '10.50.0.0/24').trim().split('\n').at(-1)}`,
      `+ ${multus('a', '10.50.1.0/24').trim().split('\n').at(-1)}`,
      `- ${pool('b').trim().split('\n').at(-1)}`,
      `+ ${pool('b').replaceAll('10.50.0.', '10.50.1.').trim().split('\n').at(-1)}`,
    ])
  })

  it('nothing else: lines that were not read are named', () => {
    const text = `${bare('{ pods: { a: { cidr: 10.16.0.0/16, pods: 500 } } }', '{ pods: 10.16.0.0/16 }')}# 10.16.0.0/16 is what the firewall opens\n`
    const { left, now } = fixed(text)
    expect(left.map(({ span, text: why }) => `${span.line}:${span.column} ${why}`)).toEqual([
      '5:3 10.16.0.0/16 in a comment: it may mean az1/a or az2/pods',
    ])
    expect(now['plan.yaml']).toContain('# 10.16.0.0/16 is')
  })
})

describe('the texts of', () => {
  it.each([
    [
      'CSV with CRLF and quotes',
      'p.csv',
      'cluster,technology,role,name,cidr,gateway\r\naz1,ovn-ic,pods,a,10.16.0.0/16,10.16.0.1\r\naz2,ovn-ic,pods,b,"10.16.0.0/16",10.16.0.1\r\n',
      'az2,ovn-ic,pods,b,"10.17.0.0/16",10.17.0.1\r\n',
    ],
    [
      'a scenario',
      's.yaml',
      'isthmus: 1\nclusters:\n  az1: { nodes: { n: 192.168.1.1 }, gateways: [n], autoRoute: true, subnets: { a: 10.16.0.0/16 }, pods: { w: { node: n, ip: 10.16.0.5 }, v: { node: n, ip: 10.16.0.6 } } }\n  az2: { nodes: { m: 192.168.1.2 }, gateways: [m], autoRoute: true, subnets: { a: 10.16.0.0/16 }, pods: { w: { node: m, ip: 10.16.0.7 } } } # two\n',
      'subnets: { a: 10.17.0.0/16 }, pods: { w: { node: m, ip: 10.17.0.7 } } } # two\n',
    ],
    [
      'JSON as kubectl prints it',
      'p.json',
      `${JSON.stringify({ clusters: { az1: { technology: 'ovn-ic', pods: { a: { cidr: '10.16.0.0/16', pods: 9 } } }, az2: { technology: 'ovn-ic', pods: { b: { cidr: '10.16.0.0/16', gateway: '10.16.0.1' } } } } }, null, 2)}\n`,
      '"cidr": "10.17.0.0/16",\n          "gateway": "10.17.0.1"',
    ],
    [
      'a text without a last line end',
      'p.yaml',
      'technology: ovn-ic\nclusters:\n  az1: { pods: { a: { cidr: 10.16.0.0/16, pods: 9 } } }\n  az2: { pods: 10.16.0.0/16 }',
      'az2: { pods: 10.17.0.0/16 }',
    ],
  ])('%s are edited where the address stands', (_, path, text, expected) => {
    const { now, codes, patch } = fixed({ [path]: text })
    expect(now[path]).toContain(expected)
    expect(codes.filter((code) => code.startsWith('IC00'))).toEqual([])
    if (hasPatch) expect(patched({ [path]: text }, patch)).toEqual(now)
  })

  it('networks that share one text (an anchor) are not moved apart', () => {
    const { proposal } = fixed(bare('{ pods: &same 10.16.0.0/16 }', '{ pods: *same }'))
    expect(proposal.placed).toEqual([])
    expect(proposal.stuck.flatMap(({ networks }) => networks.map(({ fixed: why }) => why))).toEqual([
      'its text is that of az2/pods too',
      'its text is that of az1/pods too',
    ])
  })
})

describe('other changes', () => {
  it('a network that is too small grows where it is, when the addresses beside it are free (NP006)', () => {
    const text = (beside: string): string =>
      `clusters:\n  a: { pods: { x: { cidr: 10.16.0.0/24, gateway: 10.16.0.1, pods: 400 }, y: ${beside} } }\n`
    const free = fixed(text('10.20.0.0/24'))
    expect(free.proposal.placed.map(({ change }) => change.kind)).toEqual(['grow'])
    expect(free.now['plan.yaml']).toBe(text('10.20.0.0/24').replace('10.16.0.0/24', '10.16.0.0/23'))
    const full = fixed(text('10.16.1.0/24'))
    expect(full.now['plan.yaml']).toBe(
      text('10.16.1.0/24').replace('10.16.0.0/24, gateway: 10.16.0.1', '10.16.2.0/23, gateway: 10.16.2.1'),
    )
    expect([...free.codes, ...full.codes]).toEqual([])
  })

  it.each([
    ['pods: 10.16.0.0/16', 'pods: { cidr: 10.16.0.0/16, disableInterConnection: true }'],
    ['pods: { cidr: 10.16.0.0/16 }', 'pods: { disableInterConnection: true, cidr: 10.16.0.0/16 }'],
    ["pods: { b: '10.16.0.0/16' }", "pods: { b: { cidr: '10.16.0.0/16', disableInterConnection: true } }"],
    [
      'pods:\n      cidr: 10.16.0.0/16 # all',
      'pods:\n      disableInterConnection: true\n      cidr: 10.16.0.0/16 # all',
    ],
    [
      'pods: { cidr: 10.16.0.0/16, disableInterConnection: false }',
      'pods: { cidr: 10.16.0.0/16, disableInterConnection: true }',
    ],
    [
      'pods: {"b":{"cidr":"10.16.0.0/16"}}',
      'pods: {"b":{"disableInterConnection": true, "cidr":"10.16.0.0/16"}}',
    ],
    [
      'pods:\n      b:\n        disableInterConnection: false # so far\n        gateway: 10.16.0.1\n        cidr: 10.16.0.0/16\n      c:\n        disableInterConnection: false\n        cidr: 10.20.0.0/16',
      'pods:\n      b:\n        disableInterConnection: true # so far\n        gateway: 10.16.0.1\n        cidr: 10.16.0.0/16\n      c:\n        disableInterConnection: false\n        cidr: 10.20.0.0/16',
    ],
  ])('without room %s is withheld by disableInterConnection', (before, after) => {
    const text = (az2: string): string =>
      `technology: ovn-ic\nclusters:\n  az1: { pods: { a: { cidr: 10.16.0.0/16, pods: 50 } } }\n  az2:\n    ${az2}\n`
    const { proposal, now, codes } = fixed(text(before), { within: ['10.16.0.0/16'] })
    expect(proposal.placed.map(({ change }) => change.kind)).toEqual(['withhold'])
    expect(now['plan.yaml']).toBe(text(after))
    expect(codes).toEqual([])
  })

  it('a table has no place for disableInterConnection, which is said', () => {
    const { proposal } = fixed(
      {
        'plan.csv':
          'cluster,technology,role,name,cidr\na,ovn-ic,pods,x,10.16.0.0/16\nb,ovn-ic,pods,y,10.16.0.0/16\n',
      },
      { within: ['10.16.0.0/16'] },
    )
    expect(proposal.placed).toEqual([])
    expect(proposal.unweighed[0]).toBe(
      'disableInterConnection on a/x and b/y, because what they are written in has no place for it',
    )
  })

  it('Globalnet where it costs less than renumbering, and not in clusters that are pinned (SM001)', () => {
    const cluster = '{ pods: 10.244.0.0/16, services: 10.96.0.0/16, submariner: { globalnet: false } }'
    const text = `technology: submariner\nclusters:\n  a: ${cluster}\n  b: ${cluster}\n`
    const { proposal, now, codes } = fixed(text)
    expect(proposal).toMatchObject({ mode: { kind: 'globalnet' }, placed: [], cost: 1000 })
    expect(proposal.others).toMatchObject([{ mode: { kind: 'as-is' }, cost: 1010 }])
    expect(now['plan.yaml']).toBe(text.replaceAll('globalnet: false', 'globalnet: true'))
    expect(codes.filter((code) => code === 'SM001')).toEqual([])
    expect(fixed(text, { pin: ['a'] }).proposal).toMatchObject({ mode: { kind: 'as-is' }, cost: 1010 })
  })

  it('manual routes where nothing has room, with what they mean (IC001)', () => {
    const text =
      'technology: ovn-ic\nclusters:\n  az1: { autoRoute: true, pods: { a: { cidr: 10.16.0.0/16, pods: 500 } } }\n  az2: { autoRoute: true, pods: { b: { cidr: 10.16.0.0/16, pods: 600 } } }\n'
    const { proposal, now } = fixed(text, { within: ['10.16.0.0/16'] })
    expect(proposal).toMatchObject({ placed: [], manual: [{ cluster: { id: 'az2' }, cost: 200 }], cost: 200 })
    expect(now['plan.yaml']).toBe(text.replace('az2: { autoRoute: true', 'az2: { autoRoute: false'))
  })

  it('a transit switch moves before a subnet of many pods does (IC003)', () => {
    const text =
      'technology: ovn-ic\nclusters:\n  az1: { pods: { a: { cidr: 10.16.0.0/16, pods: 500 } } }\n  az2: { pods: 10.17.0.0/16 }\ntransitSwitches: { ts: 10.16.9.0/24 }\n'
    const { moves, now } = fixed(text)
    expect(moves.map(({ network }) => network.role)).toEqual(['transit'])
    expect(now['plan.yaml']).toBe(text.replace('10.16.9.0/24', '169.254.100.0/24'))
  })

  it('a range that no length helps is left alone: shares that are smaller than the pods of a node (NP005)', () => {
    const text = 'clusters: { a: { clusterCidr: { cidr: 10.16.0.0/16, nodeMask: 26 }, nodeCount: 3 } }\n'
    const { before, proposal } = fixed(text, {}, 'warning')
    expect(before.findings.map(({ code }) => code)).toContain('NP005')
    expect(proposal).toMatchObject({ placed: [], stuck: [], cost: 0 })
  })

  it('a plan may say itself how it is to be fixed', () => {
    const text = bare(
      '{ pods: { a: { cidr: 10.16.0.0/24, pods: 50 } } }',
      '{ pods: { b: { cidr: 10.16.0.0/24, pods: 9 } } }',
      'fix: { pin: az2, within: 10.32.0.0/16, reserve: [10.32.0.0/24], growth: 2, cost: { az1/a: 7 } }\n',
    )
    expect(fixed(text)).toMatchObject({
      moves: [{ network: { name: 'a' }, to: { len: 23, ip: (10 << 24) + (32 << 16) + (2 << 8) } }],
      proposal: { cost: 7 },
    })
  })

  it('costs decide, and growth makes room', () => {
    const text = bare(
      '{ pods: { a: { cidr: 10.16.0.0/20, pods: 50 } } }',
      '{ pods: { b: { cidr: 10.16.0.0/20, pods: 9 } } }',
    )
    const moved = (...[, words]: Parameters<typeof fixed>): string[] =>
      fixed(text, words).moves.map(({ network, to }) => `${network.name} /${to.len}`)
    expect(moved(text)).toEqual(['b /20'])
    expect(moved(text, { cost: ['az2=900'] })).toEqual(['a /20'])
    // Where moving either is dear, the one with fewer pods is unplugged.
    expect(fixed(text, { cost: ['az1=900', 'az2=900'] }).proposal).toMatchObject({
      cost: 127,
      placed: [{ change: { kind: 'withhold', movable: { network: { name: 'b' } } } }],
    })
    expect(moved(text, { growth: 3 })).toEqual(['b /18'])
  })
})

describe('docs/check.md', () => {
  it('says what changes cost', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/check.md'), 'utf8')
    const {
      pods,
      pool,
      globalnet,
      docker,
      transit,
      join: inner,
      kind,
      underlay,
      services,
      nodes,
    } = ROLE_COSTS
    expect(new Set([pods, pool, globalnet, docker, transit, ROLE_COSTS['cluster-cidr']]).size).toBe(1)
    expect(ROLE_COSTS['load-balancer']).toBe(inner)
    for (const row of [
      `docker or transit network elsewhere | ${pods}, and each pod`,
      `load-balancer pool elsewhere | ${inner} |`,
      `kind network elsewhere | ${kind} |`,
      `underlay elsewhere | ${underlay}, and its pods |`,
      `service network elsewhere | ${services} |`,
      `node network elsewhere | ${nodes} |`,
      `shorter prefix where it is | ${GROW_COST} |`,
    ])
      expect(page).toContain(row)
    expect(withholdCost({ pods: 7 } as never)).toBe(100 + 3 * 7)
    expect([...FIXABLE].filter((code) => !page.split('## Limits')[0]!.includes(code))).toEqual([
      'IC002',
      'NP002',
      'NP003',
    ])
  })
})
