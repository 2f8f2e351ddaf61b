/** `isthmus conform` as far as it needs no OVN: what it refuses, and what it would run. */
import { describe, expect, it } from 'vitest'
import { loadScenarioText } from '../../src/input/load.ts'
import { isthmus } from './harness.ts'

describe('conform', () => {
  it('with neither files nor --random is wrong usage', async () => {
    const { code, out, talk } = await isthmus('conform')
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(talk).toContain('conform needs scenario files, or --random')
  })

  it.each([
    ['conform --random 0', 'from 1 to 100000'],
    ['conform --random two', 'from 1 to 100000'],
    ['conform --random 1 --jobs 0', 'from 1 to 64'],
    ['conform --random 2 --seed 4294967295', 'the last seed would be above 4294967295'],
    ['conform --dry-run', '--dry-run prints random scenarios'],
    ['conform a.yaml --random 1 --dry-run', '--dry-run prints random scenarios'],
  ])('%s is refused', async (line, words) => {
    const { code, out, talk } = await isthmus(line)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(talk).toContain(words)
  })

  it('--dry-run prints scenarios that load, without OVN; the seed alone decides which', async () => {
    const { code, out, talk } = await isthmus('conform --random 3 --seed 30 --dry-run')
    expect({ code, talk }).toEqual({ code: 0, talk: '' })
    const documents = out.split('---\n')
    expect(documents).toHaveLength(3)
    for (const text of documents) expect(loadScenarioText(text, 'random.yaml').scenario).toBeDefined()
    const alone = await isthmus('conform --random 1 --seed 31 --dry-run')
    expect(alone.out).toBe(documents[1])
  })

  it('--random without a seed begins at 1', async () => {
    const { out } = await isthmus('conform --random 1 --dry-run')
    expect(out).toContain('name: Random scenario 1\n')
  })
})
