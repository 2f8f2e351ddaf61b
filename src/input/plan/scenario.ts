// Scenario files as plans. The reader is more tolerant than the one that `run` uses (src/input/compile.ts): it takes what the rules
// speak of and leaves judging the rest to `isthmus validate`, so that a plan that could not run is checked as well.

import type { PlanNetwork, Written } from '../../model/plan.ts'
import { PROFILE_NAMES } from '../../model/profile.ts'
import { parseIp } from '../../net/ip.ts'
import { readWans } from './bare-surroundings.ts'
import { interfaceOf, isMapping, type PlanDocument, View } from './document.ts'
import type { PlanDraft } from './draft.ts'

/** True for a scenario file. */
export function isScenario(value: Readonly<Record<string, unknown>>): boolean {
  return 'isthmus' in value && isMapping(value.clusters)
}

/** Reads a scenario; `manifests` is called for what its clusters list there. */
export function readScenario(
  { draft, value, at }: PlanDocument,
  manifests: (cluster: string, view: View) => void,
): void {
  const top = new View(draft, value, at)
  const ic = top.in('interconnect', 'ovn-ic')
  readSwitches(draft, ic)
  for (const line of texts(ic, 'residue')) readResidue(draft, line)
  draft.icDbHosts.push(...ic.names('hosts'))
  for (const id of Object.keys(value.clusters as object)) {
    const view = top.in('clusters', id)
    if (isMapping(view.value)) {
      readCluster(draft, id, view, top)
      if (view.raw('manifests') !== undefined) manifests(id, view.in('manifests'))
    }
  }
  draft.underlayMtu = top.number(68, 'underlay', 'mtu') ?? draft.underlayMtu
  readWans(draft, wansWithMtu(top.in('underlay', 'wan')))
  const links = top.in('underlay', 'nodes')
  for (const name of isMapping(links.value) ? Object.keys(links.value) : []) {
    const mtu = links.number(68, name, 'mtu')
    const [cluster, node] = name.split('/')
    const index = draft.nodes.findIndex((one) => one.cluster === cluster && one.name.value === node)
    if (mtu !== undefined && index >= 0) draft.nodes[index] = { ...draft.nodes[index]!, mtu }
  }
  readEdits(draft, top)
}

/** Links between clusters may say something else than an MTU. */
function wansWithMtu(view: View): View {
  const kept = isMapping(view.value)
    ? Object.fromEntries(Object.entries(view.value).filter(([, one]) => isMapping(one) && 'mtu' in one))
    : {}
  return new View(view.draft, kept, view.at)
}

function readSwitches(draft: PlanDraft, ic: View): void {
  const switches = ic.raw('transitSwitches')
  if (typeof switches === 'number') {
    for (let i = 0; i < Math.min(switches, 1000); i++)
      draft.transitSwitches.push({
        name: i === 0 ? 'ts' : `ts${i}`,
        span: ic.at.in('transitSwitches').span,
        written: true,
      })
  } else if (Array.isArray(switches)) {
    for (const [i, one] of switches.entries()) {
      const view = ic.in('transitSwitches', i)
      const name = isMapping(one) ? view.text('name') : view.text()
      if (name === undefined) continue
      draft.transitSwitches.push({ name: name.value, span: name.span, written: true })
      for (const subnet of isMapping(one) ? view.networks('subnets') : [])
        draft.network({
          cluster: '',
          role: 'transit',
          name: name.value,
          prefix: subnet.value,
          span: subnet.span,
          exported: false,
        })
    }
  }
}

function readCluster(draft: PlanDraft, id: string, view: View, top: View): void {
  const key = view.at.key
  const entry = draft.cluster(id, key)
  const profile = view.text('profile') ?? top.text('profile')
  const known = PROFILE_NAMES.find((one) => one === profile?.value)
  if (profile !== undefined && known !== undefined) entry.profile = { value: known, span: profile.span }
  entry.kubeOvn ||= known?.startsWith('kube-ovn') === true
  const options: Record<string, Written<string>> = {}
  for (const name of isMapping(view.raw('options')) ? Object.keys(view.raw('options') as object) : []) {
    const text = view.text('options', name)
    if (text !== undefined) options[name] = text
  }
  const gateways = isMapping(view.raw('gateways'))
    ? Object.keys(view.raw('gateways') as object).map((name) => ({
        value: name,
        span: view.at.in('gateways', name).key,
      }))
    : view.names('gateways')
  const manifested = view.raw('manifests') !== undefined
  const enabled = view.flag('ic')?.value ?? (!manifested || gateways.length > 0)
  if (enabled && (!manifested || view.raw('gateways') !== undefined))
    entry.ovnIc = {
      span: key,
      enabled,
      azName: view.text('az') ?? { value: id, span: key },
      dbHosts: top.names('interconnect', 'ovn-ic', 'hosts'),
      gateways,
      autoRoute:
        view.flag('autoRoute') ?? (Object.keys(options).length > 0 ? undefined : { value: false, span: key }),
      options,
      oddities: [],
    }
  readNodes(draft, id, view.in('nodes'))
  readSubnets(draft, id, view.in('subnets'), entry.kubeOvn)
  readPods(draft, id, view.in('pods'))
  readRouting(draft, id, 'ovn-cluster', view)
  for (const name of isMapping(view.raw('routers')) ? Object.keys(view.raw('routers') as object) : [])
    readRouting(draft, id, name, view.in('routers', name))
  readTransitPorts(draft, id, view)
  for (const line of texts(view, 'commands')) readCommand(draft, id, line)
}

