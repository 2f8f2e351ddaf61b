/**
 * Who reaches whom, over all addresses and not samples. Every subnet sends to every address of its families; what does not end at the
 * subnet that has the address is told, with the addresses for which it is so and how they end. The network is taken as it stands in one
 * state, and packets as their routers see them: sizes, and losses on links, do not count.
 */
import type { ForwardingState } from '../../model/forwarding.ts'
import { familyOf } from '../../net/ip.ts'
import { type AddressRange, rangeOf } from '../../net/range.ts'
import type { PacketKind } from './classes-of-match.ts'
import { Cuts } from './cuts.ts'
import { Fabric } from './fabric.ts'
import type { End, Outcomes } from './outcomes.ts'
import { addRouterRules, addSwitchRules, cutsOf } from './router-rules.ts'
import { Layer, Rules, toDevice } from './rules.ts'
import { type Endpoint, endpointsOf, type SenderGroup, type Senders, senderGroups } from './sources.ts'
import { sweep } from './sweep.ts'

/** What is sent. */
export type Protocol = Omit<PacketKind, 'family'>

/** An echo request, as `ping` sends it. */
export const PING: Protocol = { protocol: 'icmp', sourcePort: 0, destinationPort: 0 }

/** Addresses whose packets do not end at the one subnet that has them. */
export interface Unreached {
  /** All their packets end alike. */
  readonly from: readonly Senders[]
  /** Whose addresses they are; several where plans overlap; nobody's are told only where packets go round or are undecided. */
  readonly to: readonly Endpoint[]
  readonly addresses: AddressRange
  /** How packets end: in one of these ways, which of them is a matter of hashes. */
  readonly ends: readonly End[]
}

export interface Reachability {
  readonly endpoints: readonly Endpoint[]
  /** Everybody who was taken to send. */
  readonly senders: readonly Senders[]
  readonly unreached: readonly Unreached[]
}

/** Asks for all pairs. */
export function reachability(state: ForwardingState, protocol: Protocol = PING): Reachability {
  const fabric = new Fabric(state)
  const endpoints = endpointsOf(fabric)
  const questions = ([4, 6] as const).map(
    (family) => new Question(fabric, endpoints, { ...protocol, family }),
  )
  return {
    endpoints,
    senders: questions.flatMap(({ groups }) => groups.flat()),
    unreached: questions.flatMap((question) => question.ask()),
  }
}

/** Senders whose packets begin at the same device. */
interface Unit {
  readonly device: number
  readonly senders: Senders[]
}

/** Neighbouring classes with the same owners and outcome. */
interface Run {
  readonly owners: readonly Endpoint[]
  readonly outcome: number
  readonly from: number
  to: number
}

/** All pairs of one family. */
class Question {
  readonly groups: readonly SenderGroup[]
  readonly #fabric: Fabric
  readonly #kind: PacketKind
  readonly #cuts: Cuts
  /** Whose the addresses of each class are. */
  readonly #owners: (readonly Endpoint[])[]
  /** Outcome of packets that arrive, by owner. */
  readonly #arrival = new Map<Endpoint, number>()

  constructor(fabric: Fabric, endpoints: readonly Endpoint[], kind: PacketKind) {
    this.#fabric = fabric
    this.#kind = kind
    this.groups = senderGroups(fabric, endpoints, kind.family)
    const homes = endpoints.flatMap((endpoint) =>
      endpoint.prefixes
        .filter(({ ip }) => familyOf(ip) === kind.family)
        .map((prefix) => ({ endpoint, range: rangeOf(prefix) })),
    )
    this.#cuts = new Cuts(kind.family, [...cutsOf(fabric, kind.family), ...homes.map(({ range }) => range)])
    this.#owners = new Array(this.#cuts.classes).fill(NOBODY)
    for (const { endpoint, range } of homes) {
      const { cluster, subnet } = endpoint
      this.#arrival.set(endpoint, fabric.outcomes.single({ kind: 'subnet', cluster, subnet }))
      const [from, to] = this.#cuts.classesIn(range)
      const alone = [endpoint]
      for (let at = from; at < to; at++) {
        const others = this.#owners[at]!
        this.#owners[at] = others === NOBODY ? alone : [...others, endpoint]
      }
    }
  }

