// When clients of OVSDB and OpenFlow try again (OVS lib/reconnect.c, lib/rconn.c).

import type { Nanos } from '../model/time.ts'
import { RECONNECT_MAX, RECONNECT_MIN } from './latencies.ts'

/** The first attempt after `now` of a client with one remote that lost its connection at `lostAt`: 1, 3, 7, 15, 23 … s after it. */
export function nextAttempt(lostAt: Nanos, now: Nanos): Nanos {
  let backoff = RECONNECT_MIN
  let at = lostAt + backoff
  while (at <= now) {
    backoff = Math.min(backoff * 2, RECONNECT_MAX)
    at += backoff
  }
  return at
}
