/**
 * The plan checker: overlapping pairs among 100,000 CIDRs of both families (text in, pairs named out), all rules over 1,000 clusters of
 * 100 subnets, half a million CIDRs from a table, a fix of twenty conflicts, and `isthmus check` on ten manifests as a whole process
 * (`npm run build` first). Best of several rounds; memory as the process reports it. The same overlaps with packages from npm:
 * bench/cidr-peers.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadPlan } from '../src/input/plan/load.ts'
import { checkPlan } from '../src/plan/check.ts'
import { fixOptions } from '../src/plan/fix/options.ts'
import { fixPlan } from '../src/run/fix-plan.ts'
import { cidrLines, namedPairs } from './cidr-workload.ts'

const short = process.argv.includes('--short')

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
if (overlaps.value.length !== count / 100) throw new Error('pairs are missing')

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
const input = loadPlan(['plan.csv'], { read: () => crowded, list: () => undefined, mentions: true })
const { options } = fixOptions(input.plan!, {})
const fixed = best(short ? 1 : 3, () => fixPlan({ loaded: input, paths: ['plan.csv'], options }))
const { proposal, after } = fixed.value
console.log(
  `${conflicts} conflicts among ${clusters} clusters of ${subnets} subnets fixed and checked again: ${fixed.ms.toFixed(0)} ms, ${proposal.placed.length} changes, ${after.findings.filter(({ severity }) => severity === 'error').length} errors left`,
)
const cli = join(process.cwd(), 'dist', 'cli.js')
if (!existsSync(cli)) throw new Error('dist/cli.js is missing: run `npm run build` first')
const folder = mkdtempSync(join(tmpdir(), 'isthmus-bench-'))
try {
  for (const [i, az] of ['az1', 'az2'].entries()) {
    mkdirSync(join(folder, az))
    for (const [name, text] of Object.entries(manifestsOf(az, i))) writeFileSync(join(folder, az, name), text)
  }
  const whole = best(short ? 1 : 15, () => {
    const { status, stderr } = spawnSync(process.execPath, [cli, 'check', folder], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`exit ${status}: ${stderr}`)
  })
  console.log(`isthmus check on ten manifests, whole process: ${(whole.ms / 1000).toFixed(3)} s`)
} finally {
  rmSync(folder, { recursive: true })
}

/** Five files a cluster, as applied. */
function manifestsOf(az: string, i: number): Record<string, string> {
  const subnet = (name: string, block: string): string =>
    `apiVersion: kubeovn.io/v1\nkind: Subnet\nmetadata: { name: ${name} }\nspec: { cidrBlock: ${block}.0/24, gateway: ${block}.1, excludeIps: [${block}.1] }\n`
  const node = (n: number): string =>
    `---\napiVersion: v1\nkind: Node\nmetadata: { name: ${az}-n${n} }\nstatus: { addresses: [{ type: InternalIP, address: 192.168.${42 + i}.${10 + n} }] }\n`
  return {
    'ovn-ic-config.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ovn-ic-config, namespace: kube-system }\ndata: { enable-ic: "true", az-name: ${az}, ic-db-host: "192.168.65.3,192.168.65.4,192.168.65.5", ic-nb-port: "6645", ic-sb-port: "6646", gw-nodes: "${az}-n0,${az}-n1", auto-route: "true" }\n`,
    'nodes.yaml': [0, 1, 2].map(node).join(''),
    'default.yaml': subnet('ovn-default', `10.${16 + i}.0`),
    'web.yaml': subnet('web', `10.${20 + i}.0`),
    'join.yaml': `apiVersion: kubeovn.io/v1\nkind: Subnet\nmetadata: { name: join }\nspec: { cidrBlock: 100.${64 + i}.0.0/16, gateway: 100.${64 + i}.0.1 }\n`,
  }
}
