/**
 * Rows of OVN's databases, as far as they are modelled: OVN_Northbound, OVN_Southbound, OVN_IC_Northbound, OVN_IC_Southbound
 * (ovn-nb(5), ovn-sb(5), ovn-ic-nb(5), ovn-ic-sb(5)). A row is an immutable value; its identity is the `RowId` it is stored under,
 * so that equal rows (one learned route in a thousand clusters) are one object. References are RowIds.
 */

/** Identity of a row inside one database, a small integer; `Database.uuid` renders it as a UUID. */
export type RowId = number
export type StringMap = Readonly<Record<string, string>>

export interface NbGlobal {
  readonly name: string
  readonly options: StringMap
}
export interface LogicalSwitchRow {
  readonly name: string
  readonly ports: readonly RowId[]
  readonly other_config: StringMap
}
export interface LogicalSwitchPortRow {
  readonly name: string
  /** '' is a VIF; `router`, `remote`, `localnet`. */
  readonly type: string
  readonly addresses: readonly string[]
  readonly options: StringMap
  readonly up: boolean
}
export interface LogicalRouterRow {
  readonly name: string
  readonly ports: readonly RowId[]
  readonly static_routes: readonly RowId[]
  readonly policies: readonly RowId[]
  readonly options: StringMap
}
export interface LogicalRouterPortRow {
  readonly name: string
  readonly mac: string
  readonly networks: readonly string[]
  readonly gateway_chassis: readonly RowId[]
  readonly options: StringMap
}
export interface StaticRouteRow {
  readonly ip_prefix: string
  readonly nexthop: string
  /** Undefined is dst-ip. */
  readonly policy: 'dst-ip' | 'src-ip' | undefined
  readonly route_table: string
  readonly output_port: string | undefined
  readonly options: StringMap
  readonly external_ids: StringMap
}
export interface RouterPolicyRow {
  readonly priority: number
  readonly match: string
  readonly action: 'allow' | 'drop' | 'reroute'
  readonly nexthops: readonly string[]
  readonly external_ids: StringMap
}
export interface GatewayChassisRow {
  /** `<lrp>-<chassis>`. */
  readonly name: string
  readonly chassis_name: string
  readonly priority: number
}

/** A named set of addresses; a policy's match refers to it as `$name` (see `model/address-set.ts`). */
export interface AddressSetRow {
  readonly name: string
  readonly addresses: readonly string[]
}

export interface ChassisRow {
  readonly name: string
  readonly hostname: string
  readonly encaps: readonly RowId[]
  readonly other_config: StringMap
}
export interface EncapRow {
  readonly type: string
  readonly ip: string
  readonly chassis_name: string
  readonly options: StringMap
}
export interface SbDatapathRow {
  readonly tunnel_key: number
  /** `external_ids:name` and which NB row it comes from. */
  readonly name: string
  readonly kind: 'switch' | 'router'
  readonly nb: RowId
}
export interface SbPortBindingRow {
  readonly logical_port: string
  readonly datapath: RowId
  readonly tunnel_key: number
  /** '' VIF, `patch`, `chassisredirect`, `remote`, `localnet`. */
  readonly type: string
  readonly chassis: RowId | undefined
  readonly mac: readonly string[]
  readonly options: StringMap
  readonly ha_chassis_group: RowId | undefined
  readonly up: boolean
}
export interface HaChassisGroupRow {
  readonly name: string
  readonly members: readonly {
    readonly chassis_name: string
    readonly chassis: RowId | undefined
    readonly priority: number
  }[]
  readonly ref_chassis: readonly RowId[]
}

export interface TransitSwitchRow {
  readonly name: string
  readonly external_ids: StringMap
}

export interface AvailabilityZoneRow {
  readonly name: string
}
export interface IcGatewayRow {
  readonly name: string
  readonly availability_zone: RowId
  readonly hostname: string
  readonly encaps: readonly RowId[]
}
export interface IcEncapRow {
  readonly type: string
  readonly ip: string
  readonly gateway_name: string
}
export interface IcDatapathRow {
  readonly transit_switch: string
  readonly tunnel_key: number
}
export interface IcPortBindingRow {
  readonly logical_port: string
  readonly transit_switch: string
  readonly availability_zone: RowId
  readonly tunnel_key: number
  readonly gateway: string
  readonly address: string
  readonly external_ids: StringMap
}
export interface IcRouteRow {
  readonly transit_switch: string
  readonly availability_zone: RowId
  readonly route_table: string
  readonly ip_prefix: string
  readonly nexthop: string
  readonly origin: 'connected' | 'static'
  readonly external_ids: StringMap
}

export interface NbTables {
  NB_Global: NbGlobal
  Logical_Switch: LogicalSwitchRow
  Logical_Switch_Port: LogicalSwitchPortRow
  Logical_Router: LogicalRouterRow
  Logical_Router_Port: LogicalRouterPortRow
  Logical_Router_Static_Route: StaticRouteRow
  Logical_Router_Policy: RouterPolicyRow
  Gateway_Chassis: GatewayChassisRow
  Address_Set: AddressSetRow
}
export interface SbTables {
  Chassis: ChassisRow
  Encap: EncapRow
  Datapath_Binding: SbDatapathRow
  Port_Binding: SbPortBindingRow
  HA_Chassis_Group: HaChassisGroupRow
}
export interface IcNbTables {
  Transit_Switch: TransitSwitchRow
}
export interface IcSbTables {
  Availability_Zone: AvailabilityZoneRow
  Gateway: IcGatewayRow
  Encap: IcEncapRow
  Datapath_Binding: IcDatapathRow
  Port_Binding: IcPortBindingRow
  Route: IcRouteRow
}

/** One database as it stood at one moment: every table as rows by id, plus the UUID text of a row. */
export interface DatabaseSnapshot<Tables> {
  readonly tables: { readonly [T in keyof Tables]: ReadonlyMap<RowId, Tables[T]> }
  uuid(row: RowId): string
}

/** All databases of a network at one moment; what `show` prints and `conform` compares. */
export interface DatabasesSnapshot {
  readonly at: number
  readonly clusters: ReadonlyMap<
    string,
    { readonly nb: DatabaseSnapshot<NbTables>; readonly sb: DatabaseSnapshot<SbTables> }
  >
  readonly icNb: DatabaseSnapshot<IcNbTables>
  readonly icSb: DatabaseSnapshot<IcSbTables>
}
