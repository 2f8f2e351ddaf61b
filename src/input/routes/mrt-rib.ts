// The messages of MRT that hold routes: PEER_INDEX_TABLE and the RIB records of TABLE_DUMP_V2 (RFC 6396 §4.3), those with several
// paths a peer (RFC 8050 §4), TABLE_DUMP (RFC 6396 §4.2). The next hop of a route is that of the first path in its record.
// Surprises: RFC 8050 puts the path identifier of RIB_GENERIC_ADDPATH before the prefix; OpenBGPD and GoBGP put it into the entries, so
// whichever way consumes the record exactly is taken. MP_REACH_NLRI is shortened to its next hop (§4.3.4), but old Quagga wrote all of it.

import { formatIp, type Ip, ip6 } from '../../net/ip.ts'
import { masked, type Prefix } from '../../net/prefix.ts'
import type { RouteCollector } from './collector.ts'

/** Subtypes of TABLE_DUMP_V2. */
export const V2 = { peers: 1, generic: 6, genericAddPath: 12 } as const

/** Subtypes with a prefix of one family: its AFI, whether unicast, whether entries have path identifiers. */
const RIBS: Readonly<Record<number, readonly [afi: 1 | 2, unicast: boolean, addPath: boolean]>> = {
  2: [1, true, false],
  3: [1, false, false],
  4: [2, true, false],
  5: [2, false, false],
  8: [1, true, true],
  9: [1, false, true],
  10: [2, true, true],
  11: [2, false, true],
}

/** Addresses of the peers by their index. */
export type RibPeers = readonly Ip[]

/** Ends the reading of a message; its text completes "the record at byte N …". */
class Broken extends Error {}

/** A window on a message that never reads past its end. */
class Cursor {
  at = 0
  readonly bytes: Uint8Array
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left(): number {
    return this.bytes.length - this.at
  }

  /** Moves on by `count` bytes and gives where they begin. */
  take(count: number, what: string): number {
    if (count > this.left) throw new Broken(`ends within ${what}: ${count} bytes claimed, ${this.left} left`)
    this.at += count
    return this.at - count
  }

  u8(what: string): number {
    return this.bytes[this.take(1, what)]!
  }

  u16(what: string): number {
    return this.#view.getUint16(this.take(2, what))
  }

  u32(what: string): number {
    return this.#view.getUint32(this.take(4, what))
  }

  ip(afi: 1 | 2, what: string): Ip {
    if (afi === 1) return this.u32(what)
    return ip6(this.u32(what), this.u32(what), this.u32(what), this.u32(what))
  }

  /** A prefix length and as many bytes as it needs (RFC 4271 §4.3); bits beyond the length mean nothing. */
  prefix(afi: 1 | 2): Prefix {
    const len = this.u8('the prefix length')
    const most = afi === 1 ? 32 : 128
    if (len > most) throw new Broken(`has a prefix length of ${len}; at most ${most} fit`)
    const count = (len + 7) >> 3
    const from = this.take(count, 'the prefix')
    const padded = new Cursor(new Uint8Array(most / 8))
    padded.bytes.set(this.bytes.subarray(from, from + count))
    return masked({ ip: padded.ip(afi, 'the prefix'), len })
  }
}

/** Calls a reader and gives what is wrong with its message, if anything is. */
function whole(bytes: Uint8Array, read: (cursor: Cursor) => void): string | undefined {
  try {
    const cursor = new Cursor(bytes)
    read(cursor)
    return cursor.left > 0 ? `has ${cursor.left} bytes behind its end` : undefined
  } catch (error) {
    if (error instanceof Broken) return error.message
    throw error
  }
}

/** The peers of a dump, or what is wrong with them. */
export function readPeers(bytes: Uint8Array): RibPeers | string {
  const peers: Ip[] = []
  const problem = whole(bytes, (cursor) => {
    cursor.take(4, 'the collector')
    cursor.take(cursor.u16('the length of the view name'), 'the view name')
    const count = cursor.u16('the number of peers')
    for (let i = 0; i < count; i++) {
      // Bit 0: the address is IPv6; bit 1: the AS number has four bytes.
      const type = cursor.u8(`peer ${i}`)
      cursor.take(4, `peer ${i}`)
      peers.push(cursor.ip((type & 1) === 1 ? 2 : 1, `peer ${i}`))
      cursor.take((type & 2) === 2 ? 4 : 2, `peer ${i}`)
    }
  })
  return problem ?? peers
}

/** A record of TABLE_DUMP_V2 other than the peers. */
export function readRib(
  subtype: number,
  bytes: Uint8Array,
  peers: RibPeers | undefined,
  routes: RouteCollector,
): string | undefined {
  if (subtype === V2.generic || subtype === V2.genericAddPath)
    return readGeneric(subtype === V2.genericAddPath, bytes, peers, routes)
  const kind = RIBS[subtype]
  if (kind === undefined) {
    routes.leaveOut(`record of TABLE_DUMP_V2 subtype ${subtype}`)
    return undefined
  }
  const [afi, unicast, addPath] = kind
  if (!unicast) {
    routes.leaveOut('multicast prefix')
    return undefined
  }
  let route: Route | undefined
  const problem = whole(bytes, (cursor) => {
    cursor.take(4, 'the sequence number')
    const prefix = cursor.prefix(afi)
    route = { prefix, hop: readEntries(cursor, afi, addPath, peers) }
  })
  if (problem === undefined) addRoute(routes, route)
  return problem
}

