// The destination addresses of a capture as a trace: what a network really asked its routers, in the order in which it did.

import { lanesOf } from '../../model/prefix-list.ts'
import type { Capture } from '../../wire/pcap-reader.ts'
import type { AddressTrace } from './traces.ts'

/**
 * Destinations of the packets of one family, in their order. Ethernet (with VLAN tags), Linux cooked, loopback and raw IP are
 * understood; other packets are left out. Tunnels are not opened: the outer destination is what a router looks up.
 */
export function captureTrace(capture: Capture, family: 4 | 6, name: string): AddressTrace {
  const width = lanesOf(family)
  const lanes = new Uint32Array(width * capture.packets.length)
  let length = 0
  for (const { bytes, interfaceId } of capture.packets) {
    const linkType = capture.interfaces[interfaceId]?.linkType ?? 1
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const at = ipHeader(view, linkType)
    if (at === undefined || at >= bytes.length || view.getUint8(at) >>> 4 !== family) continue
    const destination = at + (family === 4 ? 16 : 24)
    if (destination + 4 * width > bytes.length) continue
    for (let lane = 0; lane < width; lane++)
      lanes[width * length + lane] = view.getUint32(destination + 4 * lane)
    length++
  }
  return { family, name, length, addresses: lanes.slice(0, width * length) }
}

/** The same trace, over and over, until it has at least `least` addresses: short captures still fill a measurement. */
export function repeated(trace: AddressTrace, least: number): AddressTrace {
  if (trace.length === 0 || trace.length >= least) return trace
  const times = Math.ceil(least / trace.length)
  const addresses = new Uint32Array(trace.addresses.length * times)
  for (let i = 0; i < times; i++) addresses.set(trace.addresses, i * trace.addresses.length)
  return { ...trace, length: trace.length * times, addresses }
}

/** Where the IP header begins, by LINKTYPE (www.tcpdump.org/linktypes.html); undefined when no IP follows. */
function ipHeader(view: DataView, linkType: number): number | undefined {
  switch (linkType) {
    case 0:
    case 108:
      return 4
    case 1:
      return afterEtherType(view, 12)
    case 12:
    case 101:
    case 228:
    case 229:
      return 0
    case 113:
      return afterEtherType(view, 14)
    case 276:
      return isIp(view, 0) ? 20 : undefined
    default:
      return undefined
  }
}

/** Skips VLAN tags (802.1Q, 802.1ad). */
function afterEtherType(view: DataView, at: number): number | undefined {
  let type = at
  while (type + 2 <= view.byteLength && [0x8100, 0x88a8, 0x9100].includes(view.getUint16(type))) type += 4
  return isIp(view, type) ? type + 2 : undefined
}

function isIp(view: DataView, at: number): boolean {
  if (at + 2 > view.byteLength) return false
  const type = view.getUint16(at)
  return type === 0x0800 || type === 0x86dd
}
