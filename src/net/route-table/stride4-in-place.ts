// Blocks that are written in place: the fastest to change, and what a block costs it costs each time it occurs.

import type { Ip4 } from '../ip.ts'
import { Arena } from './arena.ts'
import { Stride4 } from './stride4.ts'
import { BLOCK, INDEX, lengthOf } from './stride4-word.ts'
import { ROOT_AT } from './wasm/lanes.ts'

/** A table of root and blocks whose blocks belong to one place each. */
export abstract class InPlace4 extends Stride4 {
  /** The first free block, each holding the index of the next; 0 at the end. */
  #free = 0

  /** An empty table, or one over a copy of another's arena. */
  constructor(
    root: number,
    stride: number,
    kernel: string,
    arena = new Arena(ROOT_AT + 2 ** root * (root === 16 ? 2 : 1)),
  ) {
    super(root, stride, arena, ROOT_AT, kernel)
  }

  protected override become(other: InPlace4): void {
    super.become(other)
    this.#free = other.#free
  }

  protected makeBlock(content: Int32Array): number {
    const block = this.arena.allocate(content.length)
    this.words = this.arena.words
    this.words.set(content, block)
    return block
  }

  protected write(at: number, address: Ip4, length: number, least: number, end: number, word: number): void {
    const { stride } = this
    let slot = at
    let bits = this.root
    while (bits < length) {
      let block = this.words[slot]!
      if (block >= 0) {
        block = this.#newBlock(bits === this.root && this.based ? 0 : block) | BLOCK
        this.words[slot] = block
      }
      bits += stride
      slot = (block & INDEX) + ((address >>> (32 - bits)) & ((1 << stride) - 1))
    }
    this.#paint(slot, bits === this.root ? 1 : 1 << (bits - length), least, end, word)
    // A word of a prefix above the block can only have come from a removal.
    if (bits > this.root && lengthOf(word) <= bits - stride) this.#collapse(at, address, bits, word)
  }

  #paint(at: number, count: number, least: number, end: number, word: number): void {
    const { words } = this
    for (let i = at; i < at + count; i++) {
      const old = words[i]!
      if (old < 0) this.#paint(old & INDEX, 1 << this.stride, least, end, word)
      else if (old >= least && old < end) words[i] = word
    }
  }

  /** Gives back the blocks on the way to a slot of depth `from` in which nothing is left but `word`. */
  #collapse(root: number, address: Ip4, from: number, word: number): void {
    const { stride, words } = this
    for (let bits = from - stride; bits >= this.root && lengthOf(word) <= bits; bits -= stride) {
      let at = root
      for (let reached = this.root; reached < bits; ) {
        reached += stride
        at = (words[at]! & INDEX) + ((address >>> (32 - reached)) & ((1 << stride) - 1))
      }
      const block = words[at]! & INDEX
      for (let i = block; i < block + (1 << stride); i++) if (words[i] !== word) return
      words[at] = bits === this.root && this.based ? words[2 ** this.root + at]! : word
      words[block] = this.#free
      this.#free = block
    }
  }

  #newBlock(word: number): number {
    const count = 1 << this.stride
    let block = this.#free
    if (block !== 0) this.#free = this.words[block]!
    else {
      block = this.arena.allocate(count)
      this.words = this.arena.words
    }
    this.words.fill(word, block, block + count)
    return block
  }
}
