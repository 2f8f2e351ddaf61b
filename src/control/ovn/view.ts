// One AZ's logical network in forwarding terms (model/forwarding.ts), as one value that every chassis of the AZ can hold.
// A view costs nothing until somebody looks into it, and then shares every datapath that did not change with the view
// that was looked into before: in a mesh of a thousand clusters nobody may ever look into most of them.

import type { LogicalView } from '../../model/forwarding.ts'
import type { DatabaseSnapshot, NbTables, SbTables } from '../../model/tables.ts'
import type { Database } from '../db/database.ts'
import type { LogicalFlows } from './northd/northd.ts'
import { compileView, type ViewContents, type ViewOptions } from './view-compile.ts'

export type { ViewOptions } from './view-compile.ts'

/** The view of an AZ as its databases stand; every chassis that asks between two changes gets the same object. */
export class ViewSource {
  readonly #options: ViewOptions
  readonly #sb: Database<SbTables>
  readonly #flows: LogicalFlows
  #key: readonly unknown[] = []
  #view: LazyView | undefined

  constructor(options: ViewOptions, sb: Database<SbTables>, flows: LogicalFlows) {
    this.#options = options
    this.#sb = sb
    this.#flows = flows
  }

  /** Undefined before northd's first loop: there is nothing to program yet. */
  current(): LogicalView | undefined {
    const { source } = this.#flows
    if (source === undefined) return undefined
    const key = [source, ...VIEW_TABLES.map((table) => this.#sb.tableVersion(table))]
    if (this.#view === undefined || key.some((part, i) => part !== this.#key[i])) {
      this.#view = new LazyView(this.#options, source, this.#sb.snapshot(), this.#view)
      this.#key = key
    }
    return this.#view
  }
}

const VIEW_TABLES = ['Chassis', 'Datapath_Binding', 'Port_Binding', 'HA_Chassis_Group'] as const

class LazyView implements LogicalView {
  readonly cluster: string
  readonly ecmpHash: LogicalView['ecmpHash']
  readonly #compile: (last: ViewContents | undefined) => ViewContents
  #previous: LazyView | undefined
  #contents: ViewContents | undefined

  constructor(
    options: ViewOptions,
    nb: DatabaseSnapshot<NbTables>,
    sb: DatabaseSnapshot<SbTables>,
    previous: LazyView | undefined,
  ) {
    this.cluster = options.cluster
    this.ecmpHash = options.ecmpHash
    this.#compile = (last) => compileView(options, nb, sb, last)
    // Views that nobody looked into are passed over, so that they do not pile up behind each other.
    this.#previous =
      previous === undefined || previous.#contents !== undefined ? previous : previous.#previous
  }

  get datapaths(): ViewContents['datapaths'] {
    return this.#look().datapaths
  }

  get byName(): ViewContents['byName'] {
    return this.#look().byName
  }

  get switchOfPort(): ViewContents['switchOfPort'] {
    return this.#look().switchOfPort
  }

  #look(): ViewContents {
    if (this.#contents === undefined) {
      this.#contents = this.#compile(this.#previous === undefined ? undefined : this.#previous.#contents)
      this.#previous = undefined
    }
    return this.#contents
  }
}
