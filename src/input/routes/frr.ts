// FRR's (and Quagga's) `show ip route`, `show ipv6 route`, `show bgp`: letters for origin and state, then the prefix. What is in
// use has `>`; the rest are alternatives. A bare IPv4 network in a BGP table has the length of its class, as Quagga prints it.

import { familyOf, parseIp } from '../../net/ip.ts'
import { maskIp, type Prefix } from '../../net/prefix.ts'
import {
  type Line,
  linesOf,
  notUnderstood,
  prefixOf,
  type TextFile,
  type Word,
  wordsOf,
} from './text-file.ts'

/** True for lines that only these formats have. */
export const FRR_ROUTE_LINE =
  /^(?:Codes: K|[A-Za-z](?:\[\d+\])?[ >*qrbto]{2,4}[\da-fA-F.:]+\/\d+ (?:\[|is directly|unreachable|via))/
export const FRR_BGP_LINE = /^(?:BGP table version|Status codes: +s |\s*Network +Next Hop)/

/** `K>* 0.0.0.0/0 [0/100] via …`, `O[10]>* …`: a letter, perhaps an instance, states, a space, a prefix. */
const ROUTE = /^([A-Za-z](?:\[\d+\])?)([ >*qrbto]* )(?=[\da-fA-F.:]+(?:\/|\s))/
const NEXTHOP = /^\s+[ >*qrbtoa]*(?:via |is directly connected|unreachable|\*)/

export function readFrrRoutes(file: TextFile): void {
  let heading = false
  for (const line of linesOf(file.source)) {
    const { text, at } = line
    if (text.startsWith('Codes:')) {
      heading = true
      continue
    }
    // The legend goes on in indented lines; headings of VRFs end with a colon.
    if (heading && /^\s+\S/.test(text) && !NEXTHOP.test(text)) continue
    heading = false
    if (/^(?:VRF |IPv[46] |Table )?\S.*:$/.test(text) || NEXTHOP.test(text)) continue
    const found = ROUTE.exec(text)
    if (found === null) {
      notUnderstood(file, line, 'a line such as "B>* 10.0.0.0/8 [20/0] via 192.0.2.1, eth0"')
      continue
    }
    const words = wordsOf({ text: text.slice(found[0].length), at: at + found[0].length })
    const prefix = prefixOf(file, words[0]!)
    if (prefix === undefined) continue
    const via = words.findIndex((word) => word.text === 'via')
    const connected = /directly connected,? (?:to )?([^\s,]+)/.exec(text)
    const hop =
      via >= 0
        ? (words[via + 1]?.text.replace(/,$/, '') ?? 'via')
        : connected === null
          ? 'unreachable'
          : `dev ${connected[1]}`
    use(file, found[2]!.includes('>'), prefix, hop)
  }
}

function use(file: TextFile, selected: boolean, prefix: Prefix, hop: string): void {
  if (selected) file.routes.add(prefix, hop)
  else file.routes.addAlternative(prefix, hop)
}

/** Status letters of a BGP table, in up to four columns, RPKI's among them. */
const STATUS = /^[ VIN]?[ sdhurSR*>=ibe]{0,4}/

export function readFrrBgp(file: TextFile): void {
  // The network of the last row, and whether its next hop is still to come because both do not fit in a line.
  let last: { readonly prefix: Prefix; readonly best: boolean } | undefined
  let open = false
  let listing = false
  for (const line of linesOf(file.source)) {
    if (/^\s*Network\s+Next Hop/.test(line.text)) listing = true
    if (!listing || HEADING.test(line.text)) {
      last = undefined
      continue
    }
    const { best, words } = columnsOf(line)
    const [first, second] = words
    if (first === undefined) continue
    const network = networkOf(file, line, first, second)
    if (network === 'bad') {
      last = undefined
    } else if (network !== undefined) {
      last = { prefix: network, best }
      open = second === undefined || parseIp(second.text) === undefined
      if (!open) use(file, best, network, second!.text)
    } else if (last === undefined) {
      if (parseIp(first.text) === undefined) notUnderstood(file, line, 'a row that begins with its network')
    } else if (parseIp(first.text) !== undefined) {
      use(file, best || (open && last.best), last.prefix, first.text)
      open = false
    }
  }
}

/** Lines around the rows. */
const HEADING =
  /^(?:\s*Network\s+Next Hop|Displayed|Total number|BGP table version|Default local|Status codes|Nexthop codes|Origin codes|RPKI validation|Route Distinguisher|Routes? |\s+i internal)/

function columnsOf(line: Line): { readonly best: boolean; readonly words: readonly Word[] } {
  const status = STATUS.exec(line.text)![0]
  // Hexadecimal digits are status letters as well: a prefix that begins with one gives it back.
  const cut =
    /[bde]$/.test(status) && /^\S/.test(line.text.slice(status.length)) ? status.length - 1 : status.length
  return {
    best: line.text.slice(0, cut).includes('>'),
    words: wordsOf({ text: line.text.slice(cut), at: line.at + cut }),
  }
}

/** The network of a row; undefined for the rows of further paths, which begin with a next hop far to the right. */
function networkOf(
  file: TextFile,
  line: Line,
  first: Word,
  second: Word | undefined,
): Prefix | 'bad' | undefined {
  if (first.text.includes('/')) return prefixOf(file, first) ?? 'bad'
  const ip = parseIp(first.text)
  if (ip === undefined || first.at - line.at > 8) return undefined
  if (second === undefined || parseIp(second.text) === undefined || typeof ip !== 'number') return undefined
  const len = ip >>> 31 === 0 ? 8 : ip >>> 30 === 2 ? 16 : 24
  return familyOf(ip) === 4 && maskIp(ip, len) === ip ? { ip, len } : (prefixOf(file, first) ?? 'bad')
}
