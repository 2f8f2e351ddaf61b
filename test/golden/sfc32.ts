// sfc32 as its definition reads, in integers without a width, reduced after every step: the twin of src/net/random.ts.

const MASK = 0xffffffffn

/** The numbers of sfc32 from a state of three words and the counter 1, after twelve that are thrown away. */
export function sfc32(words: readonly [number, number, number], count: number): number[] {
  let [a, b, c] = words.map(BigInt) as [bigint, bigint, bigint]
  let counter = 1n
  const numbers: number[] = []
  for (let i = 0; i < 12 + count; i++) {
    const result = (a + b + counter) & MASK
    counter = (counter + 1n) & MASK
    a = b ^ (b >> 9n)
    b = (c + (c << 3n)) & MASK
    c = ((((c << 21n) & MASK) | (c >> 11n)) + result) & MASK
    if (i >= 12) numbers.push(Number(result))
  }
  return numbers
}
