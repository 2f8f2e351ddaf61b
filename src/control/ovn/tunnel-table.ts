// Where the tunnels of one chassis lead, worked out from the Southbound (OVN 23.03: encaps.c). Rule GW-6.

import type { SbTables } from '../../model/tables.ts'
import { familyOf, type Ip, parseIp } from '../../net/ip.ts'
import type { Database } from '../db/database.ts'
import type { ChassisIdentity } from './controller-switch.ts'

/** Worked out once per change of the database: in a large mesh each lists a thousand chassis. */
export class TunnelTable {
  readonly #sb: Database<SbTables>
  readonly #identity: ChassisIdentity
  readonly #warn: (text: string) => void
  #known: { readonly key: readonly unknown[]; readonly addresses: ReadonlyMap<string, Ip> } | undefined
  /** Chassis of other AZs that were warned about (GE-6). */
  readonly #vxlanPeers = new Set<string>()

  constructor(sb: Database<SbTables>, identity: ChassisIdentity, warn: (text: string) => void) {
    this.#sb = sb
    this.#identity = identity
    this.#warn = warn
  }

  /** A new process has worked out nothing yet. */
  forget(): void {
    this.#known = undefined
  }

  /**
   * Far ends by chassis name. GW-6: every chassis of the AZ; those of other AZs only from a chassis that is a gateway itself, and only as
   * Geneve: VXLAN has no room for the key of a transit switch (GE-6), so what goes that way arrives nowhere.
   */
  addresses(isInterconn: boolean): ReadonlyMap<string, Ip> {
    const sb = this.#sb
    const { chassis: self, encapIp, encapType } = this.#identity
    const key = [sb.tableVersion('Chassis'), sb.tableVersion('Encap'), isInterconn]
    const before = this.#known
    if (before?.key.every((item, i) => item === key[i])) return before.addresses
    const addresses = new Map<string, Ip>()
    for (const { name, encaps, other_config } of sb.rows('Chassis').values()) {
      const remote = other_config['is-remote'] === 'true'
      if (name === self || (remote && !isInterconn)) continue
      const encap = encaps.map((id) => sb.get('Encap', id)).find((row) => row !== undefined)
      if (remote && (encap?.type === 'vxlan' || encapType === 'vxlan')) {
        this.#warnOfVxlan(name)
        continue
      }
      const ip = encap === undefined ? undefined : parseIp(encap.ip)
      // OVS has no tunnel whose ends are of different families.
      if (ip !== undefined && familyOf(ip) === familyOf(encapIp)) addresses.set(name, ip)
    }
    this.#known = { key, addresses }
    return addresses
  }

  #warnOfVxlan(remote: string): void {
    if (this.#vxlanPeers.has(remote)) return
    this.#vxlanPeers.add(remote)
    this.#warn(`no tunnel to ${remote}: VXLAN cannot carry interconnection (GE-6)`)
  }
}
