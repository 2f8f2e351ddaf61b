// Writes MRT as RFC 6396 and RFC 8050 say, for round trips.

import type { Ip } from '../../../src/net/ip.ts'
import type { Prefix } from '../../../src/net/prefix.ts'

export interface MrtPath {
  readonly peer: number
  readonly nextHop: Ip
}

export interface MrtRoute {
  readonly prefix: Prefix
  readonly paths: readonly MrtPath[]
}

const u16 = (n: number): number[] => [n >>> 8, n & 255]
const u32 = (n: number): number[] => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]

export function ipBytes(ip: Ip): number[] {
  return typeof ip === 'number' ? u32(ip) : [ip.w0, ip.w1, ip.w2, ip.w3].flatMap(u32)
}

function prefixBytes({ ip, len }: Prefix): number[] {
  return [len, ...ipBytes(ip).slice(0, (len + 7) >> 3)]
}

export function record(type: number, subtype: number, message: readonly number[]): number[] {
  return [...u32(1_767_225_600), ...u16(type), ...u16(subtype), ...u32(message.length), ...message]
}

/** ORIGIN, AS_PATH and the next hop: NEXT_HOP, or MP_REACH_NLRI shortened to it. */
function attributes(nextHop: Ip): number[] {
  const asPath = [2, 1, ...u32(65_001)]
  const hop =
    typeof nextHop === 'number' ? [0x40, 3, 4, ...ipBytes(nextHop)] : [0x80, 14, 17, 16, ...ipBytes(nextHop)]
  return [0x40, 1, 1, 0, 0x40, 2, asPath.length, ...asPath, ...hop]
}

export function peerTable(peers: readonly Ip[]): number[] {
  const entries = peers.flatMap((ip) => [
    typeof ip === 'number' ? 2 : 3,
    ...u32(0x0a000001),
    ...ipBytes(ip),
    ...u32(65_001),
  ])
  return record(13, 1, [
    ...u32(0x0a000001),
    ...u16(4),
    ...[...'view'].map((c) => c.charCodeAt(0)),
    ...u16(peers.length),
    ...entries,
  ])
}

export type Form = 'plain' | 'addpath' | 'generic' | 'generic-addpath' | 'generic-addpath-in-entries'

export function ribRecord(sequence: number, { prefix, paths }: MrtRoute, form: Form): number[] {
  const six = typeof prefix.ip !== 'number'
  const idInEntries = form === 'addpath' || form === 'generic-addpath-in-entries'
  const entries = paths.flatMap(({ peer, nextHop }, i) => {
    const attrs = attributes(nextHop)
    return [...u16(peer), ...u32(1), ...(idInEntries ? u32(i) : []), ...u16(attrs.length), ...attrs]
  })
  const nlri = prefixBytes(prefix)
  const tail = [...u16(paths.length), ...entries]
  if (form === 'plain') return record(13, six ? 4 : 2, [...u32(sequence), ...nlri, ...tail])
  if (form === 'addpath') return record(13, six ? 10 : 8, [...u32(sequence), ...nlri, ...tail])
  const family = [...u16(six ? 2 : 1), 1]
  const id = form === 'generic-addpath' ? u32(7) : []
  return record(13, form === 'generic' ? 6 : 12, [...u32(sequence), ...family, ...id, ...nlri, ...tail])
}

/** A record of the old TABLE_DUMP: one path of one peer. */
export function tableDump(sequence: number, prefix: Prefix, peer: Ip, nextHop: Ip): number[] {
  const attrs = attributes(nextHop)
  return record(12, typeof prefix.ip === 'number' ? 1 : 2, [
    ...u16(0),
    ...u16(sequence),
    ...ipBytes(prefix.ip),
    prefix.len,
    1,
    ...u32(1),
    ...ipBytes(peer),
    ...u16(65_001),
    ...u16(attrs.length),
    ...attrs,
  ])
}
