// What the interconnection controllers draw and arrange for a port on a transit switch (ovn-semantics 4.4, 4.5): the order of
// gateways and random addresses. Pure but for the stream of random numbers.
// Surprise: only the lower half of a network is drawn from, its first address included: `rand.Int` gets 1 << (host bits - 1) as
// its limit (pkg/util/net.go). Two clusters that draw at the same time meet once in 128 times, not 253, on a /24.

import { addToIp } from '../../net/ip.ts'
import type { Mac } from '../../net/mac.ts'
import { hostLength, type Prefix } from '../../net/prefix.ts'
import type { Random } from '../../net/random.ts'

/** Priority of the first gateway; the next have one less each. */
const HIGHEST_PRIORITY = 100

/** KO-EST-2: the list turned left by `turns`, so that transit switch i prefers gateway i modulo their number. */
export function rotated<T>(list: readonly T[], turns: number): readonly T[] {
  if (list.length === 0) return list
  const start = turns % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}

/** Priority of the gateway at this place of its list: 100, 99, 98, … */
export function gatewayPriority(place: number): number {
  return HIGHEST_PRIORITY - place
}

/** One address of each subnet, with the subnet's length. */
export function drawAddresses(random: Random, subnets: readonly Prefix[]): readonly Prefix[] {
  return subnets.map(({ ip, len }) => {
    const bits = hostLength(ip) - len
    // Beyond 32 bits the stream of numbers ends; a longer range is not worth a second draw.
    const range = bits < 2 ? 1 : 2 ** Math.min(bits - 1, 32)
    return { ip: addToIp(ip, random.below(range)), len }
  })
}

/** `00:00:00:xx:xx:xx`. */
export function drawMac(random: Random): Mac {
  return random.below(2 ** 24)
}
