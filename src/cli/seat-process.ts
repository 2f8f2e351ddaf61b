// Seats of the route bench in processes of their own: bench-seat.ts beside the command line, with one structure and the same table each.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, extname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Structure } from '../run/bench/contender.ts'
import type { BenchWork } from '../run/bench/measure.ts'
import type { RoundFigures, Seat } from '../run/bench/seat.ts'
import { updateOrder, writeWorkload } from '../run/bench/workload.ts'

/** Makes seats beside the script of the command line; `end` takes away what they share. */
export function seatProcesses(script: string, { list, trace }: BenchWork) {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-bench-'))
  const file = join(folder, 'workload')
  // npm runs the command line through a link. The ending is that of the source or of the bundle.
  const real = realpathSync(script)
  const seat = join(dirname(real), `bench-seat${extname(real)}`)
  writeWorkload(file, { list, traces: [trace], order: updateOrder(list) })
  return {
    seat: (structure: Structure): Promise<Seat> =>
      Promise.resolve(new SeatProcess(seat, structure.name, file)),
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
    this.#child = spawn(process.execPath, [...process.execArgv, script, name, file])
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
