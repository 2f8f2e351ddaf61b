// timeline, traffic and expect to the model, word by word.

import { describe, expect, it } from 'vitest'
import { loadScenarioText } from '../../src/input/load.ts'
import type { TimelineEvent } from '../../src/model/timeline.ts'
import { formatIp } from '../../src/net/ip.ts'
import { formatPrefix } from '../../src/net/prefix.ts'
import { codesOf, load } from './helpers.ts'

const HEAD = `
isthmus: 1
interconnect: { ovn-ic: { hosts: [h1, h2, h3], transitSwitches: 2 } }
clusters:
  az1:
    nodes: { az1-gw1: 192.168.42.11, az1-gw2: 192.168.42.12, az1-w1: 192.168.42.13 }
    gateways: [az1-gw1, az1-gw2]
    subnets: { ovn-default: { cidr: [10.16.0.0/16, "fd00:10:16::/112"] }, private: 10.199.0.0/16 }
    pods: { web: { ip: [10.16.0.10, "fd00:10:16::a"] }, db: { subnet: private } }
  az2:
    nodes: { az2-gw1: 192.168.42.21, az2-w1: 192.168.42.22 }
    gateways: [az2-gw1]
    subnets: { ovn-default: { cidr: [10.17.0.0/16, "fd00:10:17::/112"] } }
    pods: { web: { ip: ["fd00:10:17::a", 10.17.0.10] } }
`
const KUBE = HEAD.replace('isthmus: 1', 'isthmus: 1\nprofile: kube-ovn-1.13')

const events = (entry: string, head = HEAD): TimelineEvent[] =>
  load(`${head}timeline:\n  - { at: 1s, ${entry} }\n`).timeline.map((one) => one.event)
const traffic = (entry: string) => load(`${HEAD}traffic:\n  - { ${entry} }\n`).traffic[0]!
const expectation = (entry: string) =>
  load(
    `${HEAD}traffic: [{ ping: az1/web -> az2/web, as: steady }, { traceroute: az1/web -> az2/web, as: path }]\ntimeline: [{ at: 4s, snapshot: later }]\nexpect:\n  - { ${entry} }\n`,
  ).expectations[0]!

