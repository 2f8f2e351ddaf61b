/**
 * All pairs of subnets, over all addresses: N clusters of S subnets in a full mesh. `agg`: a route for each remote cluster, `sub`: one for
 * each remote subnet. From tables of routes to the number of pairs that reach each other; the whole question as `isthmus check
 * --reachability` asks it, from a forwarding state; one changed subnet checked again; and, as a ratio, a walk for each pair through the
 * same tables. CPU time; the fastest of several rounds, and their median.
 */
import type {
  ChassisState,
  ForwardingState,
  LogicalDatapath,
  LogicalRouter,
  LogicalSwitch,
  LogicalView,
  RouteFlow,
  RouterPort,
  SwitchPort,
} from '../src/model/forwarding.ts'
import type { Prefix } from '../src/net/prefix.ts'
import { type AddressRange, rangeOf } from '../src/net/range.ts'
import { Cuts } from '../src/verify/reachability/cuts.ts'
import { ReachabilityIndex } from '../src/verify/reachability/incremental.ts'
import { Outcomes } from '../src/verify/reachability/outcomes.ts'
import { reachability } from '../src/verify/reachability/reachability.ts'
import { Layer, Rules, toDevice } from '../src/verify/reachability/rules.ts'
import { type SweepInput, sweep } from '../src/verify/reachability/sweep.ts'

const short = process.argv.includes('--short')

type Kind = 'agg' | 'sub'

interface Size {
  readonly clusters: number
  readonly subnets: number
  readonly kind: Kind
  readonly goalMs?: number
  /** Rounds of the engine, and of the question from a state. */
  readonly rounds: readonly [number, number]
}

const SIZES: readonly Size[] = short
  ? [
      { clusters: 5, subnets: 4, kind: 'agg', rounds: [1, 1] },
      { clusters: 5, subnets: 4, kind: 'sub', rounds: [1, 1] },
    ]
  : [
      { clusters: 100, subnets: 100, kind: 'agg', goalMs: 100, rounds: [9, 5] },
      { clusters: 100, subnets: 100, kind: 'sub', goalMs: 100, rounds: [9, 3] },
      { clusters: 1000, subnets: 50, kind: 'agg', goalMs: 4000, rounds: [3, 1] },
    ]

/** Cluster `c` has a block of 10/8 (or beyond), subnet `s` a /24 of it. */
const subnetOf = (c: number, s: number): Prefix => ({ ip: (0x0a000000 + c * 65536 + s * 256) >>> 0, len: 24 })
const blockOf = (c: number): Prefix => ({ ip: (0x0a000000 + c * 65536) >>> 0, len: 16 })
const transitIp = (c: number): number => 0xa9fe0001 + c

interface Timing {
  readonly best: number
  readonly median: number
}

/** Milliseconds of CPU time. */
function time(rounds: number, act: () => void): Timing {
  const all: number[] = []
  for (let i = 0; i < rounds; i++) {
    globalThis.gc?.()
    const before = process.cpuUsage()
    act()
    const { user, system } = process.cpuUsage(before)
    all.push((user + system) / 1000)
  }
  all.sort((a, b) => a - b)
  return { best: all[0]!, median: all[all.length >> 1]! }
}

/** A route as a table has it: to an own subnet, or to the router of a cluster. */
interface Route {
  readonly prefix: Prefix
  readonly to: number
}

function tables({ clusters, subnets, kind }: Size): Route[][] {
  return Array.from({ length: clusters }, (_, own) => {
    const routes: Route[] = []
    for (let to = 0; to < clusters; to++) {
      if (to !== own && kind === 'agg') routes.push({ prefix: blockOf(to), to })
      else for (let s = 0; s < subnets; s++) routes.push({ prefix: subnetOf(to, s), to })
    }
    return routes
  })
}

