// The schema of `expect`: statements with a time and a quantifier, each named by its first key. No embedded code: what
// cannot be said here is a missing word, not a reason for a script.

import * as z from 'zod'
import type { Disposition } from '../../model/trace.ts'
import { cidr, duration, flag, optional, required, text } from './fields.ts'

/** The ways a packet can end, as in traces. */
export const ENDINGS = [
  'delivered',
  'answered',
  'no-route',
  'ttl-exceeded',
  'mtu-exceeded',
  'not-resident',
  'tunnel-down',
  'unbound',
  'policy',
  'discard-route',
  'unknown-neighbour',
  'unknown-destination',
  'own-address',
  'admission',
  'undefined',
  'loop',
  'link-down',
  'link-loss',
  'chassis-down',
  'malformed',
] as const satisfies readonly Disposition['kind'][]

const range = z.tuple([duration, duration])

const when = {
  at: optional(duration, 'Holds at this time; the label of a snapshot also serves.', {
    default: 'the end of the run',
    example: '5s',
  }),
  within: optional(z.union([duration, range]), 'Holds at some moment up to this time, or in `[from, to]`.', {
    example: ['3s', '8s'],
  }),
  always: optional(range, 'Holds at every moment in `[from, to]`.', { example: ['0s', '3s'] }),
  never: optional(range, 'Holds at no moment in `[from, to]`.'),
}

const routeDetails = {
  prefix: required(cidr, 'Destination prefix; host bits do not matter.', { example: '10.17.0.0/16' }),
  router: optional(text, 'Router whose table is meant.', { default: 'any router of the cluster' }),
  learned: optional(flag, 'Learned from another cluster, or not.'),
  nexthop: optional(text, 'Next hop of the route.', { example: '169.254.100.42' }),
  table: optional(text, 'Route table.'),
  ecmp: optional(z.int().min(1).max(1000), 'Number of equal-cost rows.'),
}

const reachDetails = {
  some: optional(flag, 'One pair is enough; otherwise every pair must.', { default: false }),
  protocol: optional(z.enum(['icmp', 'tcp', 'udp']), 'What is sent.', { default: 'icmp' }),
  size: optional(z.int().min(0).max(65507), 'Bytes of payload.'),
  ends: optional(z.enum(ENDINGS), 'How the request ends.', { example: 'no-route' }),
  tunnels: optional(z.int().min(0).max(64), 'Geneve encapsulations of the request.'),
  via: optional(text, 'Node the request must pass, as `cluster/node`.', { example: 'az1/az1-gw2' }),
}

const present = optional(flag, 'False: must not be there.', { default: true })
const trafficName = (what: string) => required(text, what, { example: 'steady' })
const limit = z.union([z.string(), z.number()]).meta({ title: 'duration, or a number of packets' })

/** Statements by their key. */
export const EXPECTATIONS = {
  route: z.strictObject({
    route: required(text, 'The cluster has this route.', { example: 'az1' }),
    ...routeDetails,
    ...when,
  }),
  noRoute: z.strictObject({
    noRoute: required(text, 'The cluster has no such route.', { example: 'az1' }),
    ...routeDetails,
    ...when,
  }),
  reach: z.strictObject({
    reach: required(
      text,
      'Delivered there and back: `az1/web -> az2/web`, `az1/* -> az2/*`, `az1/* of subnet x -> 10.17.0.5`.',
      { example: 'az1/web -> az2/web' },
    ),
    ttl: optional(z.int().min(1).max(255), 'TTL of the echo reply as it arrives.', { example: 62 }),
    ...reachDetails,
    ...when,
  }),
  unreachable: z.strictObject({
    unreachable: required(text, 'Not delivered there and back.', { example: 'az1/web -> az3/web' }),
    ...reachDetails,
    ...when,
  }),
  loss: z.strictObject({
    loss: trafficName('Traffic whose loss is limited.'),
    atMost: optional(limit, 'Longest sum of gaps, or `5 packets`.', { example: '3.1s' }),
    atLeast: optional(limit, 'Shortest sum of gaps, or `1 packet`.'),
  }),
  replyTtl: z.strictObject({
    replyTtl: trafficName('Traffic whose replies arrive with this TTL.'),
    ttl: required(z.int().min(1).max(255), 'TTL of the replies as they arrive.', { example: 62 }),
  }),
  icmpError: z.strictObject({
    icmpError: trafficName('Traffic that gets this ICMP error.'),
    from: optional(text, 'Who sends the error.', { example: '10.16.0.1' }),
    type: optional(z.int().min(0).max(255), 'ICMP type.'),
    code: optional(z.int().min(0).max(255), 'ICMP code.'),
    mtu: optional(z.int().min(0).max(65535), 'MTU in the error.'),
  }),
  hops: z.strictObject({
    hops: trafficName('A traceroute that shows these hops.'),
    path: required(z.array(text), 'Addresses by TTL; `*` for silence.', {
      example: ['10.16.0.1', '*', '10.17.0.10'],
    }),
  }),
  gateway: z.strictObject({
    gateway: required(text, "The cluster's active gateway.", { example: 'az1' }),
    ts: optional(text, 'Transit switch.', { default: 'the first' }),
    node: required(text, 'Name of the node, or `none`.', { example: 'az1-gw2' }),
    ...when,
  }),
  undefined: z.strictObject({
    undefined: required(text, 'The cluster has a destination whose route is undefined (rule RT-12).', {
      example: 'az1',
    }),
    prefix: required(cidr, 'The prefix.'),
    present,
    ...when,
  }),
  refused: z.strictObject({
    refused: required(text, 'The databases refuse transactions of this cluster.', { example: 'az2' }),
    present,
    ...when,
  }),
  policy: z.strictObject({
    policy: required(text, 'The cluster has this routing policy.', { example: 'az1' }),
    priority: required(z.int().min(0).max(32767), 'Its priority.', { example: 29500 }),
    match: optional(text, 'Its match, as text.'),
    present,
    ...when,
  }),
  az: z.strictObject({
    az: required(text, 'The IC southbound database has this availability zone.', { example: 'az3' }),
    present,
    ...when,
  }),
} as const

const X = EXPECTATIONS
export const expectation = z.union([
  X.route,
  X.noRoute,
  X.reach,
  X.unreachable,
  X.loss,
  X.replyTtl,
  X.icmpError,
  X.hops,
  X.gateway,
  X.undefined,
  X.refused,
  X.policy,
  X.az,
])

export type RawExpectation = z.infer<typeof expectation>
