// How packets end, in words.

import type { DropKind } from '../../model/trace.ts'
import { formatPrefixBare } from '../../net/prefix.ts'
import type { End } from '../../verify/reachability/outcomes.ts'
import { nameOf, type Trouble } from '../../verify/reachability/summary.ts'

const WHY: Readonly<Partial<Record<DropKind, string>>> = {
  'no-route': 'no route',
  'discard-route': 'a discard route drops them',
  policy: 'a policy drops them',
  'unknown-neighbour': 'nobody has the next hop',
  unbound: 'the port is bound to no chassis',
  'not-resident': 'the gateway port is not active where they arrive',
  'tunnel-down': 'the tunnel is down',
  'chassis-down': 'the chassis is down',
  undefined: 'which of two equal routes or policies acts is not specified',
  loop: 'they go round between routers',
  admission: 'the router takes no such packets',
}

/** `end at az1/apps`, `nobody has the next hop (az2 ovn-cluster)`. */
export function endText(end: End): string {
  switch (end.kind) {
    case 'subnet':
      return `they end at ${end.cluster}/${end.subnet}`
    case 'router':
      return `router ${end.router} of ${end.cluster} answers`
    case 'pod':
      return `they are handed to port ${end.port} of ${end.cluster}`
    case 'dropped': {
      const why = WHY[end.why] ?? end.why
      return end.at === '' ? why : `${why} (${end.at})`
    }
  }
}

/** All ways, in one clause. */
export function endsText(ends: readonly End[]): string {
  return ends.length === 1 ? endText(ends[0]!) : `by hash: ${ends.map(endText).join(', or ')}`
}

/** `az1/apps, az1/db (10.17.0.4/32)`. */
export function sendersText({ from }: Trouble): string {
  return listed(
    from.map(({ endpoint, blocks }) =>
      blocks === undefined
        ? nameOf(endpoint)
        : `${nameOf(endpoint)} (${listed(blocks.map(formatPrefixBare))})`,
    ),
  )
}

/** More names or blocks of one sentence than this are counted. */
const LISTED_MAX = 6

/** `a, b and 4 more`. */
export function listed(words: readonly string[]): string {
  const rest = words.length - LISTED_MAX
  return rest > 1 ? `${words.slice(0, LISTED_MAX).join(', ')} and ${rest} more` : words.join(', ')
}
