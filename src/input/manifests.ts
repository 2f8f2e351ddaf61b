// Kubernetes manifests of one cluster, as `kubectl get -o yaml|json` prints them: Lists are unpacked, several documents
// a file are fine, fields that nobody reads here (status, managedFields) are passed over. Kinds that say nothing about
// the network are noted and left alone, so that a whole folder can be given.

import type { Context } from './context.ts'
import type { ClusterDraft } from './draft.ts'
import type { SourceReader } from './files.ts'
import type { Manifest } from './manifest.ts'
import { readConfigMap } from './manifest-config.ts'
import { readNodeManifest, readPodManifest, readSubnetManifest, readVpcManifest } from './manifest-objects.ts'
import type { At } from './yaml-file.ts'

/** What `manifests:` may hold: paths and objects. */
export type RawManifests =
  | string
  | Readonly<Record<string, unknown>>
  | readonly (string | Readonly<Record<string, unknown>>)[]

/** The objects that a value of `manifests` stands for; `file` is the scenario's path. */
export function collectManifests(
  context: Context,
  reader: SourceReader,
  raw: RawManifests | undefined,
  file: string,
  at: At,
): Manifest[] {
  if (raw === undefined) return []
  const entries = Array.isArray(raw)
    ? (raw as (string | Record<string, unknown>)[]).map((entry, i) => ({ entry, place: at.in(i) }))
    : [{ entry: raw as string | Record<string, unknown>, place: at }]
  return entries.flatMap(({ entry, place }) => {
    if (typeof entry !== 'string') return unpack(context, entry, place)
    return reader.expand(entry, file, place.span).flatMap((path) => {
      const documents = reader.open(path, place.span)
      if (documents?.length === 0)
        context.diagnostics.error('IN004', `${path} is empty`, { span: place.span })
      return (documents ?? []).flatMap((document) => unpack(context, document.value, document.root))
    })
  })
}

function unpack(context: Context, value: unknown, at: At): Manifest[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    context.diagnostics.error('IN071', 'this is not a Kubernetes object', {
      span: at.span,
      expected: 'apiVersion, kind, metadata and what follows',
    })
    return []
  }
  const object = value as Readonly<Record<string, unknown>>
  const { kind, items } = object
  if (typeof kind !== 'string') {
    const scenario = 'isthmus' in object
    context.diagnostics.error(
      'IN071',
      scenario ? 'this is a scenario, not a manifest' : 'this object has no kind',
      { span: at.span, expected: 'kind: ConfigMap, Subnet, Vpc, Node, Pod or List' },
    )
    return []
  }
  if (kind.endsWith('List') && Array.isArray(items)) {
    return items.flatMap((item: unknown, i) => unpack(context, withKind(item, kind), at.in('items', i)))
  }
  return [{ kind, object, at }]
}

/** Items of a `SubnetList` may come without a kind of their own. */
function withKind(item: unknown, list: string): unknown {
  if (list === 'List' || typeof item !== 'object' || item === null || 'kind' in item) return item
  return { ...item, kind: list.slice(0, -'List'.length) }
}

/** Adds what the manifests say to a cluster's draft. */
export function applyManifests(context: Context, draft: ClusterDraft, manifests: readonly Manifest[]): void {
  for (const manifest of manifests) {
    if (manifest.kind === 'ConfigMap') addConfigMap(context, draft, manifest)
    else if (manifest.kind === 'Subnet')
      addNamed(context, draft.id, 'subnet', draft.subnets, readSubnetManifest(context, manifest))
    else if (manifest.kind === 'Node')
      addNamed(context, draft.id, 'node', draft.nodes, readNodeManifest(context, manifest))
    else if (manifest.kind === 'Pod') addPod(context, draft, manifest)
    else if (manifest.kind === 'Vpc') readVpcManifest(context, draft, manifest)
    else {
      context.diagnostics.info('IN072', `objects of the kind ${manifest.kind} are not used`, {
        span: manifest.at.in('kind').span,
      })
    }
  }
}

function addConfigMap(context: Context, draft: ClusterDraft, manifest: Manifest): void {
  const config = readConfigMap(context, manifest)
  if (config === undefined) return
  if (draft.configMap !== undefined) {
    context.diagnostics.error('IN073', `the cluster ${draft.id} has two ConfigMaps ovn-ic-config`, {
      span: config.at.span,
      related: [{ message: 'the first is here', span: draft.configMap.at.span }],
    })
    return
  }
  draft.configMap = config
  if (config.config.azName !== '')
    draft.azName ??= { value: config.config.azName, at: manifest.at.in('data', 'az-name') }
}

function addNamed<T extends { readonly name: string; readonly at: At }>(
  context: Context,
  cluster: string,
  what: string,
  list: T[],
  made: T | undefined,
): void {
  if (made === undefined) return
  const before = list.find((one) => one.name === made.name)
  if (before === undefined) list.push(made)
  else {
    context.diagnostics.error('IN059', `the cluster ${cluster} has two ${what}s named ${made.name}`, {
      span: made.at.span,
      related: [{ message: 'the first is here', span: before.at.key }],
    })
  }
}

/** Pods of other namespaces with a name that is taken are known as `name.namespace`. */
function addPod(context: Context, draft: ClusterDraft, manifest: Manifest): void {
  const made = readPodManifest(context, manifest)
  if (made === undefined) return
  const taken = draft.pods.some((pod) => pod.name === made.name)
  addNamed(
    context,
    draft.id,
    'pod',
    draft.pods,
    taken && made.lsp !== undefined ? { ...made, name: made.lsp } : made,
  )
}
