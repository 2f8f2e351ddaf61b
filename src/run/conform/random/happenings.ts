/** What happens in a random scenario: one or two events of any kind that a lab can carry out, and what they need to come to rest. */
import type { RawEvent } from '../../../input/schema/events.ts'
import { familyOf, formatIp } from '../../../net/ip.ts'
import { formatPrefix, type Prefix } from '../../../net/prefix.ts'
import type { Draw } from './draw.ts'
import { type ClusterPlan, drawHost, type Layout, MAIN_ROUTER, transitAddress } from './layout.ts'
import { ms } from './traffic.ts'

/** Events, and the millisecond by which the network has come to rest after them. */
export interface Happenings {
  readonly events: readonly RawEvent[]
  readonly rest: number
}

/** When the first event happens, in milliseconds: probes of before are over by then. */
export const FIRST_EVENT = 2500

type Happening = (draw: Draw, layout: Layout, at: number) => Happenings

export function drawHappenings(draw: Draw, layout: Layout): Happenings {
  const kind = draw.weighted(KINDS)
  const first = kind(draw.fork('first'), layout, FIRST_EVENT)
  // A second one only after something short: a seed shall cost seconds.
  if (first.rest - FIRST_EVENT > 4000 || draw.chance(0.5)) return first
  const second = draw.weighted(SHORT)(draw.fork('second'), layout, first.rest)
  const snapshot = { at: ms(first.rest - 100), snapshot: 'between' }
  return { events: [...first.events, snapshot, ...second.events], rest: second.rest }
}

const anyNode = (draw: Draw, { clusters }: Layout): string => {
  const { id, nodes } = draw.pick(clusters)
  return `${id}/${draw.pick(nodes)}`
}

/** Seconds after which a failure is noticed, gateways have moved and the other clusters know it. */
const FAILOVER = 5000
const COMMAND = 1500

const link: Happening = (draw, layout, at) => {
  const fail = anyNode(draw, layout)
  const silent = draw.chance(0.3) ? { silent: true } : {}
  if (draw.chance(0.5)) return { events: [{ at: ms(at), fail, ...silent }], rest: at + FAILOVER }
  return {
    events: [
      { at: ms(at), fail, ...silent },
      { at: ms(at + 4000), recover: fail },
    ],
    rest: at + 4000 + 3000,
  }
}

const crash: Happening = (draw, layout, at) => {
  const node = anyNode(draw, layout)
  if (draw.chance(0.6)) return { events: [{ at: ms(at), crash: node }], rest: at + FAILOVER }
  return {
    events: [
      { at: ms(at), crash: node },
      { at: ms(at + 4000), boot: node },
    ],
    rest: at + 4000 + 4000,
  }
}

/** A daemon, and whether the data plane moves when it is gone. */
function drawDaemon(draw: Draw, layout: Layout): { name: string; moves: boolean } {
  const { id } = draw.pick(layout.clusters)
  return draw.pick([
    { name: `ovn-controller ${anyNode(draw, layout)}`, moves: true },
    { name: `ovs-vswitchd ${anyNode(draw, layout)}`, moves: true },
    { name: `ovn-ic ${id}`, moves: false },
    { name: `ovn-northd ${id}`, moves: false },
    { name: 'ic-db', moves: false },
  ])
}

const daemonEnds: Happening = (draw, layout, at) => {
  const { name, moves } = drawDaemon(draw, layout)
  const ends: RawEvent = draw.chance(0.5) ? { at: ms(at), kill: name } : { at: ms(at), stop: name }
  const after = moves ? FAILOVER : 1500
  if (draw.chance(0.5)) return { events: [ends], rest: at + after }
  return { events: [ends, { at: ms(at + 1500), start: name }], rest: at + 1500 + after }
}

const daemonSleeps: Happening = (draw, layout, at) => {
  const { name, moves } = drawDaemon(draw, layout)
  return {
    events: [
      { at: ms(at), pause: name },
      { at: ms(at + 1500), resume: name },
    ],
    rest: at + 1500 + (moves ? FAILOVER : 2000),
  }
}

function networksLike(cluster: ClusterPlan, family: number): Prefix[] {
  return cluster.subnets.flatMap(({ networks }) => networks.filter(({ ip }) => familyOf(ip) === family))
}