/** What the sweep goes through: every router one device. */
function inputOf(routes: readonly (readonly Route[])[], size: Size) {
  const cuts = new Cuts(4, rangesOf(routes))
  const outcomes = new Outcomes()
  const rules = new Rules()
  const arrival = routes.map((_, c) =>
    Array.from({ length: size.subnets }, (_, s) =>
      outcomes.single({ kind: 'subnet', cluster: `c${c}`, subnet: `s${s}` }),
    ),
  )
  for (const [own, table] of routes.entries())
    for (const { prefix, to } of table) {
      const classes = cuts.classesIn(rangeOf(prefix))
      const action = to === own ? arrival[own]![((prefix.ip as number) >>> 8) & 255]! : toDevice(to)
      rules.add(own, Layer.route, classes, prefix.len, action, to)
    }
  const lost = outcomes.single({ kind: 'dropped', why: 'no-route', at: '' })
  const devices = routes.map(() => ({ noRoute: lost, undecided: () => lost }))
  const input: SweepInput = {
    classes: cuts.classes,
    devices,
    rules,
    outcomes,
    sources: routes.map((_, c) => c),
    final: new Set(),
  }
  return { input, cuts, arrival }
}

function* rangesOf(routes: readonly (readonly Route[])[]): Generator<AddressRange> {
  for (const table of routes) for (const { prefix } of table) yield rangeOf(prefix)
}

/** From tables to the number of pairs of subnets that reach each other. */
function engine(routes: readonly (readonly Route[])[], size: Size): number {
  const { input, cuts, arrival } = inputOf(routes, size)
  const right = new Int32Array(input.classes).fill(-1)
  for (const [c, list] of arrival.entries())
    for (const [s, outcome] of list.entries()) right[cuts.classesIn(rangeOf(subnetOf(c, s)))[0]] = outcome
  let pairs = 0
  sweep(input, (at, found) => {
    const wanted = right[at]!
    if (wanted < 0) return
    for (let i = 0; i < found.length; i++) if (found[i] === wanted) pairs++
  })
  return pairs * size.subnets
}

/** A walk for each of some pairs, the longest prefix by a Map for each length; nanoseconds a pair. */
function walkPairs(routes: readonly (readonly Route[])[], { clusters, subnets }: Size): number {
  const maps = routes.map((table) => {
    const byLength = new Map<number, Map<number, number>>()
    for (const { prefix, to } of table) {
      const map = byLength.get(prefix.len) ?? new Map<number, number>()
      byLength.set(prefix.len, map.set(prefix.ip as number, to))
    }
    return [...byLength].sort(([a], [b]) => b - a)
  })
  const sample = Math.min(2_000_000, (clusters * subnets) ** 2)
  let arrived = 0
  const { best } = time(3, () => {
    arrived = 0
    for (let i = 0; i < sample; i++) {
      // Pairs in an order that repeats none: both numbers are coprime to what they count.
      const target = subnetOf((i * 7919) % clusters, i % subnets).ip as number
      let at = (i * 104_729) % clusters
      for (let hops = 0; hops < 8; hops++) {
        let to = -1
        for (const [len, map] of maps[at]!) {
          const found = map.get((target & (-1 << (32 - len))) >>> 0)
          if (found === undefined) continue
          to = found
          break
        }
        if (to < 0) break
        if (to === at) {
          arrived++
          break
        }
        at = to
      }
    }
  })
  if (arrived !== sample) throw new Error(`${sample - arrived} walks did not arrive`)
  return (best * 1e6) / sample
}

