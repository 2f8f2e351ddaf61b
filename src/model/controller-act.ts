/**
 * What a modelled Kube-OVN of one cluster did to the world around it: its writes to the databases, the flag on nodes' OVS, ovn-ic
 * started and stopped. A lab, where no such controller runs, does the same at the same times on real programs.
 */
import type { DatabaseSnapshot, IcSbTables, NbTables } from './tables.ts'
import type { Nanos } from './time.ts'

export interface ControllerAct {
  /** Counted from the scenario's zero. */
  readonly at: Nanos
  readonly cluster: string
  readonly act: Act
}

export type Act =
  /** One transaction on the Northbound: the database before and after it. */
  | {
      readonly kind: 'northbound'
      readonly before: DatabaseSnapshot<NbTables>
      readonly after: DatabaseSnapshot<NbTables>
    }
  /** All rows of a table that belong to an AZ are destroyed in the IC Southbound; the AZ's own row where the table is `Availability_Zone`. */
  | { readonly kind: 'ic-southbound'; readonly table: IcSbTable; readonly azName: string }
  /** `external_ids:ovn-is-interconn` of a node's OVS. */
  | { readonly kind: 'interconn'; readonly node: string; readonly on: boolean }
  /** ovn-ic is started, or ended gracefully. */
  | { readonly kind: 'ovn-ic'; readonly on: boolean }

/** Tables of the IC Southbound that a controller clears of an AZ. */
export type IcSbTable = Extract<keyof IcSbTables, 'Port_Binding' | 'Gateway' | 'Route' | 'Availability_Zone'>
