// What OVN's tools print, pasted into a file: `ovn-nbctl show` (switches, routers and their ports), `ovn-nbctl lr-route-list`,
// `ovn-ic-sbctl show` (availability zones with gateways and ports); layouts in ovn-semantics 5.2 to 5.4. A prompt line in front, as
// `[root@az1 ~]# kubectl ko nbctl show`, is passed over.

import type { Span } from '../../diag/diagnostic.ts'
import type { SourceFile } from '../../diag/source.ts'
import { lineText } from '../../diag/source.ts'
import type { Written } from '../../model/plan.ts'
import type { Prefix } from '../../net/prefix.ts'
import { interfaceOf } from './document.ts'
import type { PlanDraft } from './draft.ts'

const SHOW = /^(?:switch|router) [0-9a-f-]{8,} \(/m
const ROUTES = /^IPv[46] Routes\b/m
const ZONES = /^availability-zone \S+/m

/** True for text of one of the three forms. */
export function isOvnText(text: string): boolean {
  const head = text.length > 65_536 ? text.slice(0, 65_536) : text
  return SHOW.test(head) || ROUTES.test(head) || ZONES.test(head)
}

/** Reads all three; a file may hold one after the other. */
export function readOvnText(draft: PlanDraft, source: SourceFile, cluster: string): void {
  const reader = new Reader(draft, source, cluster)
  for (let line = 1; line <= source.lineStarts.length; line++) reader.line(line, lineText(source, line))
  reader.end()
}

interface Port {
  readonly name: Written<string>
  type?: string
  routerPort?: string
  mac?: Written<string>
  networks: Written<Prefix>[]
}

class Reader {
  readonly #draft: PlanDraft
  readonly #source: SourceFile
  readonly #cluster: string
  #mode: 'switch' | 'router' | 'routes' | 'zone' | undefined
  #owner = ''
  #port: Port | undefined
  /** Own ports on transit switches by the name of their router port, whose addresses follow under the router. */
  readonly #ownPorts = new Map<string, number>()
  #zone:
    | {
        name: Written<string>
        gateways: { chassis: Written<string>; hostname?: Written<string>; ip?: Written<Prefix['ip']> }[]
      }
    | undefined
  #zonePort: { name: Written<string>; transitSwitch: string } | undefined

  constructor(draft: PlanDraft, source: SourceFile, cluster: string) {
    this.#draft = draft
    this.#source = source
    this.#cluster = cluster
  }

  line(number: number, text: string): void {
    const trimmed = text.trim()
    const head = /^(switch|router) [0-9a-f-]{8,} \((.*?)\)/.exec(text)
    if (head !== null) {
      this.end()
      this.#mode = head[1] as 'switch' | 'router'
      this.#owner = head[2]!.replace(/^aka /, '')
      this.#draft.cluster(this.#cluster, this.#span(number, text, head[2]!))
      return
    }
    const zone = /^availability-zone (\S+)/.exec(text)
    if (zone !== null) {
      this.end()
      this.#mode = 'zone'
      this.#zone = { name: this.#written(number, text, zone[1]!), gateways: [] }
      return
    }
    if (/^IPv[46] Routes\b/.test(trimmed)) {
      this.end()
      this.#mode = 'routes'
      this.#draft.cluster(this.#cluster, this.#span(number, text, trimmed))
      return
    }
    if (trimmed === '') return
    if (this.#mode === 'routes') this.#route(number, text)
    else if (this.#mode === 'zone') this.#zoneLine(number, text, trimmed)
    else if (this.#mode !== undefined) this.#portLine(number, text, trimmed)
  }

  /** The last port or zone is complete. */
  end(): void {
    this.#endPort()
    if (this.#zone !== undefined) {
      const { name, gateways } = this.#zone
      this.#draft.zoneRows.push({ name, gateways })
      this.#zone = undefined
    }
    this.#mode = undefined
  }

  #portLine(number: number, text: string, trimmed: string): void {
    const port = /^port (\S+)/.exec(trimmed)
    if (port !== null) {
      this.#endPort()
      this.#port = { name: this.#written(number, text, port[1]!), networks: [] }
      return
    }
    const current = this.#port
    if (current === undefined) return
    const [, key, value = ''] = /^([a-z -]+):\s*(.*)$/.exec(trimmed) ?? []
    if (key === 'type') current.type = value
    else if (key === 'router-port') current.routerPort = value
    else if (key === 'mac') current.mac = this.#written(number, text, value.replaceAll('"', ''))
    else if (key === 'networks') current.networks = this.#networks(number, text, value)
    else if (key === 'addresses') this.#addresses(current, number, text, value)
  }

  /** `["00:00:00:4B:E2:9F 169.254.100.31/24"]` */
  #addresses(port: Port, number: number, text: string, value: string): void {
    const mac = /([0-9a-f]{2}(?::[0-9a-f]{2}){5})/i.exec(value)
    if (mac !== null) port.mac = this.#written(number, text, mac[1]!)
    port.networks = this.#networks(number, text, value.replace(/[0-9a-f]{2}(?::[0-9a-f]{2}){5}/gi, ' '))
  }

  #networks(number: number, text: string, value: string): Written<Prefix>[] {
    return value
      .split(/["\s,[\]]+/)
      .filter((word) => /^[0-9a-f.:]+(?:\/\d+)?$/i.test(word) && /[.:]/.test(word))
      .flatMap((word) => interfaceOf(this.#draft, word, { span: this.#span(number, text, word) }))
  }

  #endPort(): void {
    const port = this.#port
    this.#port = undefined
    if (port === undefined) return
    const { name, networks, mac, routerPort } = port
    if (this.#mode === 'switch') {
      // A remote port, or the own one, whose addresses stand at the router port.
      const transit = name.value.startsWith(`${this.#owner}-`)
      if (transit && (port.type === 'remote' || port.type === 'router')) {
        if (routerPort !== undefined) this.#ownPorts.set(routerPort, this.#draft.transitPorts.length)
        this.#draft.transitPorts.push({
          az: name.value.slice(this.#owner.length + 1),
          seenIn: this.#cluster,
          transitSwitch: this.#owner,
          name,
          networks,
          ...(mac !== undefined && { mac }),
        })
      }
      if (
        transit &&
        port.type === 'remote' &&
        !this.#draft.transitSwitches.some((one) => one.name === this.#owner)
      )
        this.#draft.transitSwitches.push({ name: this.#owner, span: name.span, written: true })
    } else if (this.#mode === 'router') {
      this.#draft.routerPorts.push({ cluster: this.#cluster, router: this.#owner, name, networks })
      const { transitPorts } = this.#draft
      const own = this.#ownPorts.get(name.value)
      if (own !== undefined)
        transitPorts[own] = { ...transitPorts[own]!, networks, ...(mac !== undefined && { mac }) }
    }
  }

  #route(number: number, text: string): void {
    if (/^\s*Route Table /.test(text)) return
    const [, prefix, nexthop, policy, rest = ''] =
      /^\s*(\S+)\s+(\S+)\s+(dst-ip|src-ip)\b(.*)$/.exec(text) ?? []
    if (prefix === undefined || nexthop === undefined) {
      // The capture ends where a line of another kind begins.
      if (!/^[[\w]*\S*[#$] /.test(text.trim()) && !/^\S+@/.test(text.trim()))
        this.#draft.diagnostics.warning('PL009', 'this is no line of lr-route-list', {
          span: this.#span(number, text, text.trim()),
          expected: '10.17.0.0/16            169.254.100.31 dst-ip (learned)',
        })
      this.#mode = undefined
      return
    }
    const port = /^\s+([^\s(]\S*)/.exec(rest)?.[1]
    this.#draft.routes.push({
      cluster: this.#cluster,
      router: 'ovn-cluster',
      prefix: this.#written(number, text, prefix),
      nexthop: this.#written(number, text, nexthop),
      policy: policy as 'dst-ip' | 'src-ip',
      learned: rest.includes('(learned)'),
      ...(port !== undefined && !['ecmp', 'ecmp-symmetric-reply', 'bfd'].includes(port) && { port }),
    })
  }

  #zoneLine(number: number, text: string, trimmed: string): void {
    const zone = this.#zone
    if (zone === undefined) return
    const [, word, value = ''] =
      /^(gateway|hostname:|type:|ip:|port|transit switch:|address:)\s*(.*)$/.exec(trimmed) ?? []
    const gateway = zone.gateways.at(-1)
    if (word === 'gateway') zone.gateways.push({ chassis: this.#written(number, text, value) })
    else if (word === 'hostname:' && gateway !== undefined)
      gateway.hostname = this.#written(number, text, value)
    else if (word === 'ip:' && gateway !== undefined) {
      const [ip] = interfaceOf(this.#draft, value, { span: this.#span(number, text, value) })
      if (ip !== undefined) gateway.ip = { value: ip.value.ip, span: ip.span }
    } else if (word === 'port')
      this.#zonePort = { name: this.#written(number, text, value), transitSwitch: 'ts' }
    else if (word === 'transit switch:' && this.#zonePort !== undefined) this.#zonePort.transitSwitch = value
    else if (word === 'address:' && this.#zonePort !== undefined) {
      const { name, transitSwitch } = this.#zonePort
      const mac = /([0-9a-f]{2}(?::[0-9a-f]{2}){5})/i.exec(value)?.[1]
      this.#draft.transitPorts.push({
        az: zone.name.value,
        seenIn: '',
        transitSwitch,
        name,
        networks: this.#networks(number, text, value.replace(/[0-9a-f]{2}(?::[0-9a-f]{2}){5}/gi, ' ')),
        ...(mac !== undefined && { mac: this.#written(number, text, mac) }),
      })
    }
  }

  #written(number: number, text: string, word: string): Written<string> {
    return { value: word, span: this.#span(number, text, word) }
  }

  #span(number: number, text: string, word: string): Span {
    const column = Math.max(0, text.indexOf(word)) + 1
    return { file: this.#source.path, line: number, column, length: Math.max(1, word.length) }
  }
}
