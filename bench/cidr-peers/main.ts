/**
 * Overlaps among CIDRs beside packages from npm that do a part of it: `npm install && npm run bench` in this folder, `-- --short` for a
 * small size. Those that take lists get the whole list; those that compare two CIDRs get all pairs of few, and what all pairs of the
 * whole list would take is computed from that. The sides take turns; CPU time, the fastest round.
 */
import { Random } from '../../src/net/random.ts'
import { cidrLines, namedPairs } from '../cidr-workload.ts'

const short = process.argv.includes('--short')
const COUNT = short ? 1000 : 100_000
const PAIRWISE = short ? 100 : 400
/** Rounds of those that take the whole list, and of those that take a few pairs. */
const ROUNDS = short ? 1 : 21
const ROUNDS_PAIRS = short ? 1 : 3

/** Packages of this folder alone, hence without types. */
// biome-ignore lint/suspicious/noExplicitAny: they may not be installed
const load = (name: string): Promise<any> => import(name)

const [tools, fast, address, cidr, netmask] = await Promise.all(
  ['cidr-tools', 'fast-cidr-tools', 'ip-address', 'ip-cidr', 'netmask'].map(load),
)
// In no order, as files are; the same one each time.
const random = new Random(1)
const lines = cidrLines(COUNT).trimEnd().split('\n')
for (let i = lines.length - 1; i > 0; i--) {
  const j = random.below(i + 1)
  ;[lines[i], lines[j]] = [lines[j]!, lines[i]!]
}
const text = `${lines.join('\n')}\n`
const bytes = new TextEncoder().encode(text)
const list = lines.map((line) => line.slice(0, line.indexOf(' ')))
const half = list.length >> 1
const few = cidrLines(PAIRWISE * 3)
  .split('\n')
  .filter((line) => /^\d+\./.test(line))
  .map((line) => line.slice(0, line.indexOf(' ')))
  .slice(0, PAIRWISE)

/** Tests of all pairs of the few. */
function pairwise<T>(parse: (text: string) => T, overlap: (a: T, b: T) => boolean): () => void {
  return () => {
    const parsed = few.map(parse)
    let found = 0
    for (let i = 0; i < parsed.length; i++)
      for (let j = i + 1; j < parsed.length; j++) if (overlap(parsed[i]!, parsed[j]!)) found++
    if (found === 0) throw new Error('no pair found')
  }
}

interface Contender {
  readonly name: string
  readonly act: () => unknown
  /** All pairs of a few only. */
  readonly pairs?: true
}

// biome-ignore lint/suspicious/noExplicitAny: see above
type Any = any
const contenders: readonly Contender[] = [
  { name: 'isthmus: text in, all pairs named out', act: () => namedPairs(bytes) },
  { name: 'cidr-tools mergeCidr: what is covered, no pairs', act: () => tools.mergeCidr(list) },
  {
    name: 'cidr-tools overlapCidr of two halves: yes or no',
    act: () => tools.overlapCidr(list.slice(0, half), list.slice(half)),
  },
  {
    name: 'fast-cidr-tools merge (IPv4 half): what is covered, no pairs',
    act: () => fast.merge(list.filter((one) => !one.includes(':'))),
  },
  {
    name: 'ip-address isInSubnet',
    pairs: true,
    act: pairwise(
      (one): Any => new address.Address4(one),
      (a, b) => a.isInSubnet(b) || b.isInSubnet(a),
    ),
  },
  {
    name: 'netmask contains',
    pairs: true,
    act: pairwise(
      (one): Any => new netmask.Netmask(one),
      (a, b) => a.contains(b) || b.contains(a),
    ),
  },
  {
    name: 'ip-cidr contains',
    pairs: true,
    act: pairwise(
      (one): Any => new (cidr.default ?? cidr)(one),
      (a, b) => a.contains(b.toString()) || b.contains(a.toString()),
    ),
  },
]

const best = contenders.map(() => Number.POSITIVE_INFINITY)
for (let round = 0; round < ROUNDS; round++)
  for (const [i, { act, pairs }] of contenders.entries()) {
    if (pairs && round >= ROUNDS_PAIRS) continue
    const before = process.cpuUsage()
    act()
    const { user, system } = process.cpuUsage(before)
    best[i] = Math.min(best[i]!, (user + system) / 1000)
  }
const scale = (COUNT * (COUNT - 1)) / (few.length * (few.length - 1))
for (const [i, { name, pairs }] of contenders.entries()) {
  const ms = best[i]! * (pairs ? scale : 1)
  const measured = pairs ? ` (${best[i]!.toFixed(0)} ms for ${few.length} CIDRs, all pairs)` : ''
  const time = ms > 10_000 ? `${(ms / 1000).toFixed(0)} s` : `${ms.toFixed(1)} ms`
  console.log(`${name}: ${time}${measured}, ${(ms / best[0]!).toFixed(1)} times isthmus`)
}
