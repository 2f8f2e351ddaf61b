// The formats of route files: how to recognise each by its content, and who reads it. Tools do not name their formats, so the
// first lines decide; a file that looks like none of them is refused rather than guessed at.

import { BIRD_LINE, readBird } from './bird.ts'
import { looksLikeCsv, readCsv } from './csv.ts'
import type { RouteFormat, TextFormat } from './format-names.ts'
import { FRR_BGP_LINE, FRR_ROUTE_LINE, readFrrBgp, readFrrRoutes } from './frr.ts'
import { readIpRoute } from './ip-route.ts'
import { readIpRouteJson } from './ip-route-json.ts'
import { LR_ROUTE_LIST_TITLE, readLrRouteList } from './lr-route-list.ts'
import type { TextFile } from './text-file.ts'

/** What prints each format. */
export const FORMAT_SOURCES: Readonly<Record<RouteFormat, string>> = {
  'ip-route': '`ip route`',
  'ip-json': '`ip -j route`',
  'lr-route-list': '`ovn-nbctl lr-route-list`',
  bird: "BIRD's `show route`",
  frr: "FRR's `show ip route`",
  'frr-bgp': "FRR's `show bgp`",
  mrt: 'an MRT dump of a RIB',
  csv: 'CSV or a list of prefixes',
}

/** Who reads the text formats. */
export const TEXT_READERS: Readonly<Record<TextFormat, (file: TextFile) => void>> = {
  'ip-route': readIpRoute,
  'ip-json': readIpRouteJson,
  'lr-route-list': readLrRouteList,
  bird: readBird,
  frr: readFrrRoutes,
  'frr-bgp': readFrrBgp,
  csv: readCsv,
}

const IP_ROUTE_LINE =
  /^(?:blackhole|unreachable|prohibit|throw) (?:default|[\da-fA-F.:]+(?:\/\d+)?)$|^(?:(?:unicast|local|broadcast|multicast|anycast|throw|unreachable|prohibit|blackhole) )?(?:default|[\da-fA-F.:]+(?:\/\d+)?) (?:via|dev|nhid|proto|table|metric|scope|src|encap|tos|from) /

/** By lines, in this order: the first whose pattern any of the first lines fits. */
const BY_LINE: readonly (readonly [TextFormat, (line: string, i: number) => boolean])[] = [
  ['lr-route-list', (line) => LR_ROUTE_LIST_TITLE.test(line)],
  ['frr-bgp', (line) => FRR_BGP_LINE.test(line)],
  ['bird', (line) => BIRD_LINE.test(line)],
  ['frr', (line) => FRR_ROUTE_LINE.test(line)],
  ['ip-route', (line) => IP_ROUTE_LINE.test(line)],
  // A heading that is not known may stand before the first prefix.
  ['csv', (line, i) => i < 2 && looksLikeCsv(line, i === 0)],
]

const LINES_LOOKED_AT = 50

/** The format of a text, or undefined when it is none that is known. */
export function detectFormat(text: string): TextFormat | undefined {
  if (/^\s*[[{]/.test(text)) return 'ip-json'
  const lines = text
    .slice(0, 20_000)
    .split('\n', LINES_LOOKED_AT)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !/^\s*#/.test(line))
  return BY_LINE.find(([, fits]) => lines.some(fits))?.[0]
}
