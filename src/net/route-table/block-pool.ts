// Blocks of 4 or 16 words of which no two are alike: hash consing (E. Goto, "Monocopy and associative algorithms in an
// extended Lisp", 1974), as Rétvári and others fold the tries of routers ("Compressing IP Forwarding Tables: Towards
// Entropy Bounds and Beyond", SIGCOMM 2013). Equal parts of a table, or of a thousand tables, are one block.
//
//     block       | word 0 | word 1 | … |               16 or 64 bytes
//     references  | how many slots point to the block: 16 |   blocks that nobody points to are used again
//     shards      64 hashes from content to block; each is small, so none of them pauses when it grows
//
// A block never changes once it is in: a table changes by pointing to other blocks. One that 65,535 slots have pointed
// to at a time stays for good; there are few of those.

import { Arena } from './arena.ts'
import { type HashSize, LEAST_SIZE, nextSize } from './hash-size.ts'

const SHARDS = 64
/** Numbers of bits of the hash that pick the shard. */
const SHARD_BITS = 6
const FULL = 0.75
const FOR_GOOD = 0xffff
/** Words that root words are taken from at a time. */
const ROOTS = 16

/** Blocks by content, in an arena. */
export class BlockPool {
  readonly arena: Arena
  /** Bits of an address that pick a word in a block: 2 or 4. */
  readonly bits: number
  readonly #width: number
  /** Where the pool begins in its arena. */
  readonly #first: number
  /** By number of block: how many widths it lies after the beginning. */
  #references = new Uint16Array(64)
  /** Open-addressed indexes of blocks, 0 for a free slot, at most three quarters full. */
  readonly #shards: Int32Array[] = Array.from({ length: SHARDS }, () => new Int32Array(LEAST_SIZE.capacity))
  readonly #sizes: HashSize[] = Array(SHARDS).fill(LEAST_SIZE)
  readonly #counts = new Int32Array(SHARDS)
  #free = 0
  /** Room for root words that tables asked for. */
  #roots = 0

