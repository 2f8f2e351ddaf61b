/** One table: every contender a process, all answers compared, then rounds in which they take turns. */
import { statSync } from 'node:fs'
import { type Spread, spreadOf } from '../../src/run/bench/spread.ts'
import type { Question, Spec } from './contenders.ts'
import { PeerProcess } from './process.ts'

/** What one contender did on one table. */
export interface Figures {
  readonly name: string
  readonly group: Spec['group']
  /** Million a second, by trace; of updates under their own name. */
  readonly batch: Readonly<Record<string, Spread>>
  readonly single: Readonly<Record<string, Spread>>
  readonly dependent: Readonly<Record<string, Spread>>
  readonly update: Spread | undefined
  /** Longest update in milliseconds, how many took longer than one, of how many. */
  readonly pause: readonly [longest: number, long: number, of: number] | undefined
  readonly buildMs: number
  readonly bytesAPrefix: number
}

export interface TableFigures {
  readonly table: string
  readonly family: 4 | 6
  readonly shape: string
  readonly size: number
  /** The structure that the library takes by itself for this table. */
  readonly auto: string
  readonly figures: readonly Figures[]
  /** Who could not take part, and why. */
  readonly absent: readonly string[]
  /** Whose answers were not those of the others: they were not measured. */
  readonly wrong: readonly string[]
}

export async function measureTable(
  table: Pick<TableFigures, 'table' | 'family' | 'shape' | 'size' | 'auto'>,
  file: string,
  traces: readonly string[],
  specs: readonly Spec[],
  rounds: number,
): Promise<TableFigures> {
  const absent: string[] = []
  const wrong: string[] = []
  const peers: PeerProcess[] = []
  for (const spec of specs) {
    const peer = await PeerProcess.start(spec, file)
    if (typeof peer === 'string') absent.push(`${spec.name}: ${peer}`)
    else peers.push(peer)
  }
  try {
    for (const [peer, problem] of await compareAnswers(peers, traces)) {
      wrong.push(`${peer.spec.name}: ${problem}`)
      peers.splice(peers.indexOf(peer), 1)
      await peer.end()
    }
    const collected = new Map<string, Map<string, number[]>>(peers.map(({ spec }) => [spec.name, new Map()]))
    const pauses = new Map<string, readonly [number, number, number]>()
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < peers.length; turn++) {
        // Whoever begins a round is another each time.
        const peer = peers[(turn + round) % peers.length]!
        const { spec } = peer
        if (spec.rounds !== undefined && round >= spec.rounds) continue
        note(`${table.table}: round ${round + 1} of ${rounds}, ${spec.name}`)
        for (const question of spec.questions) {
          if (question === 'pause') {
            if (round > 0) continue
            const answer = await peer.ask('pause')
            if (answer !== undefined) pauses.set(spec.name, answer as [number, number, number])
            continue
          }
          for (const line of linesOf(question, spec, traces)) {
            const [rate] = (await peer.ask(line)) ?? []
            if (rate === undefined) continue
            const own = collected.get(spec.name)!
            own.set(line, [...(own.get(line) ?? []), rate])
          }
        }
      }
    }
    note('')
    return {
      ...table,
      absent,
      wrong,
      figures: peers.map((peer) => {
        const own = collected.get(peer.spec.name)!
        const byTrace = (question: Question): Record<string, Spread> =>
          Object.fromEntries(
            traces.flatMap((trace, t) => {
              const spread = spreadOf(own.get(`${question} ${t}`) ?? [])
              return spread === undefined ? [] : [[trace, spread]]
            }),
          )
        return {
          name: peer.spec.name,
          group: peer.spec.group,
          batch: byTrace('batch'),
          single: byTrace('single'),
          dependent: byTrace('dependent'),
          update: spreadOf(own.get('update 0') ?? []),
          pause: pauses.get(peer.spec.name),
          buildMs: peer.buildMs,
          bytesAPrefix: peer.bytes / table.size,
        }
      }),
    }
  } finally {
    await Promise.all(peers.map((peer) => peer.end()))
  }
}

function linesOf(question: Question, spec: Spec, traces: readonly string[]): string[] {
  const first = question === 'dependent' || question === 'update' || spec.brief === true
  return (first ? traces.slice(0, 1) : traces).map((_, t) => `${question} ${t}`)
}

/** All that find the longest prefix must find the same; gives those that differ from what most say. */
async function compareAnswers(
  peers: readonly PeerProcess[],
  traces: readonly string[],
): Promise<Map<PeerProcess, string>> {
  const wrong = new Map<PeerProcess, string>()
  for (const [t, trace] of traces.entries()) {
    const answers = new Map<PeerProcess, string>()
    for (const peer of peers) {
      const answer = (await peer.ask(`answers ${t}`))?.join(' ')
      if (answer !== undefined) answers.set(peer, answer)
    }
    const votes = new Map<string, number>()
    for (const answer of answers.values()) votes.set(answer, (votes.get(answer) ?? 0) + 1)
    const [right] = [...votes].sort((a, b) => b[1] - a[1])[0] ?? []
    for (const [peer, answer] of answers)
      if (answer !== right) wrong.set(peer, `answers unlike the others on trace ${trace}`)
  }
  return wrong
}

/** Progress, on a terminal only. */
function note(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

/** Size of a workload, for the log. */
export function megabytes(file: string): string {
  return `${(statSync(file).size / 2 ** 20).toFixed(0)} MiB`
}
