// What ovn-ic of several zones must come to rest at, computed in one go from what is wanted (IPv4, main route table, one
// router and one transit switch a zone): the slow obvious twin of the incremental daemon. Rules ADV-1..8, LRN-1..4.

export interface ZoneState {
  readonly id: string
  readonly nexthop: string
  readonly options: Readonly<Record<string, string>>
  /** Router networks, host bits kept. */
  readonly networks: readonly string[]
  /** Own static routes, masked. */
  readonly statics: readonly string[]
}

/** Published routes as `zone prefix nexthop origin`, sorted. */
export function publishedBy(zones: readonly ZoneState[]): string[] {
  return zones.flatMap((zone) => zonePublishes(zone).map((route) => `${zone.id} ${route}`)).sort()
}

/** Learned routes of one zone as `prefix nexthop origin`, sorted. */
export function learnedBy(zones: readonly ZoneState[], id: string): string[] {
  const self = zones.find((zone) => zone.id === id)!
  return zones
    .filter((zone) => zone.id !== id)
    .flatMap(zonePublishes)
    .filter((route) => {
      const prefix = route.split(' ')[0]!
      return allowed(self, prefix, 'learn') && !self.statics.includes(prefix)
    })
    .sort()
}

function zonePublishes(zone: ZoneState): string[] {
  const of = (prefixes: readonly string[], origin: string): string[] =>
    prefixes
      .filter((prefix) => allowed(zone, prefix, 'adv'))
      .map((prefix) => `${prefix} ${zone.nexthop} ${origin}`)
  return [...of(zone.networks, 'connected'), ...of(zone.statics, 'static')]
}

function allowed(zone: ZoneState, prefix: string, direction: 'adv' | 'learn'): boolean {
  if (zone.options[`ic-route-${direction}`] !== 'true') return false
  if (prefix.endsWith('/0') && zone.options[`ic-route-${direction}-default`] !== 'true') return false
  if (prefix.startsWith('169.254.')) return false
  const entries = (zone.options['ic-route-blacklist'] ?? '').split(',').filter((entry) => entry !== '')
  return !entries.some((entry) => {
    const [network, length] = bits(entry)
    const [address, own] = bits(prefix)
    return length <= own && network.slice(0, length) === address.slice(0, length)
  })
}

function bits(prefix: string): [string, number] {
  const [address, length = '32'] = prefix.split('/') as [string, string?]
  const text = address
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('')
  return [text, Number(length)]
}
