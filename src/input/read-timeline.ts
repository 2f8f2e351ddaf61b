// `timeline` to the model. Entries are sorted by time first (equal times keep the order of the file), because a later
// one may refer to what an earlier one adds: a pod of a new subnet, the ConfigMap that an edit changes.

import type { Nanos } from '../model/time.ts'
import type { DaemonRef, TimedEvent, TimelineEvent } from '../model/timeline.ts'
import { commandLines } from './command-lines.ts'
import { type Context, reportUnknown } from './context.ts'
import { oneLine } from './one-line.ts'
import { ClusterChanges, type Stage } from './read-changes.ts'
import { readFigures, readScopes, withoutScopes } from './read-underlay.ts'
import { readCluster, readNodeRef, readPair } from './references.ts'
import type { RawEvent } from './schema/events.ts'
import { readDuration } from './values.ts'
import type { At } from './yaml-file.ts'

/** Reads the timeline in order of time. */
export function readTimeline(context: Context, stage: Stage, raw: readonly RawEvent[], at: At): TimedEvent[] {
  const changes = new ClusterChanges(context, stage)
  const timed = raw.flatMap((entry, i) => {
    const place = at.in(i)
    const time = readDuration(context, entry.at, place.in('at'))
    // An entry without a usable time is still read for its other mistakes.
    return [{ entry, place, time: time ?? 0, usable: time !== undefined }]
  })
  timed.sort((a, b) => a.time - b.time)
  const events = timed.flatMap(({ entry, place, time, usable }) => {
    const errors = context.diagnostics.count('error')
    const made = readEvent(context, stage, changes, entry, place)
    const text = oneLine(entry, ['at'])
    const undo = undoOf(context, entry, place)
    const all = [
      ...made.map((event) => ({ at: time, event, text })),
      ...(undo === undefined
        ? []
        : made.map((event) => ({
            at: time + undo.after,
            event: inverse(event),
            text: `${undo.verb}: ${targetOf(event)}`,
          }))),
    ]
    return usable && context.diagnostics.count('error') === errors ? all : []
  })
  return events.sort((a, b) => a.at - b.at)
}

/** `for: 5s` on a failure. */
function undoOf(context: Context, raw: RawEvent, at: At): { after: Nanos; verb: string } | undefined {
  if (!('for' in raw) || raw.for === undefined) return undefined
  const after = readDuration(context, raw.for, at.in('for'))
  return after === undefined ? undefined : { after, verb: 'fail' in raw ? 'recover' : 'boot' }
}

function inverse(event: TimelineEvent): TimelineEvent {
  return event.kind === 'link' || event.kind === 'node' ? { ...event, up: true } : event
}

function targetOf(event: TimelineEvent): string {
  return event.kind === 'link' || event.kind === 'node' ? `${event.cluster}/${event.node}` : event.kind
}

function many(raw: string | readonly string[], at: At): { text: string; place: At }[] {
  return typeof raw === 'string'
    ? [{ text: raw, place: at }]
    : raw.map((text, i) => ({ text, place: at.in(i) }))
}

