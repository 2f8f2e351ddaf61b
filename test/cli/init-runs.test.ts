// What `init` writes is true: every variant runs on the real engine and all that it expects holds.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import * as engine from '../../src/index.ts'
import { isthmus, temporaryFolder } from './harness.ts'

const folder = temporaryFolder()

it.each([
  '--clusters 2',
  '--clusters 3 --gateways 3',
  '--gateways 1',
  '--dual-stack',
  '--profile kube-ovn-1.10',
  '--profile kube-ovn-1.13',
  '--dual-stack --profile kube-ovn-1.17',
])('init ovn-ic %s', async (flags) => {
  const { out } = await isthmus(`init ovn-ic --file - ${flags}`)
  const file = join(folder, `${flags.replace(/\W+/g, '-')}.yaml`)
  writeFileSync(file, out)
  const outcome = await isthmus(['run', file], { engine })
  expect(outcome.talk).toBe('')
  expect(outcome.out).not.toContain('✘')
  expect(outcome.code).toBe(0)
})

it('show and trace answer from the same run', async () => {
  const { out } = await isthmus('init ovn-ic --file -')
  const file = join(folder, 'plain.yaml')
  writeFileSync(file, out)
  expect((await isthmus(['show', 'routes', file, '--cluster', 'az1'], { engine })).out).toBe(
    `IPv4 Routes\nRoute Table <main>:\n${'10.17.0.0/16'.padStart(25)} ${'169.254.100.42'.padStart(25)} dst-ip (learned)\n`,
  )
  const minimal = await isthmus(['trace', file, 'az1/pod1', 'az2/pod1', '--minimal'], { engine })
  expect(minimal.code).toBe(0)
  await expect(minimal.out).toMatchFileSnapshot('golden/trace-minimal.txt')
  const down = await isthmus(['trace', file, 'az1/pod1', 'az2/pod1', '--minimal', '--at', '4s'], { engine })
  expect(down.code).toBe(1)
  expect(down.out).toContain('link down')
})