function readNodes(draft: PlanDraft, cluster: string, view: View): void {
  if (!isMapping(view.value)) return
  draft.cluster(cluster, view.at.key).nodesKnown = true
  for (const name of Object.keys(view.value)) {
    const one = view.in(name)
    const detailed = isMapping(one.value)
    const pick = <T>(key: string, value: Written<T> | undefined): Record<string, Written<T>> =>
      value === undefined ? {} : { [key]: value }
    draft.nodes.push({
      cluster,
      name: { value: name, span: one.at.key },
      ips: detailed ? one.addresses('ip') : one.addresses(),
      interfaces: detailed ? one.addresses('internalIPs') : [],
      podCidrs: [],
      ...(detailed && {
        ...pick('chassis', one.text('chassis')),
        ...pick('hostname', one.text('hostname')),
        ...pick('encap', one.text('encap')),
        ...pick('mtu', one.number(68, 'mtu')),
      }),
    })
  }
}

function readSubnets(draft: PlanDraft, cluster: string, view: View, kubeOvn: boolean): void {
  for (const name of isMapping(view.value) ? Object.keys(view.value) : []) {
    const one = view.in(name)
    const detailed = isMapping(one.value)
    const join = detailed
      ? (one.flag('join')?.value ?? (kubeOvn && name === 'join'))
      : kubeOvn && name === 'join'
    const router = detailed ? one.text('router') : undefined
    const hidden = detailed && one.flag('disableInterConnection')?.value === true
    const gateways = detailed ? [...one.addresses('gateway'), ...one.addresses('gateways')] : []
    for (const { value: prefix, span } of detailed ? one.networks('cidr') : one.networks()) {
      draft.network({
        cluster,
        role: join ? 'join' : 'pods',
        name,
        prefix,
        span,
        exported: !hidden && !join,
        ...(hidden && { withheld: 'disableInterConnection' as const }),
        ...(router !== undefined && router.value !== 'ovn-cluster' && { vpc: router }),
        gateways: gateways.filter((ip) => typeof ip.value === typeof prefix.ip),
      } satisfies PlanNetwork)
    }
  }
}

function readPods(draft: PlanDraft, cluster: string, view: View): void {
  for (const name of isMapping(view.value) ? Object.keys(view.value) : []) {
    const one = view.in(name)
    const detailed = isMapping(one.value)
    const node = detailed ? one.text('node') : one.text()
    const mtu = detailed ? one.number(68, 'mtu') : undefined
    draft.pods.push({
      cluster,
      name: { value: name, span: one.at.key },
      namespace: 'default',
      ips: detailed ? [...one.addresses('ip'), ...one.addresses('ips')] : [],
      replicas: 1,
      attachments: [],
      ...(node !== undefined && { node }),
      ...(mtu !== undefined && { mtu }),
    })
  }
}

function readRouting(draft: PlanDraft, cluster: string, router: string, view: View): void {
  const routes = view.raw('staticRoutes')
  for (const i of Array.isArray(routes) ? routes.keys() : []) {
    const one = view.in('staticRoutes', i)
    const [prefix, nexthop] = [one.text('prefix'), one.text('nexthop')]
    const port = one.text('port')
    if (prefix !== undefined && nexthop !== undefined)
      draft.routes.push({
        cluster,
        router,
        prefix,
        nexthop,
        policy: one.text('policy')?.value === 'src-ip' ? 'src-ip' : 'dst-ip',
        learned: false,
        ...(port !== undefined && { port: port.value }),
      })
  }
  const policies = view.raw('policies')
  for (const i of Array.isArray(policies) ? policies.keys() : []) {
    const one = view.in('policies', i)
    const [priority, match] = [one.number(0, 'priority'), one.text('match')]
    if (priority !== undefined && match !== undefined)
      draft.policies.push({
        cluster,
        router,
        priority: priority.value,
        match,
        action: one.text('action')?.value ?? '',
        nexthops: one.names('nexthop'),
      })
  }
}

