import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { labScript } from '../../src/lab/build.ts'
import { unsupported } from '../../src/lab/events/unsupported.ts'
import { Names } from '../../src/lab/names.ts'
import { policiesOf, type RouterFlow, routesOf } from '../../src/lab/observe/flows.ts'
import { MessageSplitter } from '../../src/lab/observe/ovsdb-client.ts'
import { commandLine, quoted } from '../../src/lab/process.ts'
import { resultOf } from '../../src/lab/traffic/result.ts'
import { pingSaid } from '../../src/lab/traffic/traffic.ts'
import type { Profile } from '../../src/model/profile.ts'
import { PROFILES } from '../../src/model/profile-table.ts'
import { parseIp } from '../../src/net/ip.ts'
import { flowTexts } from '../../src/report/ovn/flow-text.ts'
import { labInput } from '../../src/run/lab-options.ts'
import { stateAt } from '../../src/run/simulate.ts'
import { smallScenario } from './scenario.ts'

describe('commands', () => {
  it('a shell takes every word unchanged', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string().filter((word) => !word.includes('\0')),
          { maxLength: 4 },
        ),
        (words) => {
          const { stdout } = spawnSync('sh', ['-c', `printf '%s\\0' ${words.map(quoted).join(' ')}`], {
            encoding: 'utf8',
          })
          expect(stdout).toBe(words.length === 0 ? '\0' : words.map((word) => `${word}\0`).join(''))
        },
      ),
      { numRuns: 25 },
    )
  })

  it('input becomes a here-document that ends on a line of its own', () => {
    expect(commandLine({ argv: ['cat'], input: 'a b' })).toBe("cat <<'END'\na b\nEND")
    expect(commandLine({ argv: ['cat', 'x y'], env: { A: '1' } })).toBe("A=1 cat 'x y'")
  })
})

describe('a traceroute whose probes never leave the pod', () => {
  it('is silent at every TTL it tries, as when they leave and nobody answers', () => {
    const scenario = smallScenario('traffic: [{ traceroute: az1/web -> 10.16.0.99, maxTtl: 3, mode: icmp }]')
    const [traffic] = scenario.traffic
    const pod = scenario.network.clusters[0]!.pods[0]!
    const said = { sent: 3, received: [], localErrors: [], tcp: undefined }
    const { sent, hops, lost } = resultOf(traffic!, pod, said, 2000, [])
    expect({ sent, hops, lost }).toEqual({
      sent: 3,
      hops: [undefined, undefined, undefined],
      lost: [1, 2, 3],
    })
  })
})

describe('the OVSDB reader', () => {
  it('cuts any stream of JSON objects into the same objects, however it is chopped', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ a: fc.jsonValue(), b: fc.string() }), { minLength: 1 }),
        fc.integer({ min: 1, max: 40 }),
        (objects, size) => {
          const seen: unknown[] = []
          const splitter = new MessageSplitter((text) => seen.push(JSON.parse(text)))
          const text = objects.map((one) => JSON.stringify(one)).join('')
          for (let at = 0; at < text.length; at += size) splitter.push(text.slice(at, at + size))
          expect(seen).toEqual(JSON.parse(JSON.stringify(objects)))
        },
      ),
    )
  })
})

