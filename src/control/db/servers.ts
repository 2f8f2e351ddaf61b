// Who serves a database: one server, or the members of a Raft cluster, of which the leader alone takes writes (ovsdb(7)). Seen on a
// real cluster of three: the members that lost their leader wait for an election timer of one to two seconds, the first whose timer
// ends wins; one that comes back has the old term and loses against one that was there all the time.

import { type Nanos, SECOND } from '../../model/time.ts'
import type { Random } from '../../net/random.ts'
import type { Clock, Timer } from '../../sim/clock.ts'

/** Raft's election timer of OVSDB; what a follower waits is drawn between this and twice as much. */
const ELECTION_TIMER: Nanos = SECOND

/** What a database is told: the member that leads, undefined while there is none. */
export interface Led {
  leader: number | undefined
}

export class Servers {
  readonly #count: number
  readonly #database: Led
  readonly #clock: Clock
  readonly #random: Random
  readonly #down = new Set<number>()
  /** Members that have run without a break since the last time there was a leader. */
  #faithful: Set<number>
  #timer: Timer | undefined

  /** All of `count` members (1 or more) run, the first leads. */
  constructor(count: number, database: Led, clock: Clock, random: Random) {
    this.#count = count
    this.#database = database
    this.#clock = clock
    this.#random = random
    this.#faithful = this.#running()
  }

  /** A member goes down or comes back. */
  set(member: number, up: boolean): void {
    if (up === !this.#down.has(member)) return
    if (up) this.#down.delete(member)
    else {
      this.#down.add(member)
      this.#faithful.delete(member)
    }
    if (!up && this.#database.leader === member) this.#lead(undefined)
    if (this.#count === 1) return this.#lead(up ? member : undefined)
    this.#cancel()
    const hasMajority = this.#count - this.#down.size > this.#count / 2
    const hasLeader = this.#database.leader !== undefined
    if (hasLeader === hasMajority) return
    // A leader that hears from no majority gives up after the timer; without one, somebody's timer ends.
    if (hasLeader) this.#timer = this.#clock.after(ELECTION_TIMER, this.#stepDown, undefined)
    else this.#elect()
  }

  #elect(): void {
    const running = [...this.#running()]
    const faithful = running.filter((member) => this.#faithful.has(member))
    let winner: number | undefined
    let shortest = Number.POSITIVE_INFINITY
    for (const member of faithful.length > 0 ? faithful : running) {
      const wait = ELECTION_TIMER + this.#random.below(ELECTION_TIMER)
      if (wait < shortest) [winner, shortest] = [member, wait]
    }
    this.#timer = this.#clock.after(shortest, this.#lead, winner)
  }

  readonly #stepDown = (): void => this.#lead(undefined)

  readonly #lead = (member: number | undefined): void => {
    // Who takes part in the next election unbroken: all that ran when there was a leader last.
    if (member === undefined && this.#database.leader !== undefined) this.#faithful = this.#running()
    this.#timer = undefined
    this.#database.leader = member
  }

  #running(): Set<number> {
    return new Set(Array.from({ length: this.#count }, (_, i) => i).filter((i) => !this.#down.has(i)))
  }

  #cancel(): void {
    if (this.#timer !== undefined) this.#clock.cancel(this.#timer)
    this.#timer = undefined
  }
}
