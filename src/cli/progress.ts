// One line on a terminal's standard error while a run takes longer than half a second: how far virtual time is, events a
// second, how long it may still take; or any other text. Nothing at all where standard error is no terminal.

import { formatNanos, MILLISECOND } from '../model/time.ts'
import { truncate } from '../report/text/table.ts'
import type { Progress } from './engine.ts'
import { type Io, widthOf } from './io.ts'

/** Milliseconds before the first line, and between two. */
const FIRST_MS = 500
const EVERY_MS = 200

/** A line that is written over and over, and taken away; `now` gives milliseconds of real time. */
export function statusLine(io: Pick<Io, 'talk' | 'stderr'>, now: () => number = () => performance.now()) {
  let next = now() + FIRST_MS
  let shown = false
  return {
    /** Shows a text, or nothing when it is too early for one; a function is called only when it is shown. */
    show(text: string | (() => string)): void {
      if (!io.stderr.isTTY) return
      const time = now()
      if (time < next) return
      next = time + EVERY_MS
      shown = true
      const line = typeof text === 'string' ? text : text()
      io.talk(`\r\u001b[K${truncate(line, (widthOf(io.stderr) ?? 80) - 1)}`)
    },
    /** Takes the line away again. */
    clear(): void {
      if (shown) io.talk('\r\u001b[K')
      shown = false
    },
  }
}

/** A progress line for one run; `now` gives milliseconds of real time. */
export function progressLine(
  io: Pick<Io, 'talk' | 'stderr'>,
  name: string,
  now: () => number = () => performance.now(),
) {
  const start = now()
  const line = statusLine(io, now)
  return {
    update: (progress: Progress): void => line.show(() => progressText(name, progress, now() - start)),
    clear: line.clear,
  }
}

function progressText(name: string, { now, end, events }: Progress, elapsedMs: number): string {
  const done = end > 0 ? Math.max(0, Math.min(1, now / end)) : 0
  const rate = Math.round((events / elapsedMs) * 1000).toLocaleString('en')
  const left =
    done > 0.02
      ? `, ${formatNanos(Math.round((elapsedMs / done - elapsedMs) / 100) * 100 * MILLISECOND)} left`
      : ''
  const at = formatNanos(Math.round(now / MILLISECOND) * MILLISECOND)
  return `${name}: ${at} of ${formatNanos(end)} (${Math.floor(done * 100)} %), ${rate} events/s${left}`
}
