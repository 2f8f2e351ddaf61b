// Bidirectional forwarding detection, asynchronous mode (RFC 5880 §6), as ovs-vswitchd speaks it on tunnels (lib/bfd.c):
// one speaker a chassis, one session a tunnel. Messages are values; who carries them is given from outside.
// Surprises: with OVS' defaults a packet goes out about once a second and not ten times, because the receiver asks for
// no more (required min rx 1000 ms); a session that comes up is up on one side up to a second before the other; and the first
// packet of a session goes out up to 100 ms after it was configured where others run already: nobody wakes the thread that sends it.

import { MICROSECOND, MILLISECOND, type Nanos, SECOND } from '../../model/time.ts'
import type { Random } from '../../net/random.ts'
import type { Clock, Timer } from '../../sim/clock.ts'
import { BFD_MONITOR_INTERVAL } from '../latencies.ts'

/** Session states (RFC 5880 §4.1), numbered as on the wire. */
export const BFD_STATE = { adminDown: 0, down: 1, init: 2, up: 3 } as const

/** Diagnostics in use (RFC 5880 §4.1). */
export const BFD_DIAGNOSTIC = { none: 0, detectionTimeExpired: 1, neighbourSignaledDown: 3 } as const

/** A control packet (RFC 5880 §4.1). The three intervals are whole microseconds, as on the wire. */
export interface BfdMessage {
  readonly diagnostic: number
  readonly state: number
  readonly poll: boolean
  readonly final: boolean
  readonly controlPlaneIndependent: boolean
  readonly demand: boolean
  readonly detectMultiplier: number
  readonly myDiscriminator: number
  readonly yourDiscriminator: number
  readonly desiredMinTx: number
  readonly requiredMinRx: number
  readonly requiredMinEchoRx: number
}

/** What a session asks for; OVS takes whole milliseconds. */
export interface BfdParameters {
  readonly minTx: Nanos
  readonly minRx: Nanos
  /** Packets that may be lost in a row, less one; 1 to 255. */
  readonly multiplier: number
}

/** HA-5: what ovs-vswitchd uses unless told otherwise. */
export const BFD_DEFAULTS: BfdParameters = { minTx: 100 * MILLISECOND, minRx: SECOND, multiplier: 3 }

/** The parameters that `NB_Global.options` asks for with bfd-min-tx, bfd-min-rx and bfd-mult; nonsense means the default. */
export function bfdParameters(options: Readonly<Record<string, string>>): BfdParameters {
  const whole = (key: string, most: number): number | undefined => {
    const value = /^\d+$/.test(options[key] ?? '') ? Number(options[key]) : 0
    return value >= 1 && value <= most ? value : undefined
  }
  const millis = (key: string, otherwise: Nanos): Nanos => {
    const value = whole(key, 3_600_000)
    return value === undefined ? otherwise : value * MILLISECOND
  }
  return {
    minTx: millis('bfd-min-tx', BFD_DEFAULTS.minTx),
    minRx: millis('bfd-min-rx', BFD_DEFAULTS.minRx),
    multiplier: whole('bfd-mult', 255) ?? BFD_DEFAULTS.multiplier,
  }
}

/** What a speaker needs of its surroundings. */
export interface BfdSurroundings {
  readonly clock: Clock
  /** Jitter and discriminators; each session has its own stream. */
  readonly random: Random
  /** Puts a message on the tunnel to a chassis. Whether it arrives is not the speaker's business. */
  send(peer: string, message: BfdMessage): void
  /** A session went up, or ceased to be up. */
  changed(peer: string, up: boolean, diagnostic: number): void
}

interface Session {
  readonly peer: string
  readonly random: Random
  readonly discriminator: number
  parameters: BfdParameters
  state: number
  diagnostic: number
  /** Asking the peer to confirm changed parameters (RFC 5880 §6.8.3). */
  polling: boolean
  remoteDiscriminator: number
  remoteMinRx: Nanos
  remoteMinTx: Nanos
  remoteMultiplier: number
  hasSent: boolean
  lastTx: Nanos
  nextTx: Nanos
  txTimer: Timer | undefined
  detectAt: Nanos
  detectTimer: Timer | undefined
}

/** RFC 5880 §6.8.3: a session that is not up sends no faster than once a second. */
const SLOW_TX: Nanos = SECOND
/** RFC 5880 §6.8.7: each interval is shortened by up to a quarter, so that sessions do not fall into step. */
const JITTER = 0.25

/** All BFD sessions of one chassis. */
export class BfdSpeaker {
  readonly #around: BfdSurroundings
  readonly #sessions = new Map<string, Session>()
  /** Sessions begun so far, so that a session begun anew has another discriminator. */
  #begun = 0
  #paused = false
  /** When the thread that sends wakes next; sessions configured together are begun together. */
  readonly #monitor: Random

