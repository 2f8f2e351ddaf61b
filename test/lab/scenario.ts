/** Small scenarios for tests on real OVN, and whether this machine can run them. */

import { loadScenarioText } from '../../src/input/load.ts'
import { canRunLab, doctor } from '../../src/lab/doctor.ts'
import type { Scenario } from '../../src/model/scenario.ts'

/** Why tests on real OVN are skipped; empty when they are not. */
export const cannotRun: string = await reason()

async function reason(): Promise<string> {
  const checks = await doctor()
  if (canRunLab(checks)) return ''
  return checks
    .filter(({ ok, disables }) => !ok && disables.length > 0)
    .map(({ name, found }) => `${name}: ${found}`)
    .join(', ')
}

/** Two AZs of two nodes, a pod on each worker, with what a test adds; of IPv4 alone, or of both families. */
export function smallScenario(more = '', dual = false): Scenario {
  const both = (four: string, six: string): string => (dual ? `[${four}, '${six}']` : `[${four}]`)
  const text = `isthmus: 1
name: Two small clusters
profile: ovn-23.03
interconnect: { ovn-ic: { hosts: [192.168.65.3], transitSwitches: 1 } }
clusters:
  az1:
    nodes: { az1-gw1: 192.168.42.11, az1-w1: 192.168.42.13 }
    gateways: [az1-gw1]
    autoRoute: true
    subnets: { ovn-default: { cidr: ${both('10.16.0.0/16', 'fd00:10:16::/112')} } }
    pods: { web: { node: az1-w1, ip: ${both('10.16.0.10', 'fd00:10:16::a')} } }
  az2:
    nodes: { az2-gw1: 192.168.42.21 }
    gateways: [az2-gw1]
    autoRoute: true
    subnets: { ovn-default: { cidr: ${both('10.17.0.0/16', 'fd00:10:17::/112')} } }
    pods: { web: { node: az2-gw1, ip: ${both('10.17.0.10', 'fd00:10:17::a')} } }
${more}`
  const { scenario, diagnostics } = loadScenarioText(text, 'small.yaml', {})
  if (scenario === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  return scenario
}
