/**
 * Real OVN in network namespaces. Skipped with the reason where the machine cannot; nothing may be left behind, whatever is killed.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { labsLeft, namespacesOf, processesOf } from '../../src/lab/found.ts'
import { Lab, labScript } from '../../src/lab/lab.ts'
import { tearDown } from '../../src/lab/teardown.ts'
import { lrRouteList } from '../../src/report/ovn/lr-route-list.ts'
import { conform } from '../../src/run/conform/conform.ts'
import { labInput } from '../../src/run/lab-options.ts'
import { readCapture } from '../../src/wire/pcap-reader.ts'
import { cannotRun, smallScenario } from './scenario.ts'

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

  it('two labs run at once; killed in the middle, lab down leaves nothing of the one and does not touch the other', async () => {
    const { scenario, options } = labInput(smallScenario())
    const other = await Lab.up(scenario, { ...options, began: (one) => begun.push(one) })
    expect(other.settled).toMatchObject({ ok: true })
    const known = new Set(labsLeft())

    const child = spawn(
      process.execPath,
      ['--import', 'tsx', 'src/cli/main.ts', 'lab', 'up', 'scenarios/quickstart.yaml'],
      { stdio: 'ignore' },
    )
    const ended = new Promise((resolve) => child.once('close', resolve))
    let id: string | undefined
    while (child.exitCode === null && (id === undefined || processesOf(id).length < 8)) {
      id = labsLeft().find((one) => !known.has(one))
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    child.kill('SIGKILL')
    await ended
    begun.push(id!)
    expect(traces(id!).length).toBeGreaterThan(10)
    const down = spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', 'lab', 'down', id!], {
      encoding: 'utf8',
    })
    expect(down).toMatchObject({ status: 0, stderr: '' })
    expect(traces(id!)).toEqual([])

    const list = spawnSync('ovn-nbctl', [`--db=unix:${other.names.zone('az1').nb}`, 'lsp-get-up', 'web'], {
      encoding: 'utf8',
    })
    expect(list.stdout).toBe('up\n')
    await other.down()
    expect(traces(other.id)).toEqual([])
  })

  it('the dry run brings a lab up by itself', async () => {
    const { scenario, options } = labInput(smallScenario())
    const text = labScript(scenario, options)
    const id = /ISTHMUS_LAB=(\w+)/.exec(text)![1]!
    begun.push(id)
    const script = join(folder, 'alone.sh')
    writeFileSync(script, text)
    expect(spawnSync('sh', [script], { encoding: 'utf8' })).toMatchObject({ status: 0 })
    const list = spawnSync('ovn-nbctl', [`--db=unix:/tmp/isthmus-${id}/az1/nb.sock`, 'lsp-get-up', 'web'], {
      encoding: 'utf8',
    })
    expect(list.stdout).toBe('up\n')
    await tearDown(id)
    expect(traces(id)).toEqual([])
  })

  it('nothing is left of any of them', () => {
    expect(labsLeft().filter((id) => !before.includes(id) && begun.includes(id))).toEqual([])
  })
})
