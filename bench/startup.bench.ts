/**
 * Whole processes, from `exec` to exit: what a user waits for. The bundled command line (`npm run build` first) beside a bare
 * `node -e 0`, which is the floor. The three take turns, so that load on the machine falls on all of them.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const short = process.argv.includes('--short')
const rounds = short ? 2 : 21
/** Benchmarks run in the project's folder. */
const root = process.cwd()
const cli = join(root, 'dist', 'cli.js')
const cases: readonly { readonly name: string; readonly goal?: number; readonly args: readonly string[] }[] =
  [
    { name: 'node -e 0', args: ['-e', '0'] },
    { name: 'isthmus --help', goal: 0.15, args: [cli, '--help'] },
    {
      name: 'isthmus run scenarios/quickstart.yaml',
      goal: 0.6,
      args: [cli, 'run', join(root, 'scenarios', 'quickstart.yaml')],
    },
  ]

if (!existsSync(cli)) throw new Error('dist/cli.js is missing: run `npm run build` first')

/** CPU seconds of the children that have ended, from proc(5); not a number where there is no /proc. */
function childTime(): number {
  if (!existsSync('/proc/self/stat')) return Number.NaN
  const stat = readFileSync('/proc/self/stat', 'utf8')
  // Behind the name in parentheses come fields 3 and up; 16 and 17 are the children's clock ticks, hundredths of a second.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) / 100
}

function once(args: readonly string[]): { wall: number; cpu: number } {
  const before = childTime()
  const began = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  const wall = (performance.now() - began) / 1000
  if (status !== 0) throw new Error(`${args.join(' ')}: exit ${status}: ${stderr}`)
  return { wall, cpu: childTime() - before }
}

const runs = cases.map(() => [] as { wall: number; cpu: number }[])
for (let round = 0; round < rounds; round++)
  for (const [i, { args }] of cases.entries()) runs[i]!.push(once(args))

const quantile = (values: number[], q: number): string =>
  values.sort((a, b) => a - b)[Math.round(q * (values.length - 1))]!.toFixed(3)
cases.forEach(({ name, goal }, i) => {
  const walls = runs[i]!.map(({ wall }) => wall)
  const cpus = runs[i]!.map(({ cpu }) => cpu)
  console.log(
    `${name}: median ${quantile(walls, 0.5)} s (fastest ${quantile(walls, 0)}, slowest ${quantile(walls, 1)}), ` +
      `CPU ${quantile(cpus, 0.5)} s, ${rounds} runs${goal === undefined ? '' : `, goal ${goal} s`}`,
  )
})
