// Findings that somebody has accepted are nothing to be fixed.

import type { Finding } from '../../model/finding.ts'
import type { PlanNetwork } from '../../model/plan.ts'
import { networkKey } from '../words.ts'

/** Whether accepted findings say all that the rules have against some networks together. */
export type Accepts = (codes: readonly string[], networks: readonly PlanNetwork[]) => boolean

export function acceptsOf(accepted: readonly Finding[]): Accepts {
  const byCode = new Map<string, ReadonlySet<string>[]>()
  for (const { code, subject, places } of accepted) {
    const about = new Set([...subject.split(' '), ...places.map(({ span }) => placeOf({ span }))])
    const list = byCode.get(code)
    if (list === undefined) byCode.set(code, [about])
    else list.push(about)
  }
  if (byCode.size === 0) return () => false
  const isAbout = (about: ReadonlySet<string>, network: PlanNetwork): boolean =>
    about.has(networkKey(network)) || about.has(placeOf(network))
  return (codes, networks) =>
    codes.every((code) =>
      byCode.get(code)?.some((about) => networks.every((network) => isAbout(about, network))),
    )
}

function placeOf({ span }: Pick<PlanNetwork, 'span'>): string {
  return `${span.file}:${span.line}:${span.column}`
}
