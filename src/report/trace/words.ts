// Sentences that all three renderings of a trace share: the packet, a Geneve header, where it ended.

import type { Disposition, TracePacket, TunnelHeader } from '../../model/trace.ts'
import { DISPOSITIONS } from '../../verify/dispositions.ts'

/** `icmp 10.16.0.10 -> 10.17.0.10, TTL 64, 84 bytes`. */
export function packetText(packet: TracePacket): string {
  const end = (address: string, port: number | undefined): string =>
    port === undefined ? address : address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  const from = end(packet.source, packet.sourcePort)
  const to = end(packet.destination, packet.destinationPort)
  const fragment = packet.fragmentOf === undefined ? '' : ` (first fragment of ${packet.fragmentOf})`
  return `${packet.protocol} ${from} -> ${to}, TTL ${packet.ttl}, ${packet.length} bytes${fragment}`
}

/** The option's four bytes: ingress key in bits 30 to 16, egress key in bits 15 to 0 (GE-1). */
export function optionData(header: TunnelHeader): string {
  const data = header.ingressKey * 0x10000 + header.egressKey
  return `0x${data.toString(16).padStart(8, '0')}`
}

/** How a packet ended, one sentence without a full stop. */
export function endText(disposition: Disposition): string {
  switch (disposition.kind) {
    case 'delivered':
      return `delivered to ${disposition.port} with TTL ${disposition.ttl}`
    case 'answered':
      return `answered by ${disposition.by}`
    default:
      return `dropped (${DISPOSITIONS[disposition.kind].title}) on ${disposition.where}: ${disposition.reason}`
  }
}

/** What else is known about an end: candidates of an undefined choice, the ICMP error that was sent. */
export function endNotes(disposition: Disposition): string[] {
  if (disposition.kind === 'delivered' || disposition.kind === 'answered') return []
  const notes = (disposition.candidates ?? []).map((candidate) => `candidate: ${candidate}`)
  if (disposition.icmp !== undefined) {
    const { type, code, from, mtu } = disposition.icmp
    const size = mtu === undefined ? '' : `, MTU ${mtu}`
    notes.push(`ICMP type ${type} code ${code}${size} was sent from ${from}`)
  }
  return notes
}
