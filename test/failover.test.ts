import { describe, expect, it } from 'vitest'
import { MEASURED, outage } from './failover-model.ts'

/** Resolution of both measurements, at either end: one echo and what the first one after the gap needs. */
const RESOLUTION = 0.15
const SEEDS = 20

describe('outages lie where ten runs of the real OVN lay', () => {
  for (const failover of MEASURED) {
    const [least, most] = failover.measured
    const rule = most === 0 ? 'HA-11' : 'HA-5, HA-8, HA-9'
    it(`${rule}: ${failover.name}, ${most === 0 ? 'no loss' : `${least} to ${most} s`}`, () => {
      const outages = Array.from({ length: SEEDS }, (_, seed) => outage(failover, seed + 1))
      expect(Math.min(...outages)).toBeGreaterThanOrEqual(least - RESOLUTION)
      expect(Math.max(...outages)).toBeLessThanOrEqual(most + RESOLUTION)
      // All of one length would be a constant and not BFD.
      if (most > 0) expect(new Set(outages).size).toBeGreaterThan(3)
    })
  }
})
