// The program as a process: what only shows there.

import { spawnSync } from 'node:child_process'
import { closeSync, openSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const NODE = [process.execPath, '--import', 'tsx', MAIN]

describe('the process', () => {
  it('--help: 0, everything on standard output', () => {
    const run = spawnSync(NODE[0]!, [...NODE.slice(1), '--help'], { encoding: 'utf8' })
    expect(run.status).toBe(0)
    expect(run.stderr).toBe('')
    expect(run.stdout).toContain('Usage: isthmus')
  })

  it('usage error: 2, everything on standard error', () => {
    const run = spawnSync(NODE[0]!, [...NODE.slice(1), 'rnu'], { encoding: 'utf8' })
    expect(run.status).toBe(2)
    expect(run.stdout).toBe('')
    expect(run.stderr).toContain('Did you mean run?')
  })

  it('a closed pipe is no error', () => {
    const command = NODE.map((word) => `'${word}'`).join(' ')
    // The reader is gone before anything is written; bash reports the exit code of isthmus itself.
    const run = spawnSync('bash', ['-c', `{ sleep 0.2; ${command} explain; echo "code $?" >&2; } | true`], {
      encoding: 'utf8',
    })
    expect(run.stderr).toBe('code 0\n')
  })

  /** Runs with a stream that refuses every write. */
  const refusing = (path: string, flags: string, stream: 'stdout' | 'stderr', words: readonly string[]) => {
    const target = openSync(path, flags)
    try {
      return spawnSync(NODE[0]!, [...NODE.slice(1), ...words], {
        encoding: 'utf8',
        stdio: ['ignore', stream === 'stdout' ? target : 'pipe', stream === 'stderr' ? target : 'pipe'],
      })
    } finally {
      closeSync(target)
    }
  }

  it('output that cannot be written: 4 and a sentence', () => {
    const run = refusing(MAIN, 'r', 'stdout', ['--help'])
    expect(run.status).toBe(4)
    expect(run.stderr).toMatch(/^error: cannot write to standard output: .+\n$/)
    expect(refusing(MAIN, 'r', 'stderr', ['rnu']).status).toBe(4)
  })

  const full = statSync('/dev/full', { throwIfNoEntry: false })
  it.skipIf(full?.isCharacterDevice() !== true)('a full disk: 4 and a sentence (/dev/full)', () => {
    const run = refusing('/dev/full', 'w', 'stdout', ['--help'])
    expect(run.status).toBe(4)
    expect(run.stderr).toMatch(/^error: cannot write to standard output: .*no space left.*\n$/)
  })
})
