// The results of runs as plain data with a schema version: what `-o json` and `-o yaml` print. Fields are only ever added;
// one that changes its meaning raises `schemaVersion`.

import type { RunResult } from '../model/observation.ts'
import type { DatabasesSnapshot } from '../model/tables.ts'
import type { TrafficResult } from '../model/traffic.ts'
import { formatIp } from '../net/ip.ts'
import { toMs } from './figures.ts'
import { routeRows } from './routes.ts'
import { reproduceCommand } from './text/reproduce.ts'

export const RUN_SCHEMA_VERSION = 1

/** Everything a run showed, one entry per scenario. */
export function runData(results: readonly RunResult[]) {
  return {
    schemaVersion: RUN_SCHEMA_VERSION,
    ok: results.every((result) => result.ok),
    scenarios: results.map(scenarioData),
  }
}

function scenarioData(result: RunResult) {
  const { scenario } = result
  const last = lastSnapshot(result)
  return {
    name: scenario.name,
    file: scenario.file,
    profile: scenario.network.profile.name,
    seed: scenario.network.seed,
    ok: result.ok,
    inconclusive: result.inconclusive ?? null,
    settledAfterMs: result.settled.ok ? toMs(result.settled.after) : null,
    endMs: toMs(result.end),
    clusters: Object.fromEntries(
      scenario.network.clusters.map(({ id, azName }) => [
        id,
        { azName, routes: last === undefined ? [] : routeRows(last, id) },
      ]),
    ),
    traffic: result.traffic.map(trafficData),
    drops: result.drops.map(({ drop, count, first, last }) => ({
      kind: drop.kind,
      where: drop.where,
      datapath: drop.datapath,
      stage: drop.stage,
      reason: drop.reason,
      count,
      firstMs: toMs(first),
      lastMs: toMs(last),
    })),
    events: result.log.map(({ at, source, kind, text }) => ({ atMs: toMs(at), source, kind, text })),
    expectations: result.expectations.map(({ expectation, ok, detail, notReached }, index) => ({
      text: expectation.text,
      where: expectation.where,
      ok,
      detail,
      ...(notReached && { notReached }),
      ...(!ok && { reproduce: reproduceCommand(result, index) }),
    })),
    diagnostics: result.diagnostics.map(({ code, severity, message, span }) => ({
      code,
      severity,
      message,
      ...(span !== undefined && { file: span.file, line: span.line, column: span.column }),
    })),
    captures: result.captures.map(({ path, packets, bytes }) => ({ path, packets, bytes })),
    counters: { ...result.counters },
  }
}

function trafficData(result: TrafficResult) {
  const { traffic } = result
  return {
    name: traffic.name,
    kind: traffic.kind,
    from: `${traffic.from.cluster}/${traffic.from.pod}`,
    to: traffic.to === undefined ? formatIp(traffic.address) : `${traffic.to.cluster}/${traffic.to.pod}`,
    address: formatIp(traffic.address),
    atMs: toMs(traffic.at),
    sent: result.sent,
    received: result.received.length,
    lost: [...result.lost],
    /** The one TTL of all replies; null when there was none or they differ. */
    ttl: result.replyTtls.length === 1 ? result.replyTtls[0]! : null,
    ttls: [...result.replyTtls],
    repliers: [...result.repliers],
    rttMs: result.rtt.map(toMs),
    gaps: result.gaps.map(({ fromSeq, toSeq, from, to }) => ({
      fromSeq,
      toSeq,
      fromMs: toMs(from),
      toMs: to === undefined ? null : toMs(to),
    })),
    icmpErrors: result.icmpErrors.map(({ from, type, code, ttl, mtu, count }) => ({
      from,
      type,
      code,
      ttl,
      mtu: mtu ?? null,
      count,
    })),
    localErrors: result.localErrors.map(({ error, count }) => ({ error, count })),
    hops: result.hops.map((hop) =>
      hop === undefined ? null : { from: hop.from, kind: hop.kind, ttl: hop.ttl, rttMs: toMs(hop.rtt) },
    ),
    tcp:
      result.tcp === undefined
        ? null
        : {
            connected: result.tcp.connected,
            echoed: result.tcp.echoed,
            connectMs: result.tcp.connectTime === undefined ? null : toMs(result.tcp.connectTime),
          },
  }
}

/** The databases as they stood last: at the end of the run, or at the last snapshot before it was cut short. */
export function lastSnapshot(result: RunResult): DatabasesSnapshot | undefined {
  let last: DatabasesSnapshot | undefined
  for (const snapshot of result.snapshots.values())
    if (last === undefined || snapshot.at >= last.at) last = snapshot
  return last
}
