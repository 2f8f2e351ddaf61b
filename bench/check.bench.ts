/**
 * The plan checker: overlapping pairs among 100,000 CIDRs of both families (text in, pairs named out), all rules over 1,000 clusters of
 * 100 subnets, half a million CIDRs from a table, and a fix of twenty conflicts. Best of several rounds; memory as the process reports it.
 */
import { loadPlan } from '../src/input/plan/load.ts'
import { readCidrText } from '../src/net/cidr-text.ts'
import { eachPair, nest } from '../src/net/nesting.ts'
import { checkPlan } from '../src/plan/check.ts'
import { fixOptions } from '../src/plan/fix/options.ts'
import { fixPlan } from '../src/run/fix-plan.ts'

const short = process.argv.includes('--short')

/** Disjoint /24 and /48 networks, half of each family, with one in a hundred nested in its neighbour. */
function cidrLines(count: number): string {
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

/** The name behind the CIDR of a line. */
function namesOf(text: string): string[] {
  return text.split('\n').map((line) => line.slice(line.indexOf(' ') + 1))
}

function namedPairs(bytes: Uint8Array): string[] {
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

function table(clusters: number, subnets: number): string {
  const lines = ['cluster,technology,role,name,cidr']
  for (let n = 0; n < clusters * subnets; n++)
    lines.push(
      `c${Math.floor(n / subnets)},ovn-ic,pods,s${n % subnets},10.${n >> 14}.${(n >> 6) & 255}.${(n & 63) << 2}/30`,
    )
  return `${lines.join('\n')}\n`
}

function best<T>(rounds: number, act: () => T): { readonly ms: number; readonly value: T } {
  let ms = Number.POSITIVE_INFINITY
  let value!: T
  for (let i = 0; i < rounds; i++) {
    const start = performance.now()
    value = act()
    ms = Math.min(ms, performance.now() - start)
  }
  return { ms, value }
}

const count = short ? 1000 : 100_000
const text = cidrLines(count)
const bytes = new TextEncoder().encode(text)
const overlaps = best(short ? 1 : 20, () => namedPairs(bytes))
console.log(`${count} CIDRs, ${overlaps.value.length} overlapping pairs named: ${overlaps.ms.toFixed(1)} ms`)
if (namesOf(text).length < count) throw new Error('lines are missing')

const [clusters, subnets] = short ? [10, 10] : [1000, 100]
const load = (from: string) => loadPlan(['plan.csv'], { read: () => from, list: () => undefined }).plan!
const plan = load(table(clusters, subnets))
const rules = best(short ? 1 : 5, () => checkPlan(plan))
console.log(
  `${clusters} clusters of ${subnets} subnets through all rules: ${rules.ms.toFixed(0)} ms, ${rules.value.findings.length} findings`,
)

const many = short ? 5000 : 500_000
const read = best(1, () => load(table(many / 100, 100)))
const memory = Math.round(process.memoryUsage().rss / 1e6)
console.log(
  `${read.value.networks.length} CIDRs read from a table: ${read.ms.toFixed(0)} ms, process of ${memory} MB`,
)

// A fix: twenty subnets with the addresses of another cluster's, among all the others.
const rows = table(clusters, subnets).trimEnd().split('\n')
const conflicts = short ? 2 : 20
for (let k = 0; k < conflicts; k++) {
  const at = 1 + k * Math.floor((rows.length - 2 * subnets) / conflicts)
  rows[at] = [...rows[at]!.split(',').slice(0, -1), rows[at + subnets]!.split(',').at(-1)].join(',')
}
const crowded = `${rows.join('\n')}\n`
const input = loadPlan(['plan.csv'], { read: () => crowded, list: () => undefined })
const { options } = fixOptions(input.plan!, {})
const fixed = best(short ? 1 : 3, () =>
  fixPlan({ plan: input.plan!, sources: input.sources, paths: ['plan.csv'], options }),
)
const { proposal, after } = fixed.value
console.log(
  `${conflicts} conflicts among ${clusters} clusters of ${subnets} subnets fixed and checked again: ${fixed.ms.toFixed(0)} ms, ${proposal.placed.length} changes, ${after.findings.filter(({ severity }) => severity === 'error').length} errors left`,
)
