// The schemas of OVN 23.03's four databases as far as they are modelled: ovn-nb.ovsschema 7.0.0, ovn-sb.ovsschema 20.27.0,
// ovn-ic-nb.ovsschema 1.0.0, ovn-ic-sb.ovsschema 1.1.1. Data only.
// Surprise: Logical_Switch and Logical_Router have no unique name, and origin is no part of the key of a Route (ADV-10).

import type { IcNbTables, IcSbTables, NbTables, SbTables } from '../../model/tables.ts'
import { type DatabaseSchema, uniqueOn, uniqueTogether } from './schema.ts'

const NO_MAP: Readonly<Record<string, string>> = {}

/** OVN_Northbound: what is wanted of one AZ's logical network (ovn-nb(5)). */
export const NB_SCHEMA: DatabaseSchema<NbTables> = {
  name: 'OVN_Northbound',
  tables: {
    NB_Global: {
      root: true,
      indexes: [],
      references: [],
      rowsMax: 1,
      defaults: { name: '', options: NO_MAP },
    },
    Logical_Switch: {
      root: true,
      indexes: [],
      references: [{ column: 'ports', to: 'Logical_Switch_Port', kind: 'strong' }],
      defaults: { name: '', ports: [], other_config: NO_MAP },
    },
    Logical_Switch_Port: {
      root: false,
      indexes: [uniqueOn('name')],
      references: [],
      defaults: { name: '', type: '', addresses: [], options: NO_MAP, up: false },
    },
    Logical_Router: {
      root: true,
      indexes: [],
      references: [
        { column: 'ports', to: 'Logical_Router_Port', kind: 'strong' },
        { column: 'static_routes', to: 'Logical_Router_Static_Route', kind: 'strong' },
        { column: 'policies', to: 'Logical_Router_Policy', kind: 'strong' },
      ],
      defaults: { name: '', ports: [], static_routes: [], policies: [], options: NO_MAP },
    },
    Logical_Router_Port: {
      root: false,
      indexes: [uniqueOn('name')],
      references: [{ column: 'gateway_chassis', to: 'Gateway_Chassis', kind: 'strong' }],
      defaults: { name: '', mac: '', networks: [], gateway_chassis: [], options: NO_MAP },
    },
    Logical_Router_Static_Route: {
      root: false,
      indexes: [],
      references: [],
      defaults: {
        ip_prefix: '',
        nexthop: '',
        policy: undefined,
        route_table: '',
        output_port: undefined,
        options: NO_MAP,
        external_ids: NO_MAP,
      },
    },
    Logical_Router_Policy: {
      root: false,
      indexes: [],
      references: [],
      ranges: { priority: [0, 32767] },
      defaults: { priority: 0, match: '', action: 'allow', nexthops: [], external_ids: NO_MAP },
    },
    Gateway_Chassis: {
      root: false,
      indexes: [uniqueOn('name')],
      references: [],
      ranges: { priority: [0, 32767] },
      defaults: { name: '', chassis_name: '', priority: 0 },
    },
    Address_Set: {
      root: true,
      indexes: [uniqueOn('name')],
      references: [],
      defaults: { name: '', addresses: [] },
    },
  },
}

