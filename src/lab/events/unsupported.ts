import type { Scenario } from '../../model/scenario.ts'
export function unsupported(_: Scenario): string[] {
  return []
}
