/**
 * Route tables: every structure on generated tables, in rounds by turns as `isthmus bench routes` measures them, and then as benny sees
 * batches of 1,024 lookups, beside Node's own `BlockList` and, where bench/peers has them installed, npm packages. DPDK and bart stand beside
 * them in `npm run bench:peers`. `--tables v4-k8s-10k,…` chooses.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { BlockList } from 'node:net'
import { cpus } from 'node:os'
import benny from 'benny'
import { seatProcesses } from '../src/cli/seat-process.ts'
import { addressAt, type PrefixList, prefixTextAt } from '../src/model/prefix-list.ts'
import { formatIp } from '../src/net/ip.ts'
import { Random } from '../src/net/random.ts'
import { choose } from '../src/net/route-table/auto.ts'
import { shapeOf } from '../src/net/route-table/shape.ts'
import { STRUCTURES } from '../src/net/route-table/structures.ts'
import { benchText } from '../src/report/bench/text.ts'
import { BATCH, Contender, type Structure } from '../src/run/bench/contender.ts'
import { measure, PASS_TIME } from '../src/run/bench/measure.ts'
import { NEXT_HOPS, type Shape, SIZES, type SizeName, shapedTable } from '../src/run/bench/shapes.ts'
import { type AddressTrace, generatedTrace } from '../src/run/bench/traces.ts'

const short = process.argv.includes('--short')
const given = process.argv.indexOf('--tables')
const names =
  given > 0
    ? process.argv[given + 1]!.split(',')
    : short
      ? ['v4-k8s-1k', 'v6-k8s-1k']
      : ['v4-k8s-10k', 'v4-bgp-100k', 'v6-k8s-10k', 'v6-bgp-100k']
const rounds = short ? 1 : 7
/** `npm run build` makes it, and bench-seat.js beside it. */
const cli = 'dist/cli.js'

const clock = {
  cpu: () => {
    const { user, system } = process.cpuUsage()
    return (user + system) * 1000
  },
  pause: () => new Promise<void>((resolve) => setImmediate(resolve)),
}

/** A million addresses; few where only the way is tried. */
const length = short ? 2 ** 14 : 2 ** 20

for (const name of names) {
  const [, family, shape, size] = /^v([46])-(k8s|bgp)-(\w+)$/.exec(name) as unknown as [
    string,
    string,
    Shape,
    SizeName,
  ]
  const list = shapedTable(shape, family === '6' ? 6 : 4, SIZES[size])
  const trace = generatedTrace('match', list, new Random(1).fork('match'), length)!
  const structures = STRUCTURES.filter((one) => one.family === list.family && one.name !== 'list')
  const choice = choose(list.family, shapeOf(list))
  // Each structure in a process of its own, where the program for it is built.
  const processes = existsSync(cli) ? seatProcesses(cli, { list, trace }) : undefined
  const result = await measure({
    list,
    trace,
    structures,
    rounds,
    clock,
    ...(processes === undefined || short ? { passTime: short ? 1e5 : PASS_TIME } : { seat: processes.seat }),
  }).finally(() => processes?.end())
  console.log(
    benchText(
      {
        table: name,
        list,
        nextHops: Math.min(list.count, NEXT_HOPS[shape]),
        trace,
        rounds,
        result,
        choice,
        machine: `Node ${process.version}, ${cpus()[0]?.model.trim()}`,
      },
      { color: false },
    ),
  )
  await suite(name, list, trace, structures)
}

/** The same batches as benny sees them: one case after another, so that only large differences mean something. */
async function suite(
  name: string,
  list: PrefixList,
  trace: AddressTrace,
  structures: readonly Structure[],
): Promise<void> {
  let consumed = 0
  const most = Math.floor(trace.length / BATCH) * BATCH
  const next = (at: number): number => (at + BATCH >= most ? 0 : at + BATCH)
  const cases = structures.flatMap((structure) => [
    benny.add(`${structure.name}, a batch`, () => {
      const contender = new Contender(structure, list, trace, new Uint32Array())
      contender.prepare()
      let at = 0
      return () => {
        at = next(at)
        contender.batch(at, at + BATCH)
      }
    }),
    benny.add(`${structure.name}, one a call`, () => {
      const contender = new Contender(structure, list, trace, new Uint32Array())
      let at = 0
      return () => {
        at = next(at)
        contender.single(at, at + BATCH)
      }
    }),
  ])
  const others = textFinders(list).map(({ name: other, find }) =>
    benny.add(other, () => {
      const texts = Array.from({ length: BATCH }, (_, i) => formatIp(addressAt(trace, i)))
      const finder = find()
      return () => {
        for (const text of texts) consumed += Number(finder(text))
      }
    }),
  )
  await benny.suite(
    `${name}, ${BATCH} lookups an operation`,
    ...cases,
    ...others,
    benny.cycle(
      (result) =>
        `${result.name}: ${((result.ops * BATCH) / 1e6).toPrecision(3)} million lookups a second of wall time, ± ${result.margin} %`,
    ),
    ...(short ? [benny.configure({ minDisplayPrecision: 0, cases: { minSamples: 1, maxTime: 0.01 } })] : []),
  )
  if (Number.isNaN(consumed)) throw new Error('no number')
}

/** What takes addresses as text, on tables that it can load. */
function textFinders(
  list: PrefixList,
): readonly { readonly name: string; readonly find: () => (text: string) => unknown }[] {
  const prefixes = (): string[] => Array.from({ length: list.count }, (_, i) => prefixTextAt(list, i))
  const family = list.family === 4 ? 'ipv4' : 'ipv6'
  const blockList = {
    name: 'Node net.BlockList (membership only)',
    find: () => {
      const blocks = new BlockList()
      for (let i = 0; i < list.count; i++)
        blocks.addSubnet(formatIp(addressAt(list, i)), list.lengths[i]!, family)
      return (text: string) => blocks.check(text, family)
    },
  }
  let Matcher:
    | (new () => { addPrefix(prefix: string, data: unknown): void; getMatch(prefix: string): unknown[] })
    | undefined
  try {
    Matcher = createRequire(`${process.cwd()}/bench/peers/package.json`)('longest-prefix-match')
  } catch {
    console.log('npm packages are left out: npm ci --prefix bench/peers installs them')
  }
  const host = list.family === 4 ? '/32' : '/128'
  return [
    ...(list.count <= 1000 ? [blockList] : []),
    ...(Matcher === undefined
      ? []
      : [
          {
            name: 'npm longest-prefix-match',
            find: () => {
              const matcher = new Matcher()
              prefixes().forEach((prefix, i) => {
                matcher.addPrefix(prefix, list.values[i])
              })
              return (text: string) => matcher.getMatch(text + host)[0]
            },
          },
        ]),
  ]
}
