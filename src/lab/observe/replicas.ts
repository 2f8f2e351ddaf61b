/** The databases of a running lab, each kept up to date here: NB and SB of every AZ, the IC databases, every chassis' Open_vSwitch. */
import type { Network } from '../../model/network.ts'
import type { DatabasesSnapshot } from '../../model/tables.ts'
import type { Nanos } from '../../model/time.ts'
import type { Names } from '../names.ts'
import {
  IC_NB_TABLES,
  IC_SB_TABLES,
  icNorthboundOf,
  icSouthboundOf,
  NB_TABLES,
  northboundOf,
  RowIds,
  SB_TABLES,
  southboundOf,
} from './databases.ts'
import { type Change, Replica } from './ovsdb-client.ts'

const OVS_TABLES = {
  Interface: ['name', 'type', 'options', 'external_ids', 'bfd', 'bfd_status'],
  Port: ['name', 'interfaces', 'external_ids'],
}

/** Which database something comes from; `node` is `cluster/node`. */
export type Origin =
  | { readonly kind: 'nb' | 'sb'; readonly cluster: string }
  | { readonly kind: 'ovs'; readonly node: string }
  | { readonly kind: 'ic-nb' | 'ic-sb' }

/** Both databases of an AZ. */
export interface ZoneReplicas {
  readonly nb: Replica
  readonly sb: Replica
  readonly nbIds: RowIds
  readonly sbIds: RowIds
}

export class Replicas {
  /** By cluster. */
  readonly zones: ReadonlyMap<string, ZoneReplicas>
  /** By `cluster/node`. */
  readonly ovs: ReadonlyMap<string, Replica>
  readonly icNb: Replica
  readonly icSb: Replica
  readonly #icNbIds = new RowIds()
  readonly #icSbIds = new RowIds()

  /** `changed` hears the changes of each message together. */
  constructor(names: Names, network: Network, changed: (origin: Origin, changes: readonly Change[]) => void) {
    const watched = (origin: Origin, replica: Replica): Replica => {
      replica.onChange = (changes) => changed(origin, changes)
      return replica
    }
    const ic = [...names.ic.values()]
    const members = (kind: 'nb' | 'sb'): string[] => ic.map((paths) => paths[kind])
    this.icNb = watched({ kind: 'ic-nb' }, new Replica(members('nb'), 'OVN_IC_Northbound', IC_NB_TABLES))
    this.icSb = watched({ kind: 'ic-sb' }, new Replica(members('sb'), 'OVN_IC_Southbound', IC_SB_TABLES))
    this.zones = new Map(
      network.clusters.map(({ id: cluster }) => {
        const { nb, sb } = names.zone(cluster)
        return [
          cluster,
          {
            nb: watched({ kind: 'nb', cluster }, new Replica(nb, 'OVN_Northbound', NB_TABLES)),
            sb: watched({ kind: 'sb', cluster }, new Replica(sb, 'OVN_Southbound', SB_TABLES)),
            nbIds: new RowIds(),
            sbIds: new RowIds(),
          },
        ]
      }),
    )
    this.ovs = new Map(
      [...names.nodes].map(([node, { ovs }]) => [
        node,
        watched({ kind: 'ovs', node }, new Replica(ovs, 'Open_vSwitch', OVS_TABLES)),
      ]),
    )
  }

  get all(): Replica[] {
    const zones = [...this.zones.values()].flatMap(({ nb, sb }) => [nb, sb])
    return [this.icNb, this.icSb, ...zones, ...this.ovs.values()]
  }

  /** The databases as they are now; `at` is what the snapshot says about its time. */
  snapshot(at: Nanos): DatabasesSnapshot {
    return {
      at,
      clusters: new Map(
        [...this.zones].map(([id, { nb, sb, nbIds, sbIds }]) => [
          id,
          { nb: northboundOf(nb, nbIds), sb: southboundOf(sb, sbIds) },
        ]),
      ),
      icNb: icNorthboundOf(this.icNb, this.#icNbIds),
      icSb: icSouthboundOf(this.icSb, this.#icSbIds),
    }
  }
}
