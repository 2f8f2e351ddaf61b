// The batch kernels, as source: `module.ts` holds what this assembles to, and a test holds the two together
// (`UPDATE=1 npx vitest run test/net/route-table` writes it).
//
// A kernel takes eight addresses at a time through one level after the other. The loads of a level do not wait for each
// other, so the processor has eight cache misses under way where single lookups have one. Within a level nothing
// branches: an address that is through already loads the first word of the table, which is always cached, and keeps
// what it has. Whether any of the eight has further to go is one branch for all.

import {
  add,
  and,
  assemble,
  type Code,
  choose,
  constant,
  get,
  isZero,
  type Kernel,
  lessSigned,
  load,
  or,
  repeat,
  sequence,
  set,
  shiftLeft,
  shiftRight,
  shiftSigned,
  store,
  subtract,
  when,
} from './assembler.ts'
import { dxr6 } from './kernel-dxr6.ts'
import { stride6 } from './kernel-stride6.ts'
import { LANES } from './lanes.ts'

// Parameters: byte offsets of the first address, of the first answer, of the end of the addresses.
const INPUT = 0
const OUTPUT = 1
const END = 2
const ADDRESS = 3
const WORD = ADDRESS + LANES
const LOCALS = 2 * LANES

const MAX_VALUE = 0xffffff

/** Bits of an address moved to a byte offset: `bits` of them, of which the last is `shift` above the lowest. */
function offsetOf(local: number, shift: number, bits: number): Code {
  const mask = constant(((2 ** bits - 1) << 2) | 0)
  if (shift === 2) return and(get(local), mask)
  return and(
    shift > 2 ? shiftRight(get(local), constant(shift - 2)) : shiftLeft(get(local), constant(2 - shift)),
    mask,
  )
}

function lanes(each: (i: number) => Code): Code {
  return sequence(...Array.from({ length: LANES }, (_, i) => each(i)))
}

function anyOf(test: (i: number) => Code): Code {
  return Array.from({ length: LANES }, (_, i) => test(i)).reduce((all, one) => or(all, one))
}

/** The lookup of stride4.ts: `root` bits, then blocks of `stride` bits; with base words after the root or without. */
function stride(name: string, root: number, bits: number, based: boolean): Kernel {
  let levels = sequence()
  for (let shift = 0; shift < 32 - root; shift += bits) {
    const step = lanes((i) => {
      // The word's highest bit says that it is a block and falls off as its index becomes a byte offset.
      const next = add(shiftLeft(get(WORD + i), constant(2)), offsetOf(ADDRESS + i, shift, bits))
      const isBlock = lessSigned(get(WORD + i), constant(0))
      return set(WORD + i, choose(isBlock, load(choose(isBlock, next, constant(0))), get(WORD + i)))
    })
    levels = when(
      lessSigned(
        anyOf((i) => get(WORD + i)),
        constant(0),
      ),
      sequence(step, levels),
    )
  }
  const rootBytes = 2 ** root * 4
  const bases = when(
    anyOf((i) => isZero(get(WORD + i))),
    lanes((i) =>
      set(
        WORD + i,
        choose(get(WORD + i), get(WORD + i), load(offsetOf(ADDRESS + i, 32 - root, root), rootBytes)),
      ),
    ),
  )
  return {
    name,
    parameters: 3,
    locals: LOCALS,
    body: repeat(
      lessSigned(get(INPUT), get(END)),
      sequence(
        lanes((i) => set(ADDRESS + i, load(get(INPUT), 4 * i))),
        lanes((i) => set(WORD + i, load(offsetOf(ADDRESS + i, 32 - root, root)))),
        levels,
        based ? bases : sequence(),
        // The value, or -1 for the word 0: the sign of `word - 1` spread over all bits.
        lanes((i) =>
          store(
            get(OUTPUT),
            or(
              and(get(WORD + i), constant(MAX_VALUE)),
              shiftSigned(subtract(get(WORD + i), constant(1)), constant(31)),
            ),
            4 * i,
          ),
        ),
        set(INPUT, add(get(INPUT), constant(4 * LANES))),
        set(OUTPUT, add(get(OUTPUT), constant(4 * LANES))),
      ),
    ),
  }
}

/** The bytes of the module with all kernels. */
export function batchModule(): Uint8Array {
  return assemble([
    stride('stride16x8', 16, 8, true),
    stride('stride16x2', 16, 2, true),
    stride('dir24x8', 24, 8, false),
    dxr6(),
    stride6(),
  ])
}
