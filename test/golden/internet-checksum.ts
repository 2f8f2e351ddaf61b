// The internet checksum as RFC 1071 words it: a one's complement sum of 16-bit words, one word at a time, with the carry
// brought round at once. The slow twin of src/wire/checksum.ts.

/** The checksum of some bytes; an odd last byte is padded with a zero byte. */
export function internetChecksum(bytes: readonly number[]): number {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) {
    sum += (bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0)
    if (sum > 0xffff) sum -= 0xffff
  }
  return 0xffff - sum
}
