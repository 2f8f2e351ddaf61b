import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Structure4 } from '../../../src/net/route-table/structures.ts'
import { benchData } from '../../../src/report/bench/data.ts'
import { benchMarkdown } from '../../../src/report/bench/markdown.ts'
import { lengthsText, type RouteBench, threeDigits, verdicts } from '../../../src/report/bench/report.ts'
import { benchSvg } from '../../../src/report/bench/svg.ts'
import { benchText } from '../../../src/report/bench/text.ts'
import { textWidth } from '../../../src/report/text/table.ts'
import type { Measured } from '../../../src/run/bench/measure.ts'
import { shapedTable } from '../../../src/run/bench/shapes.ts'
import { temporaryFolder } from '../../cli/harness.ts'

function measured(name: string, scale: number, updatable: boolean, bytesAPrefix: number): Measured {
  const structure = {
    name,
    family: 4,
    paper: '',
    when: '',
    batch: 'js',
    create: undefined,
  } as unknown as Structure4
  const spread = (median: number) => ({ median, least: median * 0.95, most: median * 1.02, rounds: 7 })
  return {
    structure,
    batch: spread(364.2 * scale),
    single: spread(194 * scale),
    dependent: spread(80 * scale),
    build: spread(4.7 / scale),
    updates: updatable ? spread(0.98 * scale) : undefined,
    bytesAPrefix,
  }
}

const BENCH: RouteBench = {
  table: 'v4-k8s-10k',
  list: shapedTable('k8s', 4, 10_000),
  nextHops: 250,
  trace: { name: 'match', length: 1_048_576 },
  rounds: 7,
  result: {
    measured: [measured('slow<&>', 0.01, true, 13.4), measured('dir24x8', 1, false, 6772)],
    compared: 1_048_576,
    interrupted: false,
  },
  choice: { name: 'dir24x8', why: 'it is the fastest for IPv4.' },
  machine: 'Node v20.20.2, a processor',
}

describe('text', () => {
  const text = benchText(BENCH, { color: false })

  it('is a table, bars and sentences', () => {
    expect(text).toMatchInlineSnapshot(`
      "v4-k8s-10k
      10,000 IPv4 prefixes (3 lengths: /16 3, /24 625, /32 9,372), 250 next hops;
      trace match, 1,048,576 addresses. Node v20.20.2, a processor.

      structure  batch M/s  single M/s  dep. ns  build ms  updates M/s  B/prefix
      dir24x8          364         194     12.5      4.70            –     6,772
      slow<&>         3.64        1.94    1,250       470        0.010      13.4

      Medians of 7 rounds of CPU time, structures by turns; rounds differ from them by
      up to 5% in lookups, 5% in updates, 5% in builds. All answers agree (1,048,576
      addresses).

      M lookups/s: batches of 1,024, below them one a call
      dir24x8  ███████████████████████████████████████████████████████████████ 364
               █████████████████████████████████▌ 194
      slow<&>  ▋ 3.64
               ▍ 1.94

      Best for this table: batches of 1,024: dir24x8 (364 M/s ± 5%); one a call:
      dir24x8 (194 M/s ± 5%); one after another: dir24x8 (12.5 ns ± 5%); build:
      dir24x8 (4.70 ms ± 5%); updates: slow<&> (0.010 M/s ± 5%); memory: slow<&> (13.4
      bytes a prefix).
      auto takes dir24x8: it is the fastest for IPv4.
      "
    `)
  })

  it('fits into 80 columns and has no colour unless asked', () => {
    for (const line of text.split('\n')) expect(textWidth(line), line).toBeLessThanOrEqual(80)
    expect(text).not.toContain('\u001b')
    expect(benchText(BENCH, { color: true })).toContain('\u001b[')
  })

  it('an interrupted measurement says so, and one without figures is no crash', () => {
    const interrupted = { ...BENCH, result: { measured: [], compared: 0, interrupted: true } }
    for (const render of [benchMarkdown, benchSvg, (bench: RouteBench) => JSON.stringify(benchData(bench))])
      expect(render(interrupted)).not.toMatch(/NaN|Infinity|undefined/)
    expect(benchText(interrupted, { color: false })).toContain(
      'Interrupted: these are the rounds that were over.',
    )
    expect(benchText(interrupted, { color: false })).toContain('No round was over.')
    expect(benchText(interrupted, { color: false })).not.toMatch(/NaN|Infinity|undefined/)
  })
})

