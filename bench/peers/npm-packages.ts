/**
 * npm packages and Node's own BlockList as peers: `node npm-packages.mjs NAME FILE`. They take addresses as text, so the traces are texts,
 * made before anything is timed. Two find the longest prefix; the others only tell whether any prefix holds an address, some of them by
 * a loop around what they offer, and their answers are not compared.
 */
import { createRequire } from 'node:module'
import { BlockList } from 'node:net'
import { join } from 'node:path'
import { addressAt, prefixTextAt } from '../../src/model/prefix-list.ts'
import { formatIp } from '../../src/net/ip.ts'
import { readWorkload } from '../../src/run/bench/workload.ts'
import { mmdbOf } from './mmdb.ts'
import { type Peer, serve } from './peer.ts'

const [, , name = '', file = ''] = process.argv
const work = readWorkload(file)
const { list } = work
const family = list.family === 4 ? 'ipv4' : 'ipv6'
/** Texts take thirty times the room of numbers: the first so many addresses of a trace, over and over. */
const TEXTS = 65_536
const texts = work.traces.map((trace) =>
  Array.from({ length: Math.min(TEXTS, trace.length) }, (_, i) => formatIp(addressAt(trace, i))),
)
const prefixes = (): string[] => Array.from({ length: list.count }, (_, i) => prefixTextAt(list, i))
// Run from the project's folder; the packages lie beside this file's source.
const required = createRequire(join(process.cwd(), 'bench/peers/package.json'))

/** Finds the value of the longest prefix, or -1. */
type Finder = (address: string) => number
/** Whether any prefix holds the address. */
type Membership = (address: string) => boolean

const FINDERS: Readonly<Record<string, () => Finder>> = {
  'longest-prefix-match': () => {
    const Matcher = required('longest-prefix-match')
    const matcher = new Matcher()
    prefixes().forEach((prefix, i) => {
      matcher.addPrefix(prefix, list.values[i])
    })
    const host = list.family === 4 ? '/32' : '/128'
    return (address) => matcher.getMatch(address + host)[0] ?? -1
  },
  'mmdb-lib': () => {
    const { Reader } = required('mmdb-lib')
    const reader = new Reader(mmdbOf(list))
    return (address) => reader.get(address)?.value ?? -1
  },
}

const MEMBERSHIPS: Readonly<Record<string, () => Membership>> = {
  'net.BlockList': () => {
    const blocks = new BlockList()
    for (let i = 0; i < list.count; i++)
      blocks.addSubnet(formatIp(addressAt(list, i)), list.lengths[i]!, family)
    return (address) => blocks.check(address, family)
  },
  'cidr-matcher': () => {
    const Matcher = required('cidr-matcher')
    const matcher = new Matcher(prefixes())
    return (address) => matcher.contains(address)
  },
  'ipaddr.js': () => {
    const ipaddr = required('ipaddr.js')
    const ranges = prefixes().map((prefix) => ipaddr.parseCIDR(prefix))
    return (address) => {
      const parsed = ipaddr.parse(address)
      return ranges.some((range) => parsed.match(range))
    }
  },
  'ip-matching': () => {
    const { getMatch } = required('ip-matching')
    const matches = prefixes().map((prefix) => getMatch(prefix))
    return (address) => matches.some((match) => match.matches(address))
  },
  netmask: () => {
    const { Netmask } = required('netmask')
    const blocks = prefixes().map((prefix) => new Netmask(prefix))
    return (address) => blocks.some((block) => block.contains(address))
  },
}

await serve(work, (): Peer | string => {
  const memory = process.memoryUsage()
  const bytes = (): number => {
    globalThis.gc?.()
    const now = process.memoryUsage()
    return now.heapUsed + now.external - memory.heapUsed - memory.external
  }
  let kept = 0
  const loop =
    (run: (address: string) => number | boolean) =>
    (trace: number, from: number, to: number): void => {
      const all = texts[trace]!
      for (let i = from; i < to; i++) kept += Number(run(all[i % all.length]!))
      if (Number.isNaN(kept)) throw new Error('no number')
    }
  const finder = FINDERS[name]?.()
  if (finder !== undefined)
    return {
      bytes: bytes(),
      answers: (trace) =>
        Array.from({ length: work.traces[trace]!.length }, (_, i) =>
          finder(formatIp(addressAt(work.traces[trace]!, i))),
        ),
      single: loop(finder),
    }
  if (name === 'netmask' && list.family === 6) return 'IPv4 only'
  const membership = MEMBERSHIPS[name]?.()
  return membership === undefined
    ? `no package ${name}`
    : { bytes: bytes(), single: loop(membership), unit: 32 }
})
