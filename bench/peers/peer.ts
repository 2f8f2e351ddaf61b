/** The side of a JavaScript peer: the lines of workload.h, and the pass that times something, as the other languages have it. */
import { createInterface } from 'node:readline'
import { type Chunk, chunkSize, rateOf } from '../../src/run/bench/pass.ts'
import type { Workload } from '../../src/run/bench/workload.ts'

/** What a peer can do; what it cannot is left out. */
export interface Peer {
  /** Bytes of the structure. */
  readonly bytes: number
  /** Operations that are timed together at least; 1,024 unless given. */
  readonly unit?: number
  /** The answers of a trace, -1 where nothing matches. */
  answers?(trace: number): ArrayLike<number>
  /** Looks up the addresses from one index to another, whole batches. */
  batch?(trace: number, from: number, to: number): void
  single?(trace: number, from: number, to: number): void
  dependent?(trace: number, from: number, to: number): void
  /** Takes prefixes out and puts them back: places of the workload's order. */
  update?(from: number, to: number): void
}

const PASS_NS = 12e6
const BATCH = 1024

/** Nanoseconds of CPU time of this process. */
export function cpuNs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1000
}

/** Million operations a second, of the pass at the 90th percentile. */
export function measure(run: Chunk, unit: number, most: number): number {
  const options = { cpu: cpuNs, unit, most, passTime: PASS_NS }
  return rateOf(run, chunkSize(run, options), options)
}

export function hashOf(answers: ArrayLike<number>): number {
  let hash = 0
  for (let i = 0; i < answers.length; i++) hash = (Math.imul(hash, 31) + (answers[i]! + 1)) >>> 0
  return hash
}

/** Builds the peer and answers lines until standard input ends. */
export async function serve(
  work: Workload,
  build: () => Peer | string | Promise<Peer | string>,
): Promise<void> {
  const say = (line: string): unknown => process.stdout.write(`${line}\n`)
  globalThis.gc?.()
  const began = cpuNs()
  const peer = await build()
  const built = (cpuNs() - began) / 1e6
  if (typeof peer === 'string') {
    say(`none ${peer}`)
    return
  }
  say(`ready ${built.toFixed(3)} ${peer.bytes}`)
  for await (const line of createInterface({ input: process.stdin })) {
    const [word, number] = line.split(' ')
    const t = Number(number ?? 0)
    const length = work.traces[t]?.length ?? 0
    const whole = Math.floor(length / BATCH) * BATCH
    if (word === 'answers') {
      const answers = peer.answers?.(t)
      say(answers === undefined ? 'none' : `answers ${answers.length} ${hashOf(answers)}`)
    } else if (word === 'batch' || word === 'single' || word === 'dependent') {
      const run = peer[word]?.bind(peer, t)
      say(run === undefined ? 'none' : `${word} ${measure(run, peer.unit ?? BATCH, whole).toFixed(4)}`)
    } else if (word === 'update') {
      const run = peer.update?.bind(peer)
      say(run === undefined ? 'none' : `update ${measure(run, 16, work.order.length).toFixed(4)}`)
    } else if (word === 'pause') say(peer.update === undefined ? 'none' : pauses(peer, work))
    else throw new Error(`unknown line: ${line}`)
  }
}

const PAUSE_PASSES = 5

/**
 * The longest update in milliseconds, and how many of how many took longer than one: medians of passes, so that what the table does each
 * time counts and what the garbage collector or the machine did once does not. Time on the clock, because that is what a caller waits.
 */
function pauses(peer: Peer, work: Workload): string {
  const count = work.order.length
  for (let pass = 0; pass < PAUSE_PASSES; pass++) peer.update!(0, count)
  const passes = Array.from({ length: PAUSE_PASSES }, () => {
    let longest = 0
    let long = 0
    for (let i = 0; i < count; i++) {
      const began = performance.now()
      peer.update!(i, i + 1)
      const took = performance.now() - began
      longest = Math.max(longest, took)
      if (took > 1) long++
    }
    return { longest, long }
  })
  const { longest, long } = passes.sort((a, b) => a.longest - b.longest)[PAUSE_PASSES >> 1]!
  return `pause ${longest.toFixed(3)} ${long} ${count}`
}
