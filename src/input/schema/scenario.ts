// The schema of a whole scenario file, and its form as JSON Schema (draft-07, which every editor understands).

import * as z from 'zod'
import { PROFILE_NAMES } from '../../model/profile.ts'
import { WAIVERS } from '../context.ts'
import { cluster } from './cluster.ts'
import { timelineEvent, traffic, underlay } from './events.ts'
import { expectation } from './expect.ts'
import { cidr, count, duration, named, oneOrMany, optional, required, text } from './fields.ts'

const transitSwitch = z.strictObject({
  name: required(text, 'Name of the switch.', { example: 'ts' }),
  subnets: optional(oneOrMany(cidr), 'Its networks.', {
    default: '169.254.100.0/24 for the first, 169.254.101.0/24 for the second, …',
  }),
})

const ovnIc = z.strictObject({
  hosts: optional(oneOrMany(text), 'Hosts of the IC databases; three or more form a Raft cluster.', {
    default: '`ic-db-host` of the manifests',
    example: ['192.168.65.3'],
  }),
  transitSwitches: optional(
    z.union([z.int().min(0).max(100), z.array(z.union([text, transitSwitch]))]),
    'How many (`TS_NUM`), or which.',
    { default: '1; with releases of Kube-OVN that use several, 3', example: 1 },
  ),
  residue: optional(
    z.array(text),
    '`ovn-ic-sbctl` lines applied before any cluster starts: what clusters long gone have left.',
    { example: ['create Availability_Zone name=old'] },
  ),
})

const limits = z.strictObject({
  events: optional(count, 'Events of the clock.', { default: 50_000_000 }),
  hops: optional(count, 'Chassis one packet may pass.', { default: 512 }),
  packets: optional(count, 'Packets on all links together.', { default: 50_000_000 }),
  settle: optional(duration, 'Longest bring-up before time zero; the run goes on with a warning.', {
    default: '60s',
  }),
})

export const scenario = z.strictObject({
  isthmus: required(z.literal(1), 'Version of the format.', { example: 1 }),
  name: optional(text, 'What the scenario is called in reports.', { default: 'the name of the file' }),
  description: optional(text, 'What it shows.'),
  profile: optional(
    z.string().meta({ enum: [...PROFILE_NAMES] }),
    'Version that is modelled: plain OVN or a release of Kube-OVN.',
    { default: 'ovn-23.03', example: 'kube-ovn-1.13' },
  ),
  seed: optional(z.int().min(0).max(4294967295), 'Seed of everything random.', { default: 1 }),
  allow: optional(
    z.array(z.enum(WAIVERS)),
    'Mistakes that are made on purpose, to see what the real system does with them.',
    { example: ['duplicate-az'] },
  ),
  interconnect: optional(
    z.strictObject({ 'ovn-ic': optional(ovnIc, 'Interconnection by OVN-IC.') }),
    'What joins the clusters.',
  ),
  clusters: required(named('cluster', cluster), 'The clusters by name.'),
  underlay: optional(underlay, 'The network below the tunnels.', {
    example: { mtu: 1500, latency: '200us' },
  }),
  start: optional(
    z.enum(['converged', 'cold']),
    '`converged`: time zero is when the network has settled; `cold`: when the daemons start.',
    { default: 'converged' },
  ),
  duration: optional(duration, 'End of the run.', {
    default: 'two seconds after the last event, probe and time of an expectation',
  }),
  limits: optional(limits, 'A run that exceeds one of these ends with exit code 5.'),
  traffic: optional(z.array(traffic), 'What pods send during the run.'),
  timeline: optional(z.array(timelineEvent), 'What happens during the run.'),
  expect: optional(z.array(expectation), 'What must hold.'),
})

export type RawScenario = z.infer<typeof scenario>

let jsonSchema: Record<string, unknown> | undefined

/** The JSON Schema of scenario files, for editors; `scenarios/schema.json` is this, printed. */
export function scenarioJsonSchema(): Record<string, unknown> {
  if (jsonSchema === undefined) {
    const { $schema, ...rest } = z.toJSONSchema(scenario, { target: 'draft-07', io: 'input' })
    jsonSchema = { $schema, title: 'Isthmus scenario', ...rest }
  }
  return jsonSchema
}
