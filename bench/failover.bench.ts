/**
 * Not how fast, but how true: the distribution of outages over 50 seeds beside what ten runs of the real OVN gave, in seconds
 * (`test/failover.test.ts` holds the bounds).
 */
import { MEASURED, outage } from '../test/failover-model.ts'

const seeds = process.argv.includes('--short') ? 2 : 50

for (const failover of MEASURED) {
  const outages = Array.from({ length: seeds }, (_, seed) => outage(failover, seed + 1)).sort((a, b) => a - b)
  const at = (q: number): string => outages[Math.round(q * (outages.length - 1))]!.toFixed(2)
  const [least, most] = failover.measured
  console.log(
    `${failover.name}: least ${at(0)}, quartiles ${at(0.25)} ${at(0.5)} ${at(0.75)}, most ${at(1)} over ${seeds} seeds; ` +
      `measured ${least.toFixed(2)} to ${most.toFixed(2)}`,
  )
}
