/** A peer as a process that answers lines (workload.h). It waits for the next line while others are measured. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import type { Spec } from './contenders.ts'

export class PeerProcess {
  readonly spec: Spec
  readonly buildMs: number
  readonly bytes: number
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>

  private constructor(
    spec: Spec,
    child: ChildProcessWithoutNullStreams,
    lines: AsyncIterator<string>,
    ready: string,
  ) {
    this.spec = spec
    this.#child = child
    this.#lines = lines
    const [, buildMs, bytes] = ready.split(' ')
    this.buildMs = Number(buildMs)
    this.bytes = Number(bytes)
  }

  /** Starts it and waits until its table is built; a text when it cannot take part. */
  static async start(spec: Spec, file: string): Promise<PeerProcess | string> {
    const [command = '', ...args] = [...spec.command, file]
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    const errors: string[] = []
    child.stderr.on('data', (bytes) => errors.push(String(bytes)))
    child.stdin.on('error', () => undefined)
    const reader: Interface = createInterface({ input: child.stdout })
    const lines = reader[Symbol.asyncIterator]()
    const ended = new Promise<string>((resolve) => {
      child.on('error', (error) => resolve(error.message))
      child.on('close', (code) =>
        resolve(`exit ${code}: ${errors.join('').trim().split('\n').slice(-3).join(' ')}`),
      )
    })
    const first = await lines.next()
    if (first.done === true) return ended
    const [word, ...rest] = first.value.split(' ')
    if (word === 'ready') return new PeerProcess(spec, child, lines, first.value)
    child.kill()
    return rest.join(' ')
  }

  /** The numbers of its answer; undefined when it has none. */
  async ask(line: string): Promise<number[] | undefined> {
    this.#child.stdin.write(`${line}\n`)
    const answer = await this.#lines.next()
    if (answer.done === true) throw new Error(`${this.spec.name} ended at "${line}"`)
    const [word, ...numbers] = answer.value.split(' ')
    return word === 'none' ? undefined : numbers.map(Number)
  }

  async end(): Promise<void> {
    const closed = new Promise((resolve) => this.#child.on('close', resolve))
    this.#child.stdin.end()
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), 3000)
    await closed
    clearTimeout(patience)
  }
}