describe('timeline', () => {
  const gw1 = { cluster: 'az1', node: 'az1-gw1' }
  const cases: readonly (readonly [string, readonly TimelineEvent[]])[] = [
    ['fail: az1/az1-gw1', [{ kind: 'link', ...gw1, up: false, silent: false }]],
    ['fail: az1/az1-gw1, silent: true', [{ kind: 'link', ...gw1, up: false, silent: true }]],
    [
      'recover: [az1/az1-gw1, az1/az1-gw2]',
      [
        { kind: 'link', ...gw1, up: true, silent: false },
        { kind: 'link', cluster: 'az1', node: 'az1-gw2', up: true, silent: false },
      ],
    ],
    ['crash: az1/az1-gw1', [{ kind: 'node', ...gw1, up: false }]],
    ['boot: az1/az1-gw1', [{ kind: 'node', ...gw1, up: true }]],
    [
      'crash: az1/az1-gw1, for: 2s',
      [
        { kind: 'node', ...gw1, up: false },
        { kind: 'node', ...gw1, up: true },
      ],
    ],
    [
      'kill: ovn-controller az1/az1-gw1',
      [{ kind: 'daemon', action: 'kill', daemon: { kind: 'ovn-controller', ...gw1 } }],
    ],
    ['stop: ovn-ic az1', [{ kind: 'daemon', action: 'stop', daemon: { kind: 'ovn-ic', cluster: 'az1' } }]],
    ['pause: ic-sb h2', [{ kind: 'daemon', action: 'pause', daemon: { kind: 'ic-sb', host: 'h2' } }]],
    [
      'resume: ovs-vswitchd az1/az1-gw1',
      [{ kind: 'daemon', action: 'resume', daemon: { kind: 'ovs-vswitchd', ...gw1 } }],
    ],
    [
      'start: ic-db',
      [
        { kind: 'daemon', action: 'start', daemon: { kind: 'ic-nb' } },
        { kind: 'daemon', action: 'start', daemon: { kind: 'ic-sb' } },
      ],
    ],
    ['nbctl: { az2: lrp-del az2-ts }', [{ kind: 'nbctl', cluster: 'az2', command: 'lrp-del az2-ts' }]],
    [
      'sbctl: { az2: [show, "kubectl ko sbctl list chassis", destroy Chassis x] }',
      [{ kind: 'sbctl', cluster: 'az2', command: 'destroy Chassis x' }],
    ],
    ['ic-nbctl: ts-del ts1', [{ kind: 'ic-nbctl', command: 'ts-del ts1' }]],
    [
      'ic-sbctl: kubectl ko icsbctl destroy Gateway old',
      [{ kind: 'ic-sbctl', command: 'destroy Gateway old' }],
    ],
    ['interconn: { az1/az1-gw1: false }', [{ kind: 'interconn', ...gw1, on: false }]],
    [
      'delete: { cluster: az1, subnet: private }',
      [{ kind: 'subnet-delete', cluster: 'az1', subnet: 'private' }],
    ],
    ['delete: { cluster: az1, pod: db }', [{ kind: 'pod-delete', cluster: 'az1', pod: 'db' }]],
    [
      'disableInterConnection: { az1/private: true }',
      [{ kind: 'subnet-interconnection', cluster: 'az1', subnet: 'private', disable: true }],
    ],
    ['leave: az2', [{ kind: 'leave', cluster: 'az2', clean: true }]],
    ['leave: { cluster: az2, clean: false }', [{ kind: 'leave', cluster: 'az2', clean: false }]],
    ['underlay: { latency: 1ms }', [{ kind: 'underlay', scope: undefined, figures: { latency: 1_000_000 } }]],
    [
      'underlay: { nodes: { az1/az1-gw1: { mtu: 1400 } }, wan: { az2 <-> az1: { loss: 1% } } }',
      [
        { kind: 'underlay', scope: 'az1/az1-gw1', figures: { mtu: 1400 } },
        { kind: 'underlay', scope: 'az1|az2', figures: { loss: 0.01 } },
      ],
    ],
    ['snapshot: here', [{ kind: 'snapshot', label: 'here' }]],
  ]
  it.each(cases)('%s', (entry, wanted) => {
    expect(events(entry)).toEqual(wanted)
  })

  it('add: subnets, pods in them, ports on transit switches', () => {
    const made = events(
      'add: { cluster: az2, subnets: { late: 10.50.0.0/24 }, pods: { b: { subnet: late } }, transitPorts: { ts1: { ip: 169.254.101.99, lrp: x-ts1, lsp: ts1-x } } }',
    )
    expect(made.map((event) => event.kind)).toEqual(['subnet-add', 'pod-add', 'transit-port-add'])
    expect(made[0]).toMatchObject({ subnet: { name: 'late', lrp: 'ovn-cluster-late' } })
    expect(made[1]).toMatchObject({ pod: { name: 'b', subnet: 'late', node: 'az2-w1' } })
    expect(made[2]).toMatchObject({
      port: { lrp: 'x-ts1', transitSwitch: 'ts1', gateways: [{ node: 'az2-gw1', priority: 100 }] },
    })
  })

  it('what is added later is not there from the start, but traffic may use it', () => {
    const scenario = load(
      `${HEAD}timeline: [{ at: 1s, add: { cluster: az2, pods: { b: {} } } }]\ntraffic: [{ ping: az1/web -> az2/b, at: 2s }]\n`,
    )
    expect(scenario.network.clusters[1]!.pods.map((pod) => pod.name)).toEqual(['web'])
    expect(scenario.traffic).toHaveLength(1)
  })

  it('4.11: apply, edit and delete of the ConfigMap follow each other in time, not in the file', () => {
    const { timeline } = load(`${KUBE}timeline:
  - { at: 3s, edit: { cluster: az1, auto-route: "true" } }
  - { at: 1s, edit: { cluster: az1, gw-nodes: az1-gw2 } }
  - { at: 4s, delete: { cluster: az1, configmap: ovn-ic-config } }
  - { at: 5s, apply: { cluster: az1, manifest: { kind: ConfigMap, metadata: { name: ovn-ic-config }, data: { az-name: az1, gw-nodes: "az1-gw1" } } } }
`)
    expect(
      timeline.map((one) => [
        one.at / 1e9,
        one.event.kind === 'ic-config'
          ? one.event.config && [one.event.config.gatewayNodes, one.event.config.autoRoute]
          : one.event.kind,
      ]),
    ).toEqual([
      [1, [['az1-gw2'], false]],
      [3, [['az1-gw2'], true]],
      [4, undefined],
      [5, [['az1-gw1'], false]],
    ])
  })

  it('what was deleted can be made again', () => {
    const { timeline } = load(`${HEAD}timeline:
  - { at: 1s, delete: { cluster: az1, subnet: private } }
  - { at: 2s, add: { cluster: az1, subnets: { private: 10.198.0.0/16 } } }
  - { at: 3s, delete: { cluster: az1, pod: db } }
  - { at: 4s, add: { cluster: az1, pods: { db: { subnet: private } } } }
`)
    expect(timeline.map((one) => one.event.kind)).toEqual([
      'subnet-delete',
      'subnet-add',
      'pod-delete',
      'pod-add',
    ])
    expect(timeline[3]!.event).toMatchObject({ pod: { ips: [0x0ac6000a] } })
  })

  it('a run that ends before its last event is warned of', () => {
    expect(codesOf(`${HEAD}duration: 1s\ntimeline: [{ at: 3s, snapshot: x }]\n`)).toEqual(['IN023'])
  })

  it('recovery by itself is an event of its own, with its own line', () => {
    expect(
      load(
        `${HEAD}timeline: [{ at: 1s, fail: az1/az1-gw1, for: 5s }, { at: 2s, snapshot: x }]\n`,
      ).timeline.map((one) => [one.at / 1e9, one.text]),
    ).toEqual([
      [1, 'fail: az1/az1-gw1, for: 5s'],
      [2, 'snapshot: x'],
      [6, 'recover: az1/az1-gw1'],
    ])
  })
})

