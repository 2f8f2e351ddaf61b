// Every address of a network that moves: it moves with it, or it is named with its place and the reason.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ADDRESS } from '../../../src/net/address-text.ts'
import { covers, parsePrefix } from '../../../src/net/prefix.ts'
import { type Files, fixed } from './fixing.ts'

const config = (name: string): string => `apiVersion: v1
kind: ConfigMap
metadata: { name: ovn-ic-config, namespace: kube-system }
data: { az-name: ${name}, ic-db-host: 192.168.65.3, ic-nb-port: "6645", ic-sb-port: "6646", gw-nodes: g, auto-route: "true" }
---
apiVersion: kubeovn.io/v1
kind: Subnet
metadata:
  name: ovn-default
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {"kind":"Subnet","spec":
       {"cidrBlock":"10.16.0.0/16","gateway":"10.16.0.1"}}
spec: { cidrBlock: 10.16.0.0/16, gateway: 10.16.0.1 } # ${name}
`
/** Two zones with one subnet; whatever stands behind belongs to the second, which moves to 10.17.0.0/16. */
const zones = (more: string): Files => ({
  'az1/a.yaml': config('az1'),
  'az2/b.yaml': `${config('az2')}${more}`,
})
const PINNED = { pin: ['az1'] }
const leftOf = ({ left }: ReturnType<typeof fixed>): string[] =>
  left.map(({ span, text }) => `${span.line}:${span.column} ${text}`)

describe('in manifests of a cluster', () => {
  it.each([
    [
      'the status of a Pod, podIP beside podIPs',
      `kind: Pod\nmetadata: { name: p }\nstatus: { podIP: 10.16.0.9, podIPs: [{ ip: 10.16.0.9 }] }\n`,
    ],
    [
      'annotations',
      `kind: Pod\nmetadata: { name: p, annotations: { ovn.kubernetes.io/ip_address: 10.16.0.9, ovn.kubernetes.io/cidr: 10.16.0.0/16, ovn.kubernetes.io/gateway: 10.16.0.1 } }\n`,
    ],
    [
      'the status of a Subnet',
      `kind: Subnet\napiVersion: kubeovn.io/v1\nmetadata: { name: ovn-default }\nspec: { cidrBlock: 10.99.0.0/16 }\nstatus: { v4availableIPrange: '10.16.0.2-10.16.0.8,10.16.0.10-10.16.255.254' }\n`,
    ],
    [
      'kinds that nothing reads',
      `kind: EndpointSlice\napiVersion: discovery.k8s.io/v1\nmetadata: { name: e }\nendpoints: [{ addresses: [10.16.0.9] }]\n`,
    ],
  ])('%s', (_, object) => {
    const files = zones(`---\n${object}`)
    const result = fixed(files, PINNED)
    expect(leftOf(result)).toEqual([])
    expect(result.now['az1/a.yaml']).toBe(files['az1/a.yaml'])
    expect(result.now['az2/b.yaml']).toBe(files['az2/b.yaml']!.replaceAll('10.16.', '10.17.'))
  })

  it('a spreadsheet that says the same of the subnet, listed before or behind', () => {
    const sheet = 'cluster,name,cidr\naz1,ovn-default,10.16.0.0/16\naz2,ovn-default,10.16.0.0/16\n'
    for (const name of ['a.csv', 'plan.csv']) {
      const result = fixed({ ...zones(''), [name]: sheet }, PINNED)
      expect(leftOf(result)).toEqual([])
      expect(result.now[name]).toBe(sheet.replace('az2,ovn-default,10.16.', 'az2,ovn-default,10.17.'))
      expect(result.now['az2/b.yaml']).toBe(config('az2').replaceAll('10.16.', '10.17.'))
    }
  })

  it('what may mean a network of either cluster is left, each with its place', () => {
    const policy =
      '---\nkind: NetworkPolicy\napiVersion: networking.k8s.io/v1\nmetadata: { name: n }\nspec:\n  ingress: [{ from: [{ ipBlock: { cidr: 10.16.0.0/16 } }] }]\n# not 10.16.3.0/24\n'
    const result = fixed(zones(policy), PINNED)
    expect(leftOf(result)).toEqual([
      '20:41 spec.ingress.from.ipBlock.cidr: it may mean az1/ovn-default or az2/ovn-default',
      '21:7 10.16.3.0/24 in a comment: it may mean az1/ovn-default or az2/ovn-default',
    ])
    expect(result.now['az2/b.yaml']).toContain('cidr: 10.16.0.0/16 } }] }]')
  })

  it('a list that is wider is left where it does not hold the new addresses', () => {
    const coordinator =
      '---\nkind: SpiderCoordinator\napiVersion: spiderpool.spidernet.io/v2beta1\nmetadata: { name: c }\nspec: { hijackCIDR: [10.16.0.0/12, 0.0.0.0/0, 10.200.0.0/16] }\n'
    expect(leftOf(fixed(zones(coordinator), PINNED))).toEqual([])
    expect(leftOf(fixed(zones(coordinator), { ...PINNED, within: ['172.20.0.0/16'] }))).toEqual([
      '19:22 spec.hijackCIDR: 10.16.0.0/12 holds 10.16.0.0/16 of az2/ovn-default, and not 172.20.0.0/16',
    ])
  })

  it('hijackCIDR of the other cluster follows (SpiderCoordinator)', () => {
    const files = {
      ...zones(''),
      'az1/c.yaml':
        'kind: SpiderCoordinator\napiVersion: spiderpool.spidernet.io/v2beta1\nmetadata: { name: c }\nspec: { hijackCIDR: [10.16.0.0/16] }\n',
    }
    const { now, left } = fixed(files, PINNED)
    expect(left).toEqual([])
    expect(now['az1/c.yaml']).toContain('hijackCIDR: [10.17.0.0/16]')
  })
})