const commands: Happening = (draw, layout, at) => {
  const cluster = draw.pick(layout.clusters)
  const other = draw.pick(layout.clusters.filter((one) => one !== cluster))
  const family = draw.pick(layout.families)
  const theirs = networksLike(other, family)
  const prefix =
    theirs.length > 0 && draw.chance(0.5)
      ? formatPrefix(draw.pick(theirs))
      : family === 4
        ? '172.30.0.0/16'
        : 'fd30::/32'
  const nexthop = formatIp(transitAddress(other.index, draw.pick(cluster.switches), family))
  const port = `${cluster.id}-${draw.pick(cluster.switches) === 0 ? 'ts' : `ts${cluster.switches.at(-1)}`}`
  const line = draw.pick([
    `lr-route-add ${MAIN_ROUTER} ${prefix} ${nexthop}`,
    `lr-route-add --policy=src-ip ${MAIN_ROUTER} ${prefix} ${nexthop}`,
    `lr-route-del ${MAIN_ROUTER} ${prefix}`,
    `lr-policy-add ${MAIN_ROUTER} 2000 "ip${family}.dst == ${prefix}" drop`,
    `lr-policy-del ${MAIN_ROUTER}`,
    'set NB_Global . options:ic-route-adv=false',
    'set NB_Global . options:ic-route-learn=false',
    'set NB_Global . options:ic-route-learn=true options:ic-route-adv=true',
    `set NB_Global . options:ic-route-blacklist="${prefix}"`,
    `lrp-set-gateway-chassis ${port} ${draw.pick(cluster.gateways)} 200`,
    `lrp-set-options ${port} gateway_mtu=1300`,
  ])
  return { events: [{ at: ms(at), nbctl: { [cluster.id]: line } }], rest: at + COMMAND }
}

const objects: Happening = (draw, layout, at) => {
  const cluster = draw.pick(layout.clusters)
  const subnet = draw.pick(cluster.subnets)
  const { id } = cluster
  const rest = at + COMMAND
  const last = cluster.subnets.at(-1)!
  const name = at === FIRST_EVENT ? 'late' : 'later'
  const octet = at === FIRST_EVENT ? 200 : 210
  const event = draw.pick<RawEvent>([
    {
      at: ms(at),
      add: {
        cluster: id,
        subnets: {
          [name]: layout.families.includes(4)
            ? `10.${octet + cluster.index}.0.0/24`
            : `fd00:${octet}:${cluster.index}::/112`,
        },
        pods: { [name]: { node: draw.pick(cluster.nodes), subnet: name } },
      },
    },
    {
      at: ms(at),
      add: {
        cluster: id,
        pods: {
          [name]: {
            node: draw.pick(cluster.nodes),
            subnet: subnet.name,
            ip: newcomer(draw, cluster, subnet.networks),
          },
        },
      },
    },
    { at: ms(at), delete: { cluster: id, pod: draw.pick(cluster.pods).name } },
    { at: ms(at), disableInterConnection: { [`${id}/${subnet.name}`]: true } },
    { at: ms(at), delete: { cluster: id, subnet: last.name } },
  ])
  return { events: [event], rest }
}

/** Addresses in networks that no pod has yet. */
function newcomer(draw: Draw, { pods }: ClusterPlan, networks: readonly Prefix[]): string[] {
  const taken = new Set(pods.flatMap(({ ips }) => ips.map(formatIp)))
  return networks.map((network) => {
    for (let tries = 0; tries < 50; tries++) {
      const text = formatIp(drawHost(draw, network))
      if (!taken.has(text)) return text
    }
    throw new RangeError(`${formatPrefix(network)} is full`)
  })
}

const interconn: Happening = (draw, layout, at) => {
  const cluster = draw.pick(layout.clusters)
  const node = `${cluster.id}/${draw.pick(cluster.gateways)}`
  return { events: [{ at: ms(at), interconn: { [node]: false } }], rest: at + 2000 }
}

const leave: Happening = (draw, layout, at) => {
  const cluster = draw.pick(layout.clusters).id
  return {
    events: [{ at: ms(at), leave: draw.chance(0.6) ? cluster : { cluster, clean: false } }],
    rest: at + 4000,
  }
}

const transit: Happening = (_draw, layout, at) => ({
  events: [{ at: ms(at), 'ic-nbctl': `ts-del ${layout.switches === 1 ? 'ts' : `ts${layout.switches - 1}`}` }],
  rest: at + 2000,
})

const KINDS: readonly (readonly [number, Happening])[] = [
  [3, link],
  [3, crash],
  [3, daemonEnds],
  [2, daemonSleeps],
  [6, commands],
  [5, objects],
  [1, interconn],
  [3, leave],
  [1, transit],
]

const SHORT: readonly (readonly [number, Happening])[] = [
  [3, commands],
  [2, objects],
]
