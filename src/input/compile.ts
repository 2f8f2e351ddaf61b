// From a document of the right shape to the scenario: the order in which things are looked up. Clusters first (file, then
// manifests), then what joins them, then what happens, what is sent and what must hold.

import type { Expectation } from '../model/expectation.ts'
import type { Cluster, Network } from '../model/network.ts'
import { PROFILE_NAMES, type Profile, type ProfileName } from '../model/profile.ts'
import { PROFILES } from '../model/profile-table.ts'
import { DEFAULT_LIMITS, type Limits, type Scenario } from '../model/scenario.ts'
import { formatNanos, type Nanos, seconds } from '../model/time.ts'
import { checkUnique } from './checks.ts'
import { commandLines } from './command-lines.ts'
import { ClusterBuilder } from './complete-cluster.ts'
import { type Context, reportUnknown } from './context.ts'
import type { ClusterDraft, Surroundings } from './draft.ts'
import type { SourceReader } from './files.ts'
import { applyManifests, collectManifests, type RawManifests } from './manifests.ts'
import { readCluster } from './read-cluster.ts'
import { readExpectations } from './read-expect.ts'
import { readTimeline } from './read-timeline.ts'
import { readTraffic, trafficEnd } from './read-traffic.ts'
import { DEFAULT_UNDERLAY, nodeMtus, readUnderlay } from './read-underlay.ts'
import type { PodDirectory } from './references.ts'
import type { RawScenario } from './schema/scenario.ts'
import { checkSwitches, databaseHosts, transitPorts, transitSwitches } from './transit.ts'
import { readDuration } from './values.ts'
import type { At } from './yaml-file.ts'

/** What the caller decides beside the file. */
export interface CompileOptions {
  readonly file: string
  /** Overrides every `profile` of the file. */
  readonly profile: Profile | undefined
  readonly seed: number | undefined
  readonly reader: SourceReader
}

/** Profile and names of a scenario by default. */
const DEFAULT_PROFILE: ProfileName = 'ovn-23.03'

/** Compiles; the result may only be used when no error was reported. */
export function compile(context: Context, raw: RawScenario, at: At, options: CompileOptions): Scenario {
  const profile =
    options.profile ?? readProfile(context, raw.profile, at.in('profile')) ?? PROFILES[DEFAULT_PROFILE]
  const seed = options.seed ?? raw.seed ?? 1
  if (
    Object.keys(raw.clusters).length === 0 &&
    ![...context.broken].some((one) => one.startsWith('cluster '))
  ) {
    context.diagnostics.error('IN062', 'the scenario has no clusters', {
      span: at.in('clusters').span,
      expected: 'at least one cluster',
    })
  }
  const drafts = Object.entries(raw.clusters).map(([id, cluster], index) => {
    const place = at.in('clusters', id)
    checkName(context, id, 'cluster', place)
    const own =
      options.profile ??
      (cluster.profile === undefined
        ? profile
        : (readProfile(context, cluster.profile, place.in('profile')) ?? profile))
    const draft = readCluster(context, id, index, cluster, own, place)
    const manifests = collectManifests(
      context,
      options.reader,
      cluster.manifests as RawManifests | undefined,
      options.file,
      place.in('manifests'),
    )
    applyManifests(context, draft, manifests)
    for (const [what, list] of [
      ['node', draft.nodes],
      ['subnet', draft.subnets],
      ['pod', draft.pods],
    ] as const)
      for (const one of list) checkName(context, one.name, what, one.at)
    return draft
  })

  const ovnIc = raw.interconnect?.['ovn-ic']
  const icAt = at.in('interconnect', 'ovn-ic')
  const dbHosts = databaseHosts(ovnIc, drafts)
  const switches = transitSwitches(context, ovnIc, profile, drafts, icAt)
  checkSwitches(context, switches, icAt)
  const surroundings: Surroundings = {
    seed,
    underlayMtu: raw.underlay?.mtu ?? DEFAULT_UNDERLAY.mtu,
    nodeMtu: nodeMtus(raw.underlay),
    dbHosts,
    givenMacs: drafts.flatMap(macsOf),
  }
  const clusters: Cluster[] = []
  const builders = new Map<string, ClusterBuilder>()
  for (const draft of drafts) {
    const builder = new ClusterBuilder(context, draft, surroundings)
    builders.set(draft.id, builder)
    const completed = builder.complete()
    clusters.push({ ...completed, transitPorts: transitPorts(context, builder, switches) })
  }
  checkUnique(
    context,
    clusters.map((cluster) => ({ builder: builders.get(cluster.id)!, transitPorts: cluster.transitPorts })),
    switches,
  )

  const network: Network = {
    name: raw.name ?? baseName(options.file),
    profile,
    seed,
    interconnect: {
      dbHosts,
      transitSwitches: switches,
      icSbResidue: commandLines(context, 'ic-sbctl', ovnIc?.residue ?? [], icAt.in('residue')),
    },
    // The timeline may add to the builders; what is there from the start is copied before it does.
    clusters: clusters.map((cluster) => ({
      ...cluster,
      subnets: [...cluster.subnets],
      pods: [...cluster.pods],
    })),
    underlay: readUnderlay(context, builders, drafts, raw.underlay, at.in('underlay')),
  }
  const timeline = readTimeline(
    context,
    { clusters: builders, switches, dbHosts, reader: options.reader, file: options.file },
    raw.timeline ?? [],
    at.in('timeline'),
  )
  const pods = directoryOf(builders)
  const traffic = readTraffic(context, builders, pods, raw.traffic ?? [], at.in('traffic'))
  const end = raw.duration === undefined ? undefined : readDuration(context, raw.duration, at.in('duration'))
  const expectations = readExpectations(
    context,
    {
      clusters: builders,
      pods,
      traffic,
      timeline,
      switches,
      end: end === undefined ? undefined : { value: end, at: at.in('duration') },
    },
    raw.expect ?? [],
    at.in('expect'),
  )
  const last = Math.max(
    0,
    ...timeline.map((one) => one.at),
    ...traffic.map(trafficEnd),
    ...expectations.map(lastMoment),
  )
  const duration = raw.duration === undefined ? last + seconds(2) : (end ?? last)
  const lost = Math.max(0, ...timeline.map((one) => one.at))
  if (duration < lost) {
    context.diagnostics.warning(
      'IN023',
      `the run ends at ${formatNanos(duration)}, and something happens at ${formatNanos(lost)}`,
      { span: at.in('duration').span, hint: 'leave duration out, or make it longer' },
    )
  }
  return {
    file: options.file,
    name: network.name,
    description: raw.description ?? '',
    network,
    start: raw.start ?? 'converged',
    duration,
    timeline,
    traffic,
    expectations,
    limits: readLimits(context, raw.limits, at.in('limits')),
  }
}

