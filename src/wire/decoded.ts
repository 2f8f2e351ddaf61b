// A packet taken apart (decode.ts): its headers with their offsets, outermost first.

import type { ArpRepr } from './arp.ts'
import type { BfdRepr } from './bfd.ts'
import type { EthernetRepr } from './ethernet.ts'
import type { GeneveRepr } from './geneve.ts'
import type { IcmpRepr } from './icmp.ts'
import type { Icmpv6Repr } from './icmpv6.ts'
import type { Ipv4Repr } from './ipv4.ts'
import type { Ipv6FragmentRepr, Ipv6Repr } from './ipv6.ts'
import type { TcpRepr } from './tcp.ts'
import type { UdpRepr } from './udp.ts'

interface LayerOf<Kind extends string, Repr> {
  readonly kind: Kind
  /** Absolute offset of the layer's first byte. */
  readonly at: number
  /** Bytes of the header; of all bytes in `data` and `malformed`. */
  readonly length: number
  readonly repr: Repr
}

/** One header of a decoded packet, or the bytes behind the last one. */
export type DecodedLayer =
  | LayerOf<'ethernet', EthernetRepr>
  | LayerOf<'arp', ArpRepr>
  | LayerOf<'ipv4', Ipv4Repr>
  | LayerOf<'ipv6', Ipv6Repr>
  | LayerOf<'ipv6-fragment', Ipv6FragmentRepr>
  | LayerOf<'icmp', IcmpRepr>
  | LayerOf<'icmpv6', Icmpv6Repr>
  | LayerOf<'udp', UdpRepr>
  | LayerOf<'tcp', TcpRepr>
  | LayerOf<'geneve', GeneveRepr>
  | LayerOf<'bfd', BfdRepr>
  /** Bytes that no header claims; `repr` is the protocol that carries them, such as `udp` or `ip protocol 50`. */
  | LayerOf<'data', string>
  /** Bytes that should have been the header named in `repr`. */
  | LayerOf<'malformed', string>

/** A frame taken apart. */
export interface DecodedPacket {
  /** Outermost first. */
  readonly layers: readonly DecodedLayer[]
  /** The packet that an ICMP or ICMPv6 error quotes, usually cut off; its first layer is IP. */
  readonly quoted: DecodedPacket | undefined
  /** Checksums that are wrong, outermost first: `udp`, `ipv4`, … Checksums of cut-off data are not judged. */
  readonly badChecksums: readonly string[]
}
