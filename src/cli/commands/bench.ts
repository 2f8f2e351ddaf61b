// `isthmus bench routes`: which structure is the fastest for a table of routes.

import { cpus } from 'node:os'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { didYouMean } from '../../diag/suggest.ts'
import { ROUTE_FORMATS } from '../../input/routes/format-names.ts'
import type { PrefixList } from '../../model/prefix-list.ts'
import type { RouteBench } from '../../report/bench/report.ts'
import type { Structure } from '../../run/bench/contender.ts'
import { type BenchFlags, benchTable, benchTrace } from '../bench-input.ts'
import { type CommandContext, examples } from '../command.ts'
import { cpuTime } from '../cpu-time.ts'
import { CliError, EXIT } from '../errors.ts'
import { writeWhole } from '../files.ts'
import { wantsColor } from '../io.ts'
import { collect, type Output, parseOutputs } from '../outputs.ts'
import { statusLine } from '../progress.ts'

const OUTPUTS = ['text', 'json', 'markdown', 'svg'] as const

export function defineBench(context: CommandContext): void {
  const bench = context.program
    .command('bench')
    .summary('measure route-table structures on your own table')
    .description('Measures how fast routes are looked up, on a generated table or on your own.')
  examples(
    bench,
    'isthmus bench routes',
    'isthmus bench routes --shape bgp --size 1m --family 6',
    'ip route | isthmus bench routes -',
  )
  const command: Command = bench
    .command('routes')
    .summary('longest-prefix match: every structure side by side')
    .description(
      'Builds every structure from one table, checks that all answer alike, and measures lookups in batches, one a call and one after another, building, updating and memory, by turns and in CPU time. The table is generated, or read from a file: ip route, ip -j route, ovn-nbctl lr-route-list, show route of BIRD and FRR, show bgp, an MRT dump of RouteViews or RIPE RIS (gzip is unpacked), CSV. Ctrl-C prints what there is.',
    )
    .argument('[file]', 'a table of routes, or - for standard input; generated when not given')
    .optionsGroup('Table:')
    .addOption(new Option('--shape <shape>', 'what the generated table is like').choices(['k8s', 'bgp']))
    .addOption(
      new Option('--size <size>', 'prefixes of the generated table').choices(['1k', '10k', '100k', '1m']),
    )
    .addOption(new Option('--family <family>', 'IPv4 or IPv6').choices(['4', '6']))
    .addOption(
      new Option('--seed <number>', 'seed of table and trace').argParser(whole(0, 0xffff_ffff)).default(1),
    )
    .addOption(
      new Option('--format <format>', 'format of the file, instead of what it looks like').choices(
        ROUTE_FORMATS,
      ),
    )
    .optionsGroup('Measurement:')
    .option('--trace <trace>', 'addresses: match, uniform, zipf, miss, or a pcap or pcapng file', 'match')
    .option('--structures <names>', 'only these, separated by commas')
    .addOption(
      new Option('--rounds <number>', 'rounds to take the median of').argParser(whole(1, 1000)).default(7),
    )
    .optionsGroup('Report:')
    .addOption(
      new Option(
        '-o, --output <format[=file]>',
        `report format (${OUTPUTS.join(', ')}), to a file if one is given; repeatable`,
      )
        .argParser(collect)
        .default([], 'text'),
    )
  command.action((file: string | undefined, flags: BenchFlags) => run(context, file, flags))
  examples(
    command,
    'isthmus bench routes --shape k8s --size 10k --family 6',
    'kubectl ko nbctl lr-route-list ovn-cluster | isthmus bench routes - --trace traffic.pcap',
    'bzip2 -dc rib.20260101.0000.bz2 | isthmus bench routes - --structures auto -o svg=rib.svg',
  )
}

