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
import { lrRouteList } from '../../src/report/ovn/lr-route-list.ts'
import { conform } from '../../src/run/conform/conform.ts'
import { readCapture } from '../../src/wire/pcap-reader.ts'
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
    expect(new Set(capture?.interfaces.map(({ name }) => name))).toEqual(
      new Set(['az1/az1-gw1', 'az1/az1-w1', 'az1/web', 'az2/az2-gw1', 'az2/web']),
    )
    expect(traces(begun.at(-1)!)).toEqual([])
  })

  it('nothing is left of any of them', () => {
    expect(labsLeft().filter((id) => !before.includes(id) && begun.includes(id))).toEqual([])
  })
})