function readEvent(
  context: Context,
  stage: Stage,
  changes: ClusterChanges,
  raw: RawEvent,
  at: At,
): TimelineEvent[] {
  const nodes = (
    texts: string | readonly string[],
    key: string,
    make: (ref: { cluster: string; node: string }) => TimelineEvent,
  ): TimelineEvent[] =>
    many(texts, at.in(key)).flatMap(({ text, place }) => {
      const ref = readNodeRef(context, stage.clusters, text, place)
      return ref === undefined ? [] : [make(ref)]
    })
  if ('fail' in raw)
    return nodes(raw.fail, 'fail', (ref) => ({
      kind: 'link',
      ...ref,
      up: false,
      silent: raw.silent ?? false,
    }))
  if ('recover' in raw)
    return nodes(raw.recover, 'recover', (ref) => ({ kind: 'link', ...ref, up: true, silent: false }))
  if ('crash' in raw) return nodes(raw.crash, 'crash', (ref) => ({ kind: 'node', ...ref, up: false }))
  if ('boot' in raw) return nodes(raw.boot, 'boot', (ref) => ({ kind: 'node', ...ref, up: true }))
  for (const action of ['kill', 'stop', 'pause', 'resume', 'start'] as const) {
    const texts = (raw as Partial<Record<typeof action, string | string[]>>)[action]
    if (texts === undefined) continue
    return many(texts, at.in(action)).flatMap(({ text, place }) =>
      readDaemons(context, stage, text, place).map((daemon) => ({ kind: 'daemon', daemon, action }) as const),
    )
  }
  if ('nbctl' in raw) return perCluster(context, stage, 'nbctl', raw.nbctl, at.in('nbctl'))
  if ('sbctl' in raw) return perCluster(context, stage, 'sbctl', raw.sbctl, at.in('sbctl'))
  if ('ic-nbctl' in raw)
    return commandLines(context, 'ic-nbctl', raw['ic-nbctl'], at.in('ic-nbctl')).map((command) => ({
      kind: 'ic-nbctl',
      command,
    }))
  if ('ic-sbctl' in raw)
    return commandLines(context, 'ic-sbctl', raw['ic-sbctl'], at.in('ic-sbctl')).map((command) => ({
      kind: 'ic-sbctl',
      command,
    }))
  if ('interconn' in raw) {
    return Object.entries(raw.interconn).flatMap(([text, on]) => {
      const ref = readNodeRef(context, stage.clusters, text, at.in('interconn', text).onKey())
      return ref === undefined ? [] : [{ kind: 'interconn', ...ref, on } as const]
    })
  }
  if ('apply' in raw) return changes.apply(raw.apply, at.in('apply'))
  if ('edit' in raw) return changes.edit(raw.edit, at.in('edit'))
  if ('add' in raw) return changes.add(raw.add, at.in('add'))
  if ('delete' in raw) return changes.delete(raw.delete, at.in('delete'))
  if ('disableInterConnection' in raw)
    return readSwitches(context, stage, raw.disableInterConnection, at.in('disableInterConnection'))
  if ('leave' in raw) {
    const long = typeof raw.leave === 'string' ? { cluster: raw.leave } : raw.leave
    const place = typeof raw.leave === 'string' ? at.in('leave') : at.in('leave', 'cluster')
    const cluster = readCluster(context, stage.clusters, long.cluster, place)
    return cluster === undefined ? [] : [{ kind: 'leave', cluster: long.cluster, clean: long.clean ?? true }]
  }
  if ('underlay' in raw) {
    const place = at.in('underlay')
    const all = readFigures(context, withoutScopes(raw.underlay), place)
    const scopes = readScopes(context, stage.clusters, raw.underlay, place)
    return [
      ...(Object.keys(all).length > 0 ? [{ kind: 'underlay', scope: undefined, figures: all } as const] : []),
      ...scopes.map(({ scope, figures }) => ({ kind: 'underlay', scope, figures }) as const),
    ]
  }
  return 'snapshot' in raw ? [{ kind: 'snapshot', label: raw.snapshot }] : []
}

function perCluster(
  context: Context,
  stage: Stage,
  tool: 'nbctl' | 'sbctl',
  raw: Readonly<Record<string, string | readonly string[]>>,
  at: At,
): TimelineEvent[] {
  return Object.entries(raw).flatMap(([name, lines]) => {
    const cluster = readCluster(context, stage.clusters, name, at.in(name).onKey())
    const commands = commandLines(context, tool, lines, at.in(name))
    return cluster === undefined ? [] : commands.map((command) => ({ kind: tool, cluster: name, command }))
  })
}

