// Numbers in the forms that all reports share.

import { MILLISECOND, type Nanos, SECOND } from '../model/time.ts'

/** Milliseconds with up to three decimals and no trailing zeros, as a number. */
export function toMs(t: Nanos): number {
  return Math.round((t / MILLISECOND) * 1000) / 1000
}

/** `3.400s` with three decimals always, so that columns align. */
export function seconds(t: Nanos): string {
  return `${(t / SECOND).toFixed(3)}s`
}

/** Three significant digits of milliseconds: `0.42`, `1.84`, `12.3`, `250`. */
export function shortMs(t: Nanos): string {
  const ms = t / MILLISECOND
  return ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2)
}

/** `812 B`, `45.6 kB`, `1.2 MB`. */
export function byteSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB']
  let value = bytes / 1000
  let unit = 0
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value.toFixed(1)} ${units[unit]}`
}

/** `1 packet`, `12 packets`. */
export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}
