import { describe, expect, it } from 'vitest'
import {
  BFD_DEFAULTS,
  BFD_STATE,
  type BfdMessage,
  BfdSpeaker,
  bfdParameters,
} from '../../src/control/ovn/bfd.ts'
import { MICROSECOND, MILLISECOND, millis, type Nanos, SECOND, seconds } from '../../src/model/time.ts'
import { Random } from '../../src/net/random.ts'
import { Clock } from '../../src/sim/clock.ts'

interface Change {
  readonly at: Nanos
  readonly who: string
  readonly up: boolean
  readonly diagnostic: number
}

/** Two speakers, `a` and `b`, on a wire that can be cut. */
function pair(seed = 1) {
  const clock = new Clock()
  const wire = { up: true }
  const sent: { readonly at: Nanos; readonly from: string; readonly message: BfdMessage }[] = []
  const changes: Change[] = []
  const make = (who: string, other: () => BfdSpeaker): BfdSpeaker =>
    new BfdSpeaker({
      clock,
      random: new Random(seed).fork(who),
      send: (peer, message) => {
        if (peer === 'other') return
        sent.push({ at: clock.now, from: who, message })
        const deliver = (): void => other().receive(who, message)
        if (wire.up) clock.after(200 * MICROSECOND, deliver, undefined)
      },
      changed: (_, up, diagnostic) => changes.push({ at: clock.now, who, up, diagnostic }),
    })
  const a: BfdSpeaker = make('a', () => b)
  const b: BfdSpeaker = make('b', () => a)
  const start = (parameters = BFD_DEFAULTS): void => {
    a.configure(['b'], parameters)
    clock.runUntil(clock.now + millis(137))
    b.configure(['a'], parameters)
    clock.runUntil(clock.now + seconds(5))
  }
  const run = (duration: Nanos): void => clock.runUntil(clock.now + duration)
  return { clock, wire, sent, changes, a, b, start, run }
}

