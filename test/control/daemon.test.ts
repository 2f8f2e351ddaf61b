// Daemons under their host: when they are woken, and what pausing, stopping and killing them means.

import { describe, expect, it } from 'vitest'
import { type Daemon, DaemonHost } from '../../src/control/daemon.ts'
import { Database } from '../../src/control/db/database.ts'
import { IC_NB_SCHEMA } from '../../src/control/db/schemas.ts'
import { PROCESS_START } from '../../src/control/latencies.ts'
import { MILLISECOND } from '../../src/model/time.ts'
import type { LogEntry } from '../../src/model/trace.ts'
import { Clock } from '../../src/sim/clock.ts'

const LATENCY = 5 * MILLISECOND

function setUp(options: { period?: number; start?: boolean } = {}, run: () => void = () => {}) {
  const clock = new Clock()
  const database = new Database(IC_NB_SCHEMA, 'test', 1)
  const events: string[] = []
  const at = () => clock.now / MILLISECOND
  const daemon: Daemon = {
    name: 'd',
    run: () => {
      events.push(`run ${at()}`)
      run()
    },
    started: () => events.push(`started ${at()}`),
    ended: (how) => events.push(`${how} ${at()}`),
  }
  const log: LogEntry[] = []
  const host = new DaemonHost(clock, (entry) => log.push(entry))
  const process = host.add(daemon, { watches: [database], latency: LATENCY, ...options })
  const commit = (name: string) =>
    database.transact('test', (write) => write.create('Transit_Switch', { name }))
  return { clock, database, events, host, process, commit, log }
}

describe('waking', () => {
  it('one loop serves all commits of a latency; without commits there is none', () => {
    const { clock, events, commit, host } = setUp()
    clock.runUntil(LATENCY)
    commit('a')
    expect(host.busy).toBe(true)
    clock.runUntil(7 * MILLISECOND)
    commit('b')
    clock.runUntil(100 * MILLISECOND)
    commit('c')
    clock.runUntil(1000 * MILLISECOND)
    expect(events).toEqual(['started 0', 'run 5', 'run 10', 'run 105'])
    expect(host.busy).toBe(false)
  })

  it('IC-3: a refused transaction wakes nobody', () => {
    const { clock, events, commit } = setUp()
    commit('a')
    clock.runUntil(LATENCY)
    expect(commit('a').kind).toBe('refused')
    clock.runUntil(1000 * MILLISECOND)
    expect(events).toEqual(['started 0', 'run 5'])
  })

  it('a server that stops or comes back wakes its clients', () => {
    const { clock, events, database } = setUp()
    clock.runUntil(LATENCY)
    database.available = false
    clock.runUntil(20 * MILLISECOND)
    expect(events.at(-1)).toBe('run 10')
  })

  it('its own commit wakes a daemon once more, so that it sees it has come to rest', () => {
    let left = 2
    const set = setUp({}, () => {
      if (left-- > 0) set.commit(`own${left}`)
    })
    set.clock.runUntil(1000 * MILLISECOND)
    expect(set.events).toEqual(['started 0', 'run 5', 'run 10', 'run 15'])
  })

  it('a period adds loops, and is kept while commits come', () => {
    const { clock, events, commit } = setUp({ period: 20 * MILLISECOND })
    clock.runUntil(22 * MILLISECOND)
    commit('a')
    clock.runUntil(45 * MILLISECOND)
    expect(events).toEqual(['started 0', 'run 5', 'run 20', 'run 27', 'run 40'])
  })
})

describe('processes', () => {
  it('paused, it runs nothing and then sees what it missed in one loop', () => {
    const { clock, events, commit, process, host } = setUp({ period: 50 * MILLISECOND })
    clock.runUntil(LATENCY)
    process.pause()
    commit('a')
    commit('b')
    clock.runUntil(200 * MILLISECOND)
    expect(host.busy).toBe(false)
    process.resume()
    clock.runUntil(240 * MILLISECOND)
    expect(events).toEqual(['started 0', 'run 5', 'run 205'])
    process.pause()
    process.resume()
    clock.runUntil(260 * MILLISECOND)
    expect(events).toHaveLength(3)
  })

  it('stopped or killed, it is told how, hears nothing more, and starts afresh', () => {
    const { clock, events, commit, process, log } = setUp()
    clock.runUntil(LATENCY)
    process.end('stop')
    process.end('kill')
    commit('a')
    clock.runUntil(100 * MILLISECOND)
    process.start()
    process.start()
    clock.runUntil(100 * MILLISECOND + PROCESS_START)
    expect(process.state).toBe('running')
    process.pause()
    process.end('stop')
    expect(process.state).toBe('killed')
    expect(events).toEqual(['started 0', 'run 5', 'stop 5', 'started 100', 'run 150', 'kill 150'])
    expect(log.map((entry) => entry.text)).toEqual(['stopped', 'started', 'paused', 'killed'])
  })

  it('registered without starting, it waits; names are unique; removal ends it', () => {
    const { clock, events, host, commit } = setUp({ start: false })
    commit('a')
    clock.runUntil(100 * MILLISECOND)
    expect(events).toEqual([])
    expect(() => host.add({ name: 'd', run: () => {} }, { watches: [], latency: 1 })).toThrow(
      'exists already',
    )
    host.get('d')!.start()
    host.remove('d', 'kill')
    clock.runUntil(1000 * MILLISECOND)
    expect(events).toEqual(['started 100', 'kill 100'])
    expect(host.get('d')).toBeUndefined()
  })
})
