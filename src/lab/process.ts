/**
 * The one place of the lab that starts other programs. Each command is told before it runs (`-v`), every process carries the run's
 * id and folder in its environment (`ISTHMUS_LAB`, `ISTHMUS_LAB_FOLDER`), so that a later `lab down` finds what a killed run left, daemons
 * included.
 * Surprise: programs of OVS that go to the background keep their environment; that is what makes the search possible.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { runFolder } from './names.ts'

/** One program with its arguments. */
export interface Command {
  readonly argv: readonly [string, ...string[]]
  /** Written to its standard input. */
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  /** A failure is told and does not end what it is part of. */
  readonly mayFail?: boolean
  /** Its standard input stays open until the caller ends it; only for commands that are started beside others. */
  readonly hold?: boolean
}

/** How a program ended. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A program could not be started, or ended with a code other than 0. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly command: Command
  readonly ended: Ended

  constructor(command: Command, ended: Ended) {
    const why = (ended.stderr.trim() || ended.stdout.trim()).split('\n').slice(-3).join(' ')
    super(`${commandLine(command)}: ${why === '' ? `exit code ${ended.code}` : why}`)
    this.command = command
    this.ended = ended
  }
}

/** Starts programs for one lab. */
export class Processes {
  readonly #env: Readonly<Record<string, string | undefined>>
  readonly #tell: (line: string) => void

  /** `id` is the run's, empty for programs that belong to no lab; `tell` hears each command line before it runs. */
  constructor(id: string, tell: (line: string) => void = () => {}) {
    const { ISTHMUS_LAB: _id, ISTHMUS_LAB_FOLDER: _folder, ...own } = process.env
    this.#env = { ...own, ...(id !== '' && labEnv(id)), PATH: searchPath(own.PATH), LC_ALL: 'C' }
    this.#tell = tell
  }

  /** Runs a command to its end. Throws a CommandError unless it ends with 0 or may fail. */
  async run(command: Command): Promise<Ended> {
    const child = this.start(command)
    const ended = await outcome(child)
    if (ended.code !== 0 && command.mayFail !== true) throw new CommandError(command, ended)
    return ended
  }

  /** Starts a command that is to run beside the others; the caller ends it. Its output can be read from the streams. */
  start(command: Command): ChildProcess {
    this.#tell(commandLine(command))
    const [file, ...args] = command.argv
    const child = spawn(file, args, {
      env: { ...this.#env, ...command.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    // A program that ends before it has read everything is judged by its exit code.
    child.stdin.on('error', () => {})
    if (command.hold !== true) child.stdin.end(command.input ?? '')
    return child
  }

  /** Runs a command to its end while everything else in this process waits. */
  runSync(command: Command): Ended {
    this.#tell(commandLine(command))
    const [file, ...args] = command.argv
    const { status, stdout, stderr, error } = spawnSync(file, args, {
      env: { ...this.#env, ...command.env },
      input: command.input ?? '',
      encoding: 'utf8',
    })
    return { code: status ?? (error === undefined ? 128 : 127), stdout, stderr }
  }

  /** Runs a command on the caller's own terminal; its exit code. What interrupts us is the command's to answer, and is passed on. */
  async interactive(command: Command): Promise<number> {
    this.#tell(commandLine(command))
    const [file, ...args] = command.argv
    const child = spawn(file, args, { env: { ...this.#env, ...command.env }, stdio: 'inherit' })
    const passOn = (signal: NodeJS.Signals): unknown => child.kill(signal)
    for (const signal of INTERRUPTS) process.on(signal, passOn)
    try {
      return (await outcome(child)).code
    } finally {
      for (const signal of INTERRUPTS) process.off(signal, passOn)
    }
  }
}

/** Signals that ask a program to end: Ctrl-C, `kill`, a terminal that was closed. */
export const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What every process of a lab carries. */
export function labEnv(id: string): Record<string, string> {
  return { ISTHMUS_LAB: id, ISTHMUS_LAB_FOLDER: runFolder(id) }
}

/** Folders of system programs, which an ordinary user's PATH often lacks. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/sbin:/sbin'

function searchPath(own: string | undefined): string {
  return own === undefined || own === '' ? SYSTEM_PATH : `${own}:${SYSTEM_PATH}`
}

/** Collects the output of a started program until it ends; 127 when it could not be started. */
export function outcome(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    let stdout = ''
    let stderr = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    child.on('error', (error) => resolve({ code: 127, stdout, stderr: error.message }))
    child.on('close', (code, signal) =>
      resolve({ code: code ?? (signal === null ? 1 : 128), stdout, stderr }),
    )
  })
}

/** A command as a line for a shell. */
export function commandLine({ argv, env = {}, input }: Command): string {
  const words = [
    ...Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`),
    ...argv.map(quoted),
  ]
  return input === undefined
    ? words.join(' ')
    : `${words.join(' ')} <<'END'\n${input.replace(/\n?$/, '\n')}END`
}

/** A word as a POSIX shell takes it unchanged. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
