// Blocks that are shared by content (block-pool.ts): a change makes the block anew at every level on its way to the
// root, and equal blocks, of this table or of another one over the same pool, are one.

import type { Ip4 } from '../ip.ts'
import type { BlockPool } from './block-pool.ts'
import type { Columns4 } from './lpm.ts'
import { Stride4 } from './stride4.ts'
import { BLOCK, INDEX, lengthOf } from './stride4-word.ts'

/** Levels of the narrowest blocks, and one for the network as a whole. */
const LEVELS = 17
const WIDEST = 16

/** One content in the making for each level; changes are made one at a time, so all tables use the same. */
const contents = Array.from({ length: LEVELS }, () => new Int32Array(WIDEST))

/** A table of root and blocks out of a pool. */
export abstract class Shared4 extends Stride4 {
  protected readonly pool: BlockPool

  /** An empty table over a pool, its root (and base) at `rootAt` of the pool's arena. */
  constructor(root: number, pool: BlockPool, rootAt: number, kernel?: string) {
    super(root, pool.bits, pool.arena, rootAt, kernel)
    this.pool = pool
  }

  protected override fill(columns: Columns4): void {
    // Tables of the Internet have a block for three to four prefixes.
    this.pool.reserve(columns.count / 4)
    super.fill(columns)
  }

  protected makeBlock(content: Int32Array): number {
    return this.pool.intern(content)
  }

  protected override setRoot(at: number, word: number): void {
    if (word < 0) this.pool.hold(word & INDEX)
    super.setRoot(at, word)
  }

  protected write(at: number, address: Ip4, length: number, least: number, end: number, word: number): void {
    const old = this.words[at]!
    let fresh = this.#rewrite(old, this.root, address, length, least, end, word)
    this.words = this.arena.words
    if (fresh === 0 && this.based) fresh = this.words[2 ** this.root + at]!
    if (fresh === old) return
    if (fresh < 0) this.pool.hold(fresh & INDEX)
    this.words[at] = fresh
    if (old < 0) this.pool.release(old & INDEX)
  }

  /** The word that takes the place of `word`, which stands for all addresses that agree in their first `bits`. */
  #rewrite(
    word: number,
    bits: number,
    address: Ip4,
    length: number,
    least: number,
    end: number,
    leaf: number,
  ): number {
    if (word >= 0 && bits >= length) return word >= least && word < end ? leaf : word
    const width = 1 << this.stride
    const content = contents[(bits - this.root) / this.stride]!
    if (word >= 0) content.fill(bits === this.root && this.based ? 0 : word)
    else {
      const { words } = this.arena
      const block = word & INDEX
      for (let i = 0; i < width; i++) content[i] = words[block + i]!
    }
    const below = bits + this.stride
    const first = bits >= length ? 0 : (address >>> (32 - below)) & (width - 1)
    const count = bits >= length ? width : below >= length ? 1 << (below - length) : 1
    for (let i = first; i < first + count; i++) {
      const old = content[i]!
      content[i] =
        old >= 0 && below >= length
          ? old >= least && old < end
            ? leaf
            : old
          : this.#rewrite(old, below, address, length, least, end, leaf)
    }
    const only = content[0]!
    if (only >= 0 && lengthOf(only) <= bits && isFilledWith(content, width, only)) return only
    return this.pool.intern(content) | BLOCK
  }
}

function isFilledWith(content: Int32Array, width: number, word: number): boolean {
  for (let i = 1; i < width; i++) if (content[i] !== word) return false
  return true
}