  ask(): Unreached[] {
    return this.groups.flatMap((group) => this.#askGroup(group))
  }

  #askGroup(group: SenderGroup): Unreached[] {
    const { outcomes, devices } = this.#fabric
    const rules = new Rules()
    for (const device of this.#fabric.switches)
      addSwitchRules(rules, this.#fabric, device, this.#cuts, this.#kind.family)
    const source = group[0]!.addresses.first
    for (const device of this.#fabric.routers)
      addRouterRules(rules, this.#fabric, device, this.#cuts, this.#kind, source)
    const units = this.#unitsOf(group, rules)
    const runs = units.map((): Run[] => [])
    const sources = units.map(({ device }) => device)
    const { classes } = this.#cuts
    sweep({ classes, devices, rules, outcomes, sources, final: finalOf(outcomes) }, (at, found) => {
      const owners = this.#owners[at]!
      const right = owners.length === 1 ? this.#arrival.get(owners[0]!)! : -1
      // Most sources fare alike.
      let last = -1
      let meant: number | undefined
      for (let i = 0; i < found.length; i++) {
        const outcome = found[i]!
        if (outcome === right) continue
        if (owners.length === 0) {
          extend(runs[i]!, owners, outcome, at)
          continue
        }
        // A router's answer on an address of its own, amid the addresses of a subnet, says nothing about the subnet.
        if (outcome !== last) {
          last = outcome
          meant = this.#amidSubnet(outcome, owners)
        }
        if (meant === undefined || meant === right) goOn(runs[i]!, at)
        else extend(runs[i]!, owners, meant, at)
      }
    })
    return units.flatMap((unit, i) => runs[i]!.flatMap((run) => this.#told(unit, run)))
  }

  /** Pods of a subnet whose addresses others use as well think these on their link, so they begin at a device of their own. */
  #unitsOf(group: SenderGroup, rules: Rules): Unit[] {
    const units = new Map<string, Unit>()
    for (const senders of group) {
      const { endpoint } = senders
      const { gateway, at, cluster, subnet } = endpoint
      const shared = !this.#overlaps(endpoint)
      const key = shared ? `${gateway.device}` : `${cluster} ${subnet}`
      let unit = units.get(key)
      if (unit === undefined) {
        unit = {
          device: shared
            ? gateway.device
            : this.#fabric.addDevice(() => key, this.#fabric.drop('no-route', key)),
          senders: [],
        }
        units.set(key, unit)
        if (!shared) {
          rules.add(unit.device, Layer.route, [0, this.#cuts.classes], 0, toDevice(gateway.device))
          for (const range of this.#rangesOf(endpoint))
            rules.add(unit.device, Layer.route, this.#cuts.classesIn(range), 1, toDevice(at.device))
        }
      }
      unit.senders.push(senders)
    }
    return [...units.values()]
  }

  #overlaps(endpoint: Endpoint): boolean {
    return this.#rangesOf(endpoint).some((range) => {
      const [from, to] = this.#cuts.classesIn(range)
      return this.#owners.slice(from, to).some((owners) => owners.length > 1)
    })
  }

  #rangesOf({ prefixes }: Endpoint): AddressRange[] {
    return prefixes.filter(({ ip }) => familyOf(ip) === this.#kind.family).map(rangeOf)
  }

  /** The outcome with the subnet in place of its router's own answer; undefined where routers alone answer. */
  #amidSubnet(outcome: number, owners: readonly Endpoint[]): number | undefined {
    const { outcomes } = this.#fabric
    const ends = outcomes.ends(outcome)
    const ownerOf = (end: End): Endpoint | undefined =>
      end.kind === 'router' ? owners.find(({ cluster }) => cluster === end.cluster) : undefined
    const gateways = ends.filter((end) => ownerOf(end) !== undefined)
    if (gateways.length === 0) return outcome
    if (gateways.length === ends.length) return undefined
    return outcomes.union(
      ends.map((end) => {
        const owner = ownerOf(end)
        return owner === undefined ? outcomes.single(end) : this.#arrival.get(owner)!
      }),
    )
  }

  #told({ senders }: Unit, { owners, outcome, from, to }: Run): Unreached[] {
    const ends = this.#fabric.outcomes.ends(outcome)
    if (owners.length === 0 && !ends.some(isWorthTelling)) return []
    const [owner] = owners
    // Pods reach their own subnet without a router.
    const others = owners.length === 1 ? senders.filter(({ endpoint }) => endpoint !== owner) : senders
    if (others.length === 0) return []
    return [{ from: others, to: owners, addresses: this.#cuts.addressesOf([from, to]), ends }]
  }
}

const NOBODY: readonly Endpoint[] = []

function goOn(runs: Run[], at: number): void {
  const last = runs.at(-1)
  if (last?.to === at) last.to++
}

function extend(runs: Run[], owners: readonly Endpoint[], outcome: number, at: number): void {
  const last = runs.at(-1)
  const goesOn =
    last !== undefined &&
    last.to === at &&
    last.outcome === outcome &&
    last.owners.length === owners.length &&
    last.owners.every((owner, i) => owner === owners[i])
  if (goesOn) last.to++
  else runs.push({ owners, outcome, from: at, to: at + 1 })
}

/** Of packets to addresses that nobody has: being lost is right, going round is not. */
function isWorthTelling(end: End): boolean {
  return end.kind === 'dropped' && (end.why === 'loop' || end.why === 'undefined')
}

/** Outcomes of routes that policies never see. */
function finalOf(outcomes: Outcomes): Set<number> {
  const final = new Set<number>()
  for (let outcome = 0; outcome < outcomes.size; outcome++) {
    const [end, second] = outcomes.ends(outcome)
    if (second === undefined && end?.kind === 'dropped' && end.why === 'discard-route') final.add(outcome)
  }
  return final
}
