import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

it('Ctrl-C ends a run with 130 and leaves no half-written capture', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-interrupt-'))
  const file = join(folder, 'long.yaml')
  const long = readFileSync(join(root, 'scenarios/quickstart.yaml'), 'utf8')
  writeFileSync(file, long.replace('\ntraffic:', '\nduration: 100000s\ntraffic:'))
  const captures = join(folder, 'captures')
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(root, 'src/cli/main.ts'), 'run', file, '--pcap', captures],
    { cwd: root },
  )
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)))
  // The capture file appears when the run has begun.
  const began = Date.now()
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    if (existing(captures).length > 0 || Date.now() - began > 20_000) break
  }
  child.kill('SIGINT')
  expect(await ended).toBe(130)
  expect(existing(captures)).toEqual([])
  rmSync(folder, { recursive: true })
})

function existing(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
