// Says which routes and policies northd leaves out, each once, in the words of northd's log (RT-7, RT-8, PL-2).
// Flows are made only when somebody looks at them (view.ts), the log is not: so new rows are judged here as they come, and
// the others again only when something they depend on has changed. A router may have ten thousand.

import { addressSetsOf } from '../../../model/address-set.ts'
import type { NbTables, RowId } from '../../../model/tables.ts'
import type { Database } from '../../db/database.ts'
import { policyProblem } from './policies.ts'
import { routerInputPorts } from './router-input.ts'
import { routeProblem } from './static-route.ts'

/** Tables whose change makes every route and policy be judged again. */
const GROUNDS = ['Logical_Router_Port', 'Logical_Router_Policy', 'Address_Set'] as const

export class LeftOut {
  readonly #nb: Database<NbTables>
  readonly #say: (problem: string) => void
  /** Route rows that came or changed since the last look; `all` where everything is to be judged. */
  #unseen: Set<RowId> | 'all' = 'all'
  readonly #said = new Set<string>()

  /** Listens to the database for as long as that lives. */
  constructor(nb: Database<NbTables>, say: (problem: string) => void) {
    this.#nb = nb
    this.#say = say
    nb.onCommit((commit) => {
      if (GROUNDS.some((table) => commit.touched(table).size > 0)) this.#unseen = 'all'
      if (this.#unseen === 'all') return
      for (const id of commit.touched('Logical_Router_Static_Route').keys()) this.#unseen.add(id)
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
    if (unseen !== 'all' && unseen.size === 0) return
    this.#unseen = new Set()
    const nb = this.#nb.snapshot()
    const { tables } = nb
    const addressSets = addressSetsOf(tables.Address_Set.values())
    for (const router of tables.Logical_Router.values()) {
      const ports = routerInputPorts(nb, router)
      for (const id of router.static_routes) {
        if (unseen !== 'all' && !unseen.has(id)) continue
        const row = tables.Logical_Router_Static_Route.get(id)
        if (row !== undefined) this.#once(routeProblem({ ports }, row))
      }
      for (const id of unseen === 'all' ? router.policies : []) {
        const row = tables.Logical_Router_Policy.get(id)
        if (row !== undefined) this.#once(policyProblem({ ports, addressSets }, row))
      }
    }
  }

  #once(problem: string | undefined): void {
    if (problem === undefined || this.#said.has(problem)) return
    this.#said.add(problem)
    this.#say(problem)
  }
}
