#!/usr/bin/env node
// Where the process begins: streams, broken pipes, SIGINT, exit code. Everything else is in run-cli.ts and gets these as arguments.

import type { Engine } from './engine.ts'
import { EXIT } from './errors.ts'
import { inlineMore } from './jit.ts'
import { runCli } from './run-cli.ts'

inlineMore()

// `isthmus run … | head` closes our output early; that is the reader's choice and no error. A full disk is one, of the
// environment. If it is standard error that cannot be written, the exit code alone has to tell.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok)
    if (stream === process.stdout)
      process.stderr.write(`error: cannot write to standard output: ${error.message}\n`)
    process.exit(EXIT.environment)
  })

// The first Ctrl-C lets a run clear away what it has half written; a second one ends the process at once.
const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort())

process.exitCode = await runCli(process.argv.slice(2), {
  write: (text) => process.stdout.write(text),
  talk: (text) => process.stderr.write(text),
  stdout: { isTTY: process.stdout.isTTY ?? false, columns: process.stdout.columns },
  stderr: { isTTY: process.stderr.isTTY ?? false, columns: process.stderr.columns },
  env: process.env,
  signal: interrupt.signal,
  again: [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
  ...(process.argv[1] !== undefined && { script: process.argv[1] }),
  engine: (): Promise<Engine> => import('../index.ts'),
})
