// `reach` expectations: one packet per pair of sender and address, there and back, through one forwarding state. The walk
// itself belongs to the packet pipelines and comes in as a function.

import type { Expectation } from '../model/expectation.ts'
import type { ForwardingState } from '../model/forwarding.ts'
import type { Disposition, Trace } from '../model/trace.ts'
import type { PodRef } from '../model/traffic.ts'
import { formatIp, type Ip } from '../net/ip.ts'
import { DISPOSITIONS } from './dispositions.ts'
import type { Finding } from './moments.ts'
import { formatSelector, pairs, type populationAt, senders, targets } from './select.ts'

/** One packet to follow. */
export interface TraceSpec {
  readonly from: PodRef
  readonly to: Ip
  readonly protocol: 'icmp' | 'tcp' | 'udp'
  /** Payload bytes; the usual ping when absent. */
  readonly size?: number
}

/** Follows one packet and its answer through a forwarding state. */
export type TraceFunction = (state: ForwardingState, spec: TraceSpec) => Trace

type Reach = Extract<Expectation, { readonly kind: 'reach' }>

/** How many failing pairs a sentence names. */
const NAMED_MAX = 3

/** Whether every (or some) pair is reachable, or is not, with the wanted properties. */
export function judgeReach(
  state: ForwardingState,
  wanted: Reach,
  population: ReturnType<typeof populationAt>,
  trace: TraceFunction,
): Finding {
  const from = senders(population, wanted.from)
  if (from.length === 0) return { ok: false, fact: `no pod is ${formatSelector(wanted.from)}` }
  const to = targets(population, wanted.to)
  if (to.length === 0) return { ok: false, fact: `nothing is ${formatSelector(wanted.to)}` }
  const all = pairs(from, to)
  if (all.length === 0)
    return {
      ok: false,
      fact: `${formatSelector(wanted.from)} and ${formatSelector(wanted.to)} share no address family`,
    }

  const failures: string[] = []
  let example: string | undefined
  let passed = 0
  for (const pair of all) {
    const ref = { cluster: pair.from.cluster, pod: pair.from.pod.name }
    const size = wanted.size === undefined ? {} : { size: wanted.size }
    const walked = trace(state, { from: ref, to: pair.to.address, protocol: wanted.protocol, ...size })
    const found = judgeTrace(walked, wanted)
    const clause = `${ref.cluster}/${ref.pod} -> ${pair.to.name} (${formatIp(pair.to.address)}) ${found.fact}`
    if (found.ok) {
      passed++
      example ??= clause
      if (wanted.quantifier === 'some') return { ok: true, fact: clause }
    } else failures.push(clause)
  }
  if (failures.length === 0) {
    const others = all.length > 1 ? `, and ${all.length - 1} more ${plural(all.length - 1, 'pair')}` : ''
    return { ok: true, fact: `${example}${others}` }
  }
  const more = failures.length > NAMED_MAX ? `; and ${failures.length - NAMED_MAX} more` : ''
  const count = all.length > 1 ? `${failures.length} of ${all.length} pairs: ` : ''
  const tail = wanted.quantifier === 'every' && passed > 0 ? ` (${passed} as wanted)` : ''
  return { ok: false, fact: `${count}${failures.slice(0, NAMED_MAX).join('; ')}${more}${tail}` }
}