/** Microseconds for one subnet that is renumbered: its owner's route goes and another comes, and all sources are asked. */
function changes(routes: readonly (readonly Route[])[], size: Size): number {
  const spare = { ip: 0xdc000000, len: 24 }
  const { input, cuts, arrival } = inputOf(
    [[...routes[0]!, { prefix: spare, to: 0 }], ...routes.slice(1)],
    size,
  )
  const index = new ReachabilityIndex(input)
  let rule = 0
  while (input.rules.device[rule] !== 1 || input.rules.action[rule]! < 0) rule++
  const old = cuts.classesIn(rangeOf(subnetOf(1, 0)))
  const now = cuts.classesIn(rangeOf(spare))
  let told = 0
  const move = (classes: readonly [number, number]): void => {
    rule = index.change(
      1,
      rule,
      { layer: Layer.route, classes, priority: 24, action: arrival[1]![0]! },
      (_, found) => {
        told += found.length
      },
    )
  }
  const rounds = short ? 10 : 2000
  for (let i = 0; i < rounds / 10; i++) for (const to of [now, old]) move(to)
  told = 0
  const { best } = time(5, () => {
    for (let i = 0; i < rounds; i++) move(i % 2 === 0 ? now : old)
  })
  if (told !== 5 * rounds * 2 * size.clusters) throw new Error(`${told} outcomes were told`)
  return (best * 1000) / rounds
}

/** The same mesh as a forwarding state: routers, switches, one transit switch, a gateway each. */
function stateOf({ clusters, subnets, kind }: Size): ForwardingState {
  const chassis = new Map<string, ChassisState>()
  const names = Array.from({ length: clusters }, (_, c) => `c${c}`)
  for (const [own, cluster] of names.entries()) {
    const view = viewOf(own, cluster, { clusters, subnets, kind })
    chassis.set(`${cluster}/gw`, {
      key: `${cluster}/gw`,
      cluster,
      node: 'gw',
      chassis: `${cluster}-gw`,
      encapIp: own + 1,
      underlayMac: own + 1,
      vswitchd: true,
      controller: true,
      view,
      resident: new Set([`${cluster}-ts`]),
      vifs: new Set(),
      tunnels: new Map(
        names.map((name, i) => [
          `${name}-gw`,
          { chassis: `${name}-gw`, remoteIp: i + 1, bfd: 'off' as const },
        ]),
      ),
    })
  }
  return { at: 0, version: 1, chassis }
}

