// The batch kernels of dxr6.ts: sixteen addresses in four vectors through the root and then one node after the other. What
// is alike for all is done in vectors of four; a node is compared with its address as two vectors of starts, and how
// many of them are greater says which way out. An address that has its answer compares itself with what lies at the
// beginning of the memory and keeps what it has. (kernels.ts says how words are gathered, and why so.)

import {
  add,
  add4,
  and,
  and4,
  type Code,
  choose,
  constant,
  get,
  greaterSigned4,
  type Kernel,
  lane,
  lessSigned,
  lessUnsigned,
  load,
  load4,
  loadFirst,
  loadLane,
  minUnsigned4,
  narrow4,
  ones,
  or,
  or4,
  repeat,
  replaceLane,
  sequence,
  set,
  shiftLeft,
  shiftLeft4,
  shiftRight,
  shiftRight4,
  shiftSigned4,
  signs4,
  signsOfBytes,
  splat,
  spread,
  spreadLane,
  store,
  store4,
  subtract,
  when,
  without4,
  xor4,
} from './assembler.ts'
import { DXR6_AT, DXR6_LANES } from './lanes.ts'

const INPUT = 0
const OUTPUT = 1
const END = 2
/** Bits of an address before the first window. */
const BEFORE = 3
/** Bits of a first lane after the root. */
const AFTER = 4
const AT = 5
const SHIFT = 6
const LOCALS = 4
const VECTORS = DXR6_LANES / 4
const BASE = BEFORE + LOCALS
const OUTSIDE = BASE + 1
const FIRST = OUTSIDE + 1
const KEY = FIRST + VECTORS
const WORD = KEY + VECTORS
const MASK = WORD + VECTORS
/** All ones for a half node. */
const HALF = MASK + VECTORS
const KEPT = HALF + VECTORS

const ROOT_BYTES = 4 * DXR6_AT
/** Where the last words of the nodes under search are noted, before the root. */
const SCRATCH = 16
const EACH = 16

function vectors(each: (v: number) => Code): Code {
  return sequence(...Array.from({ length: VECTORS }, (_, v) => each(v)))
}

/** The words at four byte offsets, all `displacement` further. */
function gathered(offset: (i: number) => Code, displacement: number): Code {
  return [1, 2, 3].reduce<Code>(
    (words, i) => loadLane(i, offset(i), words, displacement),
    loadFirst(offset(0), displacement),
  )
}

/** A lane of four addresses. */
function lanesOf(v: number, which: number): Code {
  const at = (i: number): number => 64 * v + 16 * i + 4 * which
  return [1, 2, 3].reduce<Code>(
    (words, i) => loadLane(i, get(INPUT), words, at(i)),
    loadFirst(get(INPUT), at(0)),
  )
}

const anyNode = signs4(Array.from({ length: VECTORS }, (_, v) => get(WORD + v)).reduce((a, b) => or4(a, b)))
const stored =
  (v: number) =>
  (i: number): Code =>
    load(get(OUTPUT), EACH * v + 4 * i)

/** An address's way out of its node: how many of the starts are greater, as two bits each, counts from the last word. */
function wayOut(v: number, i: number): Code {
  const key = spreadLane(get(KEY + v), i)
  const greater = (half: number): Code => greaterSigned4(load4(get(AT), 16 * half), key)
  return sequence(
    set(AT, stored(v)(i)),
    store(
      get(OUTPUT),
      subtract(
        load(constant(0), SCRATCH + EACH * v + 4 * i),
        shiftLeft(ones(signsOfBytes(narrow4(greater(0), greater(1)))), constant(1)),
      ),
      EACH * v + 4 * i,
    ),
  )
}

