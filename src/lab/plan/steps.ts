/**
 * A plan is data: phases one after the other, in each phase lanes side by side, in each lane steps in order. The same plan is carried
 * out by `carryOut` and printed by `planScript` as a shell script that does the same.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Command, commandLine, labEnv, type Processes, quoted, SYSTEM_PATH } from '../process.ts'
import { worldArgv } from '../world.ts'

/** One step. */
export type Step =
  | ({ readonly kind: 'run' } & Command)
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'folder'; readonly path: string }

/** Steps in order. */
export type Lane = readonly Step[]

export interface Phase {
  readonly title: string
  readonly lanes: readonly Lane[]
}

/** Runs a command. */
export function run(...argv: readonly [string, ...string[]]): Step {
  return { kind: 'run', argv }
}

/** Runs a command in a network namespace. */
export function inside(
  namespace: string,
  argv: readonly [string, ...string[]],
  more: Omit<Command, 'argv'> = {},
): Extract<Step, { kind: 'run' }> {
  return { kind: 'run', argv: insideArgv(namespace, argv), ...more }
}

/** The command that runs `argv` in a network namespace. */
export function insideArgv(namespace: string, argv: readonly [string, ...string[]]): [string, ...string[]] {
  return ['nsenter', `--net=/run/netns/${namespace}`, ...argv]
}

/** Several commands of `ip` in one go, in a namespace or (where it is undefined) in the caller's. */
export function ipBatch(namespace: string | undefined, lines: readonly string[]): Step {
  const argv: [string, ...string[]] = [
    'ip',
    ...(namespace === undefined ? [] : ['-n', namespace]),
    '-batch',
    '-',
  ]
  return { kind: 'run', argv, input: `${lines.join('\n')}\n` }
}

/** Hears what steps that may fail complained of. */
export type Complaint = (text: string) => void

/** Carries out a plan; the first failure of a step that may not fail ends it. */
export async function carryOut(
  phases: readonly Phase[],
  processes: Processes,
  complain: Complaint,
  began: (title: string) => void = () => {},
): Promise<void> {
  for (const { title, lanes } of phases) {
    began(title)
    // All lanes end before a failure goes up: what is started must be there to be torn down.
    const ended = await Promise.allSettled(lanes.map((lane) => carryOutLane(lane, processes, complain)))
    for (const lane of ended) if (lane.status === 'rejected') throw lane.reason
  }
}

/** Carries out steps in order. */
export async function carryOutLane(lane: Lane, processes: Processes, complain: Complaint): Promise<void> {
  for (const step of lane) {
    if (step.kind === 'folder') mkdirSync(step.path, { recursive: true })
    else if (step.kind === 'file') {
      mkdirSync(dirname(step.path), { recursive: true })
      writeFileSync(step.path, step.text)
    } else {
      const { code, stderr } = await processes.run(step)
      if (code === 0) continue
      // The tools end themselves with SIGALRM when what they wait for does not come.
      const inVain = /signal 14/.test(stderr)
      const words = step.argv.slice(step.argv.indexOf('wait-until'))
      complain(inVain ? `${words.join(' ')} in vain` : stderr.trim().replace(/^\S+: /, ''))
    }
  }
}

/** The plan as a script for sh: lanes run in the background of their phase. */
export function planScript(phases: readonly Phase[], id: string, comment: string): string {
  const lines = [
    '#!/bin/sh',
    ...comment.split('\n').map((line) => `# ${line}`),
    'set -e',
    '# Who is not root needs a world of their own; see docs/lab.md.',
    `if [ "$(id -u)" != 0 ] && [ -f "$0" ]; then`,
    `exec ${worldArgv([]).map(quoted).join(' ')} sh "$0"`,
    'fi',
    `export ${[...Object.entries(labEnv(id)), ['LC_ALL', 'C']].map(([name, value]) => `${name}=${quoted(value ?? '')}`).join(' ')}`,
    `export PATH="$PATH:${SYSTEM_PATH}"`,
    '',
  ]
  for (const { title, lanes: all } of phases) {
    // A subshell without a command is a syntax error.
    const lanes = all.filter((lane) => lane.length > 0)
    lines.push(`echo ${quoted(title)} >&2`)
    const [only] = lanes
    if (lanes.length === 1 && only !== undefined) lines.push(...only.map(stepText))
    else {
      lines.push('pids=')
      for (const lane of lanes) lines.push('(', ...lane.map(stepText), ') & pids="$pids $!"')
      lines.push('for pid in $pids; do wait "$pid"; done')
    }
    lines.push('')
  }
  return `${lines.join('\n')}\n`
}

function stepText(step: Step): string {
  if (step.kind === 'folder') return `mkdir -p ${quoted(step.path)}`
  if (step.kind === 'file')
    return `mkdir -p ${quoted(dirname(step.path))}\ncat > ${quoted(step.path)} <<'END'\n${step.text.replace(/\n?$/, '\n')}END`
  if (step.mayFail !== true) return commandLine(step)
  return step.input === undefined ? `${commandLine(step)} || true` : `{\n${commandLine(step)}\n} || true`
}
