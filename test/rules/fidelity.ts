/**
 * docs/fidelity.md as text: how many rules real OVN was asked and how many agree; one row a rule from the catalogue, with the tests that
 * name it and what real OVN answered; every network that was held against real OVN; what is left out.
 */
import { basename, dirname } from 'node:path'
import { networkName } from '../lab/networks.ts'
import type { LabResult, LabResults } from '../lab/results.ts'
import { AREAS, RULES } from '../rules.ts'
import type { Rule } from './catalogue/rule.ts'
import { DIFFERENCES } from './differences.ts'
import { BEYOND, LEFT_OUT, type Limit } from './limits.ts'
import { idsIn, type TestName } from './scan.ts'

/** A network and what came of it. */
export interface Run {
  readonly path: string
  readonly result: LabResult
  /** The result is of the file as it is now. */
  readonly current: boolean
}

/** What real OVN says about a rule. */
export type Answer = 'agrees' | 'differs' | 'not askable' | 'not asked'

/** Results with whether they are of the files as they are. */
export function runsOf(results: LabResults, fingerprintOf: (path: string) => string): Run[] {
  return Object.entries(results).map(([path, result]) => ({
    path,
    result,
    current: result.fingerprint === fingerprintOf(path),
  }))
}

/** Whether a rule names a network, by name or by the beginning of one. */
export function names(rule: Rule, network: string): boolean {
  return rule.cases.some((name) =>
    name.endsWith('*') ? network.startsWith(name.slice(0, -1)) : name === network,
  )
}

/**
 * What the networks say that a rule names; those a lab cannot carry out, and those that changed since, say nothing. A difference that has
 * been explained speaks against the rules that it concerns alone.
 */
export function answerOf(rule: Rule, runs: readonly Run[]): Answer {
  if (rule.unasked !== undefined) return 'not askable'
  const asked = runs.filter(
    ({ path, result, current }) =>
      current && result.unsupported === undefined && names(rule, networkName(path)),
  )
  if (asked.length === 0) return 'not asked'
  const against = runs.some(({ path, result }) => {
    const explained = DIFFERENCES[path]
    if (result.differ === 0) return false
    return explained === undefined ? names(rule, networkName(path)) : explained.concerns.includes(rule.id)
  })
  return against ? 'differs' : 'agrees'
}

/** The document, given every test's name and every run. */
export function fidelity(tests: readonly TestName[], runs: readonly Run[], cases: number): string {
  const pins = new Map<string, Set<string>>()
  for (const { file, name } of tests) {
    for (const id of idsIn(name)) pins.set(id, (pins.get(id) ?? new Set()).add(file))
  }
  const modelled = (wanted: Rule['modelled']): number =>
    RULES.filter((rule) => rule.modelled === wanted).length
  const answers = RULES.map((rule) => answerOf(rule, runs))
  const count = (wanted: Answer): number => answers.filter((answer) => answer === wanted).length
  const compared = runs.filter(({ result }) => result.unsupported === undefined)
  const agreeing = compared.filter(({ result }) => result.differ === 0)
  const systems = [...new Set(compared.map(({ result }) => result.system))].join('; ')
  return [
    '# Fidelity',
    '',
    `**${count('agrees') + count('differs')} of ${RULES.length} rules were asked of real OVN; ${count('agrees')} agree, ${count('differs')} differ.** ${count('not askable')} cannot be asked in a lab, ${count('not asked')} were not.`,
    `${agreeing.length} of ${compared.length} networks that ran on both sides agree in every aspect that \`isthmus conform\` compares: route tables, flows, databases,`,
    `answers to every probe, and every tunnel packet header by header. Real is ${systems || '–'}, with the userspace datapath, in network namespaces.`,
    '',
    'This page is generated: the rules are data in `test/rules/catalogue`, what real OVN answered is in `test/lab/results.json`, which',
    '`npx tsx test/lab/record.ts` writes as it runs and nobody by hand. Tests require that every rule that is modelled has a test that names its',
    'id, that every rule names a network that asks it or a reason why none can, that every network has been run, and that this page is current',
    '(`UPDATE=1 npx vitest run test/rules.test.ts` writes it).',
    '',
    '**Kube-OVN.** The lab has no real controller of Kube-OVN: its writes to the Northbound are those of the modelled controller. northd,',
    'ovn-ic, ovn-controller and Open vSwitch below it are real. What a Kube-OVN release patches in its own OVN is in neither.',
    '',
    `Of the rules ${modelled('yes')} are modelled, ${modelled('partly')} partly, ${modelled('no')} not.`,
    '',
    ...AREAS.flatMap(({ title, rules }) => [
      `## ${title}`,
      '',
      '| Rule | What the real system does | Modelled | Held by | Asked with | Real OVN |',
      '| --- | --- | --- | --- | --- | --- |',
      ...rules.map((rule) => row(rule, [...(pins.get(rule.id) ?? [])].sort(), answerOf(rule, runs))),
      '',
    ]),
    ...networks(runs),
    ...section('What is not modelled', LEFT_OUT),
    ...section('What is modelled otherwise', BEYOND),
    ...against(cases),
  ].join('\n')
}

