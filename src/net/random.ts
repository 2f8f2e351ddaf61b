// Seeded random numbers, the only source of chance in the simulator: same seed, same bytes on every machine.
// The generator is sfc32 of Chris Doty-Humphrey (PractRand 0.9x, "small fast counting"): 128 bits of state, passes
// PractRand and BigCrush, three additions and two shifts a number. Seeds are spread by splitmix32 (the 32-bit form of
// Steele, Lea and Flood 2014, with the finaliser of MurmurHash3). None of it is for secrets.

const LANE = 2 ** 32

/** A deterministic stream of random numbers. Streams of other seeds or other fork labels are independent of it. */
export class Random {
  readonly #key: readonly [number, number, number]
  #a: number
  #b: number
  #c: number
  #counter = 1

  /** Starts the stream of a seed; only the seed's low 32 bits count. */
  constructor(seed: number, key: readonly [number, number, number] = keyOfSeed(seed)) {
    this.#key = key
    this.#a = key[0]
    this.#b = key[1]
    this.#c = key[2]
    for (let i = 0; i < 12; i++) this.next()
  }

  /** The next number, uniform in 0 .. 2^32 - 1. */
  next(): number {
    const result = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0
    return result >>> 0
  }

  /** A whole number, uniform in 0 .. n - 1 without bias, for n in 1 .. 2^32; throws a RangeError for other n. */
  below(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > LANE) throw new RangeError(`below(${n}): not in 1 .. 2^32`)
    const limit = LANE - (LANE % n)
    let drawn = this.next()
    while (drawn >= limit) drawn = this.next()
    return drawn % n
  }

  /** A number in [0, 1) in steps of 2^-32. */
  float(): number {
    return this.next() / LANE
  }

  /**
   * The stream named `label` below this one. It depends on the seed and the labels on the way only, not on how many
   * numbers were drawn, so a new consumer of chance never shifts what the others see.
   */
  fork(label: string): Random {
    return new Random(0, forkedKey(this.#key, label))
  }
}

/** A 32-bit hash of text: FNV-1a over its UTF-16 units (low byte, high byte), finished by `mix32`; not for secrets. */
export function hash32(text: string, seed = 0): number {
  let h = (0x811c9dc5 ^ mix32(seed)) | 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    h = Math.imul(h ^ (unit & 0xff), 0x01000193)
    h = Math.imul(h ^ (unit >>> 8), 0x01000193)
  }
  return mix32(h)
}

/** The 32-bit finaliser of MurmurHash3: a bijection in which every input bit changes every output bit half the time. */
export function mix32(n: number): number {
  let h = n | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** The n-th UUID of a named series, as text in the shape of RFC 9562 §5.4 (version 4), lower case. */
export function uuidFrom(seed: number, label: string, n: number): string {
  const random = new Random(0, forkedKey(keyOfSeed(seed), `${label}#${n}`))
  const hex = (word: number): string => word.toString(16).padStart(8, '0')
  const a = hex(random.next())
  const b = hex(((random.next() & 0xffff0fff) | 0x4000) >>> 0)
  const c = hex(((random.next() & 0x3fffffff) | 0x80000000) >>> 0)
  return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${hex(random.next())}`
}

/**
 * Orders two lower-case UUID texts as 128-bit unsigned numbers, as the OVSDB programs order rows. The texts have fixed
 * width and digits sort below letters, so the order of the texts is the order of the numbers.
 */
export function compareUuid(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The key of the stream named `label` below another. */
function forkedKey([k0, k1, k2]: readonly [number, number, number], label: string): [number, number, number] {
  return [mix32(k0 ^ hash32(label, 1)), mix32(k1 ^ hash32(label, 2)), mix32(k2 ^ hash32(label, 3))]
}

/** Three words for the state of a stream, drawn from splitmix32 started at the seed. */
function keyOfSeed(seed: number): [number, number, number] {
  const golden = 0x9e3779b9
  return [mix32(seed + golden), mix32(seed + 2 * golden), mix32(seed + 3 * golden)]
}
