// A fix as data, `schemaVersion` 1: moves, what each is for, the patched texts.

import type { CheckResult } from '../../model/finding.ts'
import { formatPrefix } from '../../net/prefix.ts'
import type { Change, Mode } from '../../plan/fix/changes.ts'
import { consequenceOf, modeConsequence } from '../../plan/fix/consequences.ts'
import { lineage } from '../../plan/fix/networks.ts'
import type { FixedPlan } from '../../run/fix-plan.ts'
import { findingData } from '../findings/json.ts'
import { toJson } from '../structured.ts'
import { alternativesTo, type Resolved, reasonsOf, resolvedBy } from './reasons.ts'

/** What `isthmus check --fix-plan -o json` prints. */
export function fixJson(fixed: FixedPlan, ok: boolean, reachability?: unknown): string {
  const { proposal, moves, left, texts, patch, before, after, appeared } = fixed
  const { mode, placed, manual, troubles, stuck, cost, bound, others } = proposal
  const resolved = resolvedBy(troubles)
  return toJson({
    schemaVersion: 1,
    ok,
    cost,
    bound,
    exact: bound >= cost,
    noRoom: proposal.shortages.length > 0,
    shortages: proposal.shortages.map(({ length, pools, needed, free, fits, reserved }) => ({
      length,
      needed,
      free,
      pools: pools.map(formatPrefix),
      fits: fits ?? null,
      reserved,
    })),
    unseen: proposal.unseen,
    mode: modeData(mode),
    changes: [
      ...placed.map(({ change, to }) => ({
        ...changeData(change),
        ...(change.kind !== 'withhold' && { to: formatPrefix(to) }),
        because: reasonsOf(change, resolved),
        ...insteadData(change, resolved),
      })),
      ...manual.map((change) => ({
        ...changeData(change),
        because: reasonsOf(change, resolved),
        ...insteadData(change, resolved),
      })),
    ],
    moves: moves.map(({ network, to }) => ({
      cluster: network.cluster,
      network: network.name,
      role: network.role,
      from: formatPrefix(network.prefix),
      to: formatPrefix(to),
    })),
    stuck: stuck.map(({ networks, verdict }) => ({
      codes: verdict.codes,
      networks: networks.map((one) => ({
        cluster: one.network.cluster,
        network: one.network.name,
        prefix: formatPrefix(one.network.prefix),
        why: lineage(one).flatMap(({ fixed: why }) => why ?? [])[0] ?? 'no room',
      })),
    })),
    alternatives: others.map(({ mode: other, cost: sum }) => ({
      ...modeData(other),
      written: other.written,
      cost: sum ?? null,
    })),
    unweighed: proposal.unweighed,
    left: left.map(({ span, text }) => ({ file: span.file, line: span.line, column: span.column, text })),
    before: countsOf(before),
    after: countsOf(after),
    appeared: appeared.map(findingData),
    accepted: fixed.accepted,
    ...(reachability !== undefined && { reachability }),
    files: [...texts].map(([path, text]) => ({ path, text })),
    patch,
  })
}

/** Of a thousand equal networks each could change in place of each. */
const INSTEAD_MAX = 20

function insteadData(change: Change, resolved: Resolved): object {
  const all = alternativesTo(change, resolved)
  return {
    instead: all.slice(0, INSTEAD_MAX).map(changeData),
    ...(all.length > INSTEAD_MAX && { insteadOmitted: all.length - INSTEAD_MAX }),
  }
}

function changeData(change: Change): object {
  if (change.kind === 'manual-routes')
    return {
      kind: change.kind,
      cluster: change.cluster.id,
      cost: change.cost,
      consequence: consequenceOf(change),
    }
  const { kind, movable, cost } = change
  return {
    kind,
    cluster: movable.network.cluster,
    network: movable.network.name,
    role: movable.network.role,
    from: formatPrefix(movable.network.prefix),
    cost,
    pods: movable.pods,
    consequence: consequenceOf(change),
  }
}

function modeData(mode: Mode): object {
  return {
    kind: mode.kind,
    clusters: mode.clusters.map(({ id }) => id),
    modeCost: mode.cost,
    consequence: modeConsequence(mode),
  }
}

function countsOf({ findings, dropped }: CheckResult): object {
  const count = (severity: 'error' | 'warning' | 'info'): number =>
    findings.filter((one) => one.severity === severity).length + dropped[severity]
  return { error: count('error'), warning: count('warning'), info: count('info') }
}
