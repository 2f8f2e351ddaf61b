/** What events do to pods, captures and traces of a running simulation. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { load, loadText, readCapture, simulate, trace } from '../../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'isthmus-events-'))
afterAll(() => rmSync(folder, { recursive: true }))

function scenario(rest: string) {
  const { scenario, diagnostics } = loadText(
    `isthmus: 1
clusters:
  az1: { nodes: { a1: 192.168.42.11, a3: 192.168.42.13 }, gateways: [a1], autoRoute: true, subnets: { ovn-default: 10.16.0.0/16 }, pods: { web: a3 } }
  az2: { nodes: { b1: 192.168.42.21, b3: 192.168.42.23 }, gateways: [b1], autoRoute: true, subnets: { ovn-default: 10.17.0.0/16 }, pods: { web: b3 } }
${rest}`,
    'events.yaml',
  )
  expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([])
  return scenario!
}

describe('pods of the timeline', () => {
  it('answer on the ports that traffic names', () => {
    const result = simulate(
      scenario(`timeline: [{ at: 1s, add: { cluster: az2, pods: { late: { node: b3, ip: 10.17.0.77 } } } }]
traffic:
  - { udp: az1/web -> az2/late, at: 2s, port: 7, count: 2, as: udp }
  - { tcp: az1/web -> az2/late, at: 2s, port: 8, bytes: 100, as: tcp }`),
    )
    expect(result.traffic.map((one) => one.lost)).toEqual([[], []])
  })

  it('send nothing any more once they are deleted', () => {
    const result = simulate(
      scenario(`timeline: [{ at: 2050ms, delete: { cluster: az1, pod: web } }]
traffic: [{ ping: az1/web -> az2/web, count: 50, interval: 100ms, as: steady }]`),
    )
    expect(result.traffic[0]!.sent).toBe(21)
  })

  it('say what their network stacks throw away, as long as they are there', () => {
    // Nobody has this address: after three requests for its MAC, the stack gives up.
    const drops = (timeline: string) =>
      simulate(
        scenario(`timeline: [${timeline}]
duration: 8s
traffic: [{ ping: az1/web -> 10.16.9.9, at: 1s, count: 1, as: nobody }]`),
      )
        .drops.filter(({ drop }) => drop.kind === 'host')
        .map(({ drop }) => `${drop.where}: ${drop.reason}`)
    expect(drops('')).toEqual(['az1/web: 10.16.9.9 did not answer 3 requests for its MAC address'])
    expect(drops('{ at: 2s, delete: { cluster: az1, pod: web } }')).toEqual([])
  })
})

describe('a packet lost at the other end of the underlay', () => {
  it('says so in the capture, on the packet as it left', () => {
    const { scenario: quickstart } = load(join(import.meta.dirname, '../../scenarios/quickstart.yaml'))
    const { captures } = simulate(quickstart!, { captureDir: folder, captureName: 'lost' })
    const { packets } = readCapture(readFileSync(captures[0]!.path))!
    const lost = packets.filter(
      (packet) => packet.comment?.includes('the link of az1/az1-gw1 is down') ?? false,
    )
    // 27 requests of each direction, and BFD.
    expect(lost.length).toBeGreaterThanOrEqual(54)
  })
})

describe('trace', () => {
  const plain = scenario('underlay: { wan: { az1|az2: { latency: 10ms } } }')

  it('MT-3: follows the first fragment of what the pod cannot send whole', () => {
    const story = trace(plain, { from: 'az1/web', to: 'az2/web', protocol: 'icmp', size: 2000 })
    expect(story.packet).toMatchObject({ length: 1396, fragmentOf: 2028 })
    expect(story.disposition.kind).toBe('delivered')
    expect(story.reply?.disposition.kind).toBe('delivered')
  })

  it('a path that loses everything is no path', () => {
    const severed = scenario('underlay: { wan: { az1|az2: { loss: 100% } } }')
    const story = trace(severed, { from: 'az1/web', to: 'az2/web', protocol: 'icmp' })
    expect(story.disposition.kind).toBe('link-down')
  })
})