  /** A pool of blocks of 2^bits words, after the `first` words of an arena; index 0 is never a block's. */
  constructor(bits = 4, arena = new Arena(ROOTS), first = ROOTS) {
    this.bits = bits
    this.#width = 1 << bits
    this.arena = arena
    this.#first = first
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

  /** Room in the hashes for about so many blocks, while there are none: they would grow a dozen times. */
  reserve(blocks: number): void {
    if (this.blocks > 0) return
    let size = LEAST_SIZE
    while (FULL * size.capacity < blocks / SHARDS) size = nextSize(size, 256)
    for (let i = 0; i < SHARDS; i++) {
      this.#shards[i] = new Int32Array(size.capacity)
      this.#sizes[i] = size
    }
  }

  /** The index of a word for one table's own use. */
  newRoot(): number {
    if (this.#roots % ROOTS === 0) this.#roots = this.arena.allocate(ROOTS)
    return this.#roots++
  }

  /** The index of the block with these words; nobody points to it yet when it is new. */
  intern(content: Int32Array): number {
    const width = this.#width
    const h = hashOf(content, 0, width)
    const which = h >>> (32 - SHARD_BITS)
    if (this.#counts[which]! + 1 > FULL * this.#sizes[which]!.capacity) this.#grow(which)
    const shard = this.#shards[which]!
    let slot = homeOf(h, this.#sizes[which]!)
    for (let block = shard[slot]!; block !== 0; block = shard[slot]!) {
      if (this.#holds(block, content)) return block
      slot = slot + 1 === shard.length ? 0 : slot + 1
    }
    const block = this.#newBlock()
    const { words } = this.arena
    for (let i = 0; i < width; i++) {
      const word = content[i]!
      words[block + i] = word
      if (word < 0) this.hold(word & 0x7fffffff)
    }
    shard[slot] = block
    this.#counts[which]!++
    return block
  }

  /** One slot more points to a block. */
  hold(block: number): void {
    const number = (block - this.#first) >>> this.bits
    const now = this.#references[number]!
    if (now !== FOR_GOOD) this.#references[number] = now + 1
  }

  /** One slot less points to a block; the last one gives it back, and the blocks below it. */
  release(block: number): void {
    const number = (block - this.#first) >>> this.bits
    const now = this.#references[number]!
    if (now === FOR_GOOD) return
    this.#references[number] = now - 1
    if (now > 1) return
    const { words } = this.arena
    this.#forget(block)
    for (let i = block; i < block + this.#width; i++) if (words[i]! < 0) this.release(words[i]! & 0x7fffffff)
    words[block] = this.#free
    this.#free = block
  }

  /** A pool with the same blocks in a copy of the arena. */
  copy(arena: Arena): BlockPool {
    const copy = new BlockPool(this.bits, arena, this.#first)
    copy.#references = this.#references.slice()
    for (const [i, shard] of this.#shards.entries()) {
      copy.#shards[i] = shard.slice()
      copy.#sizes[i] = this.#sizes[i]!
    }
    copy.#counts.set(this.#counts)
    copy.#free = this.#free
    copy.#roots = this.#roots
    return copy
  }

  #holds(block: number, content: Int32Array): boolean {
    const { words } = this.arena
    for (let i = 0; i < this.#width; i++) if (words[block + i] !== content[i]) return false
    return true
  }

  #newBlock(): number {
    const block = this.#free
    if (block !== 0) {
      this.#free = this.arena.words[block]!
      return block
    }
    const fresh =
      this.#width === ROOTS ? this.arena.allocate(this.#width) : this.arena.allocateTight(this.#width)
    const number = (fresh - this.#first) >>> this.bits
    if (number >= this.#references.length) {
      const references = new Uint16Array((number + 64) * 1.125)
      references.set(this.#references)
      this.#references = references
    }
    return fresh
  }

  /** Takes a block out of its shard; what follows in the run moves back (Knuth, TAOCP 3, §6.4, algorithm R). */
  #forget(block: number): void {
    const { words } = this.arena
    const h = hashOf(words, block, this.#width)
    const which = h >>> (32 - SHARD_BITS)
    const shard = this.#shards[which]!
    const size = this.#sizes[which]!
    const { capacity } = size
    const after = (at: number): number => (at + 1 === capacity ? 0 : at + 1)
    const distance = (from: number, to: number): number => (to >= from ? to - from : to - from + capacity)
    let hole = homeOf(h, size)
    while (shard[hole] !== block) hole = after(hole)
    for (let at = after(hole); shard[at] !== 0; at = after(at)) {
      const home = homeOf(hashOf(words, shard[at]!, this.#width), size)
      if (distance(home, at) < distance(hole, at)) continue
      shard[hole] = shard[at]!
      hole = at
    }
    shard[hole] = 0
    this.#counts[which]!--
  }

  #grow(which: number): void {
    const size = nextSize(this.#sizes[which]!, 256)
    const shard = new Int32Array(size.capacity)
    for (const block of this.#shards[which]!) {
      if (block === 0) continue
      let slot = homeOf(hashOf(this.arena.words, block, this.#width), size)
      while (shard[slot] !== 0) slot = slot + 1 === size.capacity ? 0 : slot + 1
      shard[slot] = block
    }
    this.#shards[which] = shard
    this.#sizes[which] = size
  }
}

/** The slot of a shard where the search for a hash begins; the bits that picked the shard are left out. */
function homeOf(h: number, { q, k }: HashSize): number {
  return Math.imul((h << SHARD_BITS) >>> 8, q) >>> (24 - k)
}

/** A hash of 4 or 16 words whose highest six bits and whose low bits are both good. Four chains run side by side. */
function hashOf(words: Int32Array, from: number, width: number): number {
  let a = 0x2545f491
  let b = 0x85ebca6b
  let c = 0xc2b2ae35
  let d = 0x27d4eb2f
  for (let i = from; i < from + width; i += 4) {
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