function viewOf(
  own: number,
  cluster: string,
  { clusters, subnets, kind }: Omit<Size, 'rounds'>,
): LogicalView {
  const transitKey = 1
  const routerKey = 2
  const ports: RouterPort[] = []
  const routes: RouteFlow[] = []
  const datapaths = new Map<number, LogicalDatapath>()
  const port = (
    name: string,
    mac: number,
    network: Prefix,
    peer: RouterPort['peer'],
    gateway: boolean,
  ): void => {
    ports.push({
      name,
      key: ports.length + 1,
      mac,
      networks: [network],
      peer,
      routeTable: 0,
      gatewayMtu: undefined,
      gateway: gateway
        ? { redirectPort: `cr-${name}`, redirectKey: 999, members: [], boundTo: `${cluster}-gw` }
        : undefined,
    })
    routes.push({
      priority: network.len * 3 + 2,
      routeTable: undefined,
      kind: 'dst',
      prefix: { ip: ((network.ip as number) & (-1 << (32 - network.len))) >>> 0, len: network.len },
      inport: undefined,
      origin: 'connected',
      action: { kind: 'forward', member: { nexthop: undefined, source: network.ip, outport: name } },
    })
  }
  const switchPort = (name: string, more: Partial<SwitchPort>, key: number): SwitchPort => ({
    kind: 'router',
    name,
    key,
    chassis: undefined,
    mac: undefined,
    ips: [],
    peer: undefined,
    ...more,
  })
  const addSwitch = (name: string, key: number, transit: boolean, list: SwitchPort[]): void => {
    const made: LogicalSwitch = {
      kind: 'switch',
      name,
      key,
      transit,
      ports: list,
      portByKey: new Map(list.map((one) => [one.key, one])),
      portByName: new Map(list.map((one) => [one.name, one])),
    }
    datapaths.set(key, made)
  }
  for (let s = 0; s < subnets; s++) {
    const network = subnetOf(own, s)
    const key = 10 + s
    port(
      `r-s${s}`,
      1000 + s,
      { ip: (network.ip as number) + 1, len: 24 },
      { datapath: key, port: `s${s}-r` },
      false,
    )
    addSwitch(`s${s}`, key, false, [
      switchPort(`s${s}-r`, { peer: { datapath: routerKey, port: `r-s${s}` }, mac: 1000 + s }, 1),
    ])
  }
  port(
    `${cluster}-ts`,
    1,
    { ip: transitIp(own), len: 16 },
    { datapath: transitKey, port: `ts-c${own}` },
    true,
  )
  addSwitch(
    'ts',
    transitKey,
    true,
    Array.from({ length: clusters }, (_, c) =>
      c === own
        ? switchPort(`ts-c${c}`, { peer: { datapath: routerKey, port: `${cluster}-ts` }, mac: c + 1 }, c + 1)
        : switchPort(
            `ts-c${c}`,
            { kind: 'remote', chassis: `c${c}-gw`, mac: c + 1, ips: [transitIp(c)] },
            c + 1,
          ),
    ),
  )
  for (let c = 0; c < clusters; c++) {
    if (c === own) continue
    const prefixes = kind === 'agg' ? [blockOf(c)] : Array.from({ length: subnets }, (_, s) => subnetOf(c, s))
    for (const prefix of prefixes)
      routes.push({
        priority: prefix.len * 3,
        routeTable: 0,
        kind: 'dst',
        prefix,
        inport: undefined,
        origin: 'learned',
        action: {
          kind: 'forward',
          member: { nexthop: transitIp(c), source: transitIp(own), outport: `${cluster}-ts` },
        },
      })
  }
  const router: LogicalRouter = {
    kind: 'router',
    name: 'r',
    key: routerKey,
    ports,
    portByKey: new Map(ports.map((one) => [one.key, one])),
    portByName: new Map(ports.map((one) => [one.name, one])),
    routes,
    policies: [],
  }
  datapaths.set(routerKey, router)
  return {
    cluster,
    datapaths,
    byName: new Map([...datapaths.values()].map((one) => [one.name, one])),
    switchOfPort: new Map(),
    ecmpHash: 'l4-symmetric',
  }
}

for (const size of SIZES) {
  const { clusters, subnets, kind, goalMs, rounds } = size
  const wanted = (clusters * subnets) ** 2
  const routes = tables(size)
  const rules = routes.reduce((sum, table) => sum + table.length, 0)
  let pairs = 0
  const found = time(rounds[0], () => {
    pairs = engine(routes, size)
  })
  if (pairs !== wanted) throw new Error(`${pairs} pairs of ${wanted}`)
  console.log(
    `${clusters} x ${subnets} ${kind}, ${rules.toLocaleString('en')} routes, ${wanted.toLocaleString('en')} pairs: from tables ${found.best.toFixed(1)} ms (median ${found.median.toFixed(1)})${goalMs === undefined ? '' : `, goal ${goalMs}`}`,
  )
  const walk = walkPairs(routes, size)
  console.log(
    `  a walk a pair: ${walk.toFixed(0)} ns, ${((walk * wanted) / 1e9).toFixed(1)} s for all: ${((walk * wanted) / 1e6 / found.best).toFixed(0)} times as long`,
  )
  console.log(`  one subnet renumbered: ${changes(routes, size).toFixed(2)} us, all sources asked, goal 20`)
  const state = stateOf(size)
  let unreached = -1
  const asked = time(rounds[1], () => {
    unreached = reachability(state).unreached.length
  })
  if (unreached !== 0) throw new Error(`${unreached} ranges are not reached`)
  console.log(
    `  as isthmus check asks, from a forwarding state: ${asked.best.toFixed(0)} ms (median ${asked.median.toFixed(0)})`,
  )
}
