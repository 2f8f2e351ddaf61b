/** Limits end a run with a sentence, never with a hang; the command line turns that into exit code 5. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadText, simulate } from '../../src/index.ts'

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
