/**
 * Real OVN in network namespaces. Skipped with the reason where the machine cannot. What becomes of labs that are killed is in
 * `leaves-nothing.test.ts`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { labsLeft, namespacesOf, processesOf } from '../../src/lab/found.ts'
import { tearDown } from '../../src/lab/teardown.ts'
import type { RunResult } from '../../src/model/observation.ts'
import { lrRouteList } from '../../src/report/ovn/lr-route-list.ts'
import { runData } from '../../src/report/run-data.ts'
import { conform } from '../../src/run/conform/conform.ts'
import { labRun } from '../../src/run/lab-run.ts'
import { simulate } from '../../src/run/simulate.ts'
import { decodeFrame } from '../../src/wire/decode.ts'
import { type Capture, readCapture } from '../../src/wire/pcap-reader.ts'
import { cannotRun, smallScenario } from './scenario.ts'

// A hang is what this is for; a busy machine may take long.
vi.setConfig({ testTimeout: 120_000 })

const before = labsLeft()
const folder = mkdtempSync(join(tmpdir(), 'isthmus-test-'))
const begun: string[] = []

afterAll(async () => {
  for (const id of begun) await tearDown(id)
  rmSync(folder, { recursive: true, force: true })
})

/** Everything of a lab that could be seen on the machine. */
function traces(id: string): string[] {
  const links = spawnSync('ip', ['-o', 'link'], { encoding: 'utf8' }).stdout
  return [
    ...processesOf(id).map((pid) => `process ${pid}`),
    ...namespacesOf(id),
    ...readdirSync('/tmp').filter((name) => name.includes(id)),
    ...links.split('\n').filter((line) => line.includes(id)),
  ]
}

/** Paths of all values in a report, with places in lists and names of clusters left out. */
function fieldsOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((one) => fieldsOf(one, `${path}[]`)))].sort()
  if (value === null || typeof value !== 'object') return [path]
  return [...new Set(Object.entries(value).flatMap(([key, one]) => fieldsOf(one, `${path}.${key}`)))].sort()
}

/** Echoes of the first probe: vantage, direction, and what a packet is. */
function echoes({ interfaces, packets }: Capture, { traffic }: RunResult): string[] {
  return packets
    .flatMap(({ interfaceId, direction, bytes }) => {
      const { layers } = decodeFrame(
        new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
        0,
        bytes.length,
      )
      const ip = layers.findLast((layer) => layer.kind === 'ipv4')
      const icmp = layers.find((layer) => layer.kind === 'icmp')?.repr
      if (icmp === undefined || !('id' in icmp) || icmp.id !== traffic[0]!.icmpId) return []
      return [`${interfaces[interfaceId]!.name} ${direction} ${icmp.kind} ${icmp.seq} ttl ${ip?.repr.ttl}`]
    })
    .sort()
}

