/**
 * docs/fidelity.md as text: one row a rule from the catalogue, with the tests that name it and the cases of the real system that
 * show it, then what is left out.
 */
import { AREAS, RULES } from '../rules.ts'
import type { Rule } from './catalogue/rule.ts'
import { BEYOND, LEFT_OUT, type Limit } from './limits.ts'
import { idsIn, type TestName } from './scan.ts'

/** The document, given every test's name and the names of the truth cases. */
export function fidelity(tests: readonly TestName[], cases: readonly string[]): string {
  const pins = new Map<string, Set<string>>()
  for (const { file, name } of tests) {
    for (const id of idsIn(name)) pins.set(id, (pins.get(id) ?? new Set()).add(file))
  }
  const count = (modelled: Rule['modelled']): number =>
    RULES.filter((rule) => rule.modelled === modelled).length
  return [
    '# Fidelity',
    '',
    'What of the real system the model follows, rule by rule, and what holds each rule. This page is generated: the rules are data in',
    '`test/rules/catalogue`, a test requires that every rule that is modelled has a test that names its id, and that this page is current',
    '(`UPDATE=1 npx vitest run test/rules.test.ts` writes it).',
    '',
    `Of ${RULES.length} rules ${count('yes')} are modelled, ${count('partly')} partly, ${count('no')} not. “Seen in” names cases under \`test/truth/cases\`: runs of the real`,
    'programs that show the rule, and that the simulator must agree with.',
    '',
    ...AREAS.flatMap(({ title, rules }) => [
      `## ${title}`,
      '',
      '| Rule | What the real system does | Modelled | Held by | Seen in |',
      '| --- | --- | --- | --- | --- |',
      ...rules.map((rule) => row(rule, [...(pins.get(rule.id) ?? [])].sort())),
      '',
    ]),
    ...section('What is not modelled', LEFT_OUT),
    ...section('What is modelled otherwise', BEYOND),
    ...against(cases.length),
  ].join('\n')
}

function row({ id, says, modelled, missing, cases }: Rule, files: readonly string[]): string {
  const verdict = missing === undefined ? modelled : `${modelled}: ${missing}`
  const held = files.map((file) => `\`${file.replace(/^test\//, '')}\``).join(', ')
  return `| ${[`\`${id}\``, says, verdict, held || '–', cases.join(', ') || '–'].join(' | ')} |`
}

function section(title: string, limits: readonly Limit[]): string[] {
  return [`## ${title}`, '', ...limits.map(({ what, so }) => `- **${what}**: ${so}`), '']
}

function against(cases: number): string[] {
  return [
    '## How the model is held against the real system',
    '',
    `\`test/truth/cases\` has ${cases} networks that were run on the real programs: OVN 23.03.1-1~deb12u2 (ovn-ic, ovn-northd, ovn-controller) with Open`,
    'vSwitch 3.1.0 and its userspace datapath, each chassis and each pod in a network namespace of its own. What was seen is in the same file:',
    'the databases, the text of `lr-route-list` and `ovn-ic-sbctl show`, northd’s flows of three stages, every answer to ping, traceroute, UDP and',
    'TCP probes, and every tunnel packet. `test/truth` turns each case into a scenario, runs it, and compares:',
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