describe('in a scenario', () => {
  const scenario = (expected: string, options = ''): string => `isthmus: 1
name: n
profile: ovn-23.03
interconnect: { ovn-ic: { hosts: [192.168.65.3] } }
clusters:
  az1: { nodes: { g: 192.168.42.11 }, gateways: [g], autoRoute: true, subnets: { a: 10.16.0.0/16 }, pods: { web: { node: g, subnet: a } } }
  az2: { nodes: { h: 192.168.43.11 }, gateways: [h], autoRoute: true, subnets: { b: 10.16.0.0/16, c: 10.40.0.0/16 }${options} }
  az3: { nodes: { i: 192.168.44.11 }, gateways: [i], autoRoute: true, subnets: { d: 10.40.0.0/24 } }
expect:
  - ${expected}
`
  it.each([
    // Learned is what another cluster has; a prefix that only one network has is that network.
    [
      '{ route: az1, prefix: 10.16.0.0/16, learned: true }',
      '{ route: az1, prefix: 10.17.0.0/16, learned: true }',
    ],
    [
      '{ route: az1, prefix: 10.40.0.0/24, learned: true }',
      '{ route: az1, prefix: 10.40.0.0/24, learned: true }',
    ],
  ])('expectations: %s', (before, after) => {
    const { now, left } = fixed(scenario(before), { pin: ['az1', 'az3'] })
    expect(left.filter(({ span }) => span.line === 10)).toEqual([])
    expect(now['plan.yaml']).toContain(after)
  })

  it('the list of what is not learned', () => {
    const option = ", options: { ic-route-blacklist: '10.40.0.0/24,10.16.9.0/24' }"
    const { now, left } = fixed(scenario('{ reach: az1/web -> 10.16.0.7 }', option), {
      pin: ['az1', 'az2/c'],
    })
    expect(now['plan.yaml']).toContain("ic-route-blacklist: '10.41.0.0/24,10.16.9.0/24'")
    expect(left.map(({ span, text }) => `${span.line} ${text}`)).toEqual([
      '7 clusters.az2.options.ic-route-blacklist: it may mean az1/a or az2/b',
      '10 expect.reach: it may mean az1/a or az2/b',
    ])
  })
})

describe('whatever stands in the files', () => {
  const address = fc
    .tuple(
      fc.constantFrom(16, 17, 20),
      fc.nat(3),
      fc.nat(255),
      fc.constantFrom('', '/32', '/28', '/24', '/12', '/16'),
    )
    .map(([b, c, d, length]) => {
      const text =
        length === '/28'
          ? `10.${b}.${c}.${d & 240}`
          : length === '/24'
            ? `10.${b}.${c}.0`
            : length === '/16'
              ? `10.${b}.0.0`
              : length === '/12'
                ? '10.16.0.0'
                : `10.${b}.${c}.${d}`
      return text + length
    })
  const line = fc.oneof(
    address.map((one) => `# ${one} here`),
    address.map((one) => `note: ${one}`),
    address.map((one) => `list: [${one}, '${one}']`),
    fc.tuple(address, address).map(([a, b]) => `text: |\n  from ${a}\n  to ${b}`),
    address.map((one) => `kind: Service\nspec: { clusterIP: ${one} }`),
  )
  it('no address of a network that moves stays without a word', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
        const plan = `technology: ovn-ic\nclusters:\n  a: { pods: { x: { cidr: 10.16.0.0/16, pods: 90 } } }\n  b: { pods: { y: 10.16.0.0/16 } }\n  c: { pods: { z: 10.20.0.0/22, w: 10.20.0.0/24 } }\n`
        const files = { 'plan.yaml': plan, 'more.yaml': lines.join('\n---\n') }
        const { moves, left, now } = fixed(files, { pin: ['c/w'] })
        const named = new Set(left.map(({ span }) => `${span.file}:${span.line}:${span.column}`))
        for (const [file, text] of Object.entries(now)) {
          const before = files[file as keyof typeof files].split('\n')
          for (const [i, one] of text.split('\n').entries()) {
            // Edits keep the order of addresses.
            const old = [...before[i]!.matchAll(ADDRESS)]
            for (const [k, match] of [...one.matchAll(ADDRESS)].entries()) {
              const prefix = parsePrefix(old[k]![0])!
              const concerned = moves.some(({ network }) => covers(network.prefix, prefix))
              if (!concerned || match[0] !== old[k]![0]) continue
              const place = `${file}:${i + 1}:${old[k]!.index + 1}`
              // It is the text of a network that stays, or it is named, or it can only mean one that stays.
              const own = file === 'plan.yaml'
              const stays = prefix.len >= 24 && covers(parsePrefix('10.20.0.0/24')!, prefix)
              expect(own || stays || named.has(place) ? '' : `${place} ${match[0]}`).toBe('')
            }
          }
        }
      }),
      { numRuns: 150 },
    )
  })
})
