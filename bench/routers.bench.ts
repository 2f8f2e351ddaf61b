/**
 * Many routers whose tables mostly agree: 1,000 clusters, each router with a route to every cluster's /24, its own by another next hop, and 49
 * hosts of its own: 1,049 routes. Shared blocks over one pool, beside a hash by length a router and a `Map` of texts a router.
 * Lookups ask a random router for a random address that it knows, in rounds by turns, in CPU time.
 */

import { orderedList } from '../src/model/prefix-list.ts'
import { Random } from '../src/net/random.ts'
import { BlockPool } from '../src/net/route-table/block-pool.ts'
import { Hash4 } from '../src/net/route-table/hash4.ts'
import type { Columns4, Lookup4 } from '../src/net/route-table/lpm.ts'
import { SharedBlocks4 } from '../src/net/route-table/shared-blocks.ts'
import { chunkSize, type PassOptions, rateOf } from '../src/run/bench/pass.ts'
import { spreadOf } from '../src/run/bench/spread.ts'

const short = process.argv.includes('--short')
const ROUTERS = short ? 50 : 1000
const HOSTS = 49
const ASKED = 2 ** 18
const rounds = short ? 1 : 7

/** Clusters' /24s from 10.0.0.0 on. */
const network = (cluster: number): number => ((10 << 24) | (cluster << 8)) >>> 0

function routesOf(router: number): Columns4 {
  const count = ROUTERS + HOSTS
  const addresses = new Uint32Array(count)
  const lengths = new Uint8Array(count)
  const values = new Uint32Array(count)
  for (let cluster = 0; cluster < ROUTERS; cluster++) {
    addresses[cluster] = network(cluster)
    lengths[cluster] = 24
    values[cluster] = cluster === router ? 5000 : cluster
  }
  for (let host = 0; host < HOSTS; host++) {
    addresses[ROUTERS + host] = network(router) + 2 + 5 * host
    lengths[ROUTERS + host] = 32
    values[ROUTERS + host] = 6000 + host
  }
  return orderedList(4, count, addresses, lengths, values)
}

const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1000
}

const columns = Array.from({ length: ROUTERS }, (_, router) => routesOf(router))
const routes = columns.reduce((sum, { count }) => sum + count, 0)
const random = new Random(1)
const routers = new Uint16Array(ASKED).map(() => random.below(ROUTERS))
const addresses = new Uint32Array(ASKED).map((_, i) => {
  const { count, addresses: known, lengths } = columns[routers[i]!]!
  const route = random.below(count)
  return lengths[route] === 24 ? known[route]! + random.below(256) : known[route]!
})

interface Side {
  readonly name: string
  readonly buildMs: number
  readonly bytes: number | undefined
  readonly ask: (router: number, address: number) => number
}

function built<T>(
  name: string,
  make: () => { readonly tables: T; readonly bytes: number | undefined },
  ask: (tables: T) => Side['ask'],
): Side {
  const began = cpu()
  const { tables, bytes } = make()
  return { name, buildMs: (cpu() - began) / 1e6, bytes, ask: ask(tables) }
}

const sides: readonly Side[] = [
  built(
    'shared blocks',
    () => {
      const pool = new BlockPool()
      const tables = columns.map((table) => SharedBlocks4.build(table, pool))
      return { tables, bytes: pool.bytes + tables.reduce((sum, table) => sum + table.bytes, 0) }
    },
    (tables) => (router, address) => tables[router]!.lookup(address),
  ),
  built(
    'a hash by length a router',
    () => {
      const tables = columns.map((table): Lookup4 => Hash4.build(table))
      return { tables, bytes: tables.reduce((sum, table) => sum + table.bytes, 0) }
    },
    (tables) => (router, address) => tables[router]!.lookup(address),
  ),
  built(
    'a Map a router',
    () => ({
      tables: columns.map((table) => {
        const map = new Map<string, number>()
        for (let i = 0; i < table.count; i++)
          map.set(`${table.addresses[i]}/${table.lengths[i]}`, table.values[i]!)
        return map
      }),
      bytes: undefined,
    }),
    (tables) => (router, address) =>
      tables[router]!.get(`${address}/32`) ?? tables[router]!.get(`${(address & 0xffffff00) >>> 0}/24`) ?? -1,
  ),
]

/** A loop of its own for each side, as in src/run/bench/contender.ts. */
function loopOf(ask: Side['ask']): (from: number, to: number) => void {
  const loop = new Function(
    'ask, routers, addresses',
    'return (from, to) => { let s = 0; for (let i = from; i < to; i++) s = (s + ask(routers[i], addresses[i])) | 0; return s }',
  )
  return loop(ask, routers, addresses) as (from: number, to: number) => void
}

for (let i = 0; i < ASKED; i++) {
  const answers = sides.map(({ ask }) => ask(routers[i]!, addresses[i]!))
  if (answers.some((answer) => answer !== answers[0]))
    throw new Error(`sides disagree: ${answers.join(', ')}`)
}

const options: PassOptions = { cpu, unit: 64, most: ASKED, passTime: short ? 1e5 : 12e6 }
const runs = sides.map(({ ask }) => {
  const run = loopOf(ask)
  return { run, size: chunkSize(run, options), rates: [] as number[] }
})
for (let round = 0; round < rounds; round++)
  for (let turn = 0; turn < runs.length; turn++) {
    const { run, size, rates } = runs[(turn + round) % runs.length]!
    rates.push(rateOf(run, size, options))
  }
for (const [i, { name, buildMs, bytes }] of sides.entries()) {
  const { median, least, most } = spreadOf(runs[i]!.rates)!
  const memory = bytes === undefined ? '' : `, ${(bytes / routes).toFixed(2)} bytes a route`
  console.log(
    `${name}: ${median.toFixed(2)} million lookups a second of CPU time (${least.toFixed(2)} to ${most.toFixed(2)} over ${rounds} rounds)${memory}, built in ${buildMs.toFixed(0)} ms; ` +
      `${ROUTERS} routers, ${routes.toLocaleString('en')} routes`,
  )
}
