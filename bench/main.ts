/**
 * Runs the benchmarks, bundled as the program is shipped, each in a process of its own so that none warms or spoils another:
 * `npm run bench -- [--short] [NAME…] [OPTION…]`; options of a benchmark, such as `--tables` of routes, come last. `--short` does everything once in a small size, so that CI notices when a benchmark no longer runs; its figures mean nothing.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build } from 'esbuild'

const here = import.meta.dirname
const short = process.argv.includes('--short')
const words = process.argv.slice(2).filter((word) => word !== '--short')
const firstOption = words.findIndex((word) => word.startsWith('-'))
const wanted = firstOption < 0 ? words : words.slice(0, firstOption)
const options = firstOption < 0 ? [] : words.slice(firstOption)
const names = readdirSync(here)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => basename(file, '.bench.ts'))
  .filter((name) => wanted.length === 0 || wanted.includes(name))

const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`no benchmark named ${unknown.join(', ')}`)
  process.exit(2)
}

const built = join(here, '../node_modules/.cache/bench')
await build({
  entryPoints: names.map((name) => join(here, `${name}.bench.ts`)),
  outdir: built,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  logLevel: 'warning',
})

let failed = 0
for (const name of names) {
  console.log(`\n# ${name}`)
  const run = spawnSync(
    process.execPath,
    [
      '--max-old-space-size=6144',
      join(built, `${name}.bench.mjs`),
      ...(short ? ['--short'] : []),
      ...options,
    ],
    { stdio: 'inherit', cwd: join(here, '..') },
  )
  if (run.status !== 0) failed++
}
process.exit(failed === 0 ? 0 : 1)
