// Scenario files to the model: defaults, short and long forms, overrides, and the files that cannot be kept as golden.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadScenario, loadScenarioText } from '../../src/input/load.ts'
import type { Cluster } from '../../src/model/network.ts'
import { formatIp } from '../../src/net/ip.ts'
import { formatMac } from '../../src/net/mac.ts'
import { formatPrefix } from '../../src/net/prefix.ts'
import { codesOf, load, problemsOf } from './helpers.ts'

const SKETCH = `
isthmus: 1
name: Two clusters, automatic routes, a gateway dies
profile: ovn-23.03
interconnect:
  ovn-ic: { hosts: [192.168.65.3], transitSwitches: 1 }
clusters:
  az1:
    nodes:   { az1-gw1: 192.168.42.11, az1-gw2: 192.168.42.12, az1-w1: 192.168.42.13 }
    gateways: [az1-gw1, az1-gw2]            # order is priority
    autoRoute: true
    subnets: { ovn-default: 10.16.0.0/16, private: { cidr: 10.199.0.0/16, disableInterConnection: true } }
    pods:    { web: { node: az1-w1, subnet: ovn-default, ip: 10.16.0.10 } }
  az2:
    nodes:   { az2-gw1: 192.168.42.21, az2-w1: 192.168.42.22 }
    gateways: [az2-gw1]
    autoRoute: true
    subnets: { ovn-default: 10.17.0.0/16 }
    pods:    { web: { node: az2-w1, subnet: ovn-default, ip: 10.17.0.10 } }
underlay: { mtu: 1500, latency: 200us }
traffic:
  - { ping: az1/web -> az2/web, count: 100, interval: 100ms, as: steady }
timeline:
  - { at: 3s, fail: az1/az1-gw1 }
  - { at: 9s, recover: az1/az1-gw1 }
expect:
  - { route: az1, prefix: 10.17.0.0/16, learned: true }
  - { reach: az1/web -> az2/web, ttl: 62 }
  - { loss: steady, atMost: 3.1s }
`

const cluster = (text: string, id = 'az1'): Cluster =>
  load(text).network.clusters.find((one) => one.id === id)!
const minimal = (body: string, head = ''): string => `isthmus: 1\n${head}clusters:\n  az1: { ${body} }\n`

describe('the scenario of the design', () => {
  const scenario = load(SKETCH)
  const [az1, az2] = scenario.network.clusters

  it('has its names and figures', () => {
    expect(scenario.name).toBe('Two clusters, automatic routes, a gateway dies')
    expect(scenario.network.interconnect.dbHosts).toEqual(['192.168.65.3'])
    expect(scenario.network.underlay).toEqual({ mtu: 1500, latency: 200_000, loss: 0, nodes: {}, wan: {} })
    expect(scenario.start).toBe('converged')
  })

  it('ends two seconds after the last packet is given up', () => {
    expect(scenario.duration).toBe((9.9 + 1 + 2) * 1e9)
  })

  it('KO-TS-1, 4.4: has the transit switch and its ports', () => {
    expect(
      scenario.network.interconnect.transitSwitches.map((ts) => [ts.name, ts.subnets.map(formatPrefix)]),
    ).toEqual([['ts', ['169.254.100.0/24']]])
    const [port] = az1!.transitPorts
    expect([
      port!.lrp,
      port!.lsp,
      port!.router,
      formatMac(port!.mac),
      port!.networks.map(formatPrefix),
    ]).toEqual(['az1-ts', 'ts-az1', 'ovn-cluster', '00:00:00:01:ff:01', ['169.254.100.41/24']])
    expect(port!.gateways).toEqual([
      { node: 'az1-gw1', priority: 100 },
      { node: 'az1-gw2', priority: 99 },
    ])
    expect(az2!.transitPorts[0]!.networks.map(formatPrefix)).toEqual(['169.254.100.42/24'])
  })

  it('GW-1: gateways are interconnection chassis, workers are not', () => {
    expect(az1!.nodes.map((node) => [node.name, node.chassis, node.isInterconn])).toEqual([
      ['az1-gw1', 'az1-gw1', true],
      ['az1-gw2', 'az1-gw2', true],
      ['az1-w1', 'az1-w1', false],
    ])
  })

  it('4.6: automatic routes are options, and disableInterConnection is a blacklist', () => {
    expect(az1!.options).toEqual({
      'ic-route-adv': 'true',
      'ic-route-learn': 'true',
      'ic-route-blacklist': '10.199.0.0/16',
    })
    expect(az1!.ic).toBeUndefined()
  })

  it('ADV-8: the router port keeps its host bits', () => {
    const [subnet] = az1!.subnets
    expect([subnet!.lrp, subnet!.lsp, formatMac(subnet!.mac), subnet!.gateways.map(formatPrefix)]).toEqual([
      'ovn-cluster-ovn-default',
      'ovn-default-ovn-cluster',
      '00:00:00:01:00:01',
      ['10.16.0.1/16'],
    ])
  })

  it('keeps what users wrote, on one line, with its place', () => {
    expect(scenario.timeline.map((one) => one.text)).toEqual(['fail: az1/az1-gw1', 'recover: az1/az1-gw1'])
    expect(scenario.expectations.map((one) => one.text)).toEqual([
      'route: az1, prefix: 10.17.0.0/16, learned: true',
      'reach: az1/web -> az2/web, ttl: 62',
      'loss: steady, atMost: 3.1s',
    ])
    expect(scenario.expectations[0]!.where).toBe('test.yaml:27:5')
  })

  it('is the same value each time', () => {
    expect(load(SKETCH)).toEqual(scenario)
  })
})

