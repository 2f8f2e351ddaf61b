// Runs the command line in this process with streams that are strings and an engine that answers from fixtures.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Engine, LoadOptions, SimulateOptions, TraceQuery } from '../../src/cli/engine.ts'
import type { Io, Screen } from '../../src/cli/io.ts'
import { runCli } from '../../src/cli/run-cli.ts'
import type { RunResult } from '../../src/model/observation.ts'
import type { Scenario } from '../../src/model/scenario.ts'
import { DATABASES, resultOf, TRACE } from '../report/fixtures.ts'
import { scenarioOf, state } from '../verify/fixtures.ts'

export interface Outcome {
  readonly code: number
  readonly out: string
  readonly talk: string
}

/** What the fake engine was asked. */
export interface Asked {
  readonly load: { path: string; options: LoadOptions | undefined }[]
  readonly simulate: { scenario: Scenario; options: SimulateOptions | undefined }[]
  readonly stateAt: number[]
  readonly trace: TraceQuery[]
}

const PIPE: Screen = { isTTY: false, columns: undefined }

/** An engine over fixtures; every part can be replaced. */
export function fakeEngine(parts: Partial<Engine> = {}): { engine: Engine; asked: Asked } {
  const asked: Asked = { load: [], simulate: [], stateAt: [], trace: [] }
  const engine: Engine = {
    load(path, options) {
      asked.load.push({ path, options })
      return { scenario: { ...scenarioOf(), file: path }, diagnostics: [], sources: new Map() }
    },
    simulateAsync(scenario, options): RunResult {
      asked.simulate.push({ scenario, options })
      return resultOf({
        scenario,
        expectations: scenario.expectations.map((expectation) => ({ expectation, ok: true, detail: '' })),
      })
    },
    stateAt(_, at) {
      asked.stateAt.push(at)
      return { databases: DATABASES, state: state(at) }
    },
    trace(_, query) {
      asked.trace.push(query)
      return TRACE
    },
    ...parts,
  }
  return { engine, asked }
}

/** Runs `isthmus` with a command line split at spaces, or with words. */
export async function isthmus(
  line: string | readonly string[],
  options: {
    readonly engine?: Engine
    readonly env?: Io['env']
    readonly stdout?: Screen
    readonly stderr?: Screen
  } = {},
): Promise<Outcome> {
  let out = ''
  let talk = ''
  const code = await runCli(typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line, {
    write: (text) => {
      out += text
    },
    talk: (text) => {
      talk += text
    },
    stdout: options.stdout ?? PIPE,
    stderr: options.stderr ?? PIPE,
    env: options.env ?? {},
    engine: async () => options.engine ?? fakeEngine().engine,
  })
  return { code, out, talk }
}

/** A folder that is gone after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-cli-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
