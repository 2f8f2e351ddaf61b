// A sorted table straight into blocks, each made once: a prefix is written over what shorter ones left, and what lies
// deeper than a block's slots is made first. Five to ten times as fast as one insertion after the other.

import { maskOf4 } from '../prefix.ts'
import type { Columns4 } from './lpm.ts'
import { BLOCK, leaf } from './stride4-word.ts'

/** Where the blocks go. */
export interface BlockMaker {
  readonly stride: number
  /** The index of a block of these words. */
  makeBlock(content: Int32Array): number
}

/**
 * The word of the network of `bits` bits that holds the entries from `from` to `to`, all longer than that, where `above`
 * answers for what none of them covers. `contents` has room for a block at each level, this one's at `level`.
 */
export function blockWord(
  maker: BlockMaker,
  columns: Columns4,
  from: number,
  to: number,
  bits: number,
  above: number,
  contents: readonly Int32Array[],
  level = 0,
): number {
  const { addresses, lengths, values } = columns
  const { stride } = maker
  const below = bits + stride
  const content = contents[level]!
  paint(content, above, 0, content.length)
  for (let i = from; i < to; ) {
    const address = addresses[i]!
    const length = lengths[i]!
    const slot = (address >>> (32 - below)) & ((1 << stride) - 1)
    if (length <= below) {
      paint(content, leaf(length, values[i]!), slot, slot + (1 << (below - length)))
      i++
      continue
    }
    const end = endOfNetwork(columns, i, to, below)
    content[slot] = blockWord(maker, columns, i, end, below, content[slot]!, contents, level + 1)
    i = end
  }
  return maker.makeBlock(content) | BLOCK
}

/** As `fill`, which costs more than the writing where there is little to write. */
export function paint(content: Int32Array | Uint16Array, word: number, from: number, to: number): void {
  if (to - from > 32) content.fill(word, from, to)
  else for (let i = from; i < to; i++) content[i] = word
}

/** The index after the last entry that lies in the network of `bits` bits around entry `from`. */
export function endOfNetwork({ addresses }: Columns4, from: number, to: number, bits: number): number {
  const last = (addresses[from]! | ~maskOf4(bits)) >>> 0
  let end = from + 1
  while (end < to && addresses[end]! <= last) end++
  return end
}
