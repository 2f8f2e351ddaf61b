/**
 * The neighbour table: which MAC address an IP address has, for ARP and neighbour discovery alike (RFC 826, RFC 4861 §7.2; arp(7)).
 * Three requests a second apart, then the packets that waited are given up, as Linux does with `mcast_solicit` = 3.
 * Surprise: unlike Linux, an entry once learned never goes stale: nothing re-probes it, only a newer answer changes it.
 */
import { SECOND } from '../../model/time.ts'
import { formatIp, type Ip, ipKey } from '../../net/ip.ts'
import type { Mac } from '../../net/mac.ts'
import type { Frame } from '../../wire/frame.ts'
import type { HostEnv } from './host-env.ts'

/** Time between two requests (`retrans_time_ms`). */
export const SOLICIT_INTERVAL = SECOND

/** Requests before a neighbour counts as unreachable (`mcast_solicit`). */
export const SOLICIT_MAX = 3

/** Packets that may wait for one neighbour; one more pushes out the oldest (`unres_qlen`). */
export const WAITING_MAX = 101

/** One row of the table. */
export interface Neighbour {
  readonly ip: Ip
  /** Undefined while unknown. */
  mac: Mac | undefined
  /** Packets that wait for the MAC address, oldest first; each starts with its IP header. */
  readonly waiting: Frame[]
  /** Requests sent since the last answer or failure; 0 when none is under way. */
  solicited: number
  timer: number | undefined
}

/** What the table asks of the host around it. */
export interface NeighbourLink {
  /** Sends a request for the address. */
  solicit(ip: Ip): void
  /** Sends a packet that starts with its IP header to a MAC address. */
  transmit(frame: Frame, mac: Mac): void
  /** Takes over a packet whose neighbour did not answer. */
  unreachable(frame: Frame): void
  /** Takes over a packet that was pushed out of a full queue. */
  overflow(frame: Frame): void
}

/** The neighbour table of one interface. */
export class NeighbourTable {
  readonly #env: HostEnv
  readonly #link: NeighbourLink
  readonly #rows = new Map<number | string, Neighbour>()
  #closed = false

  constructor(env: HostEnv, link: NeighbourLink) {
    this.#env = env
    this.#link = link
  }

  /** The row of an address, made when there is none. Rows are never removed, so it may be kept. */
  row(ip: Ip): Neighbour {
    const key = ipKey(ip)
    let row = this.#rows.get(key)
    if (row === undefined) {
      row = { ip, mac: undefined, waiting: [], solicited: 0, timer: undefined }
      this.#rows.set(key, row)
    }
    return row
  }

  /** The MAC address of an address, if known. */
  lookup(ip: Ip): Mac | undefined {
    return this.#rows.get(ipKey(ip))?.mac
  }

  /** Sends a packet to a neighbour, after asking for its MAC address if need be. */
  send(row: Neighbour, frame: Frame): void {
    if (this.#closed) {
      this.#env.release(frame)
      return
    }
    if (row.mac !== undefined) {
      this.#link.transmit(frame, row.mac)
      return
    }
    if (row.waiting.length >= WAITING_MAX) {
      this.#env.dropped?.(`more than ${WAITING_MAX} packets wait for the MAC address of ${formatIp(row.ip)}`)
      this.#link.overflow(row.waiting.shift()!)
    }
    row.waiting.push(frame)
    if (row.solicited === 0) this.#solicit(row)
  }

  /**
   * Takes over what an ARP or neighbour message says. `create` is false where Linux only updates: answers, and requests for
   * others, never make a new row.
   */
  learn(ip: Ip, mac: Mac, create: boolean): void {
    const row = create ? this.row(ip) : this.#rows.get(ipKey(ip))
    if (row === undefined) return
    row.mac = mac
    row.solicited = 0
    if (row.timer !== undefined) this.#env.cancel(row.timer)
    row.timer = undefined
    for (const frame of row.waiting.splice(0)) this.#link.transmit(frame, mac)
  }

  /** Drops what waits and asks nothing any more. */
  close(): void {
    this.#closed = true
    for (const row of this.#rows.values()) {
      if (row.timer !== undefined) this.#env.cancel(row.timer)
      row.timer = undefined
      for (const frame of row.waiting.splice(0)) this.#env.release(frame)
    }
  }

  readonly #solicit = (row: Neighbour): void => {
    row.timer = undefined
    if (row.mac !== undefined) return
    if (row.solicited === SOLICIT_MAX) {
      row.solicited = 0
      for (const frame of row.waiting.splice(0)) {
        this.#env.dropped?.(`${formatIp(row.ip)} did not answer ${SOLICIT_MAX} requests for its MAC address`)
        this.#link.unreachable(frame)
      }
      return
    }
    row.solicited++
    row.timer = this.#env.after(SOLICIT_INTERVAL, this.#solicit, row)
    this.#link.solicit(row.ip)
  }
}
