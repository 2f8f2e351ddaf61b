/**
 * The manifest of a run, written before anything else is made: what `lab status`, `exec`, `enter` and `down` know about a lab that
 * another process brought up, or died while doing so. What takes a lab away does not rely on it; who enters one believes only names and
 * paths that this very lab could have.
 */
import { lstatSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Network } from '../model/network.ts'
import { labFolders } from './found.ts'
import { MANIFEST, type Names, PREFIX } from './names.ts'

export interface Manifest {
  readonly isthmusLab: 1
  readonly id: string
  readonly folder: string
  /** The scenario. */
  readonly file: string
  readonly name: string
  readonly underlay: string
  readonly clusters: Readonly<Record<string, { readonly nb: string; readonly sb: string }>>
  /** By `cluster/node`. */
  readonly nodes: Readonly<Record<string, { readonly namespace: string; readonly folder: string }>>
  /** Namespaces by `cluster/pod`. */
  readonly pods: Readonly<Record<string, string>>
  readonly icNb: string
  readonly icSb: string
}

/** The manifest as it is written. */
export function manifestText(
  names: Names,
  network: Network,
  { file, name }: { readonly file: string; readonly name: string },
): string {
  const manifest: Manifest = {
    isthmusLab: 1,
    id: names.id,
    folder: names.folder,
    file,
    name,
    underlay: names.underlay,
    clusters: Object.fromEntries(
      network.clusters.map(({ id }) => [
        id,
        { nb: `unix:${names.zone(id).nb}`, sb: `unix:${names.zone(id).sb}` },
      ]),
    ),
    nodes: Object.fromEntries(
      [...names.nodes].map(([key, { namespace, folder }]) => [key, { namespace, folder }]),
    ),
    pods: Object.fromEntries(names.pods),
    icNb: names.icRemotes('nb'),
    icSb: names.icRemotes('sb'),
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}

/** Manifests of this user's labs, oldest first; what is damaged, half written or somebody else's is not among them. */
export function manifests(): Manifest[] {
  const found: { manifest: Manifest; time: number }[] = []
  for (const [id, folder] of labFolders()) {
    const path = join(folder, MANIFEST)
    try {
      if (lstatSync(folder).uid !== process.getuid?.()) continue
      const manifest = readManifest(readFileSync(path, 'utf8'), id, folder)
      if (manifest !== undefined) found.push({ manifest, time: statSync(path).mtimeMs })
    } catch {
      // Gone meanwhile, or not readable.
    }
  }
  return found.sort((a, b) => a.time - b.time).map(({ manifest }) => manifest)
}

/** The manifest in a text, unless it is none of lab `id` in `folder`. */
export function readManifest(text: string, id: string, folder: string): Manifest | undefined {
  let claimed: Partial<Record<keyof Manifest, unknown>>
  try {
    claimed = entries(JSON.parse(text))
  } catch {
    return undefined
  }
  const namespace = (name: unknown): boolean =>
    typeof name === 'string' && name.startsWith(`${PREFIX}${id}-`) && !name.includes('/')
  const path = (one: unknown): boolean =>
    typeof one === 'string' && one.startsWith(`${folder}/`) && !one.split('/').includes('..')
  const remotes = (list: unknown): boolean =>
    typeof list === 'string' &&
    list.split(',').every((remote) => remote.startsWith('unix:') && path(remote.slice('unix:'.length)))
  const all = (values: unknown, holds: (one: Record<string, unknown>) => boolean): boolean =>
    typeof values === 'object' && values !== null && Object.values(values).every((one) => holds(entries(one)))
  const ok =
    claimed.isthmusLab === 1 &&
    claimed.id === id &&
    claimed.folder === folder &&
    typeof claimed.file === 'string' &&
    typeof claimed.name === 'string' &&
    namespace(claimed.underlay) &&
    remotes(claimed.icNb) &&
    remotes(claimed.icSb) &&
    all(claimed.clusters, ({ nb, sb }) => remotes(nb) && remotes(sb)) &&
    all(claimed.nodes, (node) => namespace(node.namespace) && path(node.folder)) &&
    Object.values(entries(claimed.pods)).every(namespace)
  return ok ? (claimed as unknown as Manifest) : undefined
}

function entries(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
