// Geneve (RFC 8926 §3.4, §3.5) with OVN's one option (ovn-architecture(7), "Tunnel Encapsulations").
//
//   0            1              2                4                  7
//   | ver, words | O C reserved | protocol type  | VNI (24 bits)    | 0 |
//   | class 0x0102              | type 0x80      | 0, length 1      |
//   | 0 | ingress key (15 bits) | egress key (16 bits)              |
//
// Surprises: the C bit says that some option is critical; the top bit of an option's type (0x80) says that this one is.
// BFD between chassis travels with no option at all and C clear. A key may use bit 15 only on the egress side, where
// 0x8000 and above are multicast groups.

/** Bytes of a Geneve header without options, and with OVN's option. */
export const GENEVE_LENGTH = { bare: 8, withOvnOption: 16 } as const

/** Class and type of OVN's option (Linux Foundation class of IANA's Geneve registry; type 0, critical). */
export const OVN_OPTION = { class: 0x0102, type: 0x80 } as const

/** The largest virtual network identifier. */
export const VNI_MAX = 0xff_ffff

/** OVN's logical ingress and egress port keys within the datapath that the VNI names. */
export interface OvnKeys {
  /** 15 bits. */
  readonly ingress: number
  /** 16 bits; from 0x8000 on a multicast group. */
  readonly egress: number
}

/** A Geneve header. Options other than OVN's are skipped. */
export interface GeneveRepr {
  /** Virtual network identifier, 24 bits: OVN's datapath tunnel key. */
  readonly vni: number
  /** What follows: 0x6558 for an Ethernet frame. */
  readonly protocolType: number
  /** The O bit: the payload is a control message. */
  readonly control: boolean
  /** The C bit: an option is critical. `emitGeneve` of OVN's option wants it set. */
  readonly critical: boolean
  /** OVN's option, undefined when absent. */
  readonly ovn: OvnKeys | undefined
}

/** Bytes of the header at `at`, options included: 8 … 260. */
export function geneveHeaderLength(view: DataView, at: number): number {
  return GENEVE_LENGTH.bare + ((view.getUint8(at) & 0x3f) << 2)
}

/** The virtual network identifier. */
export function geneveVni(view: DataView, at: number): number {
  return view.getUint32(at + 4) >>> 8
}

/** The first option's data word when it is OVN's: ingress key << 16 | egress key. Otherwise -1. */
export function geneveOvnKey(view: DataView, at: number): number {
  if ((view.getUint8(at) & 0x3f) < 2 || view.getUint32(at + 8) !== 0x0102_8001) return -1
  return view.getUint32(at + 12) & 0x7fff_ffff
}

/** Reads the header at `at`; undefined when it is cut off, its version is not 0 or an option overruns the header. */
export function parseGeneve(view: DataView, at: number, end: number): GeneveRepr | undefined {
  if (end - at < GENEVE_LENGTH.bare || view.getUint8(at) >>> 6 !== 0) return undefined
  const optionsEnd = at + geneveHeaderLength(view, at)
  if (optionsEnd > end) return undefined
  let ovn: OvnKeys | undefined
  for (let option = at + GENEVE_LENGTH.bare; option < optionsEnd; ) {
    const length = 4 + ((view.getUint8(option + 3) & 0x1f) << 2)
    if (option + length > optionsEnd) return undefined
    if (view.getUint32(option) >>> 8 === 0x01_0280 && length === 8) {
      ovn = { ingress: view.getUint16(option + 4) & 0x7fff, egress: view.getUint16(option + 6) }
    }
    option += length
  }
  const flags = view.getUint8(at + 1)
  return {
    vni: geneveVni(view, at),
    protocolType: view.getUint16(at + 2),
    control: (flags & 0x80) !== 0,
    critical: (flags & 0x40) !== 0,
    ovn,
  }
}

/** Bytes `emitGeneve` writes for a Repr. */
export function geneveLength(repr: GeneveRepr): number {
  return repr.ovn === undefined ? GENEVE_LENGTH.bare : GENEVE_LENGTH.withOvnOption
}

/** Writes the header at `at` and returns the offset behind it. */
export function emitGeneve(view: DataView, at: number, repr: GeneveRepr): number {
  view.setUint8(at, repr.ovn === undefined ? 0 : 2)
  view.setUint8(at + 1, (repr.control ? 0x80 : 0) | (repr.critical ? 0x40 : 0))
  view.setUint16(at + 2, repr.protocolType)
  view.setUint32(at + 4, repr.vni << 8)
  if (repr.ovn === undefined) return at + GENEVE_LENGTH.bare
  view.setUint32(at + 8, 0x0102_8001)
  view.setUint16(at + 12, repr.ovn.ingress & 0x7fff)
  view.setUint16(at + 14, repr.ovn.egress)
  return at + GENEVE_LENGTH.withOvnOption
}
