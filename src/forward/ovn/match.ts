// Evaluates a policy's match on a packet, as OVN does after translating it to flows (ovn-sb(5), "Expressions").
// Surprises: a comparison of a field that the packet does not have is false, and so is its negation by `!=`, because
// both carry the protocol as a prerequisite; `!` around an expression is a true negation.

import type { Match } from '../../model/match.ts'
import { contains } from '../../net/prefix.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import type { Packet } from './packet.ts'

/** True when the match holds for the packet. A match on the TTL makes the outcome unfit for the flow cache. */
export function matches(match: Match, packet: Packet): boolean {
  switch (match.kind) {
    case 'and':
      return match.terms.every((term) => matches(term, packet))
    case 'or':
      return match.terms.some((term) => matches(term, packet))
    case 'not':
      return !matches(match.term, packet)
    case 'const':
      return match.value
    case 'protocol':
      return isProtocol(match.name, packet)
    case 'address': {
      if (packet.family !== (match.field.startsWith('ip4') ? 4 : 6)) return false
      const ip = match.field.endsWith('src') ? packet.src : packet.dst
      return match.prefixes.some((prefix) => contains(prefix, ip)) === match.equal
    }
    case 'port':
      return match.names.includes(packet.inportName) === match.equal
    case 'number': {
      const value = numberOf(match.field, packet)
      return value !== undefined && match.values.includes(value) === match.equal
    }
  }
}

type ProtocolName = Extract<Match, { kind: 'protocol' }>['name']

function isProtocol(name: ProtocolName, packet: Packet): boolean {
  const { family, protocol } = packet
  const icmp4 = family === 4 && protocol === IpProtocol.icmp
  const icmp6 = family === 6 && protocol === IpProtocol.icmpv6
  switch (name) {
    case 'ip':
      return family !== 0
    case 'ip4':
      return family === 4
    case 'ip6':
      return family === 6
    case 'icmp':
      return icmp4 || icmp6
    case 'icmp4':
      return icmp4
    case 'icmp6':
      return icmp6
    case 'tcp':
      return family !== 0 && protocol === IpProtocol.tcp
    case 'udp':
      return family !== 0 && protocol === IpProtocol.udp
  }
}

type NumberField = Extract<Match, { kind: 'number' }>['field']

function numberOf(field: NumberField, packet: Packet): number | undefined {
  if (packet.family === 0) return undefined
  switch (field) {
    case 'ip.proto':
      return packet.protocol
    case 'ip.ttl':
      packet.cacheable = false
      return packet.ttl
    case 'tcp.src':
    case 'udp.src':
    case 'tcp.dst':
    case 'udp.dst': {
      const protocol = field.startsWith('tcp') ? IpProtocol.tcp : IpProtocol.udp
      const at = packet.upperAt
      if (packet.protocol !== protocol || at < 0 || at + 4 > packet.frame.end) return undefined
      return packet.frame.view.getUint16(field.endsWith('src') ? at : at + 2)
    }
  }
}
