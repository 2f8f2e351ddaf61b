// What a fix must respect: what cannot change, which addresses are taken or allowed, what a change costs, how much room is wanted.

import type { Span } from '../../diag/diagnostic.ts'
import { didYouMean } from '../../diag/suggest.ts'
import type { Plan, PlanNetwork } from '../../model/plan.ts'
import { hasHostBits, type Prefix, parsePrefix } from '../../net/prefix.ts'
import { repeatsIn } from '../index.ts'
import type { Accepts } from './accepted.ts'
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
  /** What can be changed in the files; everything unless given. */
  readonly editable?: Editable
  /** What the rules have against networks and is accepted. */
  readonly accepts?: Accepts
  /** False where disableInterConnection is out of the question. */
  readonly withhold?: boolean
}

/** What can be changed in the files of a plan. */
export interface Editable {
  /** Why the text of a network cannot be changed; undefined where it can. */
  readonly whyNot: (network: PlanNetwork) => string | undefined
  /** True where disableInterConnection can be set on a network. */
  readonly withhold: (network: PlanNetwork) => boolean
  /** True where a file says `auto-route: "true"` of a cluster. */
  readonly manual: (cluster: string) => boolean
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
  /** Where the plan says it; absent for an option. */
  readonly span: Span | undefined
}

/** A word of the command line or of a plan. */
interface Word {
  readonly value: string
  readonly span?: Span
}

/** Words to options, those of the plan's own `fix` with them. All mistakes come at once. */
export function fixOptions(
  plan: Plan,
  words: FixWords,
  threshold: Threshold = 'error',
): { readonly options: FixOptions; readonly mistakes: readonly FixMistake[] } {
  const mistakes: FixMistake[] = []
  const all = (key: 'pin' | 'reserve' | 'within' | 'cost'): Word[] => [
    ...(words[key] ?? []).map((value) => ({ value })),
    ...(plan.fix?.[key] ?? []),
  ]
  const wrong = ({ value, span }: Word, key: string, problem: string, hint: string | undefined): void => {
    mistakes.push({
      message: `${span === undefined ? '--' : ''}${key} ${value}${problem}`,
      hint,
      span,
    })
  }
  /** `az1`: everything of a cluster; `az1/ovn-default`, `az1/services`: its networks of this name or role; `/ts`: one of nobody's. */
  const selected = (word: Word, what: string, key: string): PlanNetwork[] => {
    const slash = what.indexOf('/')
    const cluster = slash < 0 ? what : what.slice(0, slash)
    const name = slash < 0 ? undefined : what.slice(slash + 1)
    const ids = plan.clusters.map(({ id }) => id)
    if (cluster !== '' && !ids.includes(cluster)) {
      const known = didYouMean(cluster, ids) ?? `clusters are ${ids.join(', ')}`
      wrong(word, key, `: the plan has no cluster ${cluster}`, known)
      return []
    }
    const own = plan.networks.filter((one) => one.cluster === cluster)
    // Whichever document's name is used, all that say the same are meant.
    const repeats = repeatsIn(plan)
    if (name === undefined && cluster !== '') return own
    const found = own.filter((one) => one.name === name || one.role === name)
    if (found.length > 0) return found.flatMap(repeats)
    const near = didYouMean(name ?? '', new Set(own.flatMap((one) => [one.name, one.role])))
    const example = own[0] === undefined ? 'az1/ovn-default' : `${cluster}/${own[0].name}`
    wrong(
      word,
      key,
      cluster === ''
        ? ': no transit switch has this name'
        : `: ${cluster} has no network ${name || 'without a name'}`,
      near ?? `write a cluster, or a cluster and a network such as ${example}`,
    )
    return []
  }

  const pinned = new Map<PlanNetwork, string>()
  for (const word of all('pin'))
    for (const network of selected(word, word.value, 'pin'))
      pinned.set(network, word.span === undefined ? `--pin ${word.value}` : `pinned as ${word.value}`)
  const costs = new Map<PlanNetwork, number>()
  for (const word of all('cost')) {
    const [, what = '', number = ''] = /^(.*)=(.*)$/.exec(word.value) ?? []
    const cost = Number(number)
    if (number === '' || !Number.isFinite(cost) || cost <= 0)
      wrong(
        word,
        'cost',
        ' is no cost',
        'write a network and a number of pods above zero, such as --cost az1/ovn-default=500',
      )
    else for (const network of selected(word, what, 'cost')) costs.set(network, cost)
  }
  const prefixes = (key: 'reserve' | 'within'): Prefix[] =>
    all(key).flatMap((word) => {
      const prefix = word.value.includes('/') ? parsePrefix(word.value) : undefined
      if (prefix !== undefined && !hasHostBits(prefix)) return [prefix]
      wrong(
        word,
        key,
        ' is no network',
        prefix === undefined
          ? 'write a CIDR such as 10.0.0.0/12'
          : `${word.value} has host bits beyond /${prefix.len}`,
      )
      return []
    })
  const options: FixOptions = {
    threshold,
    pinned,
    pinnedClusters: new Set(all('pin').flatMap(({ value }) => (value.includes('/') ? [] : [value]))),
    costs,
    reserved: prefixes('reserve'),
    within: prefixes('within'),
    growth: words.growth ?? plan.fix?.growth?.value ?? 1,
  }
  return { options, mistakes }
}
