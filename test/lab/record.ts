/**
 * Holds networks against real OVN and keeps what came of it in test/lab/results.json, out of which docs/fidelity.md is made:
 *
 *     npx tsx test/lab/record.ts                     # what has no result, or one of an earlier version of its file
 *     npx tsx test/lab/record.ts test/truth/cases/rnd-101.json …
 *     npx tsx test/lab/record.ts --all
 */
import { canRunLab, doctor } from '../../src/lab/doctor.ts'
import { lrRouteList } from '../../src/report/ovn/lr-route-list.ts'
import { conform } from '../../src/run/conform/conform.ts'
import { UnsupportedByLab } from '../../src/run/lab-run.ts'
import { fingerprint, networkPaths, scenarioAt } from './networks.ts'
import { keepResult, readResults, resultOf, unsupportedResult } from './results.ts'

const checks = await doctor()
if (!canRunLab(checks)) {
  process.stderr.write('this machine cannot run labs: isthmus doctor says why\n')
  process.exit(4)
}
const version = (program: string): string =>
  checks.find(({ name }) => name.includes(program))?.found ?? 'of unknown version'
const system = `OVN ${version('ovn-northd')}, Open vSwitch ${version('ovs-vswitchd')}`

const words = process.argv.slice(2)
const known = readResults()
const paths = words.includes('--all')
  ? networkPaths()
  : words.length > 0
    ? words
    : networkPaths().filter((path) => known[path]?.fingerprint !== fingerprint(path))

for (const path of paths) {
  try {
    const result = resultOf(path, system, await conform(scenarioAt(path), lrRouteList))
    keepResult(path, result)
    const { agree, differ, differences } = result
    process.stdout.write(`${path}: ${agree} agree, ${result.undefined} undefined, ${differ} differ\n`)
    for (const text of differences) process.stdout.write(`  ${text.replaceAll('\n', '\n    ')}\n`)
  } catch (error) {
    if (!(error instanceof UnsupportedByLab)) throw error
    keepResult(path, unsupportedResult(path, system, error.message))
    process.stdout.write(`${path}: ${error.message}\n`)
  }
}
