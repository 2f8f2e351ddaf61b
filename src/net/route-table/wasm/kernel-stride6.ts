// The batch kernel of stride6.ts: eight addresses through one level after the other, as kernels.ts does it for IPv4. The
// byte of an address that picks a slot is read from the batch where it is wanted, so that eight words are all that
// has to be held.

import {
  add,
  and,
  type Code,
  choose,
  constant,
  get,
  type Kernel,
  lessSigned,
  load,
  loadByte,
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
import { LANES6 } from './lanes.ts'

const INPUT = 0
const OUTPUT = 1
const END = 2
const WORD = 3

const VALUE = 0xffffff
/** Bytes of an address below the two of the root. */
const LEVELS = 14

const lanes = (each: (i: number) => Code): Code =>
  sequence(...Array.from({ length: LANES6 }, (_, i) => each(i)))

/** Where the n-th byte of an address lies: the lanes stand in the order of bytes of the machine, lowest first. */
const byteAt = (n: number): number => 4 * (n >> 2) + 3 - (n & 3)

/** The kernel of stride-16-8. */
export function stride6(): Kernel {
  const anyBlock = lessSigned(
    Array.from({ length: LANES6 }, (_, i) => get(WORD + i)).reduce((all, one) => or(all, one)),
    constant(0),
  )
  let levels = sequence()
  for (let level = LEVELS - 1; level >= 0; level--) {
    const step = lanes((i) => {
      // The highest bit of the word of a block falls off as its index becomes a byte offset.
      const slot = shiftLeft(
        add(get(WORD + i), loadByte(get(INPUT), 16 * i + byteAt(level + 2))),
        constant(2),
      )
      const isBlock = lessSigned(get(WORD + i), constant(0))
      return set(WORD + i, choose(isBlock, load(choose(isBlock, slot, constant(0))), get(WORD + i)))
    })
    levels = when(anyBlock, sequence(step, levels))
  }
  return {
    name: 'stride6',
    parameters: 3,
    locals: LANES6,
    body: repeat(
      lessSigned(get(INPUT), get(END)),
      sequence(
        lanes((i) =>
          set(WORD + i, load(and(shiftRight(load(get(INPUT), 16 * i), constant(14)), constant(0x3fffc)))),
        ),
        levels,
        // The value, or -1 for the word 0: the sign of `word - 1` spread over all bits.
        lanes((i) =>
          store(
            get(OUTPUT),
            or(
              and(get(WORD + i), constant(VALUE)),
              shiftSigned(subtract(get(WORD + i), constant(1)), constant(31)),
            ),
            4 * i,
          ),
        ),
        set(INPUT, add(get(INPUT), constant(16 * LANES6))),
        set(OUTPUT, add(get(OUTPUT), constant(4 * LANES6))),
      ),
    ),
  }
}
