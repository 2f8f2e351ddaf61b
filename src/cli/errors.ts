// Exit codes, a public contract (docs/cli.md), and the errors that carry them up to main.

/** What the process ends with. */
export const EXIT = {
  ok: 0,
  /** An expectation failed, or a packet did not arrive. */
  findings: 1,
  /** Bad input or bad usage. */
  usage: 2,
  /** A bug of ours. */
  bug: 3,
  /** The environment lacks something: a file cannot be written, a program is missing. */
  environment: 4,
  /** A limit ended a run before it could be judged. */
  inconclusive: 5,
  /** Ctrl-C. */
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** An error that is the user's to mend: printed as one line and a hint, without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: ExitCode
  readonly hint: string | undefined

  constructor(
    message: string,
    options: { readonly exitCode?: ExitCode; readonly hint?: string | undefined } = {},
  ) {
    super(message)
    this.exitCode = options.exitCode ?? EXIT.usage
    this.hint = options.hint
  }
}
