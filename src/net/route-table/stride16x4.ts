// IPv4 in five levels, 16 bits and four times 4, leaves pushed down, equal blocks shared (stride4-shared.ts).
//
//     address   | 16 bits: root slot | 4 | 4 | 4 | 4 |
//     root      65,536 words (256 KiB), and as many base words
//     block     16 words: 64 bytes, a cache line; networks with the same routes inside have the same blocks
//
// Costs: one load up to /16, three up to /24, five for hosts; an update makes up to four blocks of 64 bytes anew; 512 KiB
// and then 8 to 25 bytes a prefix of an Internet table. Take it for large tables of networks: it is the smallest that is
// still fast, because what does not fit the cache costs more than another load that does.

import type { Ip4 } from '../ip.ts'
import { Arena } from './arena.ts'
import { BatchKernel } from './batch.ts'
import { BlockPool } from './block-pool.ts'
import { checkBatch } from './check.ts'
import { type Batch, type Columns4, type Lpm4, MAX_VALUE, NONE, type View4 } from './lpm.ts'
import { Shared4 } from './stride4-shared.ts'
import { INDEX } from './stride4-word.ts'
import { LANES } from './wasm/lanes.ts'

const ROOT_BITS = 16

/** Longest-prefix match with a root of 16 bits and four levels of 4. */
export class Stride16x4 extends Shared4 implements Lpm4 {
  readonly structure = 'stride-16-4'
  #kernel: BatchKernel | undefined

  constructor(pool = new BlockPool(new Arena(2 * 2 ** ROOT_BITS))) {
    super(ROOT_BITS, pool, 0)
  }

  override get bytes(): number {
    return super.bytes - this.arena.bytes + this.pool.bytes
  }

  /** The table of the columns. */
  static build(columns: Columns4): Stride16x4 {
    const table = new Stride16x4()
    table.fill(columns)
    return table
  }

  lookup(address: Ip4): number {
    const { words } = this
    let word = words[address >>> 16]!
    if (word < 0) {
      word = words[(word & INDEX) + ((address >>> 12) & 15)]!
      if (word < 0) {
        word = words[(word & INDEX) + ((address >>> 8) & 15)]!
        if (word < 0) {
          word = words[(word & INDEX) + ((address >>> 4) & 15)]!
          if (word < 0) word = words[(word & INDEX) + (address & 15)]!
        }
      }
      if (word === 0) word = words[0x10000 + (address >>> 16)]!
    }
    return word === 0 ? NONE : word & MAX_VALUE
  }

  lookupBatch(addresses: Uint32Array, out: Int32Array, count: number): void {
    checkBatch(addresses, out, count, 1)
    const done = this.#batches().run(addresses, out, count)
    this.words = this.arena.words
    for (let i = done; i < count; i++) out[i] = this.lookup(addresses[i]!)
  }

  batch(count: number): Batch {
    const batch = this.#batches().batch(count)
    this.words = this.arena.words
    return batch
  }

  snapshot(): View4 {
    const copy = new Stride16x4(this.pool.copy(this.arena.copy()))
    copy.become(this)
    return copy
  }

  #batches(): BatchKernel {
    this.#kernel ??= new BatchKernel(this.arena, 'stride16x4', 1, LANES)
    return this.#kernel
  }
}
