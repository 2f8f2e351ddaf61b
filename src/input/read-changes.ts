// Timeline entries that change a cluster's configuration: apply, edit, add, delete. Keeps what each cluster has at that
// moment, so that an edit of one key of the ConfigMap starts from what the edit before has left.

import type { IcConfig, Pod, TransitSwitch } from '../model/network.ts'
import type { TimelineEvent } from '../model/timeline.ts'
import { formatIp, ipKey } from '../net/ip.ts'
import { formatMac } from '../net/mac.ts'
import type { ClusterBuilder } from './complete-cluster.ts'
import { type Context, reportUnknown } from './context.ts'
import type { ConfigMapDraft, PodDraft, SubnetDraft } from './draft.ts'
import type { SourceReader } from './files.ts'
import { CONFIG_KEYS, type ConfigKey, configOf, readConfigMap } from './manifest-config.ts'
import { readPodManifest, readSubnetManifest } from './manifest-objects.ts'
import { collectManifests, type RawManifests } from './manifests.ts'
import { checkGateways, readPod, readTransitPort } from './read-cluster.ts'
import { readSubnet } from './read-subnet.ts'
import { type Clusters, readCluster } from './references.ts'
import type { RawEvent } from './schema/events.ts'
import { transitPort } from './transit.ts'
import type { At } from './yaml-file.ts'

/** What events may refer to. */
export interface Stage {
  readonly clusters: Clusters
  readonly switches: readonly TransitSwitch[]
  readonly dbHosts: readonly string[]
  readonly reader: SourceReader
  readonly file: string
}

type Apply = Extract<RawEvent, { apply: unknown }>['apply']
type Edit = Extract<RawEvent, { edit: unknown }>['edit']
type Add = Extract<RawEvent, { add: unknown }>['add']
type Delete = Extract<RawEvent, { delete: unknown }>['delete']

/** Applies the configuration changes of one timeline, in order of time. */
export class ClusterChanges {
  readonly #context: Context
  readonly #stage: Stage
  readonly #configs = new Map<string, IcConfig | undefined>()
  readonly #podsMade = new Map<string, number>()
  /** What was deleted and may be made again: `subnet az1/private`. */
  readonly #gone = new Set<string>()

  constructor(context: Context, stage: Stage) {
    this.#context = context
    this.#stage = stage
  }

  apply(raw: Apply, at: At): TimelineEvent[] {
    const cluster = this.#cluster(raw.cluster, at)
    const manifests = collectManifests(
      this.#context,
      this.#stage.reader,
      raw.manifest as RawManifests,
      this.#stage.file,
      at.in('manifest'),
    )
    if (cluster === undefined) return []
    return manifests.flatMap((manifest): TimelineEvent[] => {
      if (manifest.kind === 'ConfigMap') {
        const config = readConfigMap(this.#context, manifest)
        return config === undefined ? [] : this.#setConfig(cluster, config, at)
      }
      if (manifest.kind === 'Subnet')
        return this.#subnet(cluster, readSubnetManifest(this.#context, manifest))
      if (manifest.kind === 'Pod') return this.#pod(cluster, readPodManifest(this.#context, manifest))
      this.#context.diagnostics.warning(
        'IN072',
        `objects of the kind ${manifest.kind} change nothing during a run`,
        { span: manifest.at.in('kind').span, expected: 'ConfigMap, Subnet or Pod' },
      )
      return []
    })
  }