describe('defaults', () => {
  it('fill in a pod that says nothing', () => {
    const az1 = cluster(
      minimal(
        'nodes: { gw: 10.0.0.1, w: 10.0.0.2 }, gateways: gw, subnets: { s: 10.16.0.0/16, ovn-default: 10.17.0.0/16 }, pods: { a: {}, b: gw, c: { ip: 10.17.0.10 } }',
      ),
    )
    expect(
      az1.pods.map((pod) => [
        pod.name,
        pod.node,
        pod.subnet,
        pod.ips.map(formatIp),
        formatMac(pod.mac),
        pod.mtu,
        pod.lsp,
      ]),
    ).toEqual([
      ['a', 'w', 'ovn-default', ['10.17.0.11'], '00:00:00:01:01:00', 1400, 'a'],
      ['b', 'gw', 'ovn-default', ['10.17.0.12'], '00:00:00:01:01:01', 1400, 'b'],
      ['c', 'w', 'ovn-default', ['10.17.0.10'], '00:00:00:01:01:02', 1400, 'c'],
    ])
  })

  it('find the subnet by the address', () => {
    expect(
      cluster(
        minimal(
          'nodes: { w: 10.0.0.2 }, subnets: { ovn-default: 10.17.0.0/16, s: 10.16.0.0/16 }, pods: { a: { ip: 10.16.3.4 } }',
        ),
      ).pods[0]!.subnet,
    ).toBe('s')
  })

  it('never hand out a MAC address that somebody wrote', () => {
    const az1 = cluster(
      minimal(
        'nodes: { w: 10.0.0.2 }, subnets: { a: 10.16.0.0/16, b: { cidr: 10.17.0.0/16, mac: "00:00:00:01:00:01" } }',
      ),
    )
    expect(az1.subnets.map((subnet) => formatMac(subnet.mac))).toEqual([
      '00:00:00:01:00:02',
      '00:00:00:01:00:01',
    ])
  })

  it('KO-TS-1: transit switches are dual stack when a cluster is, and gateways rotate', () => {
    const scenario = load(
      minimal(
        'nodes: { g1: 10.0.0.1, g2: 10.0.0.2 }, gateways: [g1, g2], subnets: { d: { cidr: [10.16.0.0/16, "fd00:10:16::/112"] } }',
        'interconnect: { ovn-ic: { transitSwitches: 3 } }\n',
      ),
    )
    expect(
      scenario.network.interconnect.transitSwitches.map((ts) => [ts.name, ...ts.subnets.map(formatPrefix)]),
    ).toEqual([
      ['ts', '169.254.100.0/24', 'fe80:a9fe:64::/112'],
      ['ts1', '169.254.101.0/24', 'fe80:a9fe:65::/112'],
      ['ts2', '169.254.102.0/24', 'fe80:a9fe:66::/112'],
    ])
    const ports = scenario.network.clusters[0]!.transitPorts
    expect(ports.map((port) => port.gateways.map((one) => `${one.node} ${one.priority}`))).toEqual([
      ['g1 100', 'g2 99'],
      ['g2 100', 'g1 99'],
      ['g1 100', 'g2 99'],
    ])
    expect(ports[1]!.networks.map(formatPrefix)).toEqual(['169.254.101.41/24', 'fe80:a9fe:65::29/112'])
    expect(scenario.network.clusters[0]!.subnets[0]!.gateways.map(formatPrefix)).toEqual([
      '10.16.0.1/16',
      'fd00:10:16::1/112',
    ])
  })

  it('an IPv6-only mesh has IPv6 transit switches only', () => {
    const scenario = load(minimal('nodes: { g1: 10.0.0.1 }, gateways: g1, subnets: { d: "fd00:10:16::/64" }'))
    expect(scenario.network.interconnect.transitSwitches[0]!.subnets.map(formatPrefix)).toEqual([
      'fe80:a9fe:64::/112',
    ])
  })

  it('take the last address of a transit switch before they give up', () => {
    const clusters = Array.from(
      { length: 254 },
      (_, i) => `  c${i}: { nodes: { g${i}: 10.${i >> 8}.${i & 255}.1 }, gateways: g${i} }`,
    ).join('\n')
    const scenario = load(`isthmus: 1\nclusters:\n${clusters}\n`)
    const addresses = scenario.network.clusters.map((one) => formatPrefix(one.transitPorts[0]!.networks[0]!))
    expect(new Set(addresses).size).toBe(254)
    expect(addresses).toContain('169.254.100.254/24')
    expect(
      codesOf(`isthmus: 1\nclusters:\n${clusters}\n  c254: { nodes: { x: 10.9.9.9 }, gateways: x }\n`),
    ).toEqual(['IN064'])
  })
})

