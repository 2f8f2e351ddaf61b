// The batch kernels, as source: `module.ts` holds what this assembles to, and a test holds the two together
// (`UPDATE=1 npx vitest run test/net/route-table` writes it).
//
// An IPv4 kernel takes thirty-two addresses at a time through one level after the other, in vectors of four: the slots are
// worked out for four at once, and only the loads are one by one. So the processor has as many cache misses under way
// where single lookups have one. Within a level nothing branches: an address that is through already loads the first
// word of the memory, which is 0 and always cached. Whether any of them has further to go is one branch for all.
//
// WebAssembly has no load from four addresses at once. Their offsets are written where the answers will stand and read
// from there one by one, which the processor forwards from the store; taking them out of the vector costs more
// (docs/performance.md). For the same reason masks are pairs of shifts: V8 makes a constant vector anew at every use.

import {
  add,
  add4,
  and4,
  assemble,
  type Code,
  constant,
  equal4,
  get,
  type Kernel,
  lessSigned,
  load,
  load4,
  loadFirst,
  loadLane,
  maxSigned4,
  or4,
  repeat,
  sequence,
  set,
  shiftLeft4,
  shiftRight4,
  shiftSigned4,
  signs4,
  splat,
  store4,
  when,
  without4,
} from './assembler.ts'
import { dxr6, dxr6first } from './kernel-dxr6.ts'
import { stride6 } from './kernel-stride6.ts'
import { LANES, ROOT_AT } from './lanes.ts'

// Parameters: byte offsets of the first address, of the first answer, of the end of the addresses.
const INPUT = 0
const OUTPUT = 1
const END = 2
/** Vectors of a turn. */
const VECTORS = LANES / 4
const ADDRESS = 3
const WORD = ADDRESS + VECTORS
const MASK = WORD + VECTORS
const LOCALS = 3 * VECTORS
const BYTES = 16

function vectors(each: (v: number) => Code): Code {
  return sequence(...Array.from({ length: VECTORS }, (_, v) => each(v)))
}

function anyOf(one: (v: number) => Code): Code {
  return signs4(Array.from({ length: VECTORS }, (_, v) => one(v)).reduce((all, next) => or4(all, next)))
}

/** The words at four byte offsets, all `displacement` further. */
function gather(v: number, offsets: Code, displacement: number): Code {
  const offset = (lane: number): Code => load(get(OUTPUT), BYTES * v + 4 * lane)
  return sequence(
    store4(get(OUTPUT), offsets, BYTES * v),
    [1, 2, 3].reduce<Code>(
      (words, lane) => loadLane(lane, offset(lane), words, displacement),
      loadFirst(offset(0), displacement),
    ),
  )
}

/** The lookup of stride4.ts: `root` bits, then blocks of `stride` bits; with base words after the root or without. */
function stride(name: string, root: number, bits: number, based: boolean): Kernel {
  const rootOffset = (v: number): Code =>
    shiftLeft4(shiftRight4(get(ADDRESS + v), constant(32 - root)), constant(2))
  const isNone = (v: number): Code => equal4(get(WORD + v), splat(0))
  const bases = when(
    anyOf(isNone),
    vectors((v) =>
      set(WORD + v, or4(get(WORD + v), and4(isNone(v), gather(v, rootOffset(v), 4 * (ROOT_AT + 2 ** root))))),
    ),
  )
  let levels = sequence()
  for (let shift = 0; shift < 32 - root; shift += bits) {
    const slot = (v: number): Code =>
      shiftRight4(shiftLeft4(get(ADDRESS + v), constant(32 - shift - bits)), constant(32 - bits))
    // The word's highest bit says that it is a block and falls off as its index becomes a byte offset.
    const offsets = (v: number): Code =>
      and4(shiftLeft4(add4(get(WORD + v), slot(v)), constant(2)), get(MASK + v))
    const step = vectors((v) =>
      sequence(
        set(MASK + v, shiftSigned4(get(WORD + v), constant(31))),
        // What is loaded beside a leaf is 0. On the last level all is leaves, which are no less than 0.
        set(
          WORD + v,
          shift === 0
            ? maxSigned4(gather(v, offsets(v), 0), get(WORD + v))
            : or4(gather(v, offsets(v), 0), without4(get(WORD + v), get(MASK + v))),
        ),
      ),
    )
    // A slot of a block may be empty, and then the base knows.
    const rest = based && shift === 32 - root - bits ? sequence(levels, bases) : levels
    levels = when(
      anyOf((v) => get(WORD + v)),
      sequence(step, rest),
    )
  }
  return {
    name,
    parameters: 3,
    locals: 0,
    vectors: LOCALS,
    body: repeat(
      lessSigned(get(INPUT), get(END)),
      sequence(
        vectors((v) => set(ADDRESS + v, load4(get(INPUT), BYTES * v))),
        vectors((v) => set(WORD + v, gather(v, rootOffset(v), 4 * ROOT_AT))),
        levels,
        vectors((v) => {
          const increased = shiftRight4(shiftLeft4(get(WORD + v), constant(8)), constant(8))
          return store4(get(OUTPUT), add4(increased, splat(-1)), BYTES * v)
        }),
        set(INPUT, add(get(INPUT), constant(4 * LANES))),
        set(OUTPUT, add(get(OUTPUT), constant(4 * LANES))),
      ),
    ),
  }
}

/** The lookup of dir24x8-half.ts. Words are read whole and moved up by half of one, which drops their neighbour. */
function halves(name: string): Kernel {
  const blocksAt = 2 ** 25
  const half = (v: number, offsets: Code, displacement: number): Code =>
    shiftLeft4(gather(v, offsets, displacement), constant(16))
  const rootOffset = (v: number): Code => shiftLeft4(shiftRight4(get(ADDRESS + v), constant(8)), constant(1))
  const slot = (v: number): Code => shiftRight4(shiftLeft4(get(ADDRESS + v), constant(24)), constant(23))
  const block = (v: number): Code => shiftRight4(shiftLeft4(get(WORD + v), constant(1)), constant(8))
  return {
    name,
    parameters: 3,
    locals: 0,
    vectors: LOCALS,
    body: repeat(
      lessSigned(get(INPUT), get(END)),
      sequence(
        vectors((v) => set(ADDRESS + v, load4(get(INPUT), BYTES * v))),
        vectors((v) => set(WORD + v, half(v, rootOffset(v), 0))),
        when(
          anyOf((v) => get(WORD + v)),
          vectors((v) =>
            set(
              WORD + v,
              // What is loaded beside a leaf is 0, and no leaf is less.
              maxSigned4(
                half(v, and4(add4(block(v), slot(v)), shiftSigned4(get(WORD + v), constant(31))), blocksAt),
                get(WORD + v),
              ),
            ),
          ),
        ),
        vectors((v) =>
          store4(get(OUTPUT), add4(shiftRight4(get(WORD + v), constant(16)), splat(-1)), BYTES * v),
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
    stride('stride20x4', 20, 4, false),
    stride('dir24x8', 24, 8, false),
    dxr6first(),
    halves('dir24x8half'),
    dxr6(),
    stride6(),
  ])
}
