/**
 * Refused transactions out of the daemons' own log files: ovsdb answers with an error, and the IDL of the daemon writes it down.
 * Surprises: daemons say equal things only a few times a minute (rate limits of vlog), so there may have been more than are found. And
 * daemons that come up together collide: two ovn-ic choose one tunnel key, and the one that is refused chooses another. What was refused
 * only once, before time zero, is therefore no refusal but a warning.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Nanos } from '../../model/time.ts'
import type { LogEntry } from '../../model/trace.ts'
import type { Names } from '../names.ts'

/** What daemons of all clusters were refused, in the order of time; `zero` is time zero in milliseconds since 1970. */
export function refusals(names: Names, zero: number): LogEntry[] {
  const logs = [
    ...[...names.zones].flatMap(([cluster, { folder }]) =>
      ['ovn-ic', 'ovn-northd'].map((name) => ({
        source: `${name} ${cluster}`,
        path: join(folder, `${name}.log`),
      })),
    ),
    ...[...names.nodes].map(([node, { folder }]) => ({
      source: `ovn-controller ${node}`,
      path: join(folder, 'ovn-controller.log'),
    })),
  ]
  return logs
    .filter(({ path }) => existsSync(path))
    .flatMap(({ source, path }) => withoutCollisions(refusalsOf(readFileSync(path, 'utf8'), source, zero)))
    .sort((a, b) => a.at - b.at)
}

/** Makes warnings of what one daemon was refused once while the network came up. */
export function withoutCollisions(entries: readonly LogEntry[]): LogEntry[] {
  const times = new Map<string, number>()
  const bare = ({ text }: LogEntry): string => text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '')
  for (const entry of entries) times.set(bare(entry), (times.get(bare(entry)) ?? 0) + 1)
  return entries.map((entry) =>
    entry.at < 0 && times.get(bare(entry)) === 1 ? { ...entry, kind: 'warning' } : entry,
  )
}

/** Refused transactions in one log. */
export function refusalsOf(text: string, source: string, zero: number): LogEntry[] {
  return text.split('\n').flatMap((line): LogEntry[] => {
    const found = /^(\S+Z)\|\d+\|[^|]*\|(?:WARN|ERR)\|transaction error: (.*)$/.exec(line)
    if (found === null) return []
    const at: Nanos = Math.round((Date.parse(found[1]!) - zero) * 1e6)
    return [{ at, source, kind: 'refused', text: wordsOf(found[2]!) }]
  })
}

/** `constraint violation: Transaction causes multiple rows …`. */
function wordsOf(json: string): string {
  try {
    const { error, details } = JSON.parse(json) as { error?: string; details?: string }
    return [error, details].filter((part) => part !== undefined).join(': ')
  } catch {
    // A line that was cut off is shown as it is.
    return json
  }
}
