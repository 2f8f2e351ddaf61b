// Route files from strings and bytes.

import { type RouteFile, type RouteFileOptions, readRouteFile } from '../../../src/input/routes/read.ts'
import { prefixTextAt } from '../../../src/model/prefix-list.ts'

/** Reads bytes or text as a file named `routes`; bytes come in pieces of `piece`. */
export function readBytes(
  content: string | Uint8Array,
  options: RouteFileOptions = {},
  piece = 65_536,
): Promise<RouteFile> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return readRouteFile('routes', options, pieces(bytes, piece))
}

async function* pieces(bytes: Uint8Array, piece: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece)
}

/** `prefix nexthop` lines of both families, in order. */
export function tableLines({ routes }: RouteFile): string[] {
  return ([4, 6] as const).flatMap((family) => {
    const list = routes.tables[family]
    return Array.from(
      { length: list.count },
      (_, i) => `${prefixTextAt(list, i)} ${routes.nextHops[list.values[i]!]}`,
    )
  })
}

/** Code and message of each problem, with its place where it has one. */
export function problems({ diagnostics }: RouteFile): string[] {
  return diagnostics.map(({ code, message, span }) =>
    span === undefined ? `${code} ${message}` : `${code} ${span.line}:${span.column} ${message}`,
  )
}
