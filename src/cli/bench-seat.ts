// A seat of the route bench in a process of its own: this command line once more, with one structure and the same table, that answers a
// line for each round. Its command is hidden, because it is of no use to people.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Structure } from '../run/bench/contender.ts'
import type { BenchWork } from '../run/bench/measure.ts'
import type { RoundFigures, Seat } from '../run/bench/seat.ts'
import { updateOrder, writeWorkload } from '../run/bench/workload.ts'

/** Makes seats as processes of a script; `end` takes away what they share. */
export function seatProcesses(script: string, { list, trace }: BenchWork) {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-bench-'))
  const file = join(folder, 'workload')
  writeWorkload(file, { list, traces: [trace], order: updateOrder(list) })
  return {
    seat: (structure: Structure): Promise<Seat> =>
      Promise.resolve(new SeatProcess(script, structure.name, file)),
    end: (): void => rmSync(folder, { recursive: true, force: true }),
  }
}

class SeatProcess implements Seat {
  readonly #name: string
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>
  #errors = ''

  constructor(script: string, name: string, file: string) {
    this.#name = name
    // `isthmus bench seat`, which src/cli/commands/bench.ts does not show.
    this.#child = spawn(process.execPath, [...process.execArgv, script, 'bench', 'seat', name, file])
    this.#child.stderr.on('data', (bytes) => {
      this.#errors += String(bytes)
    })
    // When the child is gone, the missing line tells.
    this.#child.stdin.on('error', () => undefined)
    this.#child.on('error', (error) => {
      this.#errors += error.message
    })
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async round(): Promise<RoundFigures> {
    this.#child.stdin.write('round\n')
    const line = await this.#lines.next()
    if (line.done === true) throw new Error(`the process of ${this.#name} ended: ${this.#errors.trim()}`)
    return JSON.parse(line.value) as RoundFigures
  }

  close(): void {
    this.#child.kill('SIGKILL')
  }
}

/** The other end: answers a line of JSON for each line of standard input, until it ends. */
export async function serveSeat(
  name: string,
  file: string,
  cpu: () => number,
  write: (text: string) => void,
): Promise<void> {
  const { readWorkload } = await import('../run/bench/workload.ts')
  const { contenderOf, PASS_TIME } = await import('../run/bench/measure.ts')
  const { LocalSeat } = await import('../run/bench/seat.ts')
  const { STRUCTURES } = await import('../net/route-table/structures.ts')
  const { list, traces } = readWorkload(file)
  const structure = STRUCTURES.find((one) => one.family === list.family && one.name === name)
  if (structure === undefined) throw new Error(`no structure ${name} for IPv${list.family}`)
  const seat = new LocalSeat(contenderOf(structure, { list, trace: traces[0]! }), cpu, PASS_TIME)
  for await (const _ of createInterface({ input: process.stdin }))
    write(`${JSON.stringify(await seat.round())}\n`)
}