describe('Kube-OVN profiles', () => {
  const text = minimal(
    'nodes: { gw: 192.168.42.11, w: { ip: 192.168.42.12, mtu: 1450 } }, gateways: [gw, w], autoRoute: true, subnets: { ovn-default: 10.16.0.0/16 }, pods: { a: { node: gw }, b: { node: w } }',
    'profile: kube-ovn-1.13\nunderlay: { mtu: 9000 }\n',
  )
  const az1 = cluster(text)

  it('4.1: the shorthand is the ConfigMap', () => {
    expect(az1.ic).toEqual({
      enable: true,
      azName: 'az1',
      dbHosts: ['ic-db'],
      nbPort: 6645,
      sbPort: 6646,
      gatewayNodes: ['gw', 'w'],
      autoRoute: true,
    })
    expect(az1.options).toEqual({})
  })

  it("4.4: ports on transit switches are the controller's business", () => {
    expect(az1.transitPorts).toEqual([])
    expect(load(text).network.interconnect.transitSwitches).toHaveLength(3)
    expect(az1.nodes.map((node) => node.isInterconn)).toEqual([false, false])
  })

  it('add the join subnet and its addresses', () => {
    const join = az1.subnets.find((subnet) => subnet.isJoin)!
    expect([join.name, join.lrp, join.gateways.map(formatPrefix)]).toEqual([
      'join',
      'ovn-cluster-join',
      ['100.64.0.1/16'],
    ])
    expect(az1.nodes.map((node) => node.joinIps.map(formatIp))).toEqual([['100.64.0.2'], ['100.64.0.3']])
  })

  it("MT-2: the pods' MTU is that of the node's interface less 100", () => {
    expect(az1.pods.map((pod) => pod.mtu)).toEqual([8900, 1350])
    expect(az1.pods.map((pod) => pod.lsp)).toEqual(['a.default', 'b.default'])
  })

  it('chassis are UUIDs that depend on the seed', () => {
    expect(az1.nodes[0]!.chassis).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
    expect(load(text, { seed: 2 }).network.clusters[0]!.nodes[0]!.chassis).not.toBe(az1.nodes[0]!.chassis)
  })

  it('without gateways and with ic: false there is no ConfigMap', () => {
    expect(cluster(minimal('nodes: { w: 10.0.0.1 }', 'profile: kube-ovn-1.13\n')).ic).toBeUndefined()
    expect(
      cluster(minimal('nodes: { w: 10.0.0.1 }, gateways: w, ic: false', 'profile: kube-ovn-1.13\n')).ic,
    ).toBeUndefined()
  })

  it('may differ by cluster, and an option overrides them all', () => {
    const mixed = 'isthmus: 1\nprofile: kube-ovn-1.13\nclusters: { a: {}, b: { profile: kube-ovn-1.10 } }\n'
    expect(load(mixed).network.clusters.map((one) => one.profile.name)).toEqual([
      'kube-ovn-1.13',
      'kube-ovn-1.10',
    ])
    expect(load(mixed, { profile: 'ovn-23.03' }).network.clusters.map((one) => one.profile.name)).toEqual([
      'ovn-23.03',
      'ovn-23.03',
    ])
    expect(codesOf(mixed, { profile: 'ovn-2303' })).toEqual(['IN040'])
  })
})

