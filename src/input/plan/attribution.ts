// Which cluster a document belongs to: the command line's `name=path`, else the file's own word (ovn-ic-config's az-name, clusterID, …),
// else that of the only one in its folder or the nearest above, else the name of the folder, or of the file when it was given alone.

import type { Diagnostics } from '../../diag/diagnostic.ts'
import { type ClusterName, clusterNamedBy, oneCluster } from './kinds.ts'
import type { PlanFile } from './paths.ts'

/** A file with the names that it gives its cluster or clusters. */
interface NamedFile {
  readonly file: PlanFile
  readonly named: readonly ClusterName[]
}

/** Made of all files before the first document is read: what one of them says counts for its neighbours. */
export class Attribution {
  readonly #diagnostics: Diagnostics
  /** What the files of a folder, and of those below it, call their clusters. */
  readonly #names = new Map<string, ClusterName[]>()
  /** Names of zones and ids of Submariner that several folders claim: that is a finding (V4, SM-ID), so they tell no cluster. */
  readonly #shared = new Set<string>()

  constructor(files: readonly NamedFile[], diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics
    for (const { file, named } of files)
      for (const name of named) for (const folder of file.folders) this.#note(folder, name)
    const homes = new Map<string, string>()
    for (const { file, named } of files)
      for (const name of named) {
        // Files that are given one by one may well be the command line and the object of one cluster of Submariner.
        if (name.by === 'kubernetes' || (name.by === 'submariner' && !file.listed) || !this.#isOfOne(file))
          continue
        const key = `${name.by} ${name.name}`
        const home = file.cluster ?? file.fallback
        if ((homes.get(key) ?? home) !== home) this.#shared.add(key)
        homes.set(key, home)
      }
  }

  /** A folder with files of several clusters, as one of all `subctl join` scripts, is no cluster of its own. */
  #isOfOne({ listed, folders }: PlanFile): boolean {
    return !listed || oneCluster(this.#names.get(folders[0]!) ?? []) !== undefined
  }

  #note(folder: string, name: ClusterName): void {
    const names = this.#names.get(folder)
    if (names === undefined) this.#names.set(folder, [name])
    else names.push(name)
  }

  /** The one cluster of a folder whose files call it by different kinds of names. */
  ofFolder(file: PlanFile): string | undefined {
    const names = file.listed ? this.#names.get(file.folders[0]!) : undefined
    return names === undefined ? undefined : this.#meant(names, file)
  }

  /**
   * The cluster of a file's documents that do not name one themselves. `doubt` says that this is a guess, and is called where such a
   * document is found: plans, and most tables, name their clusters.
   */
  ofFile({ file, named }: NamedFile): { readonly cluster: string; readonly doubt?: () => void } {
    if (file.cluster !== undefined) return { cluster: file.cluster }
    const own = this.ofFolder(file) ?? this.#meant(named, file)
    if (own !== undefined) return { cluster: own }
    for (const folder of file.folders) {
      const names = this.#names.get(folder)
      if (names === undefined) continue
      const only = oneCluster(names)
      if (only !== undefined) return { cluster: only }
      // Other files of a folder name clusters of their own; this one is then called after itself.
      if (!file.listed) break
      const known = [...new Set(names.map(({ name }) => name))].sort()
      const doubt = (): void => {
        this.#diagnostics.warning('PL006', `${file.path} does not say which cluster it belongs to`, {
          span: { file: file.path, line: 1, column: 1 },
          expected: `one of ${known.join(', ')}`,
          hint: `${file.fallback} is taken, the name of the folder; isthmus check ${known[0]}=${file.path} says another`,
        })
      }
      return { cluster: file.fallback, doubt }
    }
    return { cluster: file.fallback }
  }

  /** The cluster of a document; `common` is that of its file. */
  ofDocument(value: unknown, file: PlanFile, common: string): string {
    const name = clusterNamedBy(value)
    const own = name === undefined ? undefined : this.#meant([name], file)
    return file.cluster ?? this.ofFolder(file) ?? own ?? common
  }

  /** The cluster that names of a file or its folder mean. */
  #meant(names: readonly ClusterName[], { fallback }: PlanFile): string | undefined {
    const shared = names.some(({ by, name }) => this.#shared.has(`${by} ${name}`))
    return shared ? fallback : oneCluster(names)
  }
}