describe('other forms', () => {
  it('markdown', () => {
    expect(benchMarkdown(BENCH)).toMatchInlineSnapshot(`
      "### v4-k8s-10k

      10,000 IPv4 prefixes (3 lengths: /16 3, /24 625, /32 9,372), trace match of 1,048,576 addresses, medians of 7 rounds of CPU time by turns. Node v20.20.2, a processor.

      | structure | batches of 1,024, M/s | one a call, M/s | one after another, ns | build, ms | updates, M/s | bytes a prefix |
      | --- | ---: | ---: | ---: | ---: | ---: | ---: |
      | \`dir24x8\` | 364 ± 5% | 194 ± 5% | 12.5 ± 5% | 4.70 ± 5% | – | 6,772 |
      | \`slow<&>\` | 3.64 ± 5% | 1.94 ± 5% | 1,250 ± 5% | 470 ± 5% | 0.010 ± 5% | 13.4 |

      Best for this table: batches of 1,024: dir24x8 (364 M/s ± 5%); one a call: dir24x8 (194 M/s ± 5%); one after another: dir24x8 (12.5 ns ± 5%); build: dir24x8 (4.70 ms ± 5%); updates: slow<&> (0.010 M/s ± 5%); memory: slow<&> (13.4 bytes a prefix).

      auto takes dir24x8: it is the fastest for IPv4.
      "
    `)
  })

  it('json has a version, every figure with its spread, and no surprise', () => {
    const data = JSON.parse(JSON.stringify(benchData(BENCH)))
    expect(data).toMatchObject({
      schemaVersion: 1,
      table: {
        name: 'v4-k8s-10k',
        family: 4,
        prefixes: 10_000,
        lengths: { 16: 3, 24: 625, 32: 9372 },
        nextHops: 250,
      },
      trace: { name: 'match', addresses: 1_048_576 },
      auto: { structure: 'dir24x8' },
    })
    expect(data.structures.map(({ name }: { name: string }) => name)).toEqual(['dir24x8', 'slow<&>'])
    expect(data.structures[0].batch).toEqual({ median: 364.2, least: 345.99, most: 371.484, rounds: 7 })
    expect(data.structures[0]).not.toHaveProperty('updates')
  })

  it('svg is well-formed XML (xmllint)', () => {
    const svg = benchSvg(BENCH)
    expect(svg).toContain('slow&lt;&amp;&gt;')
    expect(svg.match(/<rect /g)).toHaveLength(1 + 2 + 4)
    const file = join(temporaryFolder(), 'bench.svg')
    writeFileSync(file, svg)
    execFileSync('xmllint', ['--noout', file])
  })
})

describe('words', () => {
  it('three digits', () => {
    const shown = [0.00042, 0.4321, 0.9996, 1.234, 9.996, 48.31, 99.96, 364.4, 1364].map(threeDigits)
    expect(shown).toEqual(['0.000', '0.432', '1.00', '1.23', '10.0', '48.3', '100.0', '364', '1,364'])
  })

  it('the four commonest lengths, in order', () => {
    expect(lengthsText(BENCH.list)).toBe('3 lengths: /16 3, /24 625, /32 9,372')
    expect(lengthsText(shapedTable('bgp', 4, 10_000))).toBe(
      '15 lengths: /21 560, /22 1,200, /23 1,070, /24 5,960, …',
    )
    expect(lengthsText(shapedTable('k8s', 4, 1))).toBe('1 length: /16 1')
  })

  it('who wins at what, and how surely', () => {
    expect(verdicts(BENCH)).toEqual([
      'Best for this table: batches of 1,024: dir24x8 (364 M/s ± 5%); one a call: dir24x8 (194 M/s ± 5%); one after another: dir24x8 (12.5 ns ± 5%); build: dir24x8 (4.70 ms ± 5%); updates: slow<&> (0.010 M/s ± 5%); memory: slow<&> (13.4 bytes a prefix).',
      'auto takes dir24x8: it is the fastest for IPv4.',
    ])
  })

  const among = (...structures: Measured[]): string =>
    verdicts({ ...BENCH, result: { ...BENCH.result, measured: structures } })[0]!

  it('who cannot be told from the winner by these rounds is named beside it', () => {
    // Rounds lie from 95 to 102 percent of the median.
    const [a, near, far] = [
      measured('a', 1, true, 9),
      measured('b', 0.97, true, 8),
      measured('c', 0.9, true, 7),
    ]
    const text = among(far!, near!, a!)
    for (const figure of ['batches of 1,024', 'one a call', 'one after another', 'build', 'updates'])
      expect(text, figure).toMatch(new RegExp(`${figure}: a \\([^)]*; b as fast within the spread\\)`))
    expect(text).not.toContain('c as fast')
    expect(text).toContain('memory: c (7.00 bytes a prefix)')
  })

  it('after an interrupt the rounds that were over are told, not those that were asked for', () => {
    const bench = { ...BENCH, rounds: 200, result: { ...BENCH.result, interrupted: true } }
    expect(benchText(bench, { color: false })).toContain('Medians of 7 rounds')
    expect(benchMarkdown(bench)).toContain('medians of 7 rounds')
    expect(benchSvg(bench)).toContain('medians of 7 rounds')
  })

  it('one round has no spread', () => {
    const spread = { median: 10, least: 10, most: 10, rounds: 1 }
    const one = {
      ...measured('a', 1, false, 9),
      batch: spread,
      single: spread,
      dependent: spread,
      build: spread,
    }
    expect(among(one)).toContain('batches of 1,024: a (10.0 M/s);')
    expect(among(one, { ...one, structure: { ...one.structure, name: 'same' } })).not.toContain(
      'within the spread',
    )
    const bench = { ...BENCH, rounds: 1, result: { ...BENCH.result, measured: [one] } }
    expect(benchMarkdown(bench)).not.toContain('±')
    expect(benchText(bench, { color: false })).toContain(
      'One round of CPU time: how far rounds differ is not known.',
    )
  })
})