describe('traffic', () => {
  it('ping with every figure', () => {
    expect(
      traffic(
        'ping: az1/web -> az2/web, at: 1s, count: 3, interval: 50ms, size: 1KiB, ttl: 9, tos: 184, df: probe, wait: 2s, as: p',
      ),
    ).toEqual({
      kind: 'ping',
      name: 'p',
      at: 1e9,
      from: { cluster: 'az1', pod: 'web' },
      to: { cluster: 'az2', pod: 'web' },
      address: 0x0a11000a,
      count: 3,
      interval: 5e7,
      size: 1024,
      ttl: 9,
      tos: 184,
      df: 'probe',
      wait: 2e9,
    })
  })

  it('an address, a family, ends apart', () => {
    expect(traffic('ping: { from: az1/web, to: 10.99.0.1 }')).toMatchObject({
      to: undefined,
      address: 0x0a630001,
      name: 'az1/web -> 10.99.0.1',
    })
    expect(formatIp(traffic('udp: az1/web -> az2/web, family: 6').address)).toBe('fd00:10:17::a')
    expect(formatIp(traffic('ping: "az1/web -> fd00::9"').address)).toBe('fd00::9')
  })

  it('TCP and UDP have ports of their own', () => {
    const all = load(
      `${HEAD}traffic: [{ tcp: az1/web -> az2/web, bytes: 64KiB }, { udp: az1/web -> az2/web, port: 53 }]\n`,
    ).traffic
    expect(all[0]).toMatchObject({ kind: 'tcp', bytes: 65536, sourcePort: 40000, destinationPort: 7 })
    expect(all[1]).toMatchObject({
      kind: 'udp',
      sourcePort: 40001,
      destinationPort: 53,
      name: 'az1/web -> az2/web (2)',
    })
  })

  it('generated names stay clear of given ones', () => {
    const { traffic: all } = load(
      `${HEAD}traffic: [{ ping: az1/web -> az2/web }, { ping: az1/db -> az2/web, as: az1/web -> az2/web (2) }, { ping: az1/web -> az2/web }]\n`,
    )
    expect(all.map((one) => one.name)).toEqual([
      'az1/web -> az2/web',
      'az1/web -> az2/web (2)',
      'az1/web -> az2/web (3)',
    ])
  })
})