  constructor(around: BfdSurroundings) {
    this.#around = around
    this.#monitor = around.random.fork('monitor')
  }

  /** True when there is a session with this chassis, in whatever state. */
  has(peer: string): boolean {
    return this.#sessions.has(peer)
  }

  /** True when there is a session with this chassis and it is up. */
  isUp(peer: string): boolean {
    return this.#sessions.get(peer)?.state === BFD_STATE.up
  }

  /** The chassis to which the session is up. */
  up(): ReadonlySet<string> {
    const up = new Set<string>()
    for (const session of this.#sessions.values()) if (session.state === BFD_STATE.up) up.add(session.peer)
    return up
  }

  /** Makes the sessions be those with `peers`: new ones start down, missing ones end, others take the new parameters. */
  configure(peers: Iterable<string>, parameters: BfdParameters): void {
    const wanted = new Set(peers)
    for (const session of [...this.#sessions.values()]) if (!wanted.has(session.peer)) this.#end(session)
    // The thread begins with the first session; later ones wait until it looks.
    const pause = this.#sessions.size === 0 ? 0 : this.#monitor.below(BFD_MONITOR_INTERVAL)
    const wake = this.#around.clock.now + pause
    for (const peer of wanted) {
      const session = this.#sessions.get(peer)
      if (session === undefined) this.#begin(peer, parameters, wake)
      else if (!sameParameters(session.parameters, parameters)) this.#adjust(session, parameters)
    }
  }

  /** Ends every session without a word, as the death of the process does; nobody is told. */
  reset(): void {
    this.pause()
    this.#sessions.clear()
    this.#paused = false
  }

  /** The process is stopped (SIGSTOP): nothing is sent and no time-out is noticed until `resume`. */
  pause(): void {
    this.#paused = true
    for (const session of this.#sessions.values()) this.#silence(session)
  }

  /** The process goes on (SIGCONT): what has expired meanwhile is noticed at once. */
  resume(): void {
    this.#paused = false
    for (const session of this.#sessions.values()) {
      if (session.state > BFD_STATE.down) this.#awaitDetection(session)
      this.#schedule(session)
    }
  }

  /** A packet came in from the tunnel of `peer` (RFC 5880 §6.8.6). Packets outside any session, or while paused, are lost. */
  receive(peer: string, message: BfdMessage): void {
    const session = this.#sessions.get(peer)
    if (session === undefined || this.#paused || !acceptable(session, message)) return
    session.remoteDiscriminator = message.myDiscriminator
    session.remoteMinTx = message.desiredMinTx * MICROSECOND
    session.remoteMultiplier = message.detectMultiplier
    const remoteMinRx = Math.max(message.requiredMinRx * MICROSECOND, MILLISECOND)
    if (remoteMinRx !== session.remoteMinRx) {
      session.remoteMinRx = remoteMinRx
      // The first packet goes out when the thread wakes, whatever comes in before (OVS lib/bfd.c: next_tx is still 0).
      if (session.hasSent) this.#plan(session)
    }
    if (message.final) session.polling = false
    session.detectAt = this.#around.clock.now + detectionTime(session)
    const next = nextState(session.state, message.state)
    if (next !== session.state) {
      this.#become(
        session,
        next,
        next === BFD_STATE.down ? BFD_DIAGNOSTIC.neighbourSignaledDown : BFD_DIAGNOSTIC.none,
      )
    } else if (next > BFD_STATE.down && session.detectTimer === undefined) {
      this.#awaitDetection(session)
    }
    if (message.poll && this.#sessions.get(peer) === session) this.#transmit(session, true)
  }

  #begin(peer: string, parameters: BfdParameters, wake: Nanos): void {
    const random = this.#around.random.fork(`${peer} ${this.#begun++}`)
    const session: Session = {
      peer,
      random,
      discriminator: 1 + random.below(0xffffffff),
      parameters,
      state: BFD_STATE.down,
      diagnostic: BFD_DIAGNOSTIC.none,
      polling: false,
      ...FORGOTTEN,
      hasSent: false,
      lastTx: this.#around.clock.now,
      nextTx: wake,
      txTimer: undefined,
      detectAt: 0,
      detectTimer: undefined,
    }
    this.#sessions.set(peer, session)
    this.#schedule(session)
  }

  #end(session: Session): void {
    this.#silence(session)
    this.#sessions.delete(session.peer)
    if (session.state === BFD_STATE.up) this.#around.changed(session.peer, false, BFD_DIAGNOSTIC.none)
  }

  #adjust(session: Session, parameters: BfdParameters): void {
    session.parameters = parameters
    if (session.state <= BFD_STATE.down) return
    session.polling = true
    this.#onTx(session)
  }

  #become(session: Session, state: number, diagnostic: number): void {
    const before = session.state
    session.state = state
    session.diagnostic = diagnostic
    if (state === BFD_STATE.down) {
      Object.assign(session, FORGOTTEN)
      session.polling = false
      if (session.detectTimer !== undefined) this.#around.clock.cancel(session.detectTimer)
      session.detectTimer = undefined
    } else if (session.detectTimer === undefined) {
      this.#awaitDetection(session)
    }
    if (before === BFD_STATE.up || state === BFD_STATE.up) {
      this.#around.changed(session.peer, state === BFD_STATE.up, diagnostic)
    }
  }

  /** Sets when the next packet is due, counted from the last one. */
  #plan(session: Session): void {
    const jitter = JITTER * session.random.float()
    session.nextTx = session.lastTx + Math.round(txInterval(session) * (1 - jitter))
    this.#schedule(session)
  }

