// The outside world as the commands see it: two streams, the environment, the engine. main.ts passes the process, tests pass
// an object of their own.

import type { Engine } from './engine.ts'

export interface Io {
  /** Data: standard output. */
  write(text: string): void
  /** Talk: standard error. */
  talk(text: string): void
  readonly stdout: Screen
  readonly stderr: Screen
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborts when the user interrupts the command. */
  readonly signal?: AbortSignal
  /** The command line of this process with its program, to run it once more. */
  readonly again?: readonly string[]
  /** The file that Node runs, for commands that start themselves again; without it they do all in this process. */
  readonly script?: string
  /** Loads scenarios and runs them; imported when first asked for. */
  engine(): Promise<Engine>
}

/** What a stream ends in. */
export interface Screen {
  readonly isTTY: boolean
  /** Width in columns as the terminal tells it, which may be 0; see `widthOf`. */
  readonly columns: number | undefined
}

/** Columns to fit a text into; undefined off a terminal and where a terminal does not know and says 0. */
export function widthOf({ columns }: Screen): number | undefined {
  return columns === 0 ? undefined : columns
}

/** `--color`. */
export type ColorChoice = 'auto' | 'always' | 'never'

/** Whether to colour a stream: the flag, then FORCE_COLOR, then NO_COLOR (no-color.org), then whether it is a terminal. */
export function wantsColor(io: Pick<Io, 'env'>, screen: Screen, choice: ColorChoice = 'auto'): boolean {
  if (choice !== 'auto') return choice === 'always'
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: term } = io.env
  if (force !== undefined) return force !== '0' && force !== 'false'
  if (no !== undefined && no !== '') return false
  return screen.isTTY && term !== 'dumb'
}