/** Finds a profile by name; reports names that are none. */
export function readProfile(context: Context, name: string | undefined, at: At): Profile | undefined {
  if (name === undefined) return undefined
  const found = PROFILE_NAMES.find((one) => one === name)
  if (found === undefined)
    reportUnknown(context, name, { code: 'IN040', what: 'profile', names: PROFILE_NAMES.toReversed() }, at)
  return found === undefined ? undefined : PROFILES[found]
}

/** Names are parts of references such as `az1/web`, so they have no separators in them. */
function checkName(context: Context, name: string, what: string, at: At): void {
  if (/^[A-Za-z0-9][\w.:-]*$/.test(name)) return
  context.diagnostics.error('IN065', `"${name}" cannot be the name of a ${what}`, {
    span: at.key,
    expected: 'letters, digits, dots, hyphens and underscores, beginning with a letter or digit',
  })
}

function macsOf(draft: ClusterDraft): number[] {
  const { nodes, subnets, pods, transitPorts: ports } = draft
  return [
    ...nodes.flatMap((node) => [node.mac, node.joinMac]),
    ...[...subnets, ...pods, ...ports].map((one) => one.mac?.value),
  ].filter((mac) => mac !== undefined)
}

function directoryOf(builders: ReadonlyMap<string, ClusterBuilder>): PodDirectory {
  return {
    find: (cluster, pod) => builders.get(cluster)?.pods.find((one) => one.name === pod),
    names: () =>
      [...builders].flatMap(([cluster, builder]) => builder.pods.map((pod) => `${cluster}/${pod.name}`)),
  }
}

function lastMoment({ when }: Expectation): Nanos {
  return when.kind === 'end' ? 0 : when.kind === 'at' ? when.at : when.to
}

function readLimits(context: Context, raw: RawScenario['limits'], at: At): Limits {
  const settle = raw?.settle === undefined ? undefined : readDuration(context, raw.settle, at.in('settle'))
  return {
    events: raw?.events ?? DEFAULT_LIMITS.events,
    hops: raw?.hops ?? DEFAULT_LIMITS.hops,
    packets: raw?.packets ?? DEFAULT_LIMITS.packets,
    settle: settle ?? DEFAULT_LIMITS.settle,
  }
}

function baseName(file: string): string {
  return file === '-' ? 'standard input' : file.replace(/^.*\//, '').replace(/\.(?:ya?ml|json)$/, '')
}
