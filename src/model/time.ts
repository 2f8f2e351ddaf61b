/**
 * Virtual time. One number everywhere: integer nanoseconds since the moment the scenario calls zero.
 * A JS number holds 104 days of nanoseconds exactly, so no bigint is needed. Bring-up before zero is negative.
 */

/** Integer nanoseconds of virtual time. */
export type Nanos = number

export const MICROSECOND: Nanos = 1_000
export const MILLISECOND: Nanos = 1_000_000
export const SECOND: Nanos = 1_000_000_000

export const micros = (n: number): Nanos => Math.round(n * MICROSECOND)
export const millis = (n: number): Nanos => Math.round(n * MILLISECOND)
export const seconds = (n: number): Nanos => Math.round(n * SECOND)

/** `1.5s`, `250ms`, `-12us`, `0s`: the shortest exact form in the largest unit that has at most three decimals. */
export function formatNanos(t: Nanos): string {
  const sign = t < 0 ? '-' : ''
  const n = Math.abs(t)
  if (n === 0) return '0s'
  if (n >= SECOND) return `${sign}${trim(n / SECOND, 3)}s`
  if (n >= MILLISECOND) return `${sign}${trim(n / MILLISECOND, 3)}ms`
  if (n >= MICROSECOND) return `${sign}${trim(n / MICROSECOND, 3)}us`
  return `${sign}${n}ns`
}

function trim(value: number, decimals: number): string {
  return value.toFixed(decimals).replace(/\.?0+$/, '')
}
