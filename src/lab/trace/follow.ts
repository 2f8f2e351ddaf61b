/**
 * Follows a packet over the real switches: `ofproto/trace` on one chassis after the other, each beginning with the headers that the one
 * before would have put around the packet. The result is a trace in the model's type, so that what it ends of has the same names. A
 * trace asks the flow tables and sends nothing; whether the underlay carries the packet is not part of it.
 */
import type { ChassisState, ForwardingState, LogicalView } from '../../model/forwarding.ts'
import type { Disposition, Drop, TraceHop, TraceStep, TunnelHeader } from '../../model/trace.ts'
import { formatIp, type Ip, isIp4 } from '../../net/ip.ts'
import { formatMac, type Mac } from '../../net/mac.ts'
import { contains } from '../../net/prefix.ts'
import { endOf, type SbFlow } from './end.ts'
import {
  type Fields,
  type FlowStep,
  type OfprotoTrace,
  type Output,
  readOfprotoTrace,
} from './ofproto-trace.ts'

/** The packet to follow. */
export interface Question {
  readonly cluster: string
  /** Logical switch port that sends. */
  readonly lsp: string
  readonly source: Ip
  readonly destination: Ip
  readonly protocol: 'icmp' | 'tcp' | 'udp'
  readonly reply: boolean
  readonly sourcePort: number
  readonly destinationPort: number
  readonly ttl: number
  /** Of the IP packet, bytes. */
  readonly length: number
}

/** What is known of the real network while packets are followed. */
export interface Switches {
  /** Runs `ofproto/trace` on the br-int of a node; undefined where no ovs-vswitchd answers. */
  readonly trace: (node: string, flow: string) => Promise<string | undefined>
  /** The Southbound flow that a cookie stands for. */
  readonly flow: (cluster: string, cookie: string) => SbFlow | undefined
  /** Name of the interface of a logical port, or of the tunnel to an address, on a node. */
  readonly face: (
    node: string,
    what: { readonly lsp: string } | { readonly remote: string },
  ) => string | undefined
}

/** The way of one packet as the switches would send it. */
export interface Followed {
  readonly hops: readonly TraceHop[]
  readonly disposition: Disposition
}

/** A packet that loops ends after this many chassis. */
const CHASSIS_MAX = 16

/** Follows one packet through the network as it is now; `state` names keys. */
export async function followPacket(
  switches: Switches,
  state: ForwardingState,
  question: Question,
): Promise<Followed> {
  let at = chassisOf(state, question.cluster, question.lsp)
  if (at === undefined) return lost('unbound', question.lsp, 'physical', `${question.lsp} is on no chassis`)
  const first = firstMac(at, question)
  if (typeof first === 'string') return lost('unknown-neighbour', question.lsp, 'host', first)
  let fields: Fields = fieldsOf(question, first)
  const hops: TraceHop[] = []
  let entered: TraceHop['entered'] = { kind: 'vif', port: question.lsp }
  while (hops.length < CHASSIS_MAX) {
    const face = switches.face(
      at.key,
      entered.kind === 'vif' ? { lsp: question.lsp } : { remote: entered.outerSource },
    )
    if (face === undefined && entered.kind === 'tunnel') {
      hops.push({ chassis: at.key, entered, steps: [], left: [] })
      const reason = `${at.key} has no tunnel to ${entered.outerSource}, so what comes from there is nobody's`
      return { hops, disposition: drop('tunnel-down', at.key, '', 'physical', reason) }
    }
    const tunnel = entered.kind === 'vif' ? '' : tunnelFields(entered)
    const text =
      face === undefined
        ? undefined
        : await switches.trace(at.key, `in_port=${face},${tunnel}${flowText(fields, question)}`)
    if (text === undefined) {
      hops.push({ chassis: at.key, entered, steps: [], left: [] })
      return {
        hops,
        disposition: drop(
          'chassis-down',
          at.key,
          '',
          'physical',
          `ovs-vswitchd of ${at.key} does not answer`,
        ),
      }
    }
    const found = readOfprotoTrace(text, question.length)
    const named = new Namer(at, switches.flow)
    const steps = found.steps.flatMap((step) => named.step(step))
    const output = found.outputs[0]
    if (output?.kind !== 'tunnel') {
      const end = endHere(at, found, output, named, entered.kind === 'tunnel', fields)
      const left = end.kind === 'delivered' ? [{ kind: 'vif' as const, port: end.port }] : []
      hops.push({ chassis: at.key, entered, steps, left })
      return { hops, disposition: end }
    }
    const header = headerOf(output, at)
    hops.push({ chassis: at.key, entered, steps, left: [{ kind: 'tunnel', ...header }] })
    const next = [...state.chassis.values()].find(({ encapIp }) => formatIp(encapIp) === output.destination)
    if (next === undefined)
      return {
        hops,
        disposition: drop('tunnel-down', at.key, '', 'physical', `no node has ${output.destination}`),
      }
    at = next
    fields = { ...fields, ...output.fields }
    entered = { kind: 'tunnel', ...header }
  }
  return {
    hops,
    disposition: drop('loop', at.key, '', 'underlay', `${CHASSIS_MAX} chassis and still on the way`),
  }
}

