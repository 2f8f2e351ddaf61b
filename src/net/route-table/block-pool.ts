// Blocks of sixteen words of which no two are alike: hash consing (E. Goto, "Monocopy and associative algorithms in an
// extended Lisp", 1974), as Rétvári and others fold the tries of routers ("Compressing IP Forwarding Tables: Towards
// Entropy Bounds and Beyond", SIGCOMM 2013). Equal parts of a table, or of a thousand tables, are one block.
//
//     block       | word 0 | word 1 | … | word 15 |     64 bytes, a cache line
//     references  | how many slots point to the block |    blocks that nobody points to are used again
//     shards      64 hashes from content to block; each is small, so none of them pauses when it grows
//
// A block never changes once it is in: a table changes by pointing to other blocks.

import { Arena } from './arena.ts'

const WIDTH = 16
const SHARDS = 64

/** Blocks by content, in an arena. */
export class BlockPool {
  readonly arena: Arena
  /** By number of block, which is its index divided by its width. */
  #references = new Int32Array(64)
  /** Open-addressed numbers of blocks, 0 for a free slot, at most three quarters full. */
  readonly #shards: Int32Array[] = Array.from({ length: SHARDS }, () => new Int32Array(8))
  readonly #counts = new Int32Array(SHARDS)
  #free = 0
  /** Room for root words that tables asked for. */
  #roots = 0

  /** A pool whose blocks come after what is in the arena already. */
  constructor(arena = new Arena(WIDTH)) {
    this.arena = arena
  }

  get bytes(): number {
    return this.#shards.reduce(
      (sum, shard) => sum + shard.byteLength,
      this.arena.bytes + this.#references.byteLength,
    )
  }

  /** How many blocks there are. */
  get blocks(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0)
  }

  /** The index of a word for one table's own use. */
  newRoot(): number {
    if (this.#roots % WIDTH === 0) this.#roots = this.arena.allocate(WIDTH)
    return this.#roots++
  }

  /** The index of the block with these words; nobody points to it yet when it is new. */
  intern(content: Int32Array): number {
    const h = hashOf(content, 0)
    const which = h >>> 26
    let shard = this.#shards[which]!
    if (4 * (this.#counts[which]! + 1) > 3 * shard.length) shard = this.#grow(which)
    const last = shard.length - 1
    let slot = h & last
    for (let number = shard[slot]!; number !== 0; number = shard[slot]!) {
      if (this.#holds(number * WIDTH, content)) return number * WIDTH
      slot = (slot + 1) & last
    }
    const block = this.#newBlock()
    const { words } = this.arena
    for (let i = 0; i < WIDTH; i++) {
      const word = content[i]!
      words[block + i] = word
      if (word < 0) this.#references[(word & 0x7fffffff) >>> 4]!++
    }
    shard[slot] = block >>> 4
    this.#counts[which]!++
    return block
  }

  /** One slot more points to a block. */
  hold(block: number): void {
    this.#references[block >>> 4]!++
  }

  /** One slot less points to a block; the last one gives it back, and the blocks below it. */
  release(block: number): void {
    const left = this.#references[block >>> 4]! - 1
    this.#references[block >>> 4] = left
    if (left > 0) return
    const { words } = this.arena
    this.#forget(block)
    for (let i = block; i < block + WIDTH; i++) if (words[i]! < 0) this.release(words[i]! & 0x7fffffff)
    words[block] = this.#free
    this.#free = block
  }

  /** A pool with the same blocks in a copy of the arena. */
  copy(arena: Arena): BlockPool {
    const copy = new BlockPool(arena)
    copy.#references = this.#references.slice()
    for (const [i, shard] of this.#shards.entries()) copy.#shards[i] = shard.slice()
    copy.#counts.set(this.#counts)
    copy.#free = this.#free
    copy.#roots = this.#roots
    return copy
  }

  #holds(block: number, content: Int32Array): boolean {
    const { words } = this.arena
    for (let i = 0; i < WIDTH; i++) if (words[block + i] !== content[i]) return false
    return true
  }

  #newBlock(): number {
    const block = this.#free
    if (block !== 0) {
      this.#free = this.arena.words[block]!
      return block
    }
    const fresh = this.arena.allocate(WIDTH)
    if (fresh >>> 4 >= this.#references.length) {
      const references = new Int32Array(((fresh >>> 4) + 64) * 1.125)
      references.set(this.#references)
      this.#references = references
    }
    return fresh
  }

  /** Takes a block out of its shard; what follows in the run moves back (Knuth, TAOCP 3, §6.4, algorithm R). */
  #forget(block: number): void {
    const { words } = this.arena
    const h = hashOf(words, block)
    const which = h >>> 26
    const shard = this.#shards[which]!
    const last = shard.length - 1
    let hole = h & last
    while (shard[hole] !== block >>> 4) hole = (hole + 1) & last
    for (let at = (hole + 1) & last; shard[at] !== 0; at = (at + 1) & last) {
      const home = hashOf(words, shard[at]! * WIDTH) & last
      if (((at - home) & last) < ((at - hole) & last)) continue
      shard[hole] = shard[at]!
      hole = at
    }
    shard[hole] = 0
    this.#counts[which]!--
  }

  #grow(which: number): Int32Array {
    const old = this.#shards[which]!
    const shard = new Int32Array(old.length * 2)
    const last = shard.length - 1
    for (const number of old) {
      if (number === 0) continue
      let slot = hashOf(this.arena.words, number * WIDTH) & last
      while (shard[slot] !== 0) slot = (slot + 1) & last
      shard[slot] = number
    }
    this.#shards[which] = shard
    return shard
  }
}

/** A hash of sixteen words whose highest six bits and whose low bits are both good. Four chains run side by side. */
function hashOf(words: Int32Array, from: number): number {
  let a = 0x2545f491
  let b = 0x85ebca6b
  let c = 0xc2b2ae35
  let d = 0x27d4eb2f
  for (let i = from; i < from + WIDTH; i += 4) {
    a = Math.imul((a ^ words[i]!) | 0, 0x9e3779b1)
    b = Math.imul((b ^ words[i + 1]!) | 0, 0x85ebca77)
    c = Math.imul((c ^ words[i + 2]!) | 0, 0xc2b2ae3d)
    d = Math.imul((d ^ words[i + 3]!) | 0, 0x165667b1)
    a ^= a >>> 15
    b ^= b >>> 15
    c ^= c >>> 15
    d ^= d >>> 15
  }
  let h = Math.imul(a + (b << 7) + (c << 14) + (d << 21), 0x2c1b3c6d) ^ b ^ Math.imul(c, 5) ^ Math.imul(d, 9)
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b)
  return (h ^ (h >>> 13)) >>> 0
}
