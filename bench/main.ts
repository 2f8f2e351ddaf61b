/**
 * Runs the benchmarks, each in a process of its own so that none warms or spoils another: `npm run bench -- [--short] [NAME…]`.
 * `--short` does everything once in a small size, so that CI notices when a benchmark no longer runs; its figures mean nothing.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'

const here = import.meta.dirname
const short = process.argv.includes('--short')
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('-'))
const names = readdirSync(here)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => basename(file, '.bench.ts'))
  .filter((name) => wanted.length === 0 || wanted.includes(name))

const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`no benchmark named ${unknown.join(', ')}`)
  process.exit(2)
}

let failed = 0
for (const name of names) {
  console.log(`\n# ${name}`)
  const run = spawnSync(
    process.execPath,
    [
      '--import',
      'tsx',
      '--max-old-space-size=6144',
      join(here, `${name}.bench.ts`),
      ...(short ? ['--short'] : []),
    ],
    { stdio: 'inherit' },
  )
  if (run.status !== 0) failed++
}
process.exit(failed === 0 ? 0 : 1)
