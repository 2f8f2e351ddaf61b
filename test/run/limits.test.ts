/** Limits end a run with a sentence, never with a hang; the command line turns that into exit code 5. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadText, simulate } from '../../src/index.ts'
import { verdictOf } from '../../src/verify/verdict.ts'

const quickstart = readFileSync(join(import.meta.dirname, '../../scenarios/quickstart.yaml'), 'utf8')

function withLimits(limits: string) {
  const { scenario } = loadText(
    quickstart.replace('\ntraffic:', `\nlimits: ${limits}\ntraffic:`),
    'limits.yaml',
  )
  return simulate(scenario!)
}

it('events: the run ends early, says which limit, and is not ok', () => {
  const result = withLimits('{ events: 1000 }')
  expect(result.inconclusive).toBe('more than 1000 events (limits.events of the scenario)')
  expect(result.ok).toBe(false)
})

it('packets likewise', () => {
  const result = withLimits('{ packets: 100 }')
  expect(result.inconclusive).toBe('more than 100 packets (limits.packets of the scenario)')
})

it('settle: bring-up is cut and the run goes on with a warning', () => {
  const result = withLimits('{ settle: 1s }')
  expect(result.settled.ok).toBe(false)
  expect(result.diagnostics.map((d) => `${d.severity} ${d.code}`)).toContain('warning RUN002')
  expect(result.inconclusive).toBeUndefined()
})

it('hops: what a packet was traced for stays undecided, and the run is not ok', () => {
  const result = withLimits('{ hops: 2 }')
  expect(result.inconclusive).toBe('a traced packet passed 2 chassis (limits.hops of the scenario)')
  expect(verdictOf(result)).toBe('inconclusive')
  expect(result.expectations.filter(({ ok }) => !ok)).toMatchObject([
    { expectation: { kind: 'reach' }, notReached: true, detail: `not decided: ${result.inconclusive}` },
  ])
  expect(withLimits('{ hops: 4 }').ok).toBe(true)
})
