/** Daemons as events end and start them, without OVN: processes that sleep stand for them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { Daemons } from '../../src/lab/events/daemons.ts'
import { hasEnded } from '../../src/lab/found.ts'
import { Names, newRunId } from '../../src/lab/names.ts'
import { labEnv, Processes } from '../../src/lab/process.ts'
import { smallScenario } from './scenario.ts'

const usual = process.env.TMPDIR
const folder = mkdtempSync(join(tmpdir(), 'isthmus-daemons-'))
const children: ChildProcess[] = []

beforeAll(() => {
  process.env.TMPDIR = folder
})

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

afterAll(() => {
  if (usual === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = usual
  rmSync(folder, { recursive: true, force: true })
})

const ovnIc = { kind: 'ovn-ic', cluster: 'az1' } as const

/** A lab that is nothing but an ovn-ic, and what is run and complained of in it. */
async function oneDaemon() {
  const scenario = smallScenario()
  const names = new Names(newRunId(), scenario.network)
  const { folder: zone } = names.zone('az1')
  const child = spawn('sleep', ['1000'], { env: { ...process.env, ...labEnv(names.id) } })
  children.push(child)
  await new Promise((resolve) => child.once('spawn', resolve))
  mkdirSync(zone, { recursive: true })
  writeFileSync(join(zone, 'ovn-ic.pid'), `${child.pid}\n`)
  const commands: string[] = []
  const complaints: string[] = []
  const daemons = new Daemons({
    scenario,
    names,
    // Nothing that a lab of this id would need is there, so every command ends at once.
    processes: new Processes(names.id, (line) => commands.push(line)),
    observer: () => {
      throw new Error('nobody observes')
    },
    words: () => undefined,
    complain: (text) => complaints.push(text),
    podAdded: async () => {},
    netem: false,
  })
  return { daemons, child, commands, complaints }
}

it('a daemon that runs, or is stopped by SIGSTOP, is not started a second time; one that was killed is', async () => {
  const { daemons, child, commands, complaints } = await oneDaemon()
  await daemons.act(ovnIc, 'start')
  await daemons.act(ovnIc, 'pause')
  await daemons.act(ovnIc, 'start')
  expect(commands).toEqual([])
  await daemons.act(ovnIc, 'kill')
  expect(child.signalCode ?? (hasEnded(child.pid!) ? 'SIGKILL' : 'alive')).toBe('SIGKILL')
  expect(daemons.runs(ovnIc)).toBe(false)
  await expect(daemons.act(ovnIc, 'start')).rejects.toThrow(/nsenter/)
  expect(commands).toEqual([expect.stringContaining(' ovn-ic --detach ')])
  expect(complaints).toEqual([])
})

it('what does not run cannot be killed, and that is said', async () => {
  const { daemons, complaints } = await oneDaemon()
  await daemons.act(ovnIc, 'kill')
  await daemons.act(ovnIc, 'kill')
  expect(complaints).toEqual(['ovn-ic az1 does not run'])
})

it('a process that ends while it is being looked at has ended', async () => {
  const child = spawn('true')
  await new Promise((resolve) => child.once('close', resolve))
  expect(hasEnded(child.pid!)).toBe(true)
  expect(hasEnded(process.pid)).toBe(false)
})
