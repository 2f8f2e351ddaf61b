// What of a plan can be changed in the user's files.

import type { Sources } from '../../diag/source.ts'
import type { Plan, PlanNetwork } from '../../model/plan.ts'
import { formatPrefix, samePrefix } from '../../net/prefix.ts'
import { repeatsIn } from '../index.ts'
import type { Editable } from './options.ts'
import { withholdEdits, wordEdits } from './settings.ts'
import { tokensIn } from './tokens.ts'

/** Answers for the files that a plan was read from. Texts that two networks share cannot be changed. */
export function editability(plan: Plan, sources: Sources): Editable {
  const sharing = new Map<string, PlanNetwork[]>()
  for (const network of plan.networks) {
    if (network.assumed !== undefined) continue
    const { span, prefix } = network
    const key = `${span.file}:${span.line}:${span.column} ${formatPrefix(prefix)}`
    const list = sharing.get(key)
    if (list === undefined) sharing.set(key, [network])
    else list.push(network)
  }
  const shared = new Map(
    [...sharing.values()].filter((list) => list.length > 1).flatMap((list) => list.map((one) => [one, list])),
  )
  const repeats = repeatsIn(plan)
  const reason = (network: PlanNetwork): string | undefined => {
    const other = shared.get(network)?.find((one) => one !== network)
    if (other !== undefined) return `its text is that of ${other.cluster}/${other.name} too`
    const source = sources.get(network.span.file)
    if (
      network.assumed === undefined &&
      (source === undefined ||
        !tokensIn(source, network.span).some(({ prefix }) => samePrefix(prefix, network.prefix)))
    )
      return 'it is not written as one address in a file'
    return undefined
  }
  const clusters = new Map(plan.clusters.map((cluster) => [cluster.id, cluster]))
  return {
    whyNot: (network) => {
      for (const one of repeats(network)) {
        const why = reason(one)
        if (why !== undefined) return why
      }
      return undefined
    },
    withhold: (network) => {
      const source = sources.get(network.span.file)
      return source !== undefined && !shared.has(network) && withholdEdits(source, network).length > 0
    },
    manual: (cluster) => {
      const setting = clusters.get(cluster)?.ovnIc?.autoRoute
      const source = setting === undefined ? undefined : sources.get(setting.span.file)
      return source !== undefined && wordEdits(source, setting!.span, 'true', 'false').length > 0
    },
  }
}