  #schedule(session: Session): void {
    const { clock } = this.#around
    if (session.txTimer !== undefined) clock.cancel(session.txTimer)
    session.txTimer = clock.at(session.nextTx, this.#onTx, session)
  }

  #awaitDetection(session: Session): void {
    session.detectTimer = this.#around.clock.at(session.detectAt, this.#onDetection, session)
  }

  #silence(session: Session): void {
    if (session.txTimer !== undefined) this.#around.clock.cancel(session.txTimer)
    if (session.detectTimer !== undefined) this.#around.clock.cancel(session.detectTimer)
    session.txTimer = undefined
    session.detectTimer = undefined
  }

  #transmit(session: Session, final: boolean): void {
    const { minTx, minRx, multiplier } = session.parameters
    this.#around.send(session.peer, {
      diagnostic: session.diagnostic,
      state: session.state,
      // P and F must not both be set (RFC 5880 §6.5).
      poll: session.polling && !final,
      final,
      controlPlaneIndependent: false,
      demand: false,
      detectMultiplier: multiplier,
      myDiscriminator: session.discriminator,
      yourDiscriminator: session.remoteDiscriminator,
      desiredMinTx: (session.state === BFD_STATE.up ? minTx : Math.max(minTx, SLOW_TX)) / MICROSECOND,
      requiredMinRx: minRx / MICROSECOND,
      requiredMinEchoRx: 0,
    })
  }

  readonly #onTx = (session: Session): void => {
    session.hasSent = true
    session.lastTx = this.#around.clock.now
    this.#transmit(session, false)
    this.#plan(session)
  }

  // Packets only push `detectAt` on; the timer catches up when it fires, so a packet costs no timer.
  readonly #onDetection = (session: Session): void => {
    session.detectTimer = undefined
    if (this.#around.clock.now < session.detectAt) this.#awaitDetection(session)
    else this.#become(session, BFD_STATE.down, BFD_DIAGNOSTIC.detectionTimeExpired)
  }
}

/** What a session knows of a peer it has not heard since it went down. */
const FORGOTTEN = { remoteDiscriminator: 0, remoteMinRx: MILLISECOND, remoteMinTx: 0, remoteMultiplier: 0 }

function sameParameters(a: BfdParameters, b: BfdParameters): boolean {
  return a.minTx === b.minTx && a.minRx === b.minRx && a.multiplier === b.multiplier
}

/** RFC 5880 §6.8.7: as fast as this side wants and the other side bears. */
function txInterval(session: Session): Nanos {
  const { minTx } = session.parameters
  return Math.max(session.state === BFD_STATE.up ? minTx : Math.max(minTx, SLOW_TX), session.remoteMinRx)
}

/** RFC 5880 §6.8.4: the peer's multiplier times the interval at which it sends, without jitter. */
function detectionTime(session: Session): Nanos {
  return session.remoteMultiplier * Math.max(session.parameters.minRx, session.remoteMinTx)
}

function acceptable(session: Session, message: BfdMessage): boolean {
  if (message.detectMultiplier === 0 || message.myDiscriminator === 0) return false
  if (message.yourDiscriminator === 0) return message.state <= BFD_STATE.down
  return message.yourDiscriminator === session.discriminator
}

/** The state machine of RFC 5880 §6.2. */
function nextState(own: number, remote: number): number {
  if (own === BFD_STATE.down) {
    return remote === BFD_STATE.down ? BFD_STATE.init : remote === BFD_STATE.init ? BFD_STATE.up : own
  }
  if (own === BFD_STATE.init) return remote > BFD_STATE.down ? BFD_STATE.up : own
  return remote <= BFD_STATE.down ? BFD_STATE.down : own
}
