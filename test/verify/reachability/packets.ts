/** Packets, one at a time, against the exact answer: from every pod to addresses on both sides of every cut and to random ones. */
import { walk } from '../../../src/forward/walk.ts'
import type { ForwardingState } from '../../../src/model/forwarding.ts'
import type { Pod } from '../../../src/model/network.ts'
import type { Scenario } from '../../../src/model/scenario.ts'
import type { Trace } from '../../../src/model/trace.ts'
import { addToIp, compareIp, equalIp, familyOf, formatIp, type Ip, ip6 } from '../../../src/net/ip.ts'
import { contains, lastAddress, masked } from '../../../src/net/prefix.ts'
import { Random } from '../../../src/net/random.ts'
import type { End } from '../../../src/verify/reachability/outcomes.ts'
import { type Reachability, reachability } from '../../../src/verify/reachability/reachability.ts'

/** How many packets were sent, and a line for each that ended otherwise than the answer says. */
export interface Comparison {
  readonly asked: number
  readonly wrong: readonly string[]
  readonly answer: Reachability
}

/**
 * Compares in one state of the scenario's network. Amid changes, where some chassis still send to one that is gone, it is enough that
 * both call a packet lost: who notices first is a chassis' own matter, and the answer asks no single chassis.
 */
export function packetsAgainstAnswer(
  scenario: Scenario,
  state: ForwardingState,
  { amidChanges = false } = {},
): Comparison {
  const answer = reachability(state)
  const addresses = sampleOf(answer, scenario, new Random(7))
  const wrong: string[] = []
  let asked = 0
  for (const { id: cluster, pods } of scenario.network.clusters)
    for (const pod of pods)
      for (const destination of addresses) {
        const source = pod.ips.find((ip) => familyOf(ip) === familyOf(destination))
        if (source === undefined || equalIp(source, destination)) continue
        const owners = answer.endpoints.filter(({ prefixes }) =>
          prefixes.some((prefix) => contains(prefix, destination)),
        )
        const said = saysOf(answer, cluster, source, destination)
        if (owners.length === 0 && said === undefined) continue
        asked++
        const trace = walk(state, { cluster, port: pod.lsp, destination, protocol: 'icmp' }, { reply: false })
        // A pod whose node is gone sends nothing.
        if (trace.hops.length === 0 && trace.disposition.kind === 'unbound') continue
        const end = endOf(trace, state, { cluster, pod })
        // Routers answer on their own addresses, which count with the subnet around them.
        if (end.kind === 'router' && owners.some((owner) => owner.cluster === end.cluster)) continue
        if (!agrees(end, said?.ends, owners, amidChanges)) {
          wrong.push(
            `${cluster}/${pod.name} ${formatIp(source)} > ${formatIp(destination)}: packet ${JSON.stringify(end)} ${JSON.stringify(trace.disposition)}, answer ${JSON.stringify(said?.ends ?? 'arrives')}`,
          )
        }
      }
  return { asked, wrong, answer }
}

/** Where a packet ends as the exact answer names it. */
function endOf(trace: Trace, state: ForwardingState, from: { cluster: string; pod: Pod }): End {
  const { disposition } = trace
  const last = trace.hops.at(-1)
  const cluster = last === undefined ? from.cluster : state.chassis.get(last.chassis)!.cluster
  switch (disposition.kind) {
    case 'delivered': {
      const view = state.chassis.get(last!.chassis)!.view!
      const subnet = view.datapaths.get(view.switchOfPort.get(disposition.port)!)!.name
      return { kind: 'subnet', cluster, subnet }
    }
    case 'answered':
      return { kind: 'router', cluster, router: '' }
    default:
      return { kind: 'dropped', why: disposition.kind, at: cluster }
  }
}

/** What the exact answer says of one packet; undefined for "arrives", or "is nobody's". */
function saysOf({ unreached }: Reachability, cluster: string, source: Ip, destination: Ip) {
  const within = (ip: Ip, { first, last }: { first: Ip; last: Ip }): boolean =>
    familyOf(ip) === familyOf(first) && compareIp(first, ip) <= 0 && compareIp(ip, last) <= 0
  return unreached.find(
    ({ from, addresses }) =>
      within(destination, addresses) &&
      from.some((senders) => senders.endpoint.cluster === cluster && within(source, senders.addresses)),
  )
}

function sampleOf({ endpoints, unreached }: Reachability, scenario: Scenario, random: Random): Ip[] {
  const edges = [
    ...endpoints.flatMap(({ prefixes }) =>
      prefixes.flatMap((prefix) => [masked(prefix).ip, lastAddress(prefix), addToIp(masked(prefix).ip, 77)]),
    ),
    ...unreached.flatMap(({ addresses: { first, last } }) => [first, last]),
    ...scenario.network.clusters.flatMap(({ pods }) => pods.flatMap(({ ips }) => ips)),
  ]
  const around = edges.flatMap((ip) => [ip, addToIp(ip, 1), addToIp(ip, -1)])
  const anywhere = Array.from({ length: 30 }, (_, i) =>
    i % 2 === 0
      ? random.below(2 ** 32)
      : ip6(0xfd000000 + random.below(0x1000000), random.below(2 ** 32), 0, random.below(2 ** 32)),
  )
  const distinct = new Map([...around, ...anywhere].map((ip) => [formatIp(ip), ip]))
  return [...distinct.values()]
}

function agrees(
  end: End,
  said: readonly End[] | undefined,
  owners: Reachability['endpoints'],
  amidChanges: boolean,
): boolean {
  const expected: readonly End[] =
    said ?? owners.map(({ cluster, subnet }): End => ({ kind: 'subnet', cluster, subnet }))
  return expected.some((one) => isEnd(end, one) || (amidChanges && isLostAmidChanges(end, one)))
}

/** The answer is about subnets, so it does not know of a node within a cluster that its pods went down with. */
function isLostAmidChanges(end: End, expected: End): boolean {
  if (end.kind !== 'dropped') return false
  if (expected.kind === 'dropped') return true
  const isNode = end.why === 'chassis-down' || end.why === 'tunnel-down'
  return isNode && expected.kind === 'subnet' && end.at === expected.cluster
}

function isEnd(end: End, expected: End): boolean {
  switch (expected.kind) {
    case 'subnet':
      // An address that nobody has is asked for where it would be.
      return end.kind === 'dropped'
        ? end.why === 'unknown-neighbour' && end.at === expected.cluster
        : equalEnds(end, expected)
    case 'router':
      return end.kind === 'router' && end.cluster === expected.cluster
    case 'pod':
      return end.kind === 'subnet' && end.cluster === expected.cluster
    case 'dropped':
      return (
        end.kind === 'dropped' &&
        (end.why === expected.why || (expected.why === 'loop' && end.why === 'ttl-exceeded')) &&
        (expected.at === '' || expected.at.split(' ')[0] === end.at)
      )
  }
}

function equalEnds(a: End, b: End): boolean {
  return a.kind === 'subnet' && b.kind === 'subnet' && a.cluster === b.cluster && a.subnet === b.subnet
}
