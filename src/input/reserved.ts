// Addresses that mean something else than one host: unspecified, loopback, multicast and limited broadcast (RFC 6890,
// RFC 4291 §2.4). No tunnel can end at one, and no subnet of pods may hold any.

import { formatIp, type Ip } from '../net/ip.ts'
import { contains, formatPrefix, overlaps, type Prefix, parsePrefix } from '../net/prefix.ts'
import type { Context } from './context.ts'
import type { Placed } from './draft.ts'

/** What an address stands for, as messages call it. */
export type SpecialRole = 'unspecified' | 'loopback' | 'multicast' | 'broadcast'

const SPECIAL: readonly { readonly role: SpecialRole; readonly network: Prefix }[] = [
  special('unspecified', '0.0.0.0/32'),
  special('unspecified', '::/128'),
  special('loopback', '127.0.0.0/8'),
  special('loopback', '::1/128'),
  special('multicast', '224.0.0.0/4'),
  special('multicast', 'ff00::/8'),
  special('broadcast', '255.255.255.255/32'),
]

function special(role: SpecialRole, text: string): { role: SpecialRole; network: Prefix } {
  return { role, network: parsePrefix(text)! }
}

/** What the address stands for; undefined for the address of a host. */
export function specialRole(ip: Ip): SpecialRole | undefined {
  return SPECIAL.find((one) => contains(one.network, ip))?.role
}

/** Reports a network that no subnet of pods can have; true when it can be used. */
export function checkPodNetwork(context: Context, { value, at }: Placed<Prefix>): boolean {
  if (value.len === 0) {
    context.diagnostics.error('IN063', `${formatPrefix(value)} is every address there is, not a subnet`, {
      span: at.span,
      expected: 'a network such as 10.16.0.0/16',
    })
    return false
  }
  const found = SPECIAL.find((one) => overlaps(one.network, value))
  if (found === undefined) return true
  context.diagnostics.error(
    'IN063',
    `pods cannot have addresses of ${formatPrefix(value)}: ${formatPrefix(found.network)} is ${found.role}`,
    { span: at.span, expected: 'a network of hosts, such as 10.16.0.0/16' },
  )
  return false
}

/** Reports an address that no tunnel can end at; true when it can be used. */
export function checkEndpoint(context: Context, { value, at }: Placed<Ip>): boolean {
  const role = specialRole(value)
  if (role === undefined) return true
  context.diagnostics.error('IN063', `no tunnel ends at ${formatIp(value)}: it is ${ARTICLE[role]} address`, {
    span: at.span,
    expected: 'an address of the node in the underlay, such as 192.168.42.11',
  })
  return false
}

const ARTICLE: Readonly<Record<SpecialRole, string>> = {
  unspecified: 'the unspecified',
  loopback: 'a loopback',
  multicast: 'a multicast',
  broadcast: 'the broadcast',
}