function readTransitPorts(draft: PlanDraft, cluster: string, view: View): void {
  const az = view.text('az')?.value ?? cluster
  const ports = view.raw('transitPorts')
  for (const name of isMapping(ports) ? Object.keys(ports) : []) {
    const given = view.raw('transitPorts', name)
    const places = Array.isArray(given)
      ? [...given.keys()].map((i) => view.in('transitPorts', name, i))
      : [view.in('transitPorts', name)]
    for (const one of places) {
      if (!isMapping(one.value)) continue
      const mac = one.text('mac')
      draft.transitPorts.push({
        az,
        seenIn: '',
        transitSwitch: name,
        name: one.text('lsp') ?? { value: `${name}-${az}`, span: one.at.key },
        router: one.text('router')?.value ?? 'ovn-cluster',
        networks: one.words('ip').flatMap(({ value, at }) => interfaceOf(draft, value, at)),
        ...(mac !== undefined && { mac }),
      })
    }
  }
}

/** `lr-route-add` and `lr-policy-add` lines, with or without `kubectl ko nbctl` and options in front. */
export function readCommand(draft: PlanDraft, cluster: string, { value, span }: Written<string>): void {
  const words = value.split(/\s+/)
  const verb = words.findIndex((word) => word === 'lr-route-add' || word === 'lr-policy-add')
  if (verb < 0) return
  const flags = words.filter((word) => word.startsWith('--'))
  const rest = words.slice(verb + 1).filter((word) => !word.startsWith('--'))
  if (words[verb] === 'lr-route-add') {
    const [router, prefix, nexthop, port] = rest
    if (router === undefined || prefix === undefined || nexthop === undefined) return
    const place = (word: string): Written<string> => {
      const column = value.indexOf(word)
      return {
        value: word,
        span: { file: span.file, line: span.line, column: span.column + column, length: word.length },
      }
    }
    draft.routes.push({
      cluster,
      router,
      prefix: place(prefix),
      nexthop: place(nexthop),
      policy: flags.includes('--policy=src-ip') ? 'src-ip' : 'dst-ip',
      learned: false,
      ...(port !== undefined && { port }),
    })
  } else {
    const [router = '', priority] = rest
    const match = /["'](.+?)["']/.exec(value)?.[1] ?? rest.slice(2, -1).join(' ')
    const [, action = '', hops = ''] = /\b(allow|drop|reroute)\b(?:\s+([0-9a-fA-F.:,]+))?/.exec(value) ?? []
    draft.policies.push({
      cluster,
      router,
      priority: Number(priority),
      match: { value: match, span },
      action,
      nexthops: hops.split(',').flatMap((hop) => (hop === '' ? [] : [{ value: hop, span }])),
    })
  }
}

/** Events of the timeline that change ovn-ic-config, or apply it anew. */
function readEdits(draft: PlanDraft, top: View): void {
  const timeline = top.raw('timeline')
  for (const i of Array.isArray(timeline) ? timeline.keys() : []) {
    const event = top.in('timeline', i)
    const edit = event.in('edit')
    const cluster = isMapping(edit.value) ? edit.text('cluster') : undefined
    if (cluster === undefined) continue
    for (const key of Object.keys(edit.value as object))
      if (key !== 'cluster')
        draft.edits.push({ cluster: cluster.value, key: { value: key, span: edit.at.in(key).key } })
  }
}

/** Lines of `ovn-ic-sbctl create …`: zones, and gateways with their tunnel addresses. */
function readResidue(draft: PlanDraft, { value, span }: Written<string>): void {
  const zone = /create\s+Availability_Zone\s+name=([\w.-]+)/i.exec(value)?.[1]
  if (zone === undefined) return
  const gateways = [...value.matchAll(/create\s+Gateway\s+(.*?)(?=\s--\s|$)/g)].flatMap(
    ([, columns = '']) => {
      const name = /\bname=([\w.-]+)/.exec(columns)?.[1]
      const hostname = /\bhostname=([\w.-]+)/.exec(columns)?.[1]
      const address = /create\s+Encap\s+(?:(?!\s--\s).)*\bip="?([0-9a-f.:]+)/.exec(value)?.[1]
      const ip = address === undefined ? undefined : parseIp(address)
      if (name === undefined) return []
      return [
        {
          chassis: { value: name, span },
          ...(hostname !== undefined && { hostname: { value: hostname, span } }),
          ...(ip !== undefined && { ip: { value: ip, span } }),
        },
      ]
    },
  )
  draft.zoneRows.push({ name: { value: zone, span }, gateways })
}

/** Texts that hold commas of their own, so they are not split. */
function texts(view: View, key: string): Written<string>[] {
  const value = view.raw(key)
  if (!Array.isArray(value)) {
    const one = view.text(key)
    return one === undefined ? [] : [one]
  }
  return value.flatMap((_, i) => view.text(key, i) ?? [])
}
