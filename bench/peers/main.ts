/**
 * `npm run bench:peers`: the route tables beside DPDK's, bart's and npm's on the same tables and traces, one process each, by turns, in CPU
 * time. `--tables v4-k8s-10k,…` (all sixteen by default), `--rounds N` (7), `--short` (one small table of each family, to see that
 * all of it runs), `--json FILE` keeps the figures and `--resume` goes on with what is in it.
 * Exit codes: 3 when answers differ, 4 when DPDK is not there.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Random } from '../../src/net/random.ts'
import { choose } from '../../src/net/route-table/auto.ts'
import { shapeOf } from '../../src/net/route-table/shape.ts'
import { tableLines } from '../../src/report/text/table.ts'
import { SHAPES, type Shape, SIZES, type SizeName, shapedTable } from '../../src/run/bench/shapes.ts'
import { generatedTrace, TRACES } from '../../src/run/bench/traces.ts'
import { updateOrder, writeWorkload } from '../../src/run/bench/workload.ts'
import { contenders } from './contenders.ts'
import { goalLines } from './goals.ts'
import { reservedGroups, tbl8Groups } from './groups.ts'
import { buildBart, buildDpdk, buildPoptrie, built, bundle, installPackages } from './machine.ts'
import { type Figures, measureTable, type TableFigures } from './rounds.ts'

const ALL = ([4, 6] as const).flatMap((family) =>
  SHAPES.flatMap((shape) => Object.keys(SIZES).map((size) => `v${family}-${shape}-${size}`)),
)
const { values: flags } = parseArgs({
  options: {
    tables: { type: 'string' },
    rounds: { type: 'string', default: '7' },
    json: { type: 'string' },
    only: { type: 'string' },
    resume: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
  },
})
const names = flags.tables?.split(',') ?? (flags.short ? ['v4-k8s-1k', 'v6-bgp-1k'] : ALL)
const unknown = names.filter((name) => !ALL.includes(name))
const rounds = flags.short ? 1 : Number(flags.rounds)
if (unknown.length > 0 || !(rounds >= 1)) {
  console.error(
    unknown.length > 0
      ? `no table ${unknown.join(', ')}; there are ${ALL.join(', ')}`
      : '--rounds is a number from 1',
  )
  process.exit(2)
}

buildDpdk()
const present = { bart: buildBart(), poptrie: buildPoptrie(), npm: installPackages() }
await bundle()
mkdirSync(built, { recursive: true })
console.log(
  `${cpus()[0]?.model.trim()}, Node ${process.version}; million a second of CPU time, medians of ${rounds} rounds; B: bytes a prefix (DPDK, npm: of the process)`,
)

const results: TableFigures[] =
  flags.resume && flags.json !== undefined && existsSync(flags.json)
    ? (JSON.parse(readFileSync(flags.json, 'utf8')) as TableFigures[])
    : []
for (const name of names.filter((one) => !results.some(({ table }) => table === one))) {
  const [, digit, shape, size] = /^v(\d)-(\w+)-(\w+)$/.exec(name)! as unknown as [
    string,
    string,
    Shape,
    SizeName,
  ]
  const family = digit === '6' ? 6 : 4
  const list = shapedTable(shape, family, SIZES[size])
  const traces = TRACES.map((trace) => generatedTrace(trace, list, new Random(1).fork(trace))!)
  const file = join(built, `${name}.bin`)
  const reserved = reservedGroups(list)
  const groups = tbl8Groups(list)
  writeWorkload(file, { list, traces, order: updateOrder(list) }, [groups, reserved])
  const wanted = flags.only === undefined ? undefined : new RegExp(flags.only)
  const specs = contenders(family, list.count, family === 4 ? groups : reserved, present).filter(
    (one) => wanted?.test(one.name) ?? true,
  )
  const result = await measureTable(
    {
      table: name,
      family,
      shape,
      size: list.count,
      auto: choose(family, shapeOf(list)).name,
    },
    file,
    [...TRACES],
    specs,
    rounds,
  )
  rmSync(file)
  results.push(result)
  print(result)
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(results, null, 1)}\n`)
}

console.log('\ngoals')
for (const { goal, wanted, got, reached } of goalLines(results))
  console.log(
    `${reached === undefined ? 'not measured' : reached ? 'reached' : 'not reached'}: ${goal}: wanted ${wanted}; got ${got}`,
  )

if (results.some(({ wrong }) => wrong.length > 0)) process.exitCode = 3

function print({ table, figures, absent, wrong }: TableFigures): void {
  const digits = (value: number | undefined): string =>
    value === undefined ? '–' : value >= 100 ? value.toFixed(0) : value.toPrecision(3)
  const rows = [...figures]
    .sort((a, b) => rank(b) - rank(a))
    .map((one) => [
      one.name,
      ...TRACES.map((trace) => digits(one.batch[trace]?.median)),
      ...TRACES.map((trace) => digits(one.single[trace]?.median)),
      digits(one.dependent.match === undefined ? undefined : 1000 / one.dependent.match.median),
      digits(one.update?.median),
      digits(one.buildMs),
      digits(one.bytesAPrefix),
    ])
  const columns = [
    { title: table },
    ...TRACES.map((trace) => ({ title: `batch ${trace}`, align: 'right' as const })),
    ...TRACES.map((trace) => ({ title: `single ${trace}`, align: 'right' as const })),
    ...['dep. ns', 'updates', 'build ms', 'B'].map((title) => ({ title, align: 'right' as const })),
  ]
  console.log(`\n${tableLines(columns, rows).join('\n')}`)
  for (const one of absent) console.log(`absent: ${one}`)
  for (const one of wrong) console.log(`WRONG: ${one}`)
}

function rank({ batch, single }: Figures): number {
  return Math.max(batch.match?.median ?? 0, single.match?.median ?? 0)
}