describe('expect', () => {
  const web1 = { kind: 'pods', cluster: 'az1', pod: 'web' }
  const web2 = { kind: 'pods', cluster: 'az2', pod: 'web' }
  it.each<readonly [string, Record<string, unknown>]>([
    [
      'route: az1, prefix: 10.17.0.1/16, learned: true, nexthop: 169.254.100.42, ecmp: 2, table: t',
      {
        kind: 'route',
        cluster: 'az1',
        present: true,
        learned: true,
        nexthop: '169.254.100.42',
        ecmp: 2,
        routeTable: 't',
        when: { kind: 'end' },
      },
    ],
    [
      'noRoute: az2, prefix: 10.199.0.0/16, at: 3s',
      { kind: 'route', present: false, when: { kind: 'at', at: 3e9 } },
    ],
    [
      'reach: az1/web -> az2/web, ttl: 62, tunnels: 3, via: az1/az1-gw1, size: 1000',
      {
        kind: 'reach',
        from: web1,
        to: web2,
        quantifier: 'every',
        reachable: true,
        ttl: 62,
        tunnels: 3,
        via: 'az1/az1-gw1',
        size: 1000,
        protocol: 'icmp',
      },
    ],
    [
      'unreachable: az1/* of subnet private -> 10.17.0.10, ends: no-route, within: 5s',
      {
        reachable: false,
        from: { kind: 'pods', cluster: 'az1', pod: '*', subnet: 'private' },
        to: { kind: 'address', address: 0x0a11000a },
        disposition: 'no-route',
        when: { kind: 'within', from: 0, to: 5e9 },
      },
    ],
    [
      'reach: every pod of az1 -> az2/subnet:ovn-default, some: true, always: [1s, 2s]',
      {
        from: { kind: 'pods', cluster: 'az1', pod: '*' },
        to: { kind: 'pods', cluster: 'az2', pod: '*', subnet: 'ovn-default' },
        quantifier: 'some',
        when: { kind: 'always', from: 1e9, to: 2e9 },
      },
    ],
    [
      'reach: "* -> az2/web", never: [later, 9s]',
      { from: { kind: 'pods', cluster: '*', pod: '*' }, when: { kind: 'never', from: 4e9, to: 9e9 } },
    ],
    [
      'loss: steady, atMost: 3.1s, atLeast: 1 packet',
      { kind: 'loss', traffic: 'steady', atMost: 3.1e9, packetsAtLeast: 1 },
    ],
    ['loss: steady, atMost: 0', { packetsAtMost: 0 }],
    ['replyTtl: steady, ttl: 62', { kind: 'reply-ttl', traffic: 'steady', ttl: 62 }],
    [
      'icmpError: steady, from: 10.16.0.1, type: 3, code: 4, mtu: 1300',
      { kind: 'icmp-error', from: '10.16.0.1', type: 3, code: 4, mtu: 1300 },
    ],
    [
      'hops: path, path: [10.16.0.1, "*", 10.17.0.10]',
      { kind: 'hops', traffic: 'path', hops: ['10.16.0.1', undefined, '10.17.0.10'] },
    ],
    [
      'gateway: az1, node: az1-gw2, at: later',
      { kind: 'gateway', transitSwitch: 'ts', node: 'az1-gw2', when: { kind: 'at', at: 4e9 } },
    ],
    ['gateway: az1, ts: ts1, node: none', { transitSwitch: 'ts1', node: undefined }],
    ['undefined: az1, prefix: 10.16.0.0/16', { kind: 'undefined-route', present: true }],
    ['refused: az2, present: false', { kind: 'refused', cluster: 'az2', present: false }],
    [
      'policy: az1, priority: 29500, match: ip4.dst == 10.17.0.1/16',
      { kind: 'policy', priority: 29500, match: 'ip4.dst == 10.17.0.1/16', present: true },
    ],
    ['az: az9, present: false', { kind: 'az', name: 'az9', present: false }],
  ])('%s', (entry, wanted) => {
    expect(expectation(entry)).toMatchObject(wanted)
  })

  it('the prefix keeps its host bits', () => {
    const found = expectation('route: az1, prefix: 10.17.0.1/16')
    expect(found.kind === 'route' && formatPrefix(found.prefix)).toBe('10.17.0.1/16')
  })
})

describe('one mistake is one error', () => {
  it.each([
    [
      'a node whose address is broken, used in three places',
      HEAD.replace('192.168.42.11', '192.168.42.999').concat(
        'timeline: [{ at: 1s, fail: az1/az1-gw1 }]\nexpect: [{ gateway: az1, node: az1-gw1 }]\n',
      ),
      ['IN030'],
    ],
    [
      'a pod whose address is broken, with traffic and loss',
      HEAD.replace('10.16.0.10', '10.16.0').concat(
        'traffic: [{ ping: az1/web -> az2/web, as: t }]\nexpect: [{ loss: t, atMost: 1s }, { reach: az1/web -> az2/web }]\n',
      ),
      ['IN031'],
    ],
    [
      'traffic that is broken, with loss by its generated name',
      HEAD.concat(
        'traffic: [{ ping: az1/web -> az2/web, interval: 5 }]\nexpect: [{ loss: az1/web -> az2/web, atMost: 1s }]\n',
      ),
      ['IN020'],
    ],
    [
      'all nodes of a cluster of the wrong kind',
      HEAD.replace(/nodes: \{ az2.*\}/, 'nodes: [az2-gw1]').concat(
        'timeline: [{ at: 1s, fail: az2/az2-gw1 }]\n',
      ),
      ['IN012'],
    ],
    [
      'an entry before the right one',
      HEAD.concat('traffic: [7, { ping: az1/wbe -> az2/web }]\n'),
      ['IN015', 'IN044'],
    ],
  ])('%s', (_, text, codes) => {
    expect(codesOf(text)).toEqual(codes)
  })

  it('places stay right behind entries that were cut out', () => {
    const text = `${HEAD}traffic:\n  - 7\n  - { pign: x }\n  - { ping: az1/wbe -> az2/web }\n`
    const lines = text.split('\n')
    const found = loadScenarioText(text, 'test.yaml').diagnostics.map((one) => [
      one.code,
      lines[one.span!.line - 1]!.trim(),
    ])
    expect(found).toEqual([
      ['IN015', '- 7'],
      ['IN015', '- { pign: x }'],
      ['IN044', '- { ping: az1/wbe -> az2/web }'],
    ])
  })
})
