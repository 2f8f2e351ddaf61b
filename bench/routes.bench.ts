/**
 * Route tables: every structure on generated tables, in rounds by turns as `isthmus bench routes` measures them, and then as benny sees
 * batches of 1,024 lookups, beside Node's own `BlockList` and, where bench/peers has them installed, npm packages. benny measures one case
 * after another, so its suite is run as often as there are rounds, each time beginning with another case, and the medians stand side by
 * side. DPDK and bart stand beside them in `npm run bench:peers`. `--tables v4-k8s-10k,…` chooses.
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
import { deviation, threeDigits } from '../src/report/bench/report.ts'
import { benchText } from '../src/report/bench/text.ts'
import { tableLines } from '../src/report/text/table.ts'
import { BATCH, Contender, type Structure } from '../src/run/bench/contender.ts'
import { measure, PASS_TIME } from '../src/run/bench/measure.ts'
import { NEXT_HOPS, type Shape, SIZES, type SizeName, shapedTable } from '../src/run/bench/shapes.ts'
import { spreadOf } from '../src/run/bench/spread.ts'
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

/** Seconds that benny gives a case in a round; its measurements take turns with those of all others. */
const CASE_TIME = short ? 0.01 : 0.2

/** What lookups by text gave: answers that nobody uses could be optimised away. */
let consumed = 0

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

/** An operation of `BATCH` lookups. */
interface Case {
  readonly name: string
  readonly run: () => void
}

async function suite(
  name: string,
  list: PrefixList,
  trace: AddressTrace,
  structures: readonly Structure[],
): Promise<void> {
  const cases = [
    ...structures.flatMap((structure) => structureCases(structure, list, trace)),
    ...textCases(list, trace),
  ]
  const rates = new Map<string, number[]>(cases.map((one) => [one.name, []]))
  for (let round = 0; round < rounds; round++) {
    const first = Math.floor((round * cases.length) / rounds)
    const turn = [...cases.slice(first), ...cases.slice(0, first)]
    const { results } = await benny.suite(
      `${name}, ${BATCH} lookups an operation, round ${round + 1} of ${rounds}`,
      ...turn.map((one) => benny.add(one.name, one.run)),
      benny.configure({ cases: { minSamples: short ? 1 : 5, maxTime: CASE_TIME } }),
    )
    for (const { name: one, details } of results) rates.get(one)!.push(BATCH / details.median / 1e6)
  }
  const rows = [...rates]
    .map(([one, all]) => ({ name: one, spread: spreadOf(all)! }))
    .sort((a, b) => b.spread.median - a.spread.median)
    .map(({ name: one, spread }) => [
      one,
      threeDigits(spread.median),
      rounds === 1 ? '–' : `${deviation(spread).toFixed(0)}%`,
    ])
  const right = { align: 'right' as const }
  const columns = [{ title: 'by benny, wall time' }, { title: 'M/s', ...right }, { title: '±', ...right }]
  console.log(`\n${tableLines(columns, rows).join('\n')}\n`)
}

function structureCases(structure: Structure, list: PrefixList, trace: AddressTrace): Case[] {
  const contender = new Contender(structure, list, trace, new Uint32Array())
  contender.prepare()
  const most = Math.floor(trace.length / BATCH) * BATCH
  const inTurn = (run: (from: number, to: number) => void): (() => void) => {
    let at = 0
    return () => {
      run(at, at + BATCH)
      at = at + BATCH >= most ? 0 : at + BATCH
    }
  }
  return [
    { name: `${structure.name}, a batch`, run: inTurn((from, to) => contender.batch(from, to)) },
    { name: `${structure.name}, one a call`, run: inTurn((from, to) => contender.single(from, to)) },
  ]
}

/** What takes addresses as text gets the first batch over and over. */
function textCases(list: PrefixList, trace: AddressTrace): Case[] {
  const texts = Array.from({ length: BATCH }, (_, i) => formatIp(addressAt(trace, i)))
  return textFinders(list).map(({ name, find }) => {
    const finder = find()
    return {
      name,
      run: () => {
        for (const text of texts) consumed += Number(finder(text))
        if (Number.isNaN(consumed)) throw new Error('no number')
      },
    }
  })
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