describe('short and long forms mean the same', () => {
  const pairs: readonly (readonly [string, string, string])[] = [
    ['nodes', 'nodes: { w: 10.0.0.1 }', 'nodes: { w: { ip: 10.0.0.1 } }'],
    [
      'gateways as a list',
      'nodes: { a: 10.0.0.1, b: 10.0.0.2 }, gateways: [b, a]',
      'nodes: { a: 10.0.0.1, b: 10.0.0.2 }, gateways: { b: 100, a: 99 }',
    ],
    [
      'gateways as text',
      'nodes: { a: 10.0.0.1, b: 10.0.0.2 }, gateways: "b, a"',
      'nodes: { a: 10.0.0.1, b: 10.0.0.2 }, gateways: [b, a]',
    ],
    [
      'subnets',
      'subnets: { s: 10.16.0.0/16 }',
      'subnets: { s: { cidr: [10.16.0.0/16], gateway: 10.16.0.1 } }',
    ],
    [
      'subnets by the gateway',
      'subnets: { s: 10.16.0.0/16 }',
      'subnets: { s: { gateways: [10.16.0.1/16] } }',
    ],
    [
      'dual stack',
      'subnets: { s: "10.16.0.0/16,fd00::/112" }',
      'subnets: { s: { cidr: [10.16.0.0/16, "fd00::/112"] } }',
    ],
    [
      'pods',
      'nodes: { w: 10.0.0.1 }, subnets: { s: 10.16.0.0/16 }, pods: { a: w }',
      'nodes: { w: 10.0.0.1 }, subnets: { s: 10.16.0.0/16 }, pods: { a: { node: w, subnet: s, ips: [10.16.0.10], mtu: 1400 } }',
    ],
    [
      'routes of the default router',
      'staticRoutes: [{ prefix: 10.1.0.0/16, nexthop: discard }]',
      'routers: { ovn-cluster: { staticRoutes: [{ prefix: 10.1.0.0/16, nexthop: discard, policy: dst-ip }] } }',
    ],
    [
      'commands',
      'commands: "kubectl ko nbctl ls-add x\\novn-nbctl ls-add y"',
      'commands: [ls-add x, ls-add y]',
    ],
    [
      'transit ports',
      'nodes: { g: 10.0.0.1 }, gateways: g',
      'nodes: { g: 10.0.0.1 }, gateways: g, transitPorts: { ts: { ip: 169.254.100.41/24, lrp: az1-ts, gateways: { g: 100 } } }',
    ],
  ]
  it.each(pairs)('%s', (_, short, long) => {
    expect(cluster(minimal(long))).toEqual(cluster(minimal(short)))
  })

  it('the line of the Kube-OVN guide for manual routes', () => {
    expect(
      cluster(minimal('commands: [kubectl ko nbctl lr-route-add ovn-cluster 10.17.0.0/24 169.254.100.31]'))
        .commands,
    ).toEqual(['lr-route-add ovn-cluster 10.17.0.0/24 169.254.100.31'])
  })

  it('no port, and two routers on one switch (ADV-11)', () => {
    const base = 'nodes: { g: 10.0.0.1 }, gateways: g'
    expect(cluster(minimal(`${base}, transitPorts: { ts: false }`)).transitPorts).toEqual([])
    const two = cluster(
      minimal(
        `${base}, routers: { other: {} }, transitPorts: { ts: [{}, { router: other, lrp: other-ts, lsp: ts-other, ip: 169.254.100.99 }] }`,
      ),
    )
    expect(two.transitPorts.map((port) => [port.router, port.lrp, port.networks.map(formatPrefix)])).toEqual([
      ['ovn-cluster', 'az1-ts', ['169.254.100.41/24']],
      ['other', 'other-ts', ['169.254.100.99/24']],
    ])
    expect(two.transitPorts[0]!.mac).not.toBe(two.transitPorts[1]!.mac)
  })

  it('anchors and merge keys', () => {
    const text =
      'isthmus: 1\nclusters:\n  az1: &base\n    autoRoute: true\n    subnets: { s: 10.16.0.0/16 }\n  az2: { <<: *base, subnets: { s: 10.17.0.0/16 } }\n'
    expect(
      load(text).network.clusters.map((one) => [
        one.options['ic-route-adv'],
        formatPrefix(one.subnets[0]!.gateways[0]!),
      ]),
    ).toEqual([
      ['true', '10.16.0.1/16'],
      ['true', '10.17.0.1/16'],
    ])
  })
})

