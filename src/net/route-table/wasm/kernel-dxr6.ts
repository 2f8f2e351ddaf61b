// The batch kernel of dxr6.ts: its lookup loop, an address after the other, with a binary search that does not branch.

import {
  add,
  and,
  choose,
  constant,
  either,
  get,
  type Kernel,
  lessSigned,
  load,
  repeat,
  sequence,
  set,
  shiftLeft,
  shiftRight,
  store,
  subtract,
  when,
} from './assembler.ts'

const INPUT = 0
const OUTPUT = 1
const END = 2
const LANE = 3
const NEXT = 4
const WORD = 5
const AT = 6
const LENGTH = 7
const HALF = 8
const FLIPPED = 9
const TABLE = 10

const KIND_NEXT = 0x40000000
const KIND_SPREAD = 0x20000000
const INDEX = 0x1fffffff
const SIGN = 0x80000000 | 0

/** The kernel: `NEXT` is the byte offset of the lane that comes next, `AT` that of a node and then of a start. */
export function dxr6(): Kernel {
  const takeNextLane = when(
    and(get(WORD), constant(KIND_NEXT)),
    sequence(set(LANE, load(get(NEXT))), set(NEXT, add(get(NEXT), constant(4)))),
  )
  const spread = sequence(
    set(
      WORD,
      load(add(get(AT), shiftLeft(and(shiftRight(get(LANE), load(get(AT))), constant(255)), constant(2))), 4),
    ),
  )
  // LENGTH starts remain from AT on (before the first start); at the end AT is the last start that is not beyond.
  const search = sequence(
    set(FLIPPED, add(get(LANE), constant(SIGN))),
    set(LENGTH, load(get(AT))),
    set(WORD, add(get(AT), shiftLeft(get(LENGTH), constant(2)))),
    set(TABLE, get(AT)),
    repeat(
      lessSigned(constant(1), get(LENGTH)),
      sequence(
        set(HALF, shiftRight(get(LENGTH), constant(1))),
        set(
          AT,
          choose(
            lessSigned(get(FLIPPED), load(add(get(AT), shiftLeft(get(HALF), constant(2))))),
            get(AT),
            add(get(AT), shiftLeft(get(HALF), constant(2))),
          ),
        ),
        set(LENGTH, subtract(get(LENGTH), get(HALF))),
      ),
    ),
    set(WORD, load(add(get(WORD), subtract(get(AT), get(TABLE))))),
  )
  return {
    name: 'dxr6',
    parameters: 3,
    locals: 8,
    body: repeat(
      lessSigned(get(INPUT), get(END)),
      sequence(
        set(LANE, load(get(INPUT))),
        set(NEXT, add(get(INPUT), constant(4))),
        set(WORD, load(and(shiftRight(get(LANE), constant(14)), constant(0x3fffc)))),
        repeat(
          lessSigned(get(WORD), constant(0)),
          sequence(
            takeNextLane,
            set(AT, shiftLeft(and(get(WORD), constant(INDEX)), constant(2))),
            either(and(get(WORD), constant(KIND_SPREAD)), spread, search),
          ),
        ),
        store(get(OUTPUT), subtract(get(WORD), constant(1))),
        set(INPUT, add(get(INPUT), constant(16))),
        set(OUTPUT, add(get(OUTPUT), constant(4))),
      ),
    ),
  }
}
