// A WebAssembly assembler of the few instructions the batch kernels need: expressions are arrays of bytes, put together
// from the inside out (WebAssembly Core Specification 2.0, chapter 5, binary format).

/** Encoded instructions. */
export type Code = readonly number[]

/** A function that takes 32-bit integers and answers nothing. */
export interface Kernel {
  readonly name: string
  readonly parameters: number
  /** Locals beyond the parameters that are 32-bit integers. */
  readonly locals: number
  /** Locals that are vectors of 128 bits; their numbers follow those of the integers. */
  readonly vectors?: number
  readonly body: Code
}

/** A number in LEB128, signed as constants are. */
function signed(n: number): Code {
  const bytes: number[] = []
  let rest = n | 0
  for (;;) {
    const low = rest & 0x7f
    rest >>= 7
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return [...bytes, low]
    bytes.push(low | 0x80)
  }
}

/** A number in LEB128, unsigned as counts and indexes are. */
function unsigned(n: number): Code {
  const bytes: number[] = []
  let rest = n >>> 0
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  return [...bytes, rest]
}

const binaryOf =
  (opcode: Code) =>
  (a: Code, b: Code): Code => [...a, ...b, ...opcode]
const binary = (opcode: number) => binaryOf([opcode])

export const constant = (n: number): Code => [0x41, ...signed(n)]
export const get = (local: number): Code => [0x20, ...unsigned(local)]
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)]
export const add = binary(0x6a)
export const subtract = binary(0x6b)
export const and = binary(0x71)
export const or = binary(0x72)
export const shiftLeft = binary(0x74)
export const shiftSigned = binary(0x75)
export const shiftRight = binary(0x76)
export const lessSigned = binary(0x48)
export const lessUnsigned = binary(0x49)
export const atMostUnsigned = binary(0x4d)
/** How many bits are ones. */
export const ones = (a: Code): Code => [...a, 0x69]
export const isZero = (a: Code): Code => [...a, 0x45]
export const load = (address: Code, offset = 0): Code => [...address, 0x28, 2, ...unsigned(offset)]
/** The byte at an address, unsigned. */
export const loadByte = (address: Code, offset = 0): Code => [...address, 0x2d, 0, ...unsigned(offset)]
export const store = (address: Code, value: Code, offset = 0): Code => [
  ...address,
  ...value,
  0x36,
  2,
  ...unsigned(offset),
]
/** `yes` where the condition is not zero, without a branch; both are evaluated. */
export const choose = (condition: Code, yes: Code, no: Code): Code => [...yes, ...no, ...condition, 0x1b]
export const when = (condition: Code, body: Code): Code => [...condition, 0x04, 0x40, ...body, 0x0b]
export const either = (condition: Code, yes: Code, no: Code): Code => [
  ...condition,
  ...[0x04, 0x40],
  ...yes,
  0x05,
  ...no,
  0x0b,
]

// Vectors of four 32-bit integers. Shifts take the same distance, a plain integer, for all four.

const vector2 = (opcode: number) => binaryOf([0xfd, ...unsigned(opcode)])

export const load4 = (address: Code, offset = 0): Code => [...address, 0xfd, 0x00, 2, ...unsigned(offset)]
export const store4 = (address: Code, value: Code, offset = 0): Code => [
  ...address,
  ...value,
  ...[0xfd, 0x0b, 2],
  ...unsigned(offset),
]
/** One word from memory into lane 0, the others are 0. */
export const loadFirst = (address: Code, offset = 0): Code => [...address, 0xfd, 0x5c, 2, ...unsigned(offset)]
/** `old` with one word from memory in a lane. */
export const loadLane = (lane: number, address: Code, old: Code, offset = 0): Code => [
  ...address,
  ...old,
  ...[0xfd, 0x56, 2],
  ...unsigned(offset),
  lane,
]
export const splat = (n: number): Code => [
  ...[0xfd, 0x0c],
  ...[0, 1, 2, 3].flatMap(() => [n & 255, (n >>> 8) & 255, (n >>> 16) & 255, n >>> 24]),
]
export const lane = (value: Code, which: number): Code => [...value, 0xfd, 0x1b, which]
export const replaceLane = (vector: Code, which: number, value: Code): Code => [
  ...vector,
  ...value,
  ...[0xfd, 0x1c, which],
]
/** An integer in all four lanes. */
export const spread = (value: Code): Code => [...value, 0xfd, 0x11]
/** A lane in all four lanes. */
export const spreadLane = (vector: Code, which: number): Code => [
  ...vector,
  ...vector,
  ...[0xfd, 0x0d],
  ...[0, 1, 2, 3].flatMap(() => [4 * which, 4 * which + 1, 4 * which + 2, 4 * which + 3]),
]
export const and4 = vector2(0x4e)
/** `a` without the bits of `b`. */
export const without4 = vector2(0x4f)
export const or4 = vector2(0x50)
/** Bits of `yes` where `mask` has ones, of `no` where it has zeros. */
export const select4 = (yes: Code, no: Code, mask: Code): Code => [...yes, ...no, ...mask, 0xfd, 0x52]
export const shiftLeft4 = vector2(0xab)
export const shiftSigned4 = vector2(0xac)
export const shiftRight4 = vector2(0xad)
export const add4 = vector2(0xae)
export const maxSigned4 = vector2(0xb8)
export const minUnsigned4 = vector2(0xb7)
export const xor4 = vector2(0x51)
/** All ones where `a` is greater than `b`. */
export const greaterSigned4 = vector2(0x3b)
/** Two vectors as one of eight integers of 16 bits, which they fit into. */
export const narrow4 = vector2(0x85)
/** The highest bits of sixteen bytes, as an integer. */
export const signsOfBytes = (a: Code): Code => [...a, 0xfd, 0x64]
export const equal4 = vector2(0x37)
/** The highest bits of the four, as an integer. */
export const signs4 = (a: Code): Code => [...a, 0xfd, ...unsigned(0xa4)]

/** Runs the body as long as the condition, asked before it, is not zero. */
export const repeat = (condition: Code, body: Code): Code => [
  ...[0x02, 0x40, 0x03, 0x40],
  ...condition,
  ...[0x45, 0x0d, 1],
  ...body,
  ...[0x0c, 0, 0x0b, 0x0b],
]
export const sequence = (...parts: readonly Code[]): Code => parts.flat()

/** The bytes of a module that exports the kernels and imports its memory as `table.memory`. */
export function assemble(kernels: readonly Kernel[]): Uint8Array {
  const I32 = 0x7f
  const V128 = 0x7b
  const types = kernels.map(({ parameters }) => [0x60, ...vector(Array(parameters).fill([I32])), 0])
  const memory = [...text('table'), ...text('memory'), 2, 0, 0]
  const exported = kernels.map(({ name }, i) => [...text(name), 0, ...unsigned(i)])
  const bodies = kernels.map(({ locals, vectors = 0, body }) => {
    const code = [2, ...unsigned(locals), I32, ...unsigned(vectors), V128, ...body, 0x0b]
    return [...unsigned(code.length), ...code]
  })
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(2, vector([memory])),
    ...section(3, vector(kernels.map((_, i) => unsigned(i)))),
    ...section(7, vector(exported)),
    ...section(10, vector(bodies)),
  ])
}

function vector(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()]
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content]
}

function text(word: string): Code {
  return vector([...word].map((letter) => [letter.charCodeAt(0)]))
}
