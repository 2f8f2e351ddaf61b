/**
 * The manifest of a run, written before anything else is made: what `lab status`, `exec`, `enter` and `down` know about a lab that
 * another process brought up, or died while doing so.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Network } from '../model/network.ts'
import { LABS_FOLDER, type Names, PREFIX } from './names.ts'

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

/** Manifests of all labs of this machine, oldest first. */
export function manifests(): Manifest[] {
  const found: { manifest: Manifest; time: number }[] = []
  for (const id of runIds()) {
    const path = join(LABS_FOLDER, `${PREFIX}${id}`, 'manifest.json')
    if (!existsSync(path)) continue
    try {
      const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest
      if (manifest.isthmusLab === 1 && manifest.id === id)
        found.push({ manifest, time: statSync(path).mtimeMs })
    } catch {
      // Cut off while it was being written: `lab down --all` clears such a folder by its name.
    }
  }
  return found.sort((a, b) => a.time - b.time).map(({ manifest }) => manifest)
}

/** Ids of all folders of labs, whether they have a manifest or not. */
export function runIds(): string[] {
  return readdirSync(LABS_FOLDER).flatMap((name) => RUN_FOLDER.exec(name)?.[1] ?? [])
}

const RUN_FOLDER = new RegExp(`^${PREFIX}([0-9a-f]{6})$`)
