/**
 * Holds a run of the simulator against a run of the lab, aspect by aspect. What two runs of the real thing also differ in is compared by
 * what is stable: tunnel keys as names, ECMP members as sets, and where something happens to the network, losses by their length and
 * ways by those that enough answered requests took.
 */
import { type Comparison, type Sides, unlessChance } from './compare/comparison.ts'
import { compareBindings, compareIcSb } from './compare/databases.ts'
import { compareProbes } from './compare/probes.ts'
import { compareFlows, compareRoutes } from './compare/routing.ts'
import { compareNeighbours, compareUnderlay } from './compare/underlay.ts'

export type { Comparison, Sides, Verdict } from './compare/comparison.ts'

/** All comparisons in the order of the table. */
export function compareAll(sides: Sides): Comparison[] {
  return [
    ...compareRoutes(sides),
    ...compareFlows(sides),
    ...compareIcSb(sides),
    ...compareBindings(sides),
    ...compareProbes(sides),
    ...compareUnderlay(sides),
    compareNeighbours(sides),
  ].map((one) => unlessChance(sides, one))
}
