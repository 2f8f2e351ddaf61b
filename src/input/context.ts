// What every step of reading a scenario shares: where problems go, which values are already known to be broken (so that
// one mistake is reported once and not again by everything that refers to it), and which checks the user has waived.

import type { Diagnostics } from '../diag/diagnostic.ts'
import { didYouMean } from '../diag/suggest.ts'
import type { At } from './yaml-file.ts'

/** Checks that a scenario may waive with `allow`, because the real system accepts the mistake and somebody wants to see its effect. */
export const WAIVERS = [
  'duplicate-az',
  'duplicate-encap',
  'duplicate-chassis',
  'duplicate-mac',
  'duplicate-ip',
  'overlapping-subnets',
  'pod-outside-subnet',
] as const

export type Waiver = (typeof WAIVERS)[number]

/** Shared by all compile steps of one scenario; only `diagnostics` and `broken` change. */
export interface Context {
  readonly diagnostics: Diagnostics
  readonly waived: ReadonlySet<Waiver>
  /** Names whose definition has an error of its own: `node az1/gw1`, `pod az1/web`. References to them stay silent. */
  readonly broken: Set<string>
}

/** Words of a name that does not resolve: what was looked for, under which code, among which names. */
export interface Lookup {
  readonly code: string
  /** `node`, `pod`, `cluster`: as it is called in the message. */
  readonly what: string
  /** The cluster in which it was looked for; absent for the whole scenario. */
  readonly cluster?: string
  readonly names: Iterable<string>
}

/** Reports a name that does not resolve, with the nearest that would, unless its definition is itself broken. */
export function reportUnknown(context: Context, name: string, lookup: Lookup, at: At): void {
  const names = [...lookup.names]
  const { cluster, what } = lookup
  const [owner = '', own = ''] = cluster === undefined ? name.split('/') : [cluster, name]
  const broken = [
    `${what} ${name}`,
    `${what} ${owner}/${own}`,
    `${what}s of ${owner}`,
    `manifests of ${owner}`,
    `cluster ${owner}`,
  ]
  if (broken.some((one) => context.broken.has(one))) return
  const place = cluster === undefined ? '' : ` in cluster ${cluster}`
  context.diagnostics.error(lookup.code, `there is no ${lookup.what} "${name}"${place}`, {
    span: at.span,
    expected: names.length === 0 ? undefined : names.length === 1 ? names[0] : `one of ${listed(names)}`,
    hint: names.length === 0 ? `no ${what} is defined${place}` : didYouMean(name, names),
  })
}

/** `a, b, c and 4 more`. */
export function listed(names: readonly string[], most = 10): string {
  if (names.length <= most) return names.join(', ')
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`
}
