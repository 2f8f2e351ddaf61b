// What a fix must respect: what cannot change, which addresses are taken or allowed, what a change costs, how much room is wanted.

import { didYouMean } from '../../diag/suggest.ts'
import type { Plan, PlanNetwork } from '../../model/plan.ts'
import { hasHostBits, type Prefix, parsePrefix } from '../../net/prefix.ts'
import type { Threshold } from './judge.ts'

export interface FixOptions {
  /** The least severity of findings that are removed. */
  readonly threshold: Threshold
  /** Networks that stay as they are, with the words that say so. */
  readonly pinned: ReadonlyMap<PlanNetwork, string>
  /** Clusters of which nothing changes, settings included. */
  readonly pinnedClusters: ReadonlySet<string>
  /** Addresses that no network may be moved to. */
  readonly reserved: readonly Prefix[]
  /** Where networks may be moved to; empty for the private ranges. */
  readonly within: readonly Prefix[]
  /** What renumbering a network costs, where the default is not meant. */
  readonly costs: ReadonlyMap<PlanNetwork, number>
  /** How much larger a network that moves becomes; 1 for as large as it is. Rounded up to a power of two. */
  readonly growth: number
  /** Why the text of a network cannot be changed; undefined where it can. */
  readonly editable?: (network: PlanNetwork) => string | undefined
  /** False where disableInterConnection is out of the question. */
  readonly withhold?: boolean
}

/** The same as people write it. */
export interface FixWords {
  readonly pin?: readonly string[]
  readonly reserve?: readonly string[]
  readonly within?: readonly string[]
  /** `az1/ovn-default=500`. */
  readonly cost?: readonly string[]
  readonly growth?: number
}

/** A word that does not fit the plan. */
export interface FixMistake {
  readonly message: string
  readonly hint: string | undefined
}

/** Words to options. All mistakes come at once. */
export function fixOptions(
  plan: Plan,
  words: FixWords,
  threshold: Threshold = 'error',
): { readonly options: FixOptions; readonly mistakes: readonly FixMistake[] } {
  const mistakes: FixMistake[] = []
  const pinned = new Map<PlanNetwork, string>()
  for (const word of words.pin ?? [])
    for (const network of selected(plan, word, '--pin', mistakes)) pinned.set(network, `--pin ${word}`)
  const costs = new Map<PlanNetwork, number>()
  for (const word of words.cost ?? []) {
    const [, what = '', number = ''] = /^(.*)=(.*)$/.exec(word) ?? []
    const cost = Number(number)
    if (number === '' || !Number.isFinite(cost) || cost <= 0)
      mistakes.push({
        message: `--cost ${word} is no cost`,
        hint: 'write a network and a number of pods above zero, such as --cost az1/ovn-default=500',
      })
    else for (const network of selected(plan, what, '--cost', mistakes)) costs.set(network, cost)
  }
  const prefixes = (flag: string, list: readonly string[] = []): Prefix[] =>
    list.flatMap((word) => {
      const prefix = word.includes('/') ? parsePrefix(word) : undefined
      if (prefix !== undefined && !hasHostBits(prefix)) return [prefix]
      mistakes.push({
        message: `${flag} ${word} is no network`,
        hint:
          prefix === undefined
            ? 'write a CIDR such as 10.0.0.0/12'
            : `${word} has host bits beyond /${prefix.len}`,
      })
      return []
    })
  const options: FixOptions = {
    threshold,
    pinned,
    pinnedClusters: new Set(words.pin?.filter((word) => !word.includes('/'))),
    costs,
    reserved: prefixes('--reserve', words.reserve),
    within: prefixes('--within', words.within),
    growth: words.growth ?? 1,
  }
  return { options, mistakes }
}

/** `az1`: everything of a cluster; `az1/ovn-default`, `az1/services`: its networks of this name or role; `/ts`: one of nobody's. */
function selected(plan: Plan, word: string, flag: string, mistakes: FixMistake[]): PlanNetwork[] {
  const slash = word.indexOf('/')
  const cluster = slash < 0 ? word : word.slice(0, slash)
  const name = slash < 0 ? undefined : word.slice(slash + 1)
  const ids = plan.clusters.map(({ id }) => id)
  const wrong = (message: string, candidates: readonly string[], known: string): PlanNetwork[] => {
    mistakes.push({ message, hint: didYouMean(slash < 0 ? cluster : (name ?? ''), candidates) ?? known })
    return []
  }
  if (cluster !== '' && !ids.includes(cluster))
    return wrong(`${flag} ${word}: the plan has no cluster ${cluster}`, ids, `clusters are ${ids.join(', ')}`)
  const own = plan.networks.filter((one) => one.cluster === cluster)
  if (name === undefined && cluster !== '') return own
  const found = own.filter((one) => one.name === name || one.role === name)
  if (found.length > 0) return found
  const names = [...new Set(own.flatMap((one) => [one.name, one.role]))]
  return wrong(
    `${flag} ${word}: ${cluster === '' ? 'no transit switch' : cluster} has ${cluster === '' ? '' : 'no network '}${name || 'of that name'}`,
    names,
    `write a cluster, or a cluster and a network such as ${own[0] === undefined ? 'az1/ovn-default' : `${cluster}/${own[0].name}`}`,
  )
}
