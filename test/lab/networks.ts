/** Every network of this project that real OVN is asked about: example scenarios, cases for single rules, regressions, truth cases. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { loadScenario, loadScenarioText } from '../../src/input/load.ts'
import type { Scenario } from '../../src/model/scenario.ts'
import type { TruthCase } from '../truth/case-format.ts'
import { scenarioOf } from '../truth/to-scenario.ts'

export const ROOT: string = resolve(import.meta.dirname, '../..')

/** Folders of networks, in the order of docs/fidelity.md. */
export const FOLDERS = [
  'scenarios',
  'scenarios/ovn-ic',
  'scenarios/regressions',
  'test/lab/cases',
  'test/truth/cases',
] as const

/** Paths of all networks below the project's root. */
export function networkPaths(): string[] {
  return FOLDERS.flatMap((folder) =>
    existsSync(join(ROOT, folder))
      ? readdirSync(join(ROOT, folder), { withFileTypes: true })
          .filter(
            (entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name) && entry.name !== 'schema.json',
          )
          .map((entry) => `${folder}/${entry.name}`)
          .sort()
      : [],
  )
}

/** What rules call a network: its file's name without ending. */
export function networkName(path: string): string {
  return basename(path).replace(/\.\w+$/, '')
}

/** The network as a scenario; throws with all problems if it is none. */
export function scenarioAt(path: string): Scenario {
  const { scenario, diagnostics } =
    dirname(path) === 'test/truth/cases'
      ? loadScenarioText(
          JSON.stringify(
            scenarioOf(JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as TruthCase),
            null,
            1,
          ),
          path,
          {},
        )
      : loadScenario(join(ROOT, path))
  if (scenario === undefined)
    throw new Error(diagnostics.map(({ message }) => `${path}: ${message}`).join('\n'))
  return { ...scenario, file: path }
}

/** The first 12 hexadecimal digits of a file's SHA-256: whether a result is of the file as it is now. */
export function fingerprint(path: string): string {
  return createHash('sha256')
    .update(readFileSync(join(ROOT, path)))
    .digest('hex')
    .slice(0, 12)
}