describe('what the real system accepts can be made on purpose', () => {
  it.each([
    ['duplicate-az', 'isthmus: 1\nclusters: { a: { az: x }, b: { az: x } }\n', 'IN056'],
    [
      'duplicate-encap',
      'isthmus: 1\nclusters: { a: { nodes: { m: 10.0.0.1 } }, b: { nodes: { n: 10.0.0.1 } } }\n',
      'IN057',
    ],
    [
      'duplicate-chassis',
      'isthmus: 1\nclusters: { a: { nodes: { n: 10.0.0.1 } }, b: { nodes: { n: 10.0.0.2 } } }\n',
      'IN058',
    ],
    [
      'duplicate-mac',
      minimal(
        'nodes: { n: 10.0.0.1 }, subnets: { s: 10.16.0.0/16 }, pods: { a: { mac: "00:00:00:00:00:01" }, b: { mac: "00:00:00:00:00:01" } }',
      ),
      'IN054',
    ],
    [
      'duplicate-ip',
      minimal(
        'nodes: { n: 10.0.0.1 }, subnets: { s: 10.16.0.0/16 }, pods: { a: { ip: 10.16.0.9 }, b: { ip: 10.16.0.9 } }',
      ),
      'IN055',
    ],
    ['overlapping-subnets', minimal('subnets: { s: 10.16.0.0/16, t: 10.16.3.0/24 }'), 'IN050'],
    [
      'pod-outside-subnet',
      minimal(
        'nodes: { n: 10.0.0.1 }, subnets: { s: 10.16.0.0/16 }, pods: { a: { subnet: s, ip: 10.17.0.9 } }',
      ),
      'IN051',
    ],
  ])('%s', (waiver, text, code) => {
    expect(codesOf(text)).toEqual([code])
    expect(codesOf(text.replace('isthmus: 1\n', `isthmus: 1\nallow: [${waiver}]\n`))).toEqual([])
  })

  it('clusters may overlap without being asked', () => {
    expect(
      codesOf(
        'isthmus: 1\nclusters: { a: { subnets: { s: 10.16.0.0/16 } }, b: { subnets: { s: 10.16.0.0/16 } } }\n',
      ),
    ).toEqual([])
  })
})