function row(
  { id, says, modelled, missing, cases, unasked }: Rule,
  files: readonly string[],
  answer: Answer,
): string {
  const verdict = missing === undefined ? modelled : `${modelled}: ${missing}`
  const held = files.map((file) => `\`${file.replace(/^test\//, '')}\``).join(', ')
  const told = unasked === undefined ? answer : `${answer}: ${unasked}`
  return `| ${[`\`${id}\``, says, verdict, held || '–', cases.join(', ') || '–', told].join(' | ')} |`
}

function section(title: string, limits: readonly Limit[]): string[] {
  return [`## ${title}`, '', ...limits.map(({ what, so }) => `- **${what}**: ${so}`), '']
}

/** One row a network, folder by folder. */
function networks(runs: readonly Run[]): string[] {
  const folders = new Map<string, Run[]>()
  for (const run of runs) {
    const folder = dirname(run.path)
    folders.set(folder, [...(folders.get(folder) ?? []), run])
  }
  return [
    '## Networks on real OVN',
    '',
    'Aspects that agree; those that real OVN leaves undefined, so that nothing can be compared; those that differ. Where something happens to a',
    'network, how long probes went unanswered on real OVN and in 32 runs of the model with other phases of timers and other latencies of daemons.',
    '',
    ...[...folders].flatMap(([folder, members]) => [
      `### \`${folder}\``,
      '',
      '| Network | Agree | Undefined | Differ | Without answers | Remark |',
      '| --- | ---: | ---: | ---: | --- | --- |',
      ...members.map(({ path, result, current }) => {
        const remark = [
          current ? undefined : 'the file has changed since',
          result.unsupported === undefined
            ? undefined
            : `not in a lab: ${result.unsupported.replace(/^the lab cannot run \S+: /, '')}`,
          result.differ > 0
            ? (DIFFERENCES[path]?.why ?? 'unexplained')
            : DIFFERENCES[path] === undefined
              ? undefined
              : `agrees in this run, not in all: ${DIFFERENCES[path].why}`,
        ].filter((text) => text !== undefined)
        const cells = [
          basename(path),
          result.agree,
          result.undefined,
          result.differ,
          result.outages.map((line) => line.replaceAll('|', '\\|')).join('<br>') || '–',
          remark.join('; ').replaceAll('|', '\\|') || '–',
        ]
        return `| ${cells.join(' | ')} |`
      }),
      '',
    ]),
  ]
}

function against(cases: number): string[] {
  return [
    '## The truth cases',
    '',
    `\`test/truth/cases\` has ${cases} networks that were run on the real programs once and written down: OVN 23.03.1-1~deb12u2 (ovn-ic, ovn-northd,`,
    'ovn-controller) with Open vSwitch 3.1.0 and its userspace datapath, each chassis and each pod in a network namespace of its own: the databases,',
    'the text of `lr-route-list` and `ovn-ic-sbctl show`, northd’s flows of three stages, every answer to ping, traceroute, UDP and TCP probes, and',
    'every tunnel packet. `test/truth` holds the simulator against them on machines without OVN, too:',
    '',
    '- databases, listings and flows, text for text apart from UUIDs and what follows their order;',
    '- probes: what was lost, TTL on arrival, who reported an error and what it quoted; gaps of failovers by the interval that ten real runs gave;',
    '- tunnel packets: chassis, outer addresses and ports, VNI, keys of the option, inner MACs and TTL.',
    '',
    '`isthmus conform` does the same with any scenario. Of Kube-OVN it asks less: a lab runs no real controller but does what the modelled one',
    'did, when it did it; the controllers are modelled, and everything below them is real. What a kernel without `sch_netem` leaves out (latency',
    'and loss of the underlay) is “not asked”.',
    '',
    'Where a real run differs from the next (which of two equal routes wins, who comes first with an address), what all runs have in common is',
    'compared. Formats are checked a second way: tshark must decode every packet the simulator writes.',
    '',
  ]
}