/** Takes the key of an address whose node is in another window from there. */
function switchWindow(v: number, i: number): Code {
  const which = shiftRight(lane(get(WORD + v), i), constant(28))
  // The bit the window begins with; the word of a node has 8 and the window's number in its highest four.
  const bit = subtract(add(get(BEFORE), subtract(shiftLeft(get(AT), constant(5)), get(AT))), constant(8 * 31))
  const high = add(get(INPUT), shiftLeft(shiftRight(get(SHIFT), constant(5)), constant(2)))
  // After the last lane comes nothing that matters.
  const low = add(high, choose(lessUnsigned(get(SHIFT), constant(96)), constant(4), constant(0)))
  const place = 16 * (4 * v + i)
  const inLane = and(get(SHIFT), constant(31))
  return sequence(
    set(AT, which),
    when(
      lessUnsigned(constant(8), get(AT)),
      sequence(
        set(SHIFT, bit),
        set(
          KEY + v,
          replaceLane(
            get(KEY + v),
            i,
            shiftRight(
              or(
                shiftLeft(load(high, place), inLane),
                shiftRight(shiftRight(load(low, place), constant(1)), subtract(constant(31), inLane)),
              ),
              constant(1),
            ),
          ),
        ),
      ),
    ),
  )
}

function kernel(name: string, deep: boolean): Kernel {
  const node = sequence(
    deep ? vectors((v) => sequence(...[0, 1, 2, 3].map((i) => switchWindow(v, i)))) : sequence(),
    vectors((v) =>
      sequence(
        set(MASK + v, shiftSigned4(get(WORD + v), constant(31))),
        set(
          HALF + v,
          and4(shiftSigned4(shiftLeft4(get(WORD + v), constant(4)), constant(31)), get(MASK + v)),
        ),
        set(KEPT, and4(shiftLeft4(get(WORD + v), constant(5)), get(MASK + v))),
        store4(get(OUTPUT), get(KEPT), EACH * v),
        store4(
          constant(0),
          add4(get(KEPT), add4(splat(60), shiftLeft4(get(HALF + v), constant(5)))),
          SCRATCH + EACH * v,
        ),
      ),
    ),
    vectors((v) => sequence(...[0, 1, 2, 3].map((i) => wayOut(v, i)))),
    vectors((v) =>
      set(
        WORD + v,
        or4(
          and4(xor4(gathered(stored(v), 0), get(HALF + v)), get(MASK + v)),
          without4(get(WORD + v), get(MASK + v)),
        ),
      ),
    ),
  )
  const keys = vectors((v) =>
    set(
      KEY + v,
      shiftRight4(
        or4(shiftLeft4(get(FIRST + v), get(BEFORE)), shiftRight4(lanesOf(v, 1), get(AFTER))),
        constant(1),
      ),
    ),
  )
  return {
    name,
    parameters: 3,
    locals: LOCALS,
    vectors: KEPT + 1 - BASE,
    body: sequence(
      set(BASE, spread(load(constant(0)))),
      set(OUTSIDE, spread(load(constant(0), 4))),
      set(BEFORE, load(constant(0), 8)),
      set(AFTER, subtract(constant(32), get(BEFORE))),
      repeat(
        lessSigned(get(INPUT), get(END)),
        sequence(
          vectors((v) => set(FIRST + v, xor4(lanesOf(v, 0), get(BASE)))),
          vectors((v) =>
            store4(
              get(OUTPUT),
              shiftLeft4(minUnsigned4(shiftRight4(get(FIRST + v), get(AFTER)), get(OUTSIDE)), constant(2)),
              EACH * v,
            ),
          ),
          vectors((v) => set(WORD + v, gathered(stored(v), ROOT_BYTES))),
          when(anyNode, sequence(keys, node, repeat(anyNode, node))),
          vectors((v) => store4(get(OUTPUT), add4(get(WORD + v), splat(-1)), EACH * v)),
          set(INPUT, add(get(INPUT), constant(16 * DXR6_LANES))),
          set(OUTPUT, add(get(OUTPUT), constant(4 * DXR6_LANES))),
        ),
      ),
    ),
  }
}

/** For tables of one window. */
export const dxr6first = (): Kernel => kernel('dxr6first', false)
/** For any table. */
export const dxr6 = (): Kernel => kernel('dxr6', true)
