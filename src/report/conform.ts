// What `isthmus conform` prints: one table a scenario, a line an aspect with both sides and the verdict; then what differs, and the
// first packet that differs decoded on both sides. Also as data and as JUnit, a test case an aspect.

import type { Comparison } from '../run/conform/compare.ts'
import type { ConformReport } from '../run/conform/conform.ts'
import type { Judged, NotCompared } from '../run/conform/judged.ts'
import { escapeXml } from './junit.ts'
import { type Paint, painter } from './paint.ts'
import { tableLines } from './text/table.ts'

/** Lines of one difference that are shown. */
const LINES_MAX = 40

const COLUMNS = ['ASPECT', 'WHAT', 'OVN', 'MODEL', 'VERDICT'].map((title) => ({ title }))

/** The whole report, with a final line end. Random scenarios that agree are a line each. */
export function renderConform(judged: readonly Judged[], options: { readonly color?: boolean } = {}): string {
  const paint = painter(options.color ?? false)
  const blocks = judged.map((one) => {
    const verdict = verdictLine(one, paint)
    const isShort = one.verdict === 'agree' && one.random !== undefined
    return isShort ? verdict : [...reportLines(one.report, paint), verdict].join('\n')
  })
  const agreeing = judged.filter(({ verdict }) => verdict === 'agree').length
  if (judged.length > 1) blocks.push(`${agreeing} of ${judged.length} scenarios agree`)
  blocks.push(...randomSummary(judged))
  return `${blocks.reduce((text, block, i) => `${text}${i === 0 ? '' : gap(blocks[i - 1]!, block)}${block}`, '')}\n`
}

/** Lines that are alone stand together, blocks apart. */
function gap(before: string, after: string): string {
  return before.includes('\n') || after.includes('\n') ? '\n\n' : '\n'
}

function reportLines(report: ConformReport, paint: Paint): string[] {
  const { scenario, comparisons, firstPacket, settled, notCarriedOut } = report
  const rows = comparisons.map(({ aspect, what, real: theirs, model, verdict }) => [
    aspect,
    what,
    theirs,
    model,
    verdict,
  ])
  const wrong = comparisons.filter(({ verdict }) => verdict === 'differ')
  return [
    paint('heading', scenario.name),
    paint(
      'faint',
      `${scenario.file}, OVN in a lab against profile ${scenario.network.profile.name}, lab at rest after ${(settled.after / 1e9).toFixed(1)} s`,
    ),
    '',
    ...tableLines(COLUMNS, rows),
    '',
    ...wrong.flatMap((one) => [paint('heading', `${one.aspect} ${one.what}`), ...differenceLines(one), '']),
    ...(firstPacket === undefined
      ? []
      : [
          paint('heading', `First packet that differs: ${firstPacket.probe}`),
          '  OVN',
          ...firstPacket.real.map((line) => `    ${line}`),
          '  model',
          ...firstPacket.model.map((line) => `    ${line}`),
          '',
        ]),
    ...notCarriedOut.map((words) => paint('warn', words)),
    ...(notCarriedOut.length > 0 ? [''] : []),
  ]
}

function verdictLine({ report, verdict, random }: Judged, paint: Paint): string {
  const { scenario, comparisons } = report
  const [wrong, notAsked] = (['differ', 'not asked'] as const).map(
    (kind) => comparisons.filter((one) => one.verdict === kind).length,
  )
  const asked = `${comparisons.length - notAsked!} aspects${notAsked === 0 ? '' : `, ${notAsked} not asked`}`
  if (verdict === 'agree') return `${paint('good', 'AGREE')} ${scenario.name}: ${asked}`
  const count = `${scenario.name}: ${wrong} of ${asked}`
  if (verdict === 'unstable')
    return `${paint('bad', 'UNSTABLE')} ${count} differed, and agreed when it was run again`
  const { regression } = random ?? {}
  const shrunk =
    regression === undefined
      ? ''
      : `; shrunk in ${regression.runs} runs${regression.isMinimal ? '' : ', which was all that was allowed'}: ${regression.file}`
  return `${paint('bad', 'DIFFER')} ${count}${shrunk}`
}