describe('flows read back', () => {
  it("are the routes and policies that the model's northd has written them from", () => {
    const scenario = smallScenario()
    const { state } = stateAt(scenario, 0)
    const routers = [...state.chassis.values()].flatMap(({ view }) =>
      [...(view?.datapaths.values() ?? [])].filter((one) => one.kind === 'router'),
    )
    expect(routers.length).toBeGreaterThan(0)
    for (const router of routers) {
      const flows: RouterFlow[] = flowTexts(router.routes, router.policies, () => 0).map((flow) => ({
        ...flow,
        hint: '',
      }))
      expect(routesOf(flows, () => 'connected')).toEqual(
        router.routes.map((route) => ({ ...route, origin: 'connected' })),
      )
      expect(policiesOf(flows).map(({ text }) => text)).toEqual(router.policies.map(({ text }) => text))
    }
  })

  it('groups and reroutes keep their members', () => {
    const flow = (stage: string, match: string, actions: string): RouterFlow => ({
      stage,
      priority: 100,
      match,
      actions,
      hint: 'abcdef01',
    })
    const flows = [
      flow(
        'lr_in_ip_routing',
        'reg7 == 0 && ip4.dst == 10.17.0.0/16',
        'ip.ttl--; flags.loopback = 1; reg8[0..15] = 1; reg8[16..31] = select(1, 2);',
      ),
      ...[1, 2].map((i) =>
        flow(
          'lr_in_ip_routing_ecmp',
          `reg8[0..15] == 1 && reg8[16..31] == ${i}`,
          `reg0 = 169.254.10${i}.2; reg1 = 169.254.10${i}.1; eth.src = 00:00:00:00:00:01; outport = "ts${i}"; next;`,
        ),
      ),
      flow(
        'lr_in_policy',
        'ip4.dst == 10.0.0.0/8',
        'reg0 = 100.64.0.2; reg1 = 100.64.0.1; eth.src = 00:00:00:00:00:01; outport = "join"; flags.loopback = 1; reg8[0..15] = 0; next;',
      ),
      flow('lr_in_policy', '1', 'reg8[0..15] = 0; next;'),
    ]
    const [route] = routesOf(flows, (hint) => (hint === 'abcdef01' ? 'learned' : 'static'))
    expect(route).toMatchObject({
      origin: 'learned',
      action: {
        kind: 'ecmp',
        members: [{ outport: 'ts1' }, { outport: 'ts2', nexthop: parseIp('169.254.102.2') }],
      },
    })
    expect(policiesOf(flows)).toMatchObject([
      { action: { kind: 'reroute', members: [{ nexthop: parseIp('100.64.0.2'), outport: 'join' }] } },
    ])
  })
})

describe('what ping says', () => {
  const pod = { ips: [parseIp('10.16.0.10')!] }

  it('answered numbers, errors of the own host, requests sent', () => {
    const text = `64 bytes from 10.17.0.10: icmp_seq=1 ttl=62 time=1 ms
ping: local error: message too long, mtu=1400
From 10.16.0.10 icmp_seq=3 Destination Host Unreachable
From 10.16.0.1 icmp_seq=4 Destination Host Unreachable
64 bytes from 10.17.0.10: icmp_seq=5 ttl=62 time=1 ms
5 packets transmitted, 2 received, +3 errors, 60% packet loss, time 4ms`
    expect(pingSaid(text, 9, pod)).toMatchObject({
      sent: 5,
      received: [1, 5],
      localErrors: [
        { error: 'EMSGSIZE', count: 1 },
        { error: 'EHOSTUNREACH', count: 1 },
      ],
    })
  })
})

describe('plans', () => {
  it('the dry run is a script that sh understands, and everything in it carries the run id', () => {
    const { scenario, options } = labInput(smallScenario())
    const script = labScript(scenario, options)
    expect(spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    })
    const id = /ISTHMUS_LAB=(\w+)/.exec(script)?.[1]
    const names = [...script.matchAll(/^netns add (\S+)$/gm)].map((found) => found[1])
    expect(names.length).toBe(6)
    expect(names.filter((name) => !name?.startsWith(`isthmus-${id}-`))).toEqual([])
  })

  it('long and odd names of clusters and nodes make short, distinct paths', () => {
    const { network } = smallScenario()
    const [first, second] = network.clusters
    const long = 'x'.repeat(200)
    const names = new Names('abcdef', {
      ...network,
      clusters: [
        { ...first!, id: `${long} a` },
        { ...second!, id: `${long} b` },
      ],
    })
    const sockets = [...names.zones.values(), ...names.ic.values()]
      .flatMap(({ nb, sb }) => [nb, sb])
      .concat([...names.nodes.values()].map(({ ovs }) => ovs))
    expect(new Set(sockets).size).toBe(sockets.length)
    expect(sockets.filter((path) => path.length > 107)).toEqual([])
  })

  it('what a lab cannot carry out is said before anything is made', () => {
    const { network, ...scenario } = smallScenario()
    const interconnect = { ...network.interconnect, icSbResidue: ['create Availability_Zone name=old'] }
    const over = (profile: Profile) => ({
      ...scenario,
      network: { ...network, interconnect, clusters: network.clusters.map((one) => ({ ...one, profile })) },
    })
    expect(unsupported(over(PROFILES['ovn-23.03']))).toEqual([])
    expect(unsupported(over(PROFILES['kube-ovn-1.13']))).toEqual([expect.stringContaining('residue')])
  })
})
