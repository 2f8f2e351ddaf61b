/**
 * A plan as a scenario that the simulator brings to rest. What a plan leaves out is invented where any choice does, and said; what it
 * gets wrong is kept, because its effect is what is asked for. Where no network can be made of it, the reasons are given with their places.
 */
import type { Span } from '../../diag/diagnostic.ts'
import { loadScenarioText } from '../../input/load.ts'
import type { Plan } from '../../model/plan.ts'
import type { ProfileName } from '../../model/profile.ts'
import type { Scenario } from '../../model/scenario.ts'
import { withoutRepeats } from '../../plan/index.ts'
import { networkDocument, type Place } from './document.ts'

/** Why a plan cannot run. */
export interface Obstacle {
  readonly message: string
  /** Where the plan says what stands in the way. */
  readonly span?: Span
}

/** The network of a plan, present exactly when there is no obstacle. */
export interface PlanScenario {
  readonly scenario?: Scenario
  readonly obstacles: readonly Obstacle[]
  /** True where nothing in the plan is wrong, and nothing in it is simulated. */
  readonly notSimulated?: boolean
  /** What the plan does not say and was taken to be so, in sentences. */
  readonly assumed: readonly string[]
}

/** Makes a scenario of a plan; `profile` is modelled whatever the plan says. */
export function planScenario(plan: Plan, name: string, profile?: ProfileName): PlanScenario {
  const once = { ...plan, networks: withoutRepeats(plan.networks) }
  const { document, assumed, places, reason } = networkDocument(once, name, profile)
  if (document === undefined)
    return { obstacles: [{ message: reason ?? 'there is nothing to join' }], notSimulated: true, assumed }
  const text = JSON.stringify(document, null, 1)
  const { scenario, diagnostics } = loadScenarioText(text, name)
  if (scenario !== undefined) return { scenario, obstacles: [], assumed }
  const spans = spansByLine(text, places)
  return {
    assumed,
    obstacles: diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ message, span }): Obstacle => {
        const at = span === undefined ? undefined : spans.get(span.line)
        return { message, ...(at !== undefined && { span: at }) }
      }),
  }
}

/** Where the plan says what stands on a line of the document, as printed with an indent of one. */
function spansByLine(text: string, places: readonly Place[]): Map<number, Span> {
  const wanted = new Map(places.map(({ path, span }) => [path.join('\n'), span]))
  const found = new Map<number, Span>()
  const path: string[] = []
  for (const [i, line] of text.split('\n').entries()) {
    const key = /^( *)("(?:[^"\\]|\\.)*"): /.exec(line)
    if (key !== null) {
      path.length = key[1]!.length - 1
      path.push(JSON.parse(key[2]!) as string)
    }
    // A list's items belong to its key; a line without a place of its own to the nearest one around it.
    for (let length = path.length; length > 0; length--) {
      const span = wanted.get(path.slice(0, length).join('\n'))
      if (span === undefined) continue
      found.set(i + 1, span)
      break
    }
  }
  return found
}