describe.skipIf(cannotRun !== '')(`real OVN${cannotRun === '' ? '' : ` (skipped: ${cannotRun})`}`, () => {
  it('agrees with the model on routes, rows, pings, UDP, TCP, traceroute and every packet of the underlay, and leaves nothing', async () => {
    const scenario = smallScenario(`traffic:
  - { ping: az1/web -> az2/web, count: 5, interval: 50ms, as: ping }
  - { ping: az1/web -> az2/web, at: 300ms, count: 2, interval: 50ms, ttl: 1, as: short }
  - { traceroute: az1/web -> az2/web, at: 600ms, mode: udp, as: path }
  - { udp: az2/web -> az1/web, at: 600ms, count: 3, as: datagrams }
  - { tcp: az1/web -> az2/web, at: 600ms, bytes: 5000, as: transfer }
expect:
  - { route: az1, prefix: 10.17.0.0/16, learned: true }
  - { reach: az1/web -> az2/web, ttl: 62, tunnels: 2, via: az1/az1-gw1 }
  - { gateway: az1, node: az1-gw1 }
  - { icmpError: short, from: 10.16.0.1, type: 11 }
`)
    const result = await conform(scenario, lrRouteList, { captureDir: folder, began: (id) => begun.push(id) })
    expect(result.comparisons.filter(({ verdict }) => verdict !== 'agree')).toEqual([])
    expect(result.comparisons.map(({ aspect }) => aspect)).toEqual(
      expect.arrayContaining(['routes', 'flows', 'IC-SB', 'bindings', 'probe', 'underlay', 'neighbours']),
    )
    expect(result.real.expectations.map(({ ok, detail }) => ({ ok, detail }))).toEqual(
      Array.from({ length: 4 }, () => ({ ok: true, detail: expect.any(String) })),
    )
    expect(result.real.traffic.map(({ received }) => received.length)).toEqual([
      5,
      0,
      expect.any(Number),
      3,
      1,
    ])
    const [file] = result.real.captures
    const capture = readCapture(readFileSync(file!.path))
    expect(capture?.packets.length).toBe(file!.packets)
    expect(traces(begun.at(-1)!)).toEqual([])
  })

  it('answers what the simulator answers: every kind of reach, where packets end, what was refused; in the same shapes', async () => {
    const scenario = smallScenario(`traffic:
  - { ping: az1/web -> az2/web, count: 5, interval: 100ms, as: ping }
  - { tcp: az1/web -> az2/web, at: 200ms, bytes: 500, as: transfer }
timeline:
  - { at: 2s, nbctl: { az1: [lr-policy-add ovn-cluster 200 "ip4.dst == 10.17.0.10" drop] } }
  - { at: 4500ms, nbctl: { az1: [lr-policy-del ovn-cluster 200] } }
  - { at: 5s, nbctl: { az1: [lr-route-add ovn-cluster 10.77.0.0/16 discard, ls-add ovn-default], az2: [ls-add late] } }
  - { at: 6500ms, fail: az2/az2-gw1 }
duration: 8s
expect:
  - { reach: az1/web -> az2/web, ttl: 62, tunnels: 2, via: az1/az1-gw1, at: 500ms }
  - { reach: az1/web -> az2/web, protocol: tcp, ttl: 62, tunnels: 2, at: 500ms }
  - { reach: az2/web -> az1/web, protocol: udp, ttl: 62, at: 500ms }
  - { reach: az1/web -> az2/web, ends: delivered, at: 500ms }
  - { reach: az1/web -> 10.16.0.1, ends: answered, at: 500ms }
  - { unreachable: az1/web -> 10.16.0.1, protocol: tcp, ends: own-address, at: 500ms }
  - { unreachable: az1/web -> 10.99.0.1, ends: no-route, at: 500ms }
  - { unreachable: az1/web -> 10.99.0.1, protocol: udp, ends: no-route, at: 500ms }
  - { unreachable: az1/web -> 10.99.0.1, protocol: tcp, ends: no-route, at: 500ms }
  - { unreachable: az1/web -> 10.16.0.77, ends: unknown-neighbour, at: 500ms }
  - { unreachable: az1/web -> 10.17.0.77, ends: unknown-neighbour, tunnels: 2, at: 500ms }
  - { reach: az1/web -> az2/web, always: [0s, 1400ms] }
  - { reach: az1/web -> az2/web, never: [3s, 4s] }
  - { reach: az1/web -> az2/web, protocol: tcp, never: [3s, 4s] }
  - { unreachable: az1/web -> az2/web, ends: policy, at: 3500ms }
  - { unreachable: az2/web -> az1/web, ends: delivered, at: 3500ms }
  - { reach: az1/web -> az2/web, protocol: udp, within: [3s, 6s] }
  - { unreachable: az1/web -> 10.77.0.1, ends: discard-route, at: 6s }
  - { refused: az1, at: 4s, present: false }
  - { refused: az1, at: 6s }
  - { refused: az2, present: false }
  - { unreachable: az1/web -> az2/web, ends: link-down, tunnels: 2, always: [7s, 8s] }
  - { unreachable: az1/web -> az2/web, ends: undefined }
`)
    const model = simulate(scenario, { captureDir: folder, captureName: 'model' })
    const { result: real } = await labRun(scenario, { captureDir: folder, began: (id) => begun.push(id) })
    const broken = ({ expectations }: RunResult) =>
      expectations.filter(({ ok }) => !ok).map(({ expectation, detail }) => `${expectation.text}: ${detail}`)
    expect(broken(real)).toEqual([])
    expect(broken(model).map((text) => /undefined/.test(text))).toEqual([true])
    expect(real.expectations.length).toBe(scenario.expectations.length - 1)
    expect(real.diagnostics.filter(({ code }) => code === 'LAB001')).toEqual([
      expect.objectContaining({ message: expect.stringContaining('ends: undefined') }),
    ])

    // Reports have the same fields, but for what is only said of failures, and what a real network cannot say (why packets were dropped).
    const report = (run: RunResult) =>
      fieldsOf(
        runData([
          { ...run, drops: [], diagnostics: [], expectations: run.expectations.filter(({ ok }) => ok) },
        ]),
      )
    expect(report(real)).toEqual(report(model))

    const [ours, theirs] = [model, real].map(({ captures }) => readCapture(readFileSync(captures[0]!.path))!)
    expect(theirs!.interfaces).toEqual(ours!.interfaces)
    expect(theirs!.names).toEqual(ours!.names)
    // What the probe did, at every vantage and in both directions, packet by packet; ids and asked pings apart.
    expect(echoes(theirs!, real)).toEqual(echoes(ours!, model))
    expect(echoes(ours!, model).length).toBe(5 * 2 * (2 + 2 * 2))
    expect(traces(begun.at(-1)!)).toEqual([])
  })

  it('says where packets end in both families, of every protocol', async () => {
    const scenario = smallScenario(
      `timeline:
  - { at: 1500ms, nbctl: { az1: [lr-policy-add ovn-cluster 200 "ip6.dst == fd00:10:17::a" drop] } }
duration: 4s
expect:
  - { reach: az1/web -> az2/web, ttl: 62, tunnels: 2, at: 500ms }
  - { unreachable: az1/web -> fd00:99::1, ends: no-route, at: 500ms }
  - { unreachable: az1/web -> fd00:99::1, protocol: udp, ends: no-route, at: 500ms }
  - { unreachable: az1/web -> fd00:99::1, protocol: tcp, ends: no-route, at: 500ms }
  - { unreachable: az1/web -> fd00:10:17::a, ends: policy, at: 3s }
  - { unreachable: az2/web -> fd00:10:16::a, ends: delivered, at: 3s }
  - { reach: az1/web -> 10.17.0.10, at: 3s }
`,
      true,
    )
    const { result } = await labRun(scenario, { began: (id) => begun.push(id) })
    expect(result.expectations.filter(({ ok }) => !ok).map(({ detail }) => detail)).toEqual([])
    expect(result.expectations.length).toBe(scenario.expectations.length)
    expect(result.diagnostics.filter(({ code }) => code !== 'LAB002')).toEqual([])
  })

  it('nothing is left of any of them', () => {
    expect(labsLeft().filter((id) => !before.includes(id) && begun.includes(id))).toEqual([])
  })
})