  edit(raw: Edit, at: At): TimelineEvent[] {
    const cluster = this.#cluster(raw.cluster, at)
    if (cluster === undefined || !this.#kube(cluster, at)) return []
    const before = this.#config(cluster)
    if (before === undefined) {
      this.#context.diagnostics.error(
        'IN084',
        `the cluster ${raw.cluster} has no ConfigMap ovn-ic-config to edit at this time`,
        { span: at.span, hint: 'apply one first, or give the cluster gateways' },
      )
      return []
    }
    const values: Partial<Record<ConfigKey, string>> = {}
    for (const key of CONFIG_KEYS) if (raw[key] !== undefined) values[key] = String(raw[key])
    if (Object.keys(values).length === 0) {
      this.#context.diagnostics.error('IN011', 'this edit changes no key', {
        span: at.span,
        expected: `one of ${CONFIG_KEYS.join(', ')}`,
      })
      return []
    }
    return this.#setConfig(cluster, configOf(this.#context, values, at, before), at)
  }

  add(raw: Add, at: At): TimelineEvent[] {
    const cluster = this.#cluster(raw.cluster, at)
    if (cluster === undefined) return []
    const context = this.#context
    const subnets = Object.entries(raw.subnets ?? {}).flatMap(([name, one]) =>
      this.#subnet(cluster, readSubnet(context, name, one, at.in('subnets', name))),
    )
    const pods = Object.entries(raw.pods ?? {}).flatMap(([name, one]) =>
      this.#pod(cluster, readPod(context, name, one, at.in('pods', name))),
    )
    const ports = Object.entries(raw.transitPorts ?? {}).flatMap(([name, one]): TimelineEvent[] => {
      const index = this.#stage.switches.findIndex((transit) => transit.name === name)
      const pin = readTransitPort(context, name, one, at.in('transitPorts', name))
      // A switch that the scenario does not have may have been made by an ic-nbctl line before.
      const transit = this.#stage.switches[index] ?? { name, subnets: [] }
      if (index < 0 && pin.ips.length === 0) {
        reportUnknown(
          context,
          name,
          { code: 'IN046', what: 'transit switch', names: this.#stage.switches.map((other) => other.name) },
          pin.at.onKey(),
        )
        return []
      }
      const port = transitPort(context, cluster, transit, Math.max(0, index), pin)
      return port === undefined ? [] : [{ kind: 'transit-port-add', cluster: raw.cluster, port }]
    })
    return [...subnets, ...pods, ...ports]
  }

  delete(raw: Delete, at: At): TimelineEvent[] {
    const cluster = this.#cluster(raw.cluster, at)
    if (cluster === undefined) return []
    const events: TimelineEvent[] = []
    if (raw.configmap !== undefined && this.#kube(cluster, at.in('configmap'))) {
      this.#configs.set(raw.cluster, undefined)
      events.push({ kind: 'ic-config', cluster: raw.cluster, config: undefined })
    }
    for (const what of ['subnet', 'pod'] as const) {
      const name = raw[what]
      if (name === undefined) continue
      const names = (what === 'subnet' ? cluster.subnets : cluster.pods).map((one) => one.name)
      if (!names.includes(name)) {
        reportUnknown(
          this.#context,
          name,
          { code: what === 'subnet' ? 'IN043' : 'IN044', what, cluster: raw.cluster, names },
          at.in(what),
        )
        continue
      }
      this.#gone.add(`${what} ${raw.cluster}/${name}`)
      events.push(
        what === 'subnet'
          ? { kind: 'subnet-delete', cluster: raw.cluster, subnet: name }
          : { kind: 'pod-delete', cluster: raw.cluster, pod: name },
      )
    }
    if (raw.configmap === undefined && raw.subnet === undefined && raw.pod === undefined) {
      this.#context.diagnostics.error('IN011', 'this entry does not say what is deleted', {
        span: at.span,
        expected: 'configmap, subnet or pod',
      })
    }
    return events
  }

  #cluster(name: string, at: At): ClusterBuilder | undefined {
    return readCluster(this.#context, this.#stage.clusters, name, at.in('cluster'))
  }

  #config(cluster: ClusterBuilder): IcConfig | undefined {
    const { id } = cluster.draft
    if (!this.#configs.has(id)) this.#configs.set(id, cluster.icConfig)
    return this.#configs.get(id)
  }

  #setConfig(cluster: ClusterBuilder, made: ConfigMapDraft, at: At): TimelineEvent[] {
    if (!this.#kube(cluster, at)) return []
    checkGateways(
      this.#context,
      cluster.draft.id,
      made.gateways,
      cluster.nodes.map((node) => node.name),
    )
    const config =
      made.config.dbHosts.length > 0 ? made.config : { ...made.config, dbHosts: this.#stage.dbHosts }
    this.#configs.set(cluster.draft.id, config)
    return [{ kind: 'ic-config', cluster: cluster.draft.id, config }]
  }

  /** Only Kube-OVN reads the ConfigMap. */
  #kube(cluster: ClusterBuilder, at: At): boolean {
    const { id, profile } = cluster.draft
    if (profile.kubeOvn !== undefined) return true
    this.#context.diagnostics.error(
      'IN084',
      `the ConfigMap ovn-ic-config means nothing to ${profile.name}, which the cluster ${id} runs`,
      { span: at.span, hint: 'give the cluster a kube-ovn profile, or change plain OVN with nbctl lines' },
    )
    return false
  }

  #subnet(cluster: ClusterBuilder, draft: SubnetDraft | undefined): TimelineEvent[] {
    if (draft === undefined || this.#taken(cluster, 'subnet', cluster.subnets, draft)) return []
    return [{ kind: 'subnet-add', cluster: cluster.draft.id, subnet: cluster.addSubnet(draft) }]
  }

  #pod(cluster: ClusterBuilder, draft: PodDraft | undefined): TimelineEvent[] {
    if (draft === undefined || this.#taken(cluster, 'pod', cluster.pods, draft)) return []
    const { id } = cluster.draft
    const number = this.#podsMade.get(id) ?? cluster.pods.length
    this.#podsMade.set(id, number + 1)
    const pod: Pod | undefined = cluster.makePod(draft, number)
    if (pod === undefined) return []
    this.#checkAddresses(cluster, draft, pod)
    cluster.pods.push(pod)
    return [{ kind: 'pod-add', cluster: id, pod }]
  }

  /** Reports addresses of a pod that a router port or another pod has at this time, as `checkUnique` does for the start. */
  #checkAddresses(cluster: ClusterBuilder, draft: PodDraft, pod: Pod): void {
    const { diagnostics, waived } = this.#context
    const { id } = cluster.draft
    const subnets = cluster.subnets.filter((one) => !this.#gone.has(`subnet ${id}/${one.name}`))
    const pods = cluster.pods.filter((one) => !this.#gone.has(`pod ${id}/${one.name}`))
    const owner =
      subnets.find((one) => one.mac === pod.mac)?.lrp ?? pods.find((one) => one.mac === pod.mac)?.name
    if (draft.mac !== undefined && owner !== undefined && !waived.has('duplicate-mac')) {
      diagnostics.error('IN054', `the MAC address ${formatMac(pod.mac)} of the pod ${pod.name} is taken`, {
        span: draft.mac.at.span,
        hint: `${owner} has it`,
      })
    }
    for (const { value, at } of draft.ips) {
      const other = pods.find(
        (one) => one.subnet === pod.subnet && one.ips.some((ip) => ipKey(ip) === ipKey(value)),
      )
      if (other === undefined || waived.has('duplicate-ip')) continue
      diagnostics.error('IN055', `the address ${formatIp(value)} of the pod ${pod.name} is taken`, {
        span: at.span,
        hint: `the pod ${other.name} has it at this time`,
      })
    }
  }

  /** Reports a name that is in use; one that was deleted before makes room. */
  #taken(
    cluster: ClusterBuilder,
    what: string,
    list: { readonly name: string }[],
    draft: { readonly name: string; readonly at: At },
  ): boolean {
    const index = list.findIndex((one) => one.name === draft.name)
    if (index < 0) return false
    if (this.#gone.delete(`${what} ${cluster.draft.id}/${draft.name}`)) {
      list.splice(index, 1)
      return false
    }
    this.#context.diagnostics.error(
      'IN059',
      `the cluster ${cluster.draft.id} already has a ${what} named ${draft.name}`,
      { span: draft.at.key },
    )
    return true
  }
}
