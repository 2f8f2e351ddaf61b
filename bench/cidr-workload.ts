// Overlaps among many CIDRs: the text that is read, and what is done with it. For bench/check.bench.ts and its peers.

import { readCidrText } from '../src/net/cidr-text.ts'
import { eachPair, nest } from '../src/net/nesting.ts'

/** Disjoint /24 and /48 networks, half of each family, with one in a hundred nested in its neighbour. */
export function cidrLines(count: number): string {
  const lines: string[] = []
  for (let n = 0; n < count; n++) {
    const at = n % 100 === 99 ? n - 1 : n
    const nested = at !== n
    if (n % 200 < 100)
      lines.push(`${10 + (at >> 16)}.${(at >> 8) & 255}.${at & 255}.${nested ? '128/25' : '0/24'} n${n}`)
    else
      lines.push(`fd00:${(at >> 16).toString(16)}:${(at & 0xffff).toString(16)}::/${nested ? 64 : 48} n${n}`)
  }
  return `${lines.join('\n')}\n`
}

/** All overlapping pairs of a text, in words. */
export function namedPairs(bytes: Uint8Array): string[] {
  const { table } = readCidrText(bytes)
  const pairs: [number, number][] = []
  for (const columns of [table.v4, table.v6])
    eachPair(columns, nest(columns), Number.POSITIVE_INFINITY, (outer, inner) => pairs.push([outer, inner]))
  // Names are read of those lines only that take part.
  const wanted = new Map<number, string>()
  for (const pair of pairs) for (const line of pair) wanted.set(line, '')
  let line = 0
  for (let at = 0; at < bytes.length; line++) {
    const end = bytes.indexOf(10, at)
    if (wanted.has(line)) wanted.set(line, decoder.decode(bytes.subarray(at, end < 0 ? undefined : end)))
    if (end < 0) break
    at = end + 1
  }
  return pairs.map(([outer, inner]) => `${wanted.get(outer)!} holds ${wanted.get(inner)!}`)
}

const decoder = new TextDecoder()