async function run(context: CommandContext, file: string | undefined, flags: BenchFlags): Promise<void> {
  const { io } = context
  const outputs = parseOutputs(flags.output, OUTPUTS)
  if (file !== undefined && (flags.shape !== undefined || flags.size !== undefined))
    throw new CliError('--shape and --size say what to generate, but a file is given', {
      hint: 'leave one of them out',
    })
  if (file === undefined && flags.format !== undefined)
    throw new CliError(`--format ${flags.format} says how to read a file, but none is given`, {
      hint: `name it, or - for standard input: isthmus bench routes - --format ${flags.format}`,
    })
  const table = await benchTable(context, file, flags)
  if (table === undefined) return
  const { list } = table
  const trace = await benchTrace(list, flags)
  const { STRUCTURES } = await import('../../net/route-table/structures.ts')
  const { choose } = await import('../../net/route-table/auto.ts')
  const { shapeOf } = await import('../../net/route-table/shape.ts')
  const choice = choose(list.family, shapeOf(list))
  const structures = chosen(flags.structures, STRUCTURES, list, choice.name)
  const { measure } = await import('../../run/bench/measure.ts')
  const status = statusLine(io)
  // One by one in a process of its own: structures that share one slow each other down.
  const { seatProcesses } = await import('../seat-process.ts')
  const processes = io.script === undefined ? undefined : seatProcesses(io.script, { list, trace })
  const result = await measure({
    list,
    trace,
    structures,
    rounds: flags.rounds,
    clock: { cpu: cpuTime, pause: () => new Promise((resolve) => setImmediate(resolve)) },
    progress: ({ done, of, what }) =>
      status.show(`${table.name}: ${Math.floor((done / of) * 100)} %, ${what}`),
    ...(processes !== undefined && { seat: processes.seat }),
    ...(io.signal !== undefined && { signal: io.signal }),
  }).finally(() => {
    status.clear()
    processes?.end()
  })
  await report(context, outputs, {
    table: table.name,
    list,
    nextHops: table.nextHops,
    trace,
    rounds: flags.rounds,
    result,
    choice,
    machine: `Node ${process.version}, ${cpus()[0]?.model.trim() ?? process.arch}`,
  })
  if (result.interrupted) context.finish(EXIT.interrupted)
}

async function report(
  { io, color }: CommandContext,
  outputs: readonly Output<(typeof OUTPUTS)[number]>[],
  bench: RouteBench,
): Promise<void> {
  for (const { format, file } of outputs) {
    const text = await rendered(format, bench, file === undefined && wantsColor(io, io.stdout, color()))
    if (file === undefined) io.write(text)
    else writeWhole(file, text)
  }
}

async function rendered(
  format: (typeof OUTPUTS)[number],
  bench: RouteBench,
  color: boolean,
): Promise<string> {
  switch (format) {
    case 'json':
      return `${JSON.stringify((await import('../../report/bench/data.ts')).benchData(bench), null, 2)}\n`
    case 'markdown':
      return (await import('../../report/bench/markdown.ts')).benchMarkdown(bench)
    case 'svg':
      return (await import('../../report/bench/svg.ts')).benchSvg(bench)
    default:
      return (await import('../../report/bench/text.ts')).benchText(bench, { color })
  }
}

/** The structures that are asked for; all that can be measured in reasonable time when none is. */
function chosen(
  names: string | undefined,
  all: readonly Structure[],
  list: PrefixList,
  auto: string,
): Structure[] {
  const fitting = all.filter(({ family }) => family === list.family)
  if (names === undefined) return fitting.filter(({ name }) => list.count <= SLOW_MAX || !SLOW.has(name))
  return [...new Set(names.split(',').map((name) => name.trim()))].map((name) => {
    const found = fitting.find((one) => one.name === (name === 'auto' ? auto : name))
    if (found !== undefined) return found
    const known = [...fitting.map((one) => one.name), 'auto']
    throw new CliError(`--structures ${name}: there is no such structure for IPv${list.family}`, {
      hint: didYouMean(name, known) ?? `there are ${known.join(', ')}`,
    })
  })
}

/** Structures that go through the whole table for an address, and the most prefixes they are tried with unasked. */
const SLOW = new Set(['list'])
const SLOW_MAX = 2000

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`A whole number from ${least} to ${most} is expected.`)
    return value
  }
}
