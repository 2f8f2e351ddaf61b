// The work of `isthmus conform`: scenarios of files and random ones, several labs at a time, and a file for each disagreement that was
// shrunk.

import { join } from 'node:path'
import type { Scenario } from '../model/scenario.ts'
import type { ConformReport } from '../run/conform/conform.ts'
import type { Judged, NotCompared } from '../run/conform/judged.ts'
import { CliError } from './errors.ts'
import { writeWhole } from './files.ts'
import type { Io } from './io.ts'
import { type LabTalk, labError, withLabs } from './lab-environment.ts'

/** Runs that shrinking one disagreement may cost: about ten minutes. */
const SHRINK_RUNS = 60

/** What came of all of them: one lab of several that cannot be built does not cost the others their results. */
export interface ConformRuns extends NotCompared {
  /** Files first, then seeds, each in the order given. */
  readonly judged: readonly Judged[]
}

type Outcome =
  | { readonly kind: 'judged'; readonly judged: Judged }
  | { readonly kind: 'left' | 'broken'; readonly why: string }

export interface RunFlags {
  readonly jobs: number
  readonly shrink: boolean
  readonly regressions: string
  readonly verbose?: true
}

/** Runs all scenarios, `jobs` at a time. */
export async function runAll(
  io: Io,
  scenarios: readonly Scenario[],
  seeds: readonly number[],
  flags: RunFlags,
): Promise<ConformRuns> {
  const { inParallel } = await import('../run/in-parallel.ts')
  const { UnsupportedByLab } = await import('../run/lab-run.ts')
  const works = [
    ...scenarios.map((scenario) => ({
      name: scenario.name,
      judge: (talk: LabTalk): Promise<Judged> => judgeFile(scenario, talk),
    })),
    ...seeds.map((seed) => ({
      name: `random ${seed}`,
      judge: (talk: LabTalk): Promise<Judged> => judgeSeed(seed, talk, flags),
    })),
  ]
  let done = 0
  const results = await withLabs(io, flags.verbose === true, (talk) =>
    inParallel(works, flags.jobs, async ({ name, judge }): Promise<Outcome> => {
      const { progress } = talk
      const named = (words: string): void => progress?.(works.length === 1 ? words : `${name}: ${words}`)
      try {
        const judged = await judge(progress === undefined ? talk : { ...talk, progress: named })
        named(`${judged.verdict} (${++done} of ${works.length})`)
        return { kind: 'judged', judged }
      } catch (error) {
        if (error instanceof UnsupportedByLab) return { kind: 'left', why: error.message }
        const told = await labError(error)
        if (works.length === 1 || !(told instanceof CliError)) throw error
        return { kind: 'broken', why: `${name}: ${told.message}` }
      }
    }),
  )
  const reasons = (kind: 'left' | 'broken'): string[] =>
    results.flatMap((one) => (one.kind === kind ? [one.why] : []))
  return {
    judged: results.flatMap((one) => (one.kind === 'judged' ? [one.judged] : [])),
    left: reasons('left'),
    broken: reasons('broken'),
  }
}

async function compared(scenario: Scenario, talk: LabTalk): Promise<ConformReport> {
  const { conform, reportOf } = await import('../run/conform/conform.ts')
  const { lrRouteList } = await import('../report/ovn/lr-route-list.ts')
  const ids: string[] = []
  const began = (id: string): void => {
    ids.push(id)
    talk.began(id)
  }
  try {
    return reportOf(await conform(scenario, lrRouteList, { ...talk, began }))
  } finally {
    for (const id of ids) talk.ended(id)
  }
}

/** What differs is run again, because a lab is also at the mercy of the machine it is on. */
async function judgeFile(scenario: Scenario, talk: LabTalk): Promise<Judged> {
  const report = await compared(scenario, talk)
  if (report.ok) return { report, verdict: 'agree', random: undefined }
  talk.progress?.('differs; once more')
  const second = await compared(scenario, talk)
  return second.ok
    ? { report, verdict: 'unstable', random: undefined }
    : { report: second, verdict: 'differ', random: undefined }
}

async function judgeSeed(seed: number, talk: LabTalk, flags: RunFlags): Promise<Judged> {
  const { regressionHead, regressionName, trial } = await import('../run/conform/random/trial.ts')
  const tried = await trial(seed, {
    run: (scenario) => compared(scenario, talk),
    shrinkRuns: flags.shrink ? SHRINK_RUNS : 0,
    ...(talk.progress !== undefined && { progress: talk.progress }),
  })
  const { verdict, report, shrunk } = tried
  if (shrunk === undefined) return { report, verdict, random: { seed, regression: undefined } }
  const { scenarioYaml } = await import('../report/scenario-yaml.ts')
  const { ovnVersion } = await import('../lab/doctor.ts')
  const file = join(flags.regressions, `${regressionName(tried)}.yaml`)
  writeWhole(file, scenarioYaml(shrunk.scenario, regressionHead(tried, await ovnVersion())))
  const { runs, isMinimal } = shrunk
  return { report, verdict, random: { seed, regression: { file, runs, isMinimal } } }
}