function endHere(
  at: ChassisState,
  found: OfprotoTrace,
  output: Output | undefined,
  named: Namer,
  fromTunnel: boolean,
  fields: Fields,
): Disposition {
  const last = found.steps.at(-1)
  if (output?.kind === 'port') {
    const ttl = Number(output.fields.nw_ttl ?? fields.nw_ttl)
    const answered = found.steps.map((step) => named.flow(step)).find(isAnswer)
    const port = named.port(last?.datapath ?? 0, last?.outport ?? 0)
    if (answered !== undefined) return { kind: 'answered', by: answered.datapath, ttl: Number(fields.nw_ttl) }
    return { kind: 'delivered', port, ttl }
  }
  return endOf({
    chassis: at,
    last,
    flow: last === undefined ? undefined : named.flow(last),
    fromTunnel,
    destination: fields.dl_dst ?? '',
  })
}

/** The flow by which a router answers a ping for its own address. */
function isAnswer(flow: SbFlow | undefined): flow is SbFlow {
  return flow?.stage === 'lr_in_ip_input' && /icmp4\.type = 0;|icmp6\.type = 129;/.test(flow.actions)
}

/** Gives keys and cookies their names. */
class Namer {
  readonly #view: LogicalView | undefined
  readonly #flow: (cookie: string) => SbFlow | undefined

  constructor(chassis: ChassisState, flow: Switches['flow']) {
    this.#view = chassis.view
    this.#flow = (cookie) => flow(chassis.cluster, cookie)
  }

  flow({ cookie, datapath }: FlowStep): SbFlow | undefined {
    const found = cookie === undefined ? undefined : this.#flow(cookie)
    return found === undefined ? undefined : { ...found, datapath: this.datapath(datapath) }
  }

  datapath(key: number): string {
    return this.#view?.datapaths.get(key)?.name ?? ''
  }

  port(datapath: number, key: number): string {
    const found = this.#view?.datapaths.get(datapath)
    return found?.portByKey.get(key)?.name ?? ''
  }

  /** A stage that decides something; those that only pass on are left out. */
  step(step: FlowStep): TraceStep[] {
    const flow = this.flow(step)
    if (flow === undefined || (flow.match === '1' && /^next;$/.test(flow.actions.trim()))) return []
    return [
      {
        datapath: flow.datapath,
        pipeline: flow.pipeline,
        table: flow.table,
        stage: flow.stage,
        inport: this.port(step.datapath, step.inport),
        outport: this.port(step.datapath, step.outport),
        priority: flow.priority,
        match: flow.match,
        actions: [flow.actions],
        note: undefined,
      },
    ]
  }
}