describe('files', () => {
  it('IN001: that are not there', () => {
    expect(loadScenario('nowhere.yaml').diagnostics.map((one) => `${one.code} ${one.message}`)).toEqual([
      'IN001 cannot read nowhere.yaml: there is no such file',
    ])
  })

  it('IN001: that are folders', () => {
    expect(loadScenario(import.meta.dirname).diagnostics.map((one) => one.code)).toEqual(['IN001'])
  })

  it('IN002: a file of 50 MB is refused before it is read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'isthmus-'))
    try {
      const path = join(folder, 'large.yaml')
      writeFileSync(path, '#'.repeat(50 * 1024 * 1024))
      expect(loadScenario(path).diagnostics.map((one) => one.message)).toEqual([
        `${path} is too large: 50.0 MB`,
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('IN002: as text too', () => {
    expect(codesOf(`isthmus: 1\n${'#'.repeat(6 * 1024 * 1024)}`)).toEqual(['IN002'])
  })

  it('IN009: bytes that are no text', () => {
    expect(codesOf('isthmus: 1\nname: "\ufffd"\n')).toEqual(['IN009'])
  })

  it('texts of a million characters are refused, quickly', () => {
    const long = ' '.repeat(1_000_000)
    expect(
      codesOf(`isthmus: 1\nclusters: { a: {} }\ntraffic: [{ ping: "x${long}y" }, { ping: "${long}" }]\n`),
    ).toEqual(['IN013', 'IN013'])
    expect(codesOf(`isthmus: 1\nclusters: { ${'a'.repeat(20_000)}: {} }\n`)).toEqual(['IN013'])
  })

  it('traffic that lasts longer than virtual time is refused', () => {
    expect(
      codesOf(
        'isthmus: 1\nclusters: { a: { nodes: { n: 10.0.0.1 }, subnets: { s: 10.16.0.0/16 }, pods: { p: {} } } }\ntraffic: [{ ping: a/p -> 10.0.0.9, count: 1000000000, interval: 1h }]\n',
      ),
    ).toEqual(['IN013'])
  })

  it.each([
    ['an alias inside what it stands for', 'clusters: &x { a: *x }', 2],
    ['the same by merging', 'clusters: &x\n  a: { <<: *x }', 3],
    ['merging what is no mapping', 'clusters: { a: { <<: 5 } }', 2],
    ['merging what does not exist', 'clusters: { a: { <<: *q } }', 2],
  ])('IN003: %s', (_, text, line) => {
    const { diagnostics } = loadScenarioText(`isthmus: 1\n${text}\n`, 'test.yaml')
    expect(diagnostics.map((one) => [one.code, one.span?.line])).toEqual([['IN003', line]])
  })

  it.each([101, 300, 600, 3000])('IN003: %i levels are too many', (depth) => {
    expect(codesOf(`isthmus: ${'['.repeat(depth)}${']'.repeat(depth)}\n`)).toEqual(['IN003'])
  })

  it('Windows line ends and a byte order mark do no harm', () => {
    expect(codesOf(`\ufeff${SKETCH.replaceAll('\n', '\r\n')}`)).toEqual([])
  })

  it('hostile keys stay keys', () => {
    expect(
      codesOf(
        'isthmus: 1\n__proto__: { x: 1 }\nclusters: { constructor: { nodes: { toString: 10.0.0.1 } } }\n',
      ),
    ).toEqual(['IN065'])
    expect(
      problemsOf('isthmus: 1\nclusters: { a: { subnets: { hasOwnProperty: 10.16.0.0/16 } } }\n'),
    ).toEqual([])
  })

  it.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty'])('%s is a name like others', (name) => {
    const scenario = load(`isthmus: 1
clusters:
  ${name}:
    nodes: { ${name}: 192.168.42.11 }
    gateways: [${name}]
    subnets: { ${name}: { cidr: 10.1.0.0/16, options: { ${name}: 3 } } }
    pods: { ${name}: {}, other: { node: ${name}, subnet: ${name} } }
    routers: { ${name}: {} }
    options: { ${name}: a }
underlay: { nodes: { ${name}/${name}: { mtu: 1400 } } }
traffic: [{ ping: ${name}/${name} -> ${name}/other, as: ${name} }]
timeline:
  - { at: 1s, kill: ovn-controller ${name}/${name} }
  - { at: 2s, snapshot: ${name} }
expect: [{ reach: ${name}/${name} -> ${name}/other, at: ${name} }, { loss: ${name}, atMost: 0 }]
`)
    const cluster = scenario.network.clusters[0]!
    expect([cluster.id, cluster.nodes[0]!.name, cluster.subnets[0]!.name, cluster.pods[0]!.name]).toEqual(
      Array(4).fill(name),
    )
    expect(cluster.routers.map((router) => router.name)).toEqual(['ovn-cluster', name])
    expect([cluster.options, cluster.subnets[0]!.lrpOptions]).toEqual([{ [name]: 'a' }, { [name]: '3' }])
    expect(scenario.network.underlay.nodes).toEqual({ [`${name}/${name}`]: { mtu: 1400 } })
    expect(scenario.timeline.map((one) => one.event.kind)).toEqual(['daemon', 'snapshot'])
    expect(scenario.expectations[0]!.when).toEqual({ kind: 'at', at: 2e9 })
  })

  it.each([
    ['profile: constructor', 'IN040'],
    ['allow: [constructor]', 'IN013'],
    ['constructor: 1', 'IN010'],
    ['limits: { constructor: 1 }', 'IN010'],
    ['underlay: { latency: 5constructor }', 'IN020'],
    ['traffic: [{ constructor: x, at: 1s }]', 'IN015'],
    ['timeline: [{ at: 1s, kill: constructor az1 }]', 'IN083'],
    ['timeline: [{ at: 1s, ic-nbctl: constructor ts1 }]', 'IN082'],
    ['expect: [{ constructor: az1 }]', 'IN015'],
  ])('what every object has is no word of ours: %s', (text, code) => {
    expect(codesOf(`isthmus: 1\nclusters: { az1: {} }\n${text}\n`)).toEqual([code])
  })
})
