/**
 * Reads what `ofproto/trace` of ovs-vswitchd prints: which OpenFlow flows a packet meets, by table and cookie, and what the datapath
 * would do with it. Format: ovs-vswitchd(8), OFPROTO COMMANDS; seen with OVS 3.1.
 * Surprises: the cookie of a flow is the beginning of the UUID of the Southbound row it was made from; tables above 65 are looked up on
 * the way (neighbours, port security) and end nothing; registers are followed line by line, because the final flow shows the outermost
 * pipeline's only.
 */

/** One flow that matched. */
export interface FlowStep {
  readonly table: number
  /** Undefined where nothing matched. */
  readonly priority: number | undefined
  /** Eight hexadecimal digits; undefined for flows that stand for no row. */
  readonly cookie: string | undefined
  /** Logical datapath, input port and output port as keys, on entry. */
  readonly datapath: number
  readonly inport: number
  readonly outport: number
}

/** What the datapath changes in a packet before it outputs it; names are those of flow fields. */
export type Fields = Readonly<Record<string, string>>

/** A packet that leaves. */
export type Output =
  | {
      readonly kind: 'tunnel'
      /** Outer addresses. */
      readonly source: string
      readonly destination: string
      readonly vni: number
      /** The number in OVN's option: ingress key above bit 16, egress key below. */
      readonly keys: number
      readonly fields: Fields
    }
  | { readonly kind: 'port'; readonly fields: Fields }

/** What became of a packet on one chassis. */
export interface OfprotoTrace {
  readonly steps: readonly FlowStep[]
  readonly outputs: readonly Output[]
  /** ovn-controller gets the packet, to answer it or to ask for a neighbour. */
  readonly controller: boolean
}

/** First of the tables that are looked up from others and are no stage of a pipeline. */
const LOOKUPS = 66

/** Reads one trace; `length` is that of the IP packet, for flows that distinguish by it. */
export function readOfprotoTrace(text: string, length = 84): OfprotoTrace {
  const steps: FlowStep[] = []
  const keys = { metadata: 0, reg14: 0, reg15: 0 }
  let inside = false
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    // The bridge below has flows of its own, which are none of OVN's.
    const bridge = /^bridge\("(.*)"\)$/.exec(line)
    if (bridge !== null) inside = bridge[1] === 'br-int'
    if (!inside && /^resubmit\(/.test(line)) inside = true
    if (!inside) continue
    const step = /^(\d+)\. (?:(No match\.)|(?:.*, )?priority (\d+)(?:, cookie 0x([0-9a-f]+))?$)/.exec(line)
    if (step !== null) {
      const table = Number(step[1])
      if (table >= LOOKUPS) continue
      steps.push({
        table,
        priority: step[3] === undefined ? undefined : Number(step[3]),
        cookie: step[4]?.padStart(8, '0'),
        datapath: keys.metadata,
        inport: keys.reg14,
        outport: keys.reg15,
      })
      continue
    }
    const set =
      /^set_field:(0x[0-9a-f]+|0)->(metadata|reg14|reg15)$/.exec(line) ??
      /^-> (?:NXM_NX_|OXM_OF_)(METADATA|REG14|REG15)\[[^\]]*\] is now (0x[0-9a-f]+|0)$/.exec(line)
    if (set === null) continue
    const [value, name] = /^0/.test(set[1]!) ? [set[1]!, set[2]!] : [set[2]!, set[1]!]
    keys[name.toLowerCase() as keyof typeof keys] = Number(value)
  }
  const actions = /^Datapath actions: (.*)$/m.exec(text)?.[1] ?? 'drop'
  const found = new Actions(length)
  found.read(actions, {})
  return { steps, outputs: found.outputs, controller: found.controller }
}

/** Goes through datapath actions, odp-actions of ovs-actions(7), in order. */
class Actions {
  readonly outputs: Output[] = []
  controller = false
  readonly #length: number

  constructor(length: number) {
    this.#length = length
  }

  read(text: string, before: Fields): void {
    let fields = before
    // What follows a tunnel's header is how the underlay's bridge sends it on.
    let tunnelled = false
    for (const action of splitActions(text)) {
      const name = /^\w+/.exec(action)?.[0] ?? ''
      const body = action.slice(name.length + 1, -1)
      if (/^\d+$/.test(action)) {
        if (!tunnelled) this.outputs.push({ kind: 'port', fields })
      } else if (name === 'set') fields = { ...fields, ...setFields(body) }
      else if (name === 'clone') this.read(body, fields)
      else if (name === 'tnl_push') {
        this.#tunnel(body, fields)
        tunnelled = true
      } else if (name === 'userspace') this.controller ||= body.includes('controller(')
      else if (name === 'check_pkt_len') this.#byLength(body, fields)
    }
  }

  #tunnel(body: string, fields: Fields): void {
    const [, source, destination] = /ipv[46]\(src=([^,]+),dst=([^,]+),/.exec(body) ?? []
    const vni = /\bvni=(0x[0-9a-f]+|\d+)/.exec(body)?.[1]
    const option = /\{class=0x102,type=0x80,len=4,(0x[0-9a-f]+|0)\}/.exec(body)?.[1]
    if (source === undefined || destination === undefined) return
    this.outputs.push({
      kind: 'tunnel',
      source,
      destination,
      vni: Number(vni ?? 0),
      keys: Number(option ?? 0),
      fields,
    })
  }

  /** The size is that of the frame. */
  #byLength(body: string, fields: Fields): void {
    const size = Number(/^size=(\d+)/.exec(body)?.[1] ?? 0)
    const wanted = this.#length + 14 > size ? 'gt(' : 'le('
    const branch = splitActions(body).find((part) => part.startsWith(wanted))
    if (branch !== undefined) this.read(branch.slice(3, -1), fields)
  }
}

/** Splits at commas that stand in no bracket. */
function splitActions(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let i = 0; i <= text.length; i++) {
    const c = text[i]
    if (c === '(' || c === '{') depth++
    else if (c === ')' || c === '}') depth--
    else if (c === undefined || (c === ',' && depth === 0)) {
      if (i > from) parts.push(text.slice(from, i))
      from = i + 1
    }
  }
  return parts
}

const FIELD_NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  eth: { src: 'dl_src', dst: 'dl_dst' },
  ipv4: { src: 'nw_src', dst: 'nw_dst', ttl: 'nw_ttl' },
  ipv6: { src: 'ipv6_src', dst: 'ipv6_dst', hlimit: 'nw_ttl' },
  icmp: { type: 'icmp_type', code: 'icmp_code' },
  icmpv6: { type: 'icmpv6_type', code: 'icmpv6_code' },
}

function setFields(body: string): Fields {
  const [, header, values] = /^(\w+)\((.*)\)$/.exec(body) ?? []
  const names = FIELD_NAMES[header ?? '']
  if (names === undefined) return {}
  return Object.fromEntries(
    splitActions(values ?? '').flatMap((part) => {
      const equals = part.indexOf('=')
      const name = names[part.slice(0, equals)]
      return name === undefined ? [] : [[name, part.slice(equals + 1)]]
    }),
  )
}
