/**
 * Scenarios in a few lines for the rules that show best in a whole run: the clusters az1 and az2 of the lab, changed where a test
 * needs it, loaded from text as a user's file is.
 */
import { loadText, type Scenario, type Trace, type TraceStep } from '../../src/index.ts'

/** Loads a scenario; every problem in it is an error. */
export function scenario(yaml: string): Scenario {
  const { scenario: loaded, diagnostics } = loadText(yaml, 'rule.yaml')
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (loaded === undefined || errors.length > 0)
    throw new Error(errors.map(({ message }) => message).join('\n'))
  return loaded
}

/** What `twoClusters` is made with; every text is YAML of its key, at the indentation of the key's value. */
export interface Change {
  readonly profile?: string
  /** Number of transit switches; 1 unless told. */
  readonly switches?: number
  /** Further keys of the clusters, in flow style: `staticRoutes: [{ … }], options: { … }`. */
  readonly az1?: string
  readonly az2?: string
  /** Further top-level keys, as whole lines. */
  readonly more?: string
}

/** Two clusters of two gateways and a worker each, 10.16.0.0/16 and 10.17.0.0/16, a pod `web` on either worker. */
export function twoClusters(change: Change = {}): Scenario {
  return scenario(`isthmus: 1
profile: ${change.profile ?? 'ovn-23.03'}
interconnect: { ovn-ic: { hosts: [192.168.65.3], transitSwitches: ${change.switches ?? 1} } }
clusters:
  az1: ${clusterText(1, change.az1)}
  az2: ${clusterText(2, change.az2)}
underlay: { mtu: 1500, latency: 200us }
${change.more ?? ''}`)
}

/** One of the clusters of `twoClusters`, by number; keys in `more` replace those it has. */
export function clusterText(n: number, more = ''): string {
  const keys = {
    nodes: `{ az${n}-gw1: 192.168.42.${n}1, az${n}-gw2: 192.168.42.${n}2, az${n}-w1: 192.168.42.${n}3 }`,
    gateways: `[az${n}-gw1, az${n}-gw2]`,
    autoRoute: 'true',
    subnets: `{ ovn-default: 10.${15 + n}.0.0/16 }`,
    pods: `{ web: { node: az${n}-w1, ip: 10.${15 + n}.0.10 } }`,
  }
  const own = Object.entries(keys).filter(([key]) => !new RegExp(`(^|[ {,])${key}:`).test(more))
  return `{ ${[...own.map(([key, value]) => `${key}: ${value}`), ...(more === '' ? [] : [more])].join(', ')} }`
}

/** Every step of a trace's way there, with the chassis it happened on. */
export function stepsOf(trace: Trace): readonly (TraceStep & { readonly chassis: string })[] {
  return trace.hops.flatMap(({ chassis, steps }) => steps.map((step) => ({ ...step, chassis })))
}
