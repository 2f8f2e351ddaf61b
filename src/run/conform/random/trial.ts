/**
 * One random scenario, tried: it runs, and where model and lab differ it runs again, because a lab is also at the mercy of the machine it
 * is on. What differs twice is made as small as it gets.
 */
import { loadScenarioText } from '../../../input/load.ts'
import type { RawScenario } from '../../../input/schema/scenario.ts'
import { unsupported } from '../../../lab/events/unsupported.ts'
import type { Scenario } from '../../../model/scenario.ts'
import type { ConformReport } from '../conform.ts'
import type { Judged } from '../judged.ts'
import { type Shrunk, shrink } from '../shrink/shrink.ts'
import { randomScenario } from './generate.ts'

export interface Trial {
  readonly seed: number
  readonly verdict: Judged['verdict']
  /** Of the scenario that is told about: the smallest that differs, or else the first run of the whole. */
  readonly report: ConformReport
  /** What a disagreement was shrunk to; undefined without one, and where shrinking was not wanted. */
  readonly shrunk: Shrunk | undefined
}

export interface TrialOptions {
  /** Runs a scenario on both sides and compares. */
  readonly run: (scenario: Scenario) => Promise<ConformReport>
  /** Runs that shrinking may cost; 0 for no shrinking. */
  readonly shrinkRuns: number
  /** Hears what is being done. */
  readonly progress?: (words: string) => void
}

/** Tries the scenario of a seed. */
export async function trial(seed: number, { run, shrinkRuns, progress }: TrialOptions): Promise<Trial> {
  const raw = randomScenario(seed)
  const scenario = scenarioOf(raw)
  if (scenario === undefined) throw new Error(`the random scenario ${seed} does not load`)
  const first = await run(scenario)
  if (first.ok) return { seed, verdict: 'agree', report: first, shrunk: undefined }
  progress?.('differs; once more')
  const second = await run(scenario)
  if (second.ok) return { seed, verdict: 'unstable', report: first, shrunk: undefined }
  if (shrinkRuns === 0) return { seed, verdict: 'differ', report: second, shrunk: undefined }
  const wanted = differingAspects(second)
  let smallest = second
  let runs = 0
  const shrunk = await shrink(raw, {
    budget: shrinkRuns,
    isValid: (candidate) => scenarioOf(candidate) !== undefined,
    differs: async (candidate) => {
      progress?.(`shrinking, run ${++runs} of at most ${shrinkRuns}`)
      const report = await run(scenarioOf(candidate)!)
      // A smaller scenario that differs in something else altogether shows another disagreement.
      const shows = [...differingAspects(report)].some((aspect) => wanted.has(aspect))
      if (shows) smallest = report
      return shows
    },
  })
  return { seed, verdict: 'differ', report: smallest, shrunk }
}

/** A scenario as data, loaded; undefined where it has errors or a lab refuses it. */
function scenarioOf(raw: RawScenario): Scenario | undefined {
  // YAML holds JSON, and all that is said about places in the file is thrown away here.
  const { scenario } = loadScenarioText(JSON.stringify(raw), `random-${raw.seed}`)
  return scenario === undefined || unsupported(scenario).length > 0 ? undefined : scenario
}

function differingAspects({ comparisons }: ConformReport): Set<string> {
  return new Set(comparisons.flatMap(({ aspect, verdict }) => (verdict === 'differ' ? [aspect] : [])))
}

/** What the file of a shrunk scenario says at its top. */
export function regressionHead({ seed, report, shrunk }: Trial, ovn: string): string[] {
  const wrong = report.comparisons.filter(({ verdict }) => verdict === 'differ')
  return [
    `Found by isthmus conform --random 1 --seed ${seed}, against OVN ${ovn}.`,
    shrunk?.isMinimal === false
      ? `Shrunk in ${shrunk.runs} runs, which was all that was allowed: more may be superfluous.`
      : `Shrunk in ${shrunk?.runs ?? 0} runs: nothing can be taken away without the disagreement being lost.`,
    'What differed:',
    ...wrong.flatMap(({ aspect, what, differences }) => [
      `  ${aspect} ${what}`,
      ...differences
        .slice(0, DIFFERENCES_MAX)
        .flatMap((text) => text.split('\n').map((line) => `    ${line}`)),
    ]),
  ]
}

/** Differences of one aspect that a file quotes. */
const DIFFERENCES_MAX = 3

/** Name of the file of a shrunk scenario, without its ending: `random-31-underlay`. */
export function regressionName({ seed, report }: Trial): string {
  const [aspect = 'unknown'] = differingAspects(report)
  return `random-${seed}-${aspect.toLowerCase()}`
}