/** OVN_Southbound: what northd made of it, and where things are (ovn-sb(5)). */
export const SB_SCHEMA: DatabaseSchema<SbTables> = {
  name: 'OVN_Southbound',
  tables: {
    Chassis: {
      root: true,
      indexes: [uniqueOn('name')],
      references: [{ column: 'encaps', to: 'Encap', kind: 'strong', required: true }],
      defaults: { name: '', hostname: '', encaps: [], other_config: NO_MAP },
    },
    Encap: {
      root: false,
      indexes: [uniqueTogether('type', 'ip')],
      references: [],
      defaults: { type: 'geneve', ip: '', chassis_name: '', options: NO_MAP },
    },
    Datapath_Binding: {
      root: true,
      indexes: [uniqueOn('tunnel_key')],
      references: [],
      ranges: { tunnel_key: [1, 16777215] },
      defaults: { tunnel_key: 0, name: '', kind: 'switch', nb: 0 },
    },
    Port_Binding: {
      root: true,
      indexes: [
        // Port keys have 16 bits (15 for ports proper), so one number holds both columns.
        { columns: ['datapath', 'tunnel_key'], key: (row) => row.datapath * 0x10000 + row.tunnel_key },
        uniqueOn('logical_port'),
      ],
      references: [
        { column: 'datapath', to: 'Datapath_Binding', kind: 'strong', required: true },
        { column: 'chassis', to: 'Chassis', kind: 'weak' },
        { column: 'ha_chassis_group', to: 'HA_Chassis_Group', kind: 'strong' },
      ],
      ranges: { tunnel_key: [1, 32767] },
      defaults: {
        logical_port: '',
        datapath: 0,
        tunnel_key: 0,
        type: '',
        chassis: undefined,
        mac: [],
        options: NO_MAP,
        ha_chassis_group: undefined,
        up: false,
      },
    },
    HA_Chassis_Group: {
      root: true,
      indexes: [uniqueOn('name')],
      references: [
        { column: 'ref_chassis', to: 'Chassis', kind: 'weak' },
        {
          column: 'members',
          to: 'Chassis',
          kind: 'weak',
          read: (row) => row.members.map((member) => member.chassis),
          without: (row, gone) => ({
            ...row,
            members: row.members.map((member) =>
              member.chassis !== undefined && gone(member.chassis)
                ? { ...member, chassis: undefined }
                : member,
            ),
          }),
        },
      ],
      defaults: { name: '', members: [], ref_chassis: [] },
    },
  },
}

/** OVN_IC_Northbound: the transit switches that are wanted (ovn-ic-nb(5)). */
export const IC_NB_SCHEMA: DatabaseSchema<IcNbTables> = {
  name: 'OVN_IC_Northbound',
  tables: {
    Transit_Switch: {
      root: true,
      indexes: [uniqueOn('name')],
      references: [],
      defaults: { name: '', external_ids: NO_MAP },
    },
  },
}

/** OVN_IC_Southbound: what the AZs tell each other (ovn-ic-sb(5)). */
export const IC_SB_SCHEMA: DatabaseSchema<IcSbTables> = {
  name: 'OVN_IC_Southbound',
  tables: {
    Availability_Zone: { root: true, indexes: [uniqueOn('name')], references: [], defaults: { name: '' } },
    Gateway: {
      root: true,
      indexes: [uniqueOn('name')],
      references: [
        { column: 'availability_zone', to: 'Availability_Zone', kind: 'strong', required: true },
        { column: 'encaps', to: 'Encap', kind: 'strong', required: true },
      ],
      defaults: { name: '', availability_zone: 0, hostname: '', encaps: [] },
    },
    Encap: {
      root: false,
      indexes: [uniqueTogether('type', 'ip')],
      references: [],
      defaults: { type: 'geneve', ip: '', gateway_name: '' },
    },
    Datapath_Binding: {
      root: true,
      indexes: [uniqueOn('tunnel_key')],
      references: [],
      ranges: { tunnel_key: [1, 16777215] },
      defaults: { transit_switch: '', tunnel_key: 0 },
    },
    Port_Binding: {
      root: true,
      indexes: [uniqueTogether('transit_switch', 'tunnel_key'), uniqueOn('logical_port')],
      references: [{ column: 'availability_zone', to: 'Availability_Zone', kind: 'strong', required: true }],
      ranges: { tunnel_key: [1, 32767] },
      defaults: {
        logical_port: '',
        transit_switch: '',
        availability_zone: 0,
        tunnel_key: 0,
        gateway: '',
        address: '',
        external_ids: NO_MAP,
      },
    },
    Route: {
      root: true,
      indexes: [uniqueTogether('transit_switch', 'availability_zone', 'route_table', 'ip_prefix', 'nexthop')],
      references: [{ column: 'availability_zone', to: 'Availability_Zone', kind: 'strong', required: true }],
      defaults: {
        transit_switch: '',
        availability_zone: 0,
        route_table: '',
        ip_prefix: '',
        nexthop: '',
        origin: 'connected',
        external_ids: NO_MAP,
      },
    },
  },
}
