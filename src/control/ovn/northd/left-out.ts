// Says which routes and policies northd leaves out, each once, in the words of northd's log (RT-7, RT-8, PL-2).
// Flows are made only when somebody looks at them (view.ts), the log is not: so new rows are judged here as they come, and
// the others again only when something they depend on has changed. A router may have ten thousand.

import { addressSetsOf } from '../../../model/address-set.ts'
import type { LogicalRouterRow, NbTables, RowId } from '../../../model/tables.ts'
import type { Database } from '../../db/database.ts'
import { policyProblem } from './policies.ts'
import { routerInputPorts } from './router-input.ts'
import { routeJudge } from './static-route.ts'

/** Tables whose change makes every route and policy be judged again. */
const GROUNDS = ['Logical_Router_Port', 'Logical_Router_Policy', 'Address_Set'] as const

export class LeftOut {
  readonly #nb: Database<NbTables>
  readonly #say: (problem: string) => void
  /** Route rows that came or changed since the last look, a map a commit; `all` where everything is to be judged. */
  #unseen: ReadonlyMap<RowId, unknown>[] | 'all' = 'all'
  readonly #said = new Set<string>()

  /** Listens to the database for as long as that lives. */
  constructor(nb: Database<NbTables>, say: (problem: string) => void) {
    this.#nb = nb
    this.#say = say
    nb.onCommit((commit) => {
      if (GROUNDS.some((table) => commit.touched(table).size > 0)) this.#unseen = 'all'
      const routes = commit.touched('Logical_Router_Static_Route')
      if (this.#unseen !== 'all' && routes.size > 0) this.#unseen.push(routes)
    })
  }

  /** A new process says everything again. */
  reset(): void {
    this.#unseen = 'all'
    this.#said.clear()
  }

  /** Judges what has not been judged yet. */
  look(): void {
    const unseen = this.#unseen
    if (unseen !== 'all' && unseen.length === 0) return
    this.#unseen = []
    const nb = this.#nb.snapshot()
    const { tables } = nb
    const addressSets = addressSetsOf(tables.Address_Set.values())
    for (const router of tables.Logical_Router.values()) {
      const ports = routerInputPorts(nb, router)
      const problemOf = routeJudge({ ports })
      for (const id of this.#routesToJudge(router, unseen, tables.Logical_Router.size)) {
        const row = tables.Logical_Router_Static_Route.get(id)
        if (row !== undefined) this.#once(problemOf(row))
      }
      for (const id of unseen === 'all' ? router.policies : []) {
        const row = tables.Logical_Router_Policy.get(id)
        if (row !== undefined) this.#once(policyProblem({ ports, addressSets }, row))
      }
    }
  }

  *#routesToJudge(
    router: LogicalRouterRow,
    unseen: readonly ReadonlyMap<RowId, unknown>[] | 'all',
    routers: number,
  ): Iterable<RowId> {
    if (unseen === 'all') yield* router.static_routes
    // A route without a router does not exist, so all routes are those of the only one.
    else if (routers === 1) for (const routes of unseen) yield* routes.keys()
    else for (const id of router.static_routes) if (unseen.some((routes) => routes.has(id))) yield id
  }

  #once(problem: string | undefined): void {
    if (problem === undefined || this.#said.has(problem)) return
    this.#said.add(problem)
    this.#say(problem)
  }
}
