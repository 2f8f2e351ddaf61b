// BFD control packet (RFC 5880 §4.1) without authentication, as OVS sends it between chassis.
//
//   0           1                 2      3        4          8            12             16            20
//   | vers diag | state P F C A D M | mult | length | my discr | your discr | desired tx | required rx | required echo rx
//
// Surprise: all three intervals are microseconds, while everything else in this project is nanoseconds.

/** Bytes of a BFD control packet without authentication. */
export const BFD_LENGTH = 24

/** Session states (RFC 5880 §4.1). */
export const BfdState = { adminDown: 0, down: 1, init: 2, up: 3 } as const

/** Diagnostic codes in use (RFC 5880 §4.1). */
export const BfdDiagnostic = {
  none: 0,
  controlDetectionTimeExpired: 1,
  neighbourSignaledSessionDown: 3,
  forwardingPlaneReset: 4,
  pathDown: 5,
  administrativelyDown: 7,
} as const

/** A BFD control packet. */
export interface BfdRepr {
  /** Why the session last left "up", 0 … 31; see `BfdDiagnostic`. */
  readonly diagnostic: number
  /** 0 … 3, see `BfdState`. */
  readonly state: number
  /** P: the sender asks for an answer with F. */
  readonly poll: boolean
  /** F: answers a poll. */
  readonly final: boolean
  /** C: BFD survives the control plane. */
  readonly controlPlaneIndependent: boolean
  /** D: demand mode. */
  readonly demand: boolean
  /** Detection time is this many intervals; not zero. */
  readonly detectMultiplier: number
  /** Sender's session, not zero. */
  readonly myDiscriminator: number
  /** Receiver's session, zero when unknown. */
  readonly yourDiscriminator: number
  /** Microseconds. */
  readonly desiredMinTx: number
  /** Microseconds. */
  readonly requiredMinRx: number
  /** Microseconds. */
  readonly requiredMinEchoRx: number
}

/** Session state in the packet at `at`. */
export function bfdState(view: DataView, at: number): number {
  return view.getUint8(at + 1) >>> 6
}

/** The receiver's discriminator in the packet at `at`. */
export function bfdYourDiscriminator(view: DataView, at: number): number {
  return view.getUint32(at + 8)
}

/**
 * Reads the packet at `at`; undefined when RFC 5880 §6.8.6 says to discard it for its form: wrong version or length, a zero
 * multiplier or discriminator, the multipoint bit, or authentication, which is not modelled.
 */
export function parseBfd(view: DataView, at: number, end: number): BfdRepr | undefined {
  if (end - at < BFD_LENGTH || view.getUint8(at) >>> 5 !== 1) return undefined
  const flags = view.getUint8(at + 1)
  const length = view.getUint8(at + 3)
  const detectMultiplier = view.getUint8(at + 2)
  const myDiscriminator = view.getUint32(at + 4)
  if (length !== BFD_LENGTH || detectMultiplier === 0 || myDiscriminator === 0 || (flags & 0x05) !== 0)
    return undefined
  return {
    diagnostic: view.getUint8(at) & 0x1f,
    state: flags >>> 6,
    poll: (flags & 0x20) !== 0,
    final: (flags & 0x10) !== 0,
    controlPlaneIndependent: (flags & 0x08) !== 0,
    demand: (flags & 0x02) !== 0,
    detectMultiplier,
    myDiscriminator,
    yourDiscriminator: bfdYourDiscriminator(view, at),
    desiredMinTx: view.getUint32(at + 12),
    requiredMinRx: view.getUint32(at + 16),
    requiredMinEchoRx: view.getUint32(at + 20),
  }
}

/** Writes the packet at `at` and returns the offset behind it. */
export function emitBfd(view: DataView, at: number, repr: BfdRepr): number {
  const flags =
    (repr.poll ? 0x20 : 0) |
    (repr.final ? 0x10 : 0) |
    (repr.controlPlaneIndependent ? 0x08 : 0) |
    (repr.demand ? 0x02 : 0)
  view.setUint8(at, 0x20 | repr.diagnostic)
  view.setUint8(at + 1, (repr.state << 6) | flags)
  view.setUint8(at + 2, repr.detectMultiplier)
  view.setUint8(at + 3, BFD_LENGTH)
  view.setUint32(at + 4, repr.myDiscriminator)
  view.setUint32(at + 8, repr.yourDiscriminator)
  view.setUint32(at + 12, repr.desiredMinTx)
  view.setUint32(at + 16, repr.requiredMinRx)
  view.setUint32(at + 20, repr.requiredMinEchoRx)
  return at + BFD_LENGTH
}
