// `isthmus trace`: one packet's story across both clusters and back.

import { Argument, Option } from 'commander'
import { didYouMean } from '../../diag/suggest.ts'
import type { Scenario } from '../../model/scenario.ts'
import { parseIp } from '../../net/ip.ts'
import type { TraceDepth } from '../../report/trace/render.ts'
import { endedByLimit } from '../../verify/verdict.ts'
import { type CommandContext, examples } from '../command.ts'
import type { TraceQuery } from '../engine.ts'
import { CliError, EXIT } from '../errors.ts'
import { wantsColor } from '../io.ts'
import { loadOne, type ScenarioFlags, scenarioOptions } from '../loading.ts'
import { momentOf } from '../moment.ts'
import { wholeNumber } from '../numbers.ts'
import { parseOutputs } from '../outputs.ts'

interface TraceFlags extends ScenarioFlags {
  readonly detailed?: true
  readonly summary?: true
  readonly minimal?: true
  readonly output: string
  readonly at?: string
  readonly ttl?: number
  readonly size?: number
}

const PROTOCOLS = ['icmp', 'tcp', 'udp'] as const

export function defineTrace(context: CommandContext): void {
  const command = context.program
    .command('trace')
    .summary('follow one packet there and back, stage by stage')
    .description(
      'Follows one packet from a pod to a pod or address and its answer back: every OVN stage, every Geneve hop, and where and why it ends. Exit code 1 when the packet or its answer does not arrive, 5 when limits.hops ended the search.',
    )
    .argument('<file>', 'scenario file, or - for standard input')
    .argument('<from>', 'sender: cluster/pod')
    .argument('<to>', 'destination: cluster/pod or an address')
    .addArgument(new Argument('[protocol]', 'protocol').choices(PROTOCOLS).default('icmp'))
    .addArgument(new Argument('[port]', 'destination port of tcp or udp').argParser(wholeNumber(1, 65535)))
    .optionsGroup('Depth:')
    .addOption(new Option('--detailed', 'every stage (default)').conflicts(['summary', 'minimal']))
    .addOption(
      new Option('--summary', 'the stages that decided, and the tunnels').conflicts(['detailed', 'minimal']),
    )
    .addOption(new Option('--minimal', 'only the outputs').conflicts(['detailed', 'summary']))
    .addOption(new Option('-o, --output <format>', 'text, json or yaml').default('text'))
    .optionsGroup('Packet:')
    .option(
      '--at <time>',
      'time of the run (5s, 250ms), start, end, or the name of a snapshot (default: start)',
    )
    .addOption(new Option('--ttl <number>', 'TTL or hop limit of the sender').argParser(wholeNumber(1, 255)))
    .addOption(new Option('--size <bytes>', 'payload bytes').argParser(wholeNumber(0, 65_507)))
    .optionsGroup('Scenario:')
  for (const option of scenarioOptions()) command.addOption(option)
  command.action(
    (
      file: string,
      from: string,
      to: string,
      protocol: TraceQuery['protocol'],
      port: number | undefined,
      flags: TraceFlags,
    ) => trace(context, file, { from, to, protocol, ...(port !== undefined && { port }) }, flags),
  )
  examples(
    command,
    'isthmus trace isthmus.yaml az1/pod1 az2/pod1',
    'isthmus trace isthmus.yaml az1/pod1 10.17.0.10 tcp 443 --summary',
    'isthmus trace isthmus.yaml az1/pod1 az2/pod1 --at 4s --minimal',
  )
}

async function trace(
  context: CommandContext,
  file: string,
  query: TraceQuery,
  flags: TraceFlags,
): Promise<void> {
  const [output] = parseOutputs([flags.output], ['text', 'json', 'yaml'])
  const format = output?.format ?? 'text'
  if (query.port !== undefined && query.protocol === 'icmp') throw new CliError('icmp has no ports')
  const engine = await context.io.engine()
  const scenario = await loadOne(context, engine, file, flags)
  if (scenario === undefined) return
  checkPod(scenario, query.from)
  if (parseIp(query.to) === undefined) {
    if (/^[\d.]+$|:/.test(query.to)) throw new CliError(`${query.to} is not an address`)
    checkPod(scenario, query.to)
  }
  const walked = await engine.trace(scenario, {
    ...query,
    at: momentOf(scenario, flags.at),
    ...(flags.ttl !== undefined && { ttl: flags.ttl }),
    ...(flags.size !== undefined && { size: flags.size }),
  })
  const { renderTrace, roundTrip } = await import('../../report/trace/render.ts')
  const { io } = context
  if (format === 'text') {
    const depth: TraceDepth = flags.minimal ? 'minimal' : flags.summary ? 'summary' : 'detailed'
    io.write(renderTrace(walked, depth, { color: wantsColor(io, io.stdout, context.color()) }))
  } else {
    const { toJson, toYaml } = await import('../../report/structured.ts')
    const data = { schemaVersion: 1, ok: roundTrip(walked), trace: walked }
    io.write(format === 'json' ? toJson(data) : toYaml(data))
  }
  context.finish(roundTrip(walked) ? EXIT.ok : endedByLimit(walked) ? EXIT.inconclusive : EXIT.findings)
}

/** A pod that exists at some time of the scenario. */
function checkPod(scenario: Scenario, name: string): void {
  const pods = [
    ...scenario.network.clusters.flatMap(({ id, pods: own }) => own.map((pod) => `${id}/${pod.name}`)),
    ...scenario.timeline.flatMap(({ event }) =>
      event.kind === 'pod-add' ? [`${event.cluster}/${event.pod.name}`] : [],
    ),
  ]
  if (pods.includes(name)) return
  throw new CliError(`${scenario.file} has no pod ${name}`, {
    hint:
      didYouMean(name, pods) ??
      (pods.length === 0
        ? 'it has no pods'
        : `its pods are ${pods.slice(0, 8).join(', ')}${pods.length > 8 ? ', …' : ''}`),
  })
}