function readSwitches(
  context: Context,
  stage: Stage,
  raw: Readonly<Record<string, boolean>>,
  at: At,
): TimelineEvent[] {
  return Object.entries(raw).flatMap(([text, disable]) => {
    const place = at.in(text).onKey()
    const all = [...stage.clusters].flatMap(([id, builder]) =>
      builder.subnets.map((subnet) => `${id}/${subnet.name}`),
    )
    const pair = readPair(context, text, 'subnet', all, place)
    const cluster = pair === undefined ? undefined : readCluster(context, stage.clusters, pair[0], place)
    if (pair === undefined || cluster === undefined) return []
    const names = cluster.subnets.map((subnet) => subnet.name)
    if (!names.includes(pair[1])) {
      reportUnknown(context, pair[1], { code: 'IN043', what: 'subnet', cluster: pair[0], names }, place)
      return []
    }
    return [{ kind: 'subnet-interconnection', cluster: pair[0], subnet: pair[1], disable }]
  })
}

const NODE_DAEMONS = ['ovn-controller', 'ovs-vswitchd'] as const
const CLUSTER_DAEMONS = ['ovn-ic', 'ovn-northd', 'kube-ovn-controller'] as const
const DATABASES = ['ic-nb', 'ic-sb', 'ic-db'] as const

/** Other names that people use, and what is meant. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['northd', 'ovn-northd'],
  ['kube-ovn-ic-controller', 'kube-ovn-controller'],
  ['vswitchd', 'ovs-vswitchd'],
  ['ovs', 'ovs-vswitchd'],
])

/** Reads `ovn-ic az1`, `ovn-controller az1/gw1`, `ic-db 192.168.65.3`; `ic-db` means both databases of a host. */
function readDaemons(context: Context, stage: Stage, text: string, at: At): DaemonRef[] {
  const [first = '', where, ...rest] = text.trim().split(/\s+/)
  const name = OTHER_NAMES.get(first) ?? first
  const whereAt = where === undefined ? at : at.part(text.lastIndexOf(where), where.length)
  const all = [...NODE_DAEMONS, ...CLUSTER_DAEMONS, ...DATABASES]
  const nodeDaemon = NODE_DAEMONS.find((one) => one === name)
  const clusterDaemon = CLUSTER_DAEMONS.find((one) => one === name)
  if (!all.some((one) => one === name)) {
    reportUnknown(
      context,
      name,
      { code: 'IN083', what: 'daemon', names: all },
      at.part(text.indexOf(first), first.length),
    )
    return []
  }
  if (rest.length > 0 || (where === undefined && (nodeDaemon ?? clusterDaemon) !== undefined)) {
    context.diagnostics.error('IN083', `"${text}" does not say which ${name}`, {
      span: at.span,
      expected: nodeDaemon !== undefined ? `${name} cluster/node` : `${name} cluster`,
    })
    return []
  }
  if (nodeDaemon !== undefined) {
    const ref = readNodeRef(context, stage.clusters, where!, whereAt)
    return ref === undefined ? [] : [{ kind: nodeDaemon, ...ref }]
  }
  if (clusterDaemon !== undefined) {
    const cluster = readCluster(context, stage.clusters, where!, whereAt)
    if (
      clusterDaemon === 'kube-ovn-controller' &&
      cluster !== undefined &&
      cluster.draft.profile.kubeOvn === undefined
    ) {
      context.diagnostics.error(
        'IN084',
        `the cluster ${where} runs ${cluster.draft.profile.name}, which has no kube-ovn-controller`,
        { span: at.span, hint: 'give the cluster a kube-ovn profile' },
      )
      return []
    }
    return cluster === undefined ? [] : [{ kind: clusterDaemon, cluster: where! }]
  }
  if (where !== undefined && !stage.dbHosts.includes(where)) {
    reportUnknown(context, where, { code: 'IN083', what: 'database host', names: stage.dbHosts }, whereAt)
    return []
  }
  const kinds =
    name === 'ic-db'
      ? (['ic-nb', 'ic-sb'] as const)
      : [name === 'ic-nb' ? ('ic-nb' as const) : ('ic-sb' as const)]
  return kinds.map((kind) => ({ kind, ...(where !== undefined && { host: where }) }))
}
