/**
 * Latency and loss that a lab on a kernel without netem leaves out: what of a scenario that is, and which probes it touches. What is left
 * out is said, and nothing that depends on it is judged or compared.
 */
import { needsNetem } from '../lab/plan/links.ts'
import type { LinkFigures } from '../model/network.ts'
import type { Scenario } from '../model/scenario.ts'
import type { Nanos } from '../model/time.ts'
import type { Traffic } from '../model/traffic.ts'

export interface LeftOut {
  /** Each a clause: `latency of az1|az2`. */
  readonly clauses: readonly string[]
  /** Whether what became of a probe depends on it; `until` is when its last request was sent. */
  readonly touches: (traffic: Traffic, until: Nanos) => boolean
}

/** Everything that needs netem and does not get it. */
export function leftOut({ network, timeline }: Scenario, netem: boolean): LeftOut {
  const { underlay } = network
  const all: (readonly [scope: string | undefined, figures: LinkFigures, since: Nanos])[] = netem
    ? []
    : [
        [undefined, underlay, Number.NEGATIVE_INFINITY],
        ...[...Object.entries(underlay.nodes), ...Object.entries(underlay.wan)].map(
          ([scope, figures]) => [scope, figures, Number.NEGATIVE_INFINITY] as const,
        ),
        ...timeline.flatMap(({ at, event }) =>
          event.kind === 'underlay' ? [[event.scope, event.figures, at] as const] : [],
        ),
      ]
  const missing = all.filter(([, { latency = 0, loss = 0 }]) => needsNetem({ latency, loss }))
  const clauses = missing.flatMap(([scope, { latency = 0, loss = 0 }]) => [
    ...(needsNetem({ latency, loss: 0 }) ? [`latency of ${scope ?? 'the underlay'}`] : []),
    ...(loss > 0 ? [`loss of ${scope ?? 'the underlay'}`] : []),
  ])
  return {
    clauses: [...new Set(clauses)],
    touches: (traffic, until) =>
      missing.some(([scope, , since]) => since <= until && onTheWay(scope, traffic)),
  }
}

/** Which nodes a packet passes is the routers' affair; that it stays in its cluster is certain where both ends are in one. */
function onTheWay(scope: string | undefined, { from, to }: Traffic): boolean {
  return scope === undefined || !scope.includes('|') || to?.cluster !== from.cluster
}
