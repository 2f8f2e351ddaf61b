// Results of traffic as a run reports them: times counted from the scenario's zero, and a result for what could not start.

import type { Nanos } from '../model/time.ts'
import type { Traffic, TrafficResult } from '../model/traffic.ts'

/** The result with its times counted from `zero`. */
export function resultFromZero(result: TrafficResult, zero: Nanos): TrafficResult {
  const shift = (time: Nanos): Nanos => time - zero
  return {
    ...result,
    sentAt: result.sentAt.map(shift),
    gaps: result.gaps.map((gap) => ({
      ...gap,
      from: shift(gap.from),
      to: gap.to === undefined ? undefined : shift(gap.to),
    })),
  }
}

/** The result of traffic whose pod does not exist. */
export function nothingSeen(traffic: Traffic): TrafficResult {
  return { ...NOTHING_SEEN, traffic }
}

const NOTHING_SEEN: Omit<TrafficResult, 'traffic'> = {
  sent: 0,
  icmpId: undefined,
  received: [],
  lost: [],
  sentAt: [],
  rtt: [],
  replyTtls: [],
  repliers: [],
  gaps: [],
  icmpErrors: [],
  localErrors: [{ error: 'the sending pod does not exist', count: 1 }],
  hops: [],
  tcp: undefined,
}