/** Judges one trace: where it ended, and the properties that are asked for. */
function judgeTrace(trace: Trace, wanted: Reach): Finding {
  const end = endOf(trace)
  const arrived = end.arrived
  if (wanted.disposition !== undefined && wanted.disposition !== trace.disposition.kind)
    return { ok: false, fact: `${end.text} instead of ${DISPOSITIONS[wanted.disposition].title}` }
  if (wanted.disposition === undefined && arrived !== wanted.reachable) return { ok: false, fact: end.text }
  const wrong = [
    wanted.ttl !== undefined && end.ttl !== wanted.ttl
      ? `its reply arrives with ${end.ttl === undefined ? 'no TTL' : `TTL ${end.ttl}`}, not ${wanted.ttl}`
      : undefined,
    wanted.tunnels !== undefined && tunnelsOf(trace) !== wanted.tunnels
      ? `it takes ${tunnelsOf(trace)} ${plural(tunnelsOf(trace), 'tunnel')}, not ${wanted.tunnels}`
      : undefined,
    wanted.via !== undefined && !passes(trace, wanted.via)
      ? `it goes by ${trace.hops.map((hop) => hop.chassis).join(', ') || 'no chassis'}, not by ${wanted.via}`
      : undefined,
  ].filter((part) => part !== undefined)
  return wrong.length > 0
    ? { ok: false, fact: `${end.text}, but ${wrong.join(' and ')}` }
    : { ok: true, fact: end.text }
}

interface End {
  readonly arrived: boolean
  readonly disposition: Disposition
  /** TTL of the reply on arrival. */
  readonly ttl: number | undefined
  readonly text: string
}

/** Where a packet and its answer ended, as a clause. */
export function endOf(trace: Trace): End {
  const { disposition, reply } = trace
  if (disposition.kind !== 'delivered' && disposition.kind !== 'answered')
    return { arrived: false, disposition, ttl: undefined, text: `ends: ${describeDrop(disposition)}` }
  if (reply === undefined)
    return {
      arrived: false,
      disposition,
      ttl: undefined,
      text: `${whereTo(disposition)}, but nothing is answered`,
    }
  const back = reply.disposition
  if (back.kind !== 'delivered')
    return {
      arrived: false,
      disposition: back,
      ttl: undefined,
      text:
        back.kind === 'answered'
          ? `arrives; its reply ends at ${back.by}`
          : `arrives; its reply ends: ${describeDrop(back)}`,
    }
  if (!returns(trace, back.port))
    return {
      arrived: false,
      disposition: back,
      ttl: undefined,
      text: `arrives; its reply is led to ${back.port}`,
    }
  const by = disposition.kind === 'answered' ? `is answered by ${disposition.by}` : 'is answered'
  return { arrived: true, disposition, ttl: back.ttl, text: `${by}, reply TTL ${back.ttl}` }
}

/** Nobody answers what was led to somebody else's port, so that port is worth naming. */
function whereTo(end: Extract<Disposition, { readonly kind: 'delivered' | 'answered' }>): string {
  return end.kind === 'delivered' ? `arrives at ${end.port}` : `arrives at ${end.by}`
}

/** Whether a reply that was delivered came out where the request had gone in: a policy may have led it to a node instead (KO-POL-1). */
function returns({ hops, reply }: Trace, port: string): boolean {
  const [first] = hops
  if (first?.entered.kind !== 'vif') return false
  return first.entered.port === port && reply?.hops.at(-1)?.chassis === first.chassis
}

/** `no route in lr_in_ip_routing of ovn-cluster on az1/w1: …`. */
export function describeDrop(
  drop: Exclude<Disposition, { readonly kind: 'delivered' | 'answered' }>,
): string {
  const stage = drop.stage === '' ? '' : ` in ${drop.stage}`
  const datapath = drop.datapath === '' ? '' : ` of ${drop.datapath}`
  return `${DISPOSITIONS[drop.kind].title}${stage}${datapath} on ${drop.where}: ${drop.reason}`
}

/** How often the request was put into a tunnel. */
export function tunnelsOf(trace: Trace): number {
  return trace.hops.reduce((sum, hop) => sum + hop.left.filter((left) => left.kind === 'tunnel').length, 0)
}

function passes(trace: Trace, via: string): boolean {
  return trace.hops.some(({ chassis }) => chassis === via || chassis.slice(chassis.indexOf('/') + 1) === via)
}

function plural(n: number, noun: string): string {
  return n === 1 ? noun : `${noun}s`
}