/** `50 random scenarios, seeds 7..56: 48 agree, 1 differs (file), 1 unstable`. */
function randomSummary(judged: readonly Judged[]): string[] {
  const random = judged.filter((one) => one.random !== undefined)
  if (random.length === 0) return []
  const seeds = random.map((one) => one.random!.seed)
  const of = (verdict: Judged['verdict']): Judged[] => random.filter((one) => one.verdict === verdict)
  const named = (some: readonly Judged[]): string =>
    some.length === 0
      ? ''
      : ` (${some.map((one) => one.random!.regression?.file ?? `seed ${one.random!.seed}`).join(', ')})`
  const [agreeing, differing, unstable] = [of('agree'), of('differ'), of('unstable')]
  const parts = [
    `${agreeing.length} ${agreeing.length === 1 ? 'agrees' : 'agree'}`,
    `${differing.length} ${differing.length === 1 ? 'differs' : 'differ'}${named(differing)}`,
    `${unstable.length} unstable${named(unstable)}`,
  ]
  const span = seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds[0]}..${seeds.at(-1)}`
  return [`${random.length} random scenario${random.length === 1 ? '' : 's'}, ${span}: ${parts.join(', ')}`]
}

function differenceLines({ differences }: Comparison): string[] {
  const lines = differences.flatMap((text) => text.split('\n')).map((line) => `  ${line}`)
  return lines.length > LINES_MAX
    ? [...lines.slice(0, LINES_MAX), `  … and ${lines.length - LINES_MAX} more lines`]
    : lines
}

/** The results as plain data; fields are only ever added. What could not be compared is no agreement. */
export function conformData(judged: readonly Judged[], { left, broken }: NotCompared = ALL_COMPARED) {
  return {
    schemaVersion: 1,
    ok: judged.every(({ verdict }) => verdict === 'agree') && broken.length === 0,
    leftOut: [...left],
    broken: [...broken],
    scenarios: judged.map(
      ({ report: { scenario, ok, comparisons, firstPacket, settled }, verdict, random }) => ({
        name: scenario.name,
        file: scenario.file,
        ok,
        verdict,
        seed: random?.seed ?? null,
        regression: random?.regression ?? null,
        settledAfterMs: Math.round(settled.after / 1e6),
        comparisons: comparisons.map((one) => ({ ...one, differences: [...one.differences] })),
        firstPacket: firstPacket ?? null,
      }),
    ),
  }
}

const ALL_COMPARED: NotCompared = { left: [], broken: [] }

/**
 * JUnit XML: a suite a scenario, a test case an aspect. What agreed when it was run again is skipped, with the reason; a lab that could
 * not be built is an error.
 */
export function conformJunit(
  judged: readonly Judged[],
  { left, broken }: NotCompared = ALL_COMPARED,
): string {
  const suites = judged.map(({ report: { scenario, comparisons }, verdict: whole }) => {
    const differing = comparisons.filter(({ verdict }) => verdict === 'differ').length
    const unclear = comparisons.filter(
      ({ verdict }) => verdict === 'undefined' || verdict === 'not asked',
    ).length
    const isUnstable = whole === 'unstable'
    const failures = isUnstable ? 0 : differing
    const skipped = unclear + (isUnstable ? differing : 0)
    const cases = comparisons.map(({ aspect, what, verdict, differences }) => {
      const head = `    <testcase name="${escapeXml(`${aspect} ${what}`)}" classname="${escapeXml(scenario.name)}"`
      if (verdict === 'agree') return `${head}/>`
      if (verdict === 'undefined')
        return `${head}>\n      <skipped message="OVN leaves this undefined"/>\n    </testcase>`
      if (verdict === 'not asked')
        return `${head}>\n      <skipped message="it depends on latency or loss that the lab left out, or on timers of TCP"/>\n    </testcase>`
      if (isUnstable)
        return `${head}>\n      <skipped message="unstable: it agreed when it was run again"/>\n    </testcase>`
      return `${head}>\n      <failure message="${differences.length} differences">${escapeXml(differences.join('\n'))}</failure>\n    </testcase>`
    })
    return {
      failures,
      tests: comparisons.length,
      text: [
        `  <testsuite name="${escapeXml(scenario.name)}" tests="${comparisons.length}" failures="${failures}" errors="0" skipped="${skipped}" file="${escapeXml(scenario.file)}">`,
        ...cases,
        '  </testsuite>',
      ].join('\n'),
    }
  })
  const notCompared = [
    ...left.map((why) => `<skipped message="${escapeXml(why)}"/>`),
    ...broken.map((why) => `<error message="${escapeXml(why)}"/>`),
  ].map(
    (what, i) =>
      `    <testcase name="scenario ${i + 1}" classname="not compared">\n      ${what}\n    </testcase>`,
  )
  const rest =
    notCompared.length === 0
      ? []
      : [
          `  <testsuite name="not compared" tests="${notCompared.length}" failures="0" errors="${broken.length}" skipped="${left.length}">`,
          ...notCompared,
          '  </testsuite>',
        ]
  const sum = (pick: (suite: (typeof suites)[number]) => number): number =>
    suites.reduce((total, suite) => total + pick(suite), 0)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="isthmus conform" tests="${sum(({ tests }) => tests) + notCompared.length}" failures="${sum(({ failures }) => failures)}" errors="${broken.length}">`,
    ...suites.map(({ text }) => text),
    ...rest,
    '</testsuites>',
    '',
  ].join('\n')
}
