// Expectations about what a scenario's traffic saw: loss, reply TTLs, ICMP errors, traceroute hops. A reply counts until the
// traffic is over, so of traffic that a limit cut off only what cannot change any more is judged.

import type { Expectation } from '../model/expectation.ts'
import { formatNanos, type Nanos } from '../model/time.ts'
import type { Gap, TrafficResult } from '../model/traffic.ts'
import { type Extent, type Finding, intervalOf, notReached, reaches } from './moments.ts'

type Of<K extends Expectation['kind']> = Extract<Expectation, { readonly kind: K }>

/** How long a gap lasted: until the next answered request was sent, or one interval past the last request. */
export function gapLength(result: TrafficResult, gap: Gap): Nanos {
  if (gap.to !== undefined) return gap.to - gap.from
  const { traffic } = result
  const interval = traffic.kind === 'ping' || traffic.kind === 'udp' ? traffic.interval : 0
  return (result.sentAt.at(-1) ?? gap.from) + interval - gap.from
}

/**
 * Whether traffic was still under way, or yet to begin, when a limit ended the run. A run that ends as planned cuts traffic
 * off on purpose.
 */
function underWay(result: TrafficResult, extent: Extent): boolean {
  const { traffic, sent, received, sentAt, hops } = result
  if (!extent.cut) return false
  // Pods send their first packet at once; one that does not exist then never will.
  if (sent === 0) return !reaches(extent, traffic.at)
  const waitsUntil = (wait: Nanos): boolean => !reaches(extent, (sentAt.at(-1) ?? traffic.at) + wait)
  switch (traffic.kind) {
    case 'ping':
    case 'udp':
      return sent < traffic.count || (received.length < traffic.count && waitsUntil(traffic.wait))
    case 'traceroute': {
      const last = hops.at(-1)
      const arrived = last !== undefined && last.kind !== 'time-exceeded'
      if (!arrived && sent < traffic.maxTtl) return true
      return hops.includes(undefined) && waitsUntil(traffic.wait)
    }
    case 'tcp':
      return received.length === 0 && result.localErrors.length === 0 && waitsUntil(traffic.timeout)
  }
}

/** Limits on lost packets and on the sum of gaps; an interval counts the gaps that begin inside it. */
export function judgeLoss(result: TrafficResult, wanted: Of<'loss'>, extent: Extent): Finding {
  const whole = wanted.when.kind === 'end'
  const [from, to] = whole ? [0, Number.POSITIVE_INFINITY] : intervalOf(wanted.when, extent.end ?? 0)
  const isUnderWay = underWay(result, extent)
  if (whole ? isUnderWay : !reaches(extent, to)) return notReached(extent)
  const gaps = result.gaps.filter((gap) => whole || (gap.from >= from && gap.from <= to))
  const lost = whole
    ? result.lost.length
    : result.lost.filter((seq) => {
        const sent = result.sentAt[seq - 1]
        return sent !== undefined && sent >= from && sent <= to
      }).length
  if (isUnderWay && (lost > 0 || result.sent === 0)) return notReached(extent)
  const total = gaps.reduce((sum, gap) => sum + gapLength(result, gap), 0)
  const over = [
    wanted.atMost !== undefined && total > wanted.atMost
      ? `more than ${formatNanos(wanted.atMost)}`
      : undefined,
    wanted.atLeast !== undefined && total < wanted.atLeast
      ? `less than ${formatNanos(wanted.atLeast)}`
      : undefined,
    wanted.packetsAtMost !== undefined && lost > wanted.packetsAtMost
      ? `more than ${wanted.packetsAtMost} packets`
      : undefined,
    wanted.packetsAtLeast !== undefined && lost < wanted.packetsAtLeast
      ? `fewer than ${wanted.packetsAtLeast} packets`
      : undefined,
  ].filter((part) => part !== undefined)
  const where = gaps.map(
    (gap) => `${formatNanos(gap.from)} to ${gap.to === undefined ? 'the end' : formatNanos(gap.to)}`,
  )
  const told = where.length === 0 ? '' : ` (${where.slice(0, 4).join(', ')}${where.length > 4 ? ', …' : ''})`
  const fact = `${lost} of ${result.sent} lost, ${formatNanos(total)} without replies${told}`
  if (result.sent === 0) return { ok: false, fact: 'nothing was sent' }
  return over.length === 0 ? { ok: true, fact } : { ok: false, fact: `${fact}: ${over.join(' and ')}` }
}

/** Every reply arrived with this TTL, and there was one. */
export function judgeReplyTtl(result: TrafficResult, wanted: Of<'reply-ttl'>, extent: Extent): Finding {
  const ok = result.replyTtls.every((ttl) => ttl === wanted.ttl)
  if (ok && underWay(result, extent)) return notReached(extent)
  if (result.replyTtls.length === 0) return { ok: false, fact: 'no reply arrived' }
  return { ok, fact: `replies arrive with TTL ${result.replyTtls.join(', ')}` }
}

/** Some ICMP error with the wanted properties was received. */
export function judgeIcmpError(result: TrafficResult, wanted: Of<'icmp-error'>, extent: Extent): Finding {
  const ok = result.icmpErrors.some(
    (error) =>
      (wanted.from === undefined || wanted.from === error.from) &&
      (wanted.type === undefined || wanted.type === error.type) &&
      (wanted.code === undefined || wanted.code === error.code) &&
      (wanted.mtu === undefined || wanted.mtu === error.mtu),
  )
  if (!ok && underWay(result, extent)) return notReached(extent)
  if (result.icmpErrors.length === 0) return { ok, fact: 'no ICMP error arrived' }
  const seen = result.icmpErrors.map(
    ({ from, type, code, mtu, count }) =>
      `${type}/${code} from ${from}${mtu === undefined ? '' : ` MTU ${mtu}`}${count > 1 ? ` (${count} times)` : ''}`,
  )
  return { ok, fact: `ICMP errors: ${seen.join(', ')}` }
}

/** The hops of a traceroute, `undefined` standing for silence. */
export function judgeHops(result: TrafficResult, wanted: Of<'hops'>, extent: Extent): Finding {
  if (underWay(result, extent)) return notReached(extent)
  const seen = result.hops.map((hop) => hop?.from)
  const ok = seen.length === wanted.hops.length && wanted.hops.every((hop, i) => hop === seen[i])
  return { ok, fact: `hops: ${seen.map((hop) => hop ?? '*').join(', ') || 'none'}` }
}
