/**
 * The retransmission timeout of a TCP connection (RFC 6298) with Linux's constants and its way of applying the floor: 200 ms are
 * added to the smoothed round-trip time, they do not replace it (`tcp_set_rto`, `tcp_rto_min`).
 */
import { MILLISECOND, type Nanos, SECOND } from '../../model/time.ts'

/** Timeout before anything was measured, and its bounds (`TCP_TIMEOUT_INIT`, `TCP_RTO_MIN`, `TCP_RTO_MAX`). */
export const RTO = { initial: SECOND, min: 200 * MILLISECOND, max: 120 * SECOND } as const

/** Smoothed round-trip time and the timeout that follows from it. */
export class RttEstimator {
  /** The timeout that holds now, backing off included. */
  timeout: Nanos = RTO.initial
  #smoothed: Nanos | undefined
  #variation: Nanos = 0

  /** Takes over a measured round trip; a segment that was sent twice must not be measured (Karn's rule). */
  measure(rtt: Nanos): void {
    if (this.#smoothed === undefined) {
      this.#smoothed = rtt
      this.#variation = rtt / 2
      return
    }
    this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#smoothed - rtt)
    this.#smoothed = 0.875 * this.#smoothed + 0.125 * rtt
  }

  /** Something new was acknowledged: the timeout is computed afresh (RFC 6298 §5.7). */
  progress(): void {
    const smoothed = this.#smoothed
    const timeout = smoothed === undefined ? RTO.initial : smoothed + Math.max(RTO.min, 4 * this.#variation)
    this.timeout = Math.min(Math.round(timeout), RTO.max)
  }

  /** The timer ran out: the next one is twice as long. */
  backOff(): void {
    this.timeout = Math.min(2 * this.timeout, RTO.max)
  }
}
