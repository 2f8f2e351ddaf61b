/** The side of a JavaScript peer: the lines of workload.h, and the pass that times something, as the other languages have it. */
import { createInterface } from 'node:readline'
import type { Workload } from './workload.ts'

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

const PASSES = 5
const PASS_NS = 30e6
const BATCH = 1024

/** Nanoseconds of CPU time of this process. */
export function cpuNs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1000
}

/** Million operations a second: the pass at the 90th percentile of five, which of five is the fastest. */
export function measure(run: (from: number, to: number) => void, unit: number, most: number): number {
  let count = unit
  for (;;) {
    const began = cpuNs()
    run(0, count)
    if (cpuNs() - began > 1e6 || count * 2 > most) break
    count *= 2
  }
  const rates: number[] = []
  let at = 0
  // One pass more than is kept: V8 optimises during the first.
  for (let pass = 0; pass <= PASSES; pass++) {
    let done = 0
    const began = cpuNs()
    let took = 0
    do {
      if (at + count > most) at = 0
      run(at, at + count)
      at += count
      done += count
      took = cpuNs() - began
    } while (took < PASS_NS)
    if (pass > 0) rates.push((done / took) * 1000)
  }
  return Math.max(...rates)
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

/** The longest update in milliseconds, and how many of how many took longer than one. */
function pauses(peer: Peer, work: Workload): string {
  peer.update!(0, work.order.length)
  let longest = 0
  let long = 0
  for (let i = 0; i < work.order.length; i++) {
    const began = cpuNs()
    peer.update!(i, i + 1)
    const took = (cpuNs() - began) / 1e6
    longest = Math.max(longest, took)
    if (took > 1) long++
  }
  return `pause ${longest.toFixed(3)} ${long} ${work.order.length}`
}