interface Route {
  readonly prefix: Prefix
  /** Undefined when the prefix has no path. */
  readonly hop: string | undefined
}

function addRoute(routes: RouteCollector, route: Route | undefined): void {
  if (route?.hop === undefined) routes.leaveOut('prefix without a path')
  else routes.add(route.prefix, route.hop)
}

function readGeneric(
  addPath: boolean,
  bytes: Uint8Array,
  peers: RibPeers | undefined,
  routes: RouteCollector,
): string | undefined {
  let left: string | undefined
  let route: Route | undefined
  const attempt = (idBefore: boolean, idWithin: boolean): string | undefined =>
    whole(bytes, (cursor) => {
      cursor.take(4, 'the sequence number')
      const afi = cursor.u16('the address family')
      const safi = cursor.u8('the address family')
      if ((afi !== 1 && afi !== 2) || safi !== 1) {
        left = `prefix of address family ${afi}/${safi}`
        cursor.take(cursor.left, 'the record')
        return
      }
      if (idBefore) cursor.take(4, 'the path identifier')
      const prefix = cursor.prefix(afi)
      route = { prefix, hop: readEntries(cursor, afi, idWithin, peers) }
    })
  const problem = attempt(addPath, false)
  const settled = problem !== undefined && addPath && attempt(false, true) === undefined ? undefined : problem
  if (settled !== undefined) return settled
  if (left !== undefined) routes.leaveOut(left)
  else addRoute(routes, route)
  return undefined
}

/** The paths of a prefix; gives the next hop of the first. */
function readEntries(
  cursor: Cursor,
  afi: 1 | 2,
  addPath: boolean,
  peers: RibPeers | undefined,
): string | undefined {
  const count = cursor.u16('the number of paths')
  let hop: string | undefined
  for (let i = 0; i < count; i++) {
    const what = `path ${i + 1} of ${count}`
    const peer = cursor.u16(what)
    if (peers !== undefined && peer >= peers.length)
      throw new Broken(`has a path of peer ${peer}; the peer table has ${peers.length}`)
    cursor.take(addPath ? 8 : 4, what)
    const length = cursor.u16(what)
    const from = cursor.take(length, `the attributes of ${what}`)
    if (i > 0) continue
    const peerAddress = peers?.[peer]
    hop =
      nextHopOf(new Cursor(cursor.bytes.subarray(from, from + length)), afi) ??
      (peerAddress === undefined ? `peer ${peer}` : formatIp(peerAddress))
  }
  return hop
}

/** The next hop among BGP path attributes (RFC 4271 §4.3, RFC 4760 §3). */
function nextHopOf(attributes: Cursor, afi: 1 | 2): string | undefined {
  let hop: string | undefined
  while (attributes.left > 0) {
    const flags = attributes.u8('an attribute')
    const type = attributes.u8('an attribute')
    const length = (flags & 0x10) !== 0 ? attributes.u16('an attribute') : attributes.u8('an attribute')
    const from = attributes.take(length, `attribute ${type}`)
    const value = new Cursor(attributes.bytes.subarray(from, from + length))
    if (type === 3 && length === 4 && afi === 1) hop ??= formatIp(value.ip(1, 'the next hop'))
    if (type === 14) hop ??= reachNextHop(value)
  }
  return hop
}

/** The next hop in MP_REACH_NLRI, shortened or whole: a whole one begins with the high byte of an AFI, which is zero. */
function reachNextHop(value: Cursor): string | undefined {
  if (value.left > 0 && value.bytes[0] === 0) value.take(3, 'MP_REACH_NLRI')
  const length = value.left === 0 ? 0 : value.u8('MP_REACH_NLRI')
  // A global address, or one with a link-local address behind it (RFC 2545 §3).
  if (length === 4) return formatIp(value.ip(1, 'the next hop'))
  return length === 16 || length === 32 ? formatIp(value.ip(2, 'the next hop')) : undefined
}

/** A record of TABLE_DUMP: one prefix of one peer. Subtype 1 is IPv4, 2 is IPv6. */
export function readTableDump(
  subtype: number,
  bytes: Uint8Array,
  routes: RouteCollector,
): string | undefined {
  if (subtype !== 1 && subtype !== 2) {
    routes.leaveOut(`record of TABLE_DUMP subtype ${subtype}`)
    return undefined
  }
  let route: Route | undefined
  const problem = whole(bytes, (cursor) => {
    cursor.take(4, 'view and sequence number')
    const ip = cursor.ip(subtype, 'the prefix')
    const len = cursor.u8('the prefix length')
    const most = subtype === 1 ? 32 : 128
    if (len > most) throw new Broken(`has a prefix length of ${len}; at most ${most} fit`)
    cursor.take(5, 'status and time')
    const peer = cursor.ip(subtype, 'the peer')
    cursor.take(2, 'the peer AS')
    const length = cursor.u16('the length of the attributes')
    const from = cursor.take(length, 'the attributes')
    const hop = nextHopOf(new Cursor(bytes.subarray(from, from + length)), subtype)
    route = { prefix: masked({ ip, len }), hop: hop ?? formatIp(peer) }
  })
  if (problem === undefined) addRoute(routes, route)
  return problem
}