function headerOf(output: Extract<Output, { kind: 'tunnel' }>, { view }: ChassisState): TunnelHeader {
  const datapath = view?.datapaths.get(output.vni)
  const [ingressKey, egressKey] = [output.keys >>> 16, output.keys & 0xffff]
  const name = (key: number): string => datapath?.portByKey.get(key)?.name ?? String(key)
  return {
    from: output.source,
    to: output.destination,
    outerSource: output.source,
    outerDestination: output.destination,
    udpSource: 0,
    vni: output.vni,
    ingressKey,
    egressKey,
    datapath: datapath?.name ?? '',
    ingressPort: name(ingressKey),
    egressPort: name(egressKey),
  }
}

function tunnelFields({ outerSource, outerDestination, vni, ingressKey, egressKey }: TunnelHeader): string {
  const [source, destination] = outerSource.includes(':')
    ? ['tun_ipv6_src', 'tun_ipv6_dst']
    : ['tun_src', 'tun_dst']
  const keys = ((ingressKey << 16) | egressKey) >>> 0
  return `tun_id=${vni},${source}=${outerSource},${destination}=${outerDestination},tun_metadata0=0x${keys.toString(16)},`
}

function fieldsOf(
  { source, destination, protocol, reply, ttl }: Question,
  first: { from: Mac; to: Mac },
): Fields {
  const four = isIp4(source)
  const [src, dst] = four ? ['nw_src', 'nw_dst'] : ['ipv6_src', 'ipv6_dst']
  const icmp = four ? 'icmp' : 'icmpv6'
  const type = four ? (reply ? 0 : 8) : reply ? 129 : 128
  return {
    dl_src: formatMac(first.from),
    dl_dst: formatMac(first.to),
    [src!]: formatIp(source),
    [dst!]: formatIp(destination),
    nw_ttl: String(ttl),
    ...(protocol === 'icmp' && { [`${icmp}_type`]: String(type), [`${icmp}_code`]: '0' }),
  }
}

function flowText(fields: Fields, { source, protocol, sourcePort, destinationPort }: Question): string {
  const kind = isIp4(source) ? protocol : `${protocol}6`
  // Exact flows know no common names of ports.
  const ports = protocol === 'icmp' ? '' : `,${protocol}_src=${sourcePort},${protocol}_dst=${destinationPort}`
  const values = Object.entries(fields).map(([name, value]) => `${name}=${value}`)
  return `${kind},${values.join(',')}${ports}`
}

/** The chassis that a port is on. */
function chassisOf(state: ForwardingState, cluster: string, lsp: string): ChassisState | undefined {
  return [...state.chassis.values()].find((chassis) => chassis.cluster === cluster && chassis.vifs.has(lsp))
}

/** The frame that a pod sends: to the destination itself on its own subnet, otherwise to its gateway. */
function firstMac(
  { view }: ChassisState,
  { lsp, source, destination }: Question,
): { from: Mac; to: Mac } | string {
  const on = view?.datapaths.get(view.switchOfPort.get(lsp) ?? -1)
  const own = on?.kind === 'switch' ? on.portByName.get(lsp) : undefined
  if (on?.kind !== 'switch' || own?.mac === undefined) return `${lsp} has no address`
  const routers = on.ports.flatMap(({ peer }) => {
    const router = peer === undefined ? undefined : view!.datapaths.get(peer.datapath)
    return router?.kind === 'router' ? (router.portByName.get(peer!.port) ?? []) : []
  })
  const gateway = routers.find(({ networks }) => networks.some((network) => contains(network, source)))
  const isNear = gateway?.networks.some(
    (network) => contains(network, source) && contains(network, destination),
  )
  if (gateway !== undefined && isNear !== true) return { from: own.mac, to: gateway.mac }
  const text = formatIp(destination)
  const owner =
    on.ports.find(({ ips }) => ips.some((ip) => formatIp(ip) === text))?.mac ??
    routers.find(({ networks }) => networks.some(({ ip }) => formatIp(ip) === text))?.mac
  return owner === undefined ? `nobody on ${on.name} has ${text}` : { from: own.mac, to: owner }
}

function drop(kind: Drop['kind'], where: string, datapath: string, stage: string, reason: string): Drop {
  return { kind, where, datapath, stage, reason }
}

function lost(kind: Drop['kind'], where: string, stage: string, reason: string): Followed {
  return { hops: [], disposition: drop(kind, where, '', stage, reason) }
}
