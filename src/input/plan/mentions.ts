// Values of documents that hold addresses and that no rule judges: status, annotations, expectations, whatever else. They are read only
// where networks are to be renumbered, so that all that belongs to a network moves with it.

import type { PlanMention } from '../../model/plan.ts'
import { ADDRESS } from '../../net/address-text.ts'
import type { Path } from '../yaml-file.ts'
import { isMapping, type PlanDocument, valueIn } from './document.ts'

/** Objects that hold addresses of their own cluster and no others, wherever they hold any. */
const OWN_KINDS: ReadonlySet<string> = new Set([
  'Endpoints',
  'EndpointSlice',
  'IP',
  'Service',
  'SpiderEndpoint',
  'SpiderReservedIP',
  'SpiderSubnet',
  'Vip',
])
/** What kubectl keeps of these in an annotation speaks of their own cluster too. */
const OWN_SPECS: ReadonlySet<string> = new Set([
  ...OWN_KINDS,
  'IPPool',
  'Node',
  'Pod',
  'SpiderIPPool',
  'Subnet',
])
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** Adds every text with addresses to the draft, those that are read otherwise included. */
export function readMentions({ draft, value, at, cluster }: PlanDocument): void {
  const kind = typeof value.kind === 'string' ? value.kind : ''
  const foreign = /submariner/.test(String(value.apiVersion))
  const visit = (one: unknown, path: Path): void => {
    if (typeof one === 'string') {
      if (one.search(ADDRESS) >= 0) draft.mentions.push(...mentionsAt(path))
    } else if (Array.isArray(one)) for (const [i, item] of one.entries()) visit(item, [...path, i])
    else if (isMapping(one)) for (const [key, item] of Object.entries(one)) visit(item, [...path, key])
  }
  const mentionsAt = (path: Path): PlanMention[] => {
    const mention = { cluster: clusterIn(path), what: wordsOf(path), whose: whose(path) }
    return at.in(...path).lines.map((span) => ({ ...mention, span }))
  }
  /** The cluster that an expectation says learns a prefix: one of another, then. */
  const learnedBy = (path: Path): string | undefined => {
    const expected = path[0] === 'expect' ? valueIn(value, ...path.slice(0, 2)) : undefined
    const route = valueIn(expected, 'route')
    return valueIn(expected, 'learned') === true && typeof route === 'string' ? route : undefined
  }
  const clusterIn = (path: Path): string => {
    if (kind !== '') return cluster
    return learnedBy(path) ?? (path[0] === 'clusters' ? String(path[1]) : '')
  }
  const whose = (path: Path): PlanMention['whose'] => {
    const last = String(path.findLast((step) => typeof step === 'string'))
    if (path.includes('hijackCIDR') || learnedBy(path) !== undefined) return 'other'
    if (kind === '') return 'any'
    if (kind === 'Pod' && path[0] === 'status')
      return path.some((step) => String(step).startsWith('hostIP')) ? 'nodes' : 'pods'
    if (last === LAST_APPLIED) return OWN_SPECS.has(kind) ? 'own' : 'any'
    const shown = path[0] === 'status' || (path[0] === 'metadata' && path[1] === 'annotations')
    return (shown && !foreign) || OWN_KINDS.has(kind) ? 'own' : 'any'
  }
  for (const [key, one] of Object.entries(value)) {
    // What a plan says about its fix are no addresses of networks.
    if (key !== 'fix' || kind !== '') visit(one, [key])
  }
}

/** `status.podIP`: the keys, without the numbers of list items. */
function wordsOf(path: Path): string {
  return path.filter((step) => typeof step === 'string').join('.')
}