describe('BFD', () => {
  it('RFC 5880 §6.2: both sides go down, init, up, one up to a second after the other', () => {
    const { sent, changes, a, b, start } = pair()
    start()
    expect([a.isUp('b'), b.isUp('a')]).toEqual([true, true])
    const states = (who: string): number[] => [
      ...new Set(sent.filter(({ from }) => from === who).map(({ message }) => message.state)),
    ]
    expect(states('a').at(0)).toBe(BFD_STATE.down)
    expect([...states('a'), ...states('b')]).toContain(BFD_STATE.init)
    const [first, second] = changes
    expect(second!.at - first!.at).toBeLessThanOrEqual(SECOND + MILLISECOND)
  })

  it('where both sides run sessions already and are configured at once, one is up within 0.1 s and the other an interval later', () => {
    const ups = Array.from({ length: 20 }, (_, seed) => {
      const { changes, a, b, run } = pair(seed)
      for (const side of [a, b]) side.configure(['other'], BFD_DEFAULTS)
      run(seconds(1))
      a.configure(['other', 'b'], BFD_DEFAULTS)
      b.configure(['other', 'a'], BFD_DEFAULTS)
      const began = SECOND
      run(seconds(3))
      return changes.filter(({ up }) => up).map(({ at }) => at - began)
    })
    for (const [first, second] of ups) {
      expect(first).toBeLessThanOrEqual(millis(101))
      expect(second! - first!).toBeLessThanOrEqual(SECOND + MILLISECOND)
      expect(second! - first!).toBeGreaterThan(millis(600))
    }
  })

  it('HA-5: desired min tx 100 ms, required min rx 1000 ms, multiplier 3, no flags, both discriminators known', () => {
    const { sent, start } = pair()
    start()
    const { message } = sent.at(-1)!
    expect(message).toMatchObject({
      ...{ state: BFD_STATE.up, diagnostic: 0, poll: false, final: false, controlPlaneIndependent: false },
      ...{
        demand: false,
        detectMultiplier: 3,
        desiredMinTx: 100_000,
        requiredMinRx: 1_000_000,
        requiredMinEchoRx: 0,
      },
    })
    expect(message.myDiscriminator).not.toBe(0)
    expect(message.yourDiscriminator).not.toBe(0)
    expect(sent[0]!.message).toMatchObject({ desiredMinTx: 1_000_000, yourDiscriminator: 0 })
  })

  it('HA-5: packets follow each other by 750 to 1000 ms, spread over the whole range', () => {
    const { sent, start, run } = pair()
    start()
    sent.length = 0
    run(seconds(400))
    const times = sent.filter(({ from }) => from === 'a').map(({ at }) => at)
    const distances = times.slice(1).map((at, i) => (at - times[i]!) / MILLISECOND)
    expect(Math.min(...distances)).toBeGreaterThanOrEqual(750)
    expect(Math.min(...distances)).toBeLessThan(765)
    expect(Math.max(...distances)).toBeLessThanOrEqual(1000)
    expect(Math.max(...distances)).toBeGreaterThan(985)
  })

  it('HA-5: a cut is noticed 3 s after the last packet, hence 2 to 3 s after it happened', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { clock, wire, changes, start, run } = pair(seed)
      start()
      run(millis(seed * 61))
      wire.up = false
      const cut = clock.now
      changes.length = 0
      run(seconds(4))
      expect(changes).toHaveLength(2)
      for (const { at, up, diagnostic } of changes) {
        expect({ up, diagnostic }).toEqual({ up: false, diagnostic: 1 })
        expect((at - cut) / SECOND).toBeGreaterThan(2)
        expect((at - cut) / SECOND).toBeLessThan(3.01)
      }
    }
  })

  it('HA-5: bfd-min-rx=300 is noticed in about 0.7 s', () => {
    const parameters = bfdParameters({ 'bfd-min-rx': '300' })
    expect(parameters).toEqual({ minTx: 100 * MILLISECOND, minRx: 300 * MILLISECOND, multiplier: 3 })
    const { clock, wire, changes, start, run } = pair()
    start(parameters)
    wire.up = false
    const cut = clock.now
    changes.length = 0
    run(seconds(4))
    for (const { at } of changes) {
      expect((at - cut) / MILLISECOND).toBeGreaterThan(590)
      expect((at - cut) / MILLISECOND).toBeLessThan(901)
    }
  })

  it('HA-5: options that are no numbers mean the defaults', () => {
    expect(bfdParameters({ 'bfd-min-rx': 'soon', 'bfd-mult': '0', 'bfd-min-tx': '-1' })).toEqual(BFD_DEFAULTS)
  })

  it('RFC 5880 §6.5: changed parameters are polled for until a final answers', () => {
    const { sent, a, start, run } = pair()
    start()
    sent.length = 0
    a.configure(['b'], { ...BFD_DEFAULTS, minRx: 300 * MILLISECOND })
    run(MILLISECOND)
    expect(sent.slice(0, 2).map(({ from, message }) => [from, message.poll, message.final])).toEqual([
      ['a', true, false],
      ['b', false, true],
    ])
    run(seconds(3))
    expect(sent.slice(2).some(({ message }) => message.poll)).toBe(false)
    const fromB = sent.filter(({ from, message }) => from === 'b' && !message.final)
    expect(fromB.length, 'b sends about three times as fast').toBeGreaterThan(8)
  })

  it('RFC 5880 §6.8.6: packets without discriminator, of another session or with multiplier 0 are discarded', () => {
    const { sent, a, b, start } = pair()
    start()
    const down: BfdMessage = { ...sent.find(({ from }) => from === 'b')!.message, state: BFD_STATE.down }
    a.receive('b', { ...down, myDiscriminator: 0 })
    a.receive('b', { ...down, yourDiscriminator: 0xdead })
    a.receive('b', { ...down, detectMultiplier: 0 })
    a.receive('b', { ...down, yourDiscriminator: 0, state: BFD_STATE.up })
    a.receive('stranger', down)
    expect(a.isUp('b')).toBe(true)
    a.receive('b', { ...down, yourDiscriminator: 0 })
    expect(a.isUp('b')).toBe(false)
    expect(b.up()).toEqual(new Set(['a']))
  })

  it('RFC 5880 §6.8.1: a restarted end has another discriminator, and the other side starts over', () => {
    const { sent, changes, a, b, start, run } = pair()
    start()
    const before = sent.findLast(({ from }) => from === 'a')!.message.myDiscriminator
    a.reset()
    changes.length = 0
    a.configure(['b'], BFD_DEFAULTS)
    run(seconds(3))
    expect(changes[0]).toMatchObject({ who: 'b', up: false, diagnostic: 3 })
    expect([a.isUp('b'), b.isUp('a')]).toEqual([true, true])
    expect(sent.findLast(({ from }) => from === 'a')!.message.myDiscriminator).not.toBe(before)
  })

  it('a paused process sends nothing and finds its sessions expired when it goes on', () => {
    const { clock, sent, changes, a, start, run } = pair()
    start()
    a.pause()
    sent.length = 0
    changes.length = 0
    run(seconds(5))
    expect(sent.filter(({ from }) => from === 'a')).toHaveLength(0)
    expect(changes.map(({ who }) => who)).toEqual(['b'])
    const resumed = clock.now
    a.resume()
    run(millis(1))
    expect(changes.at(-1)).toMatchObject({ who: 'a', up: false, at: resumed })
    run(seconds(4))
    expect(a.isUp('b')).toBe(true)
  })

  it('a session that is no longer wanted ends at once and tells so', () => {
    const { changes, a, start, sent, run } = pair()
    start()
    changes.length = 0
    a.configure([], BFD_DEFAULTS)
    expect(changes).toMatchObject([{ who: 'a', up: false, diagnostic: 0 }])
    expect(a.has('b')).toBe(false)
    sent.length = 0
    run(seconds(2))
    expect(sent.every(({ from }) => from === 'b')).toBe(true)
  })
})
