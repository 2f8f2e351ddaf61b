// The codes of route files with what `isthmus explain CODE` says about them. A published code never gets another meaning.

import { type CodeList, defineCodes } from '../../diag/codes.ts'

export const ROUTE_FILE_CODES: CodeList = defineCodes([
  entry(
    'RF001',
    'A route file cannot be read',
    'The file does not exist, is a folder, or may not be read; `-` is standard input.',
  ),
  entry(
    'RF002',
    'A route file is too large',
    'Tables as text may have 400 MiB, of which a full view of the Internet takes a quarter. MRT dumps may have any size: they are read piece by piece.',
  ),
  entry(
    'RF003',
    'A packed route file',
    'gzip is unpacked on the way. RouteViews packs its dumps with bzip2, for which Node has no decoder: `bzip2 -dc rib.20260101.0000.bz2 | isthmus bench routes -`. The same goes for xz and zstd. A gzip file that ends too early was cut off.',
  ),
  entry(
    'RF004',
    'A format that is not known',
    'Tables are recognised by their content: `ip route`, `ip -j route`, `ovn-nbctl lr-route-list`, `show route` of BIRD, `show ip route` and `show bgp` of FRR, MRT dumps of a RIB, CSV. `--format` names the format of a file whose first lines do not show it.',
  ),
  entry(
    'RF005',
    'No routes',
    'The file is empty, or holds no destination routes: nothing can be measured with it. An MRT file of updates (`updates.*`) is no table; take the dump of a RIB (`rib.*`, `bview.*`).',
  ),
  entry(
    'RF006',
    'Not a prefix',
    'Where the format has its destination there is no prefix: an address and a length (10.0.0.0/8, fd00::/8), or an address alone, which is a host.',
  ),
  entry(
    'RF007',
    'Host bits in a prefix',
    'A bit beyond the length is set, as in 10.0.0.1/8. No router prints such a route, so it is a slip, and it is not clear which of the two was meant: the network or the host.',
  ),
  entry(
    'RF008',
    'A line that is not of its format',
    'The file was recognised, or named by `--format`, as one format, and this line is none that the tool prints.',
  ),
  entry(
    'RF009',
    'Not the JSON of `ip -j route`',
    'The output of `ip -j route` is a list of objects with `dst`.',
  ),
  entry(
    'RF010',
    'Too many routes',
    'At most eight million prefixes of one family and sixteen million next hops are taken.',
  ),
  entry(
    'RF011',
    'An MRT file that is cut off',
    'The last record of the file is not whole, or the records do not follow each other: a length is wrong. Often a download that was interrupted.',
  ),
  entry(
    'RF012',
    'A broken MRT record',
    'The lengths within a record contradict each other or its own length (RFC 6396, RFC 8050). The other records are read all the same, so that all problems are reported in one run.',
  ),
  entry(
    'RF013',
    'Left out',
    'Parts of the file that are no destination routes: source routes, multicast prefixes, messages between routers. This is a remark.',
  ),
])

function entry(code: string, title: string, explanation: string): CodeList[number] {
  return { code, title, explanation }
}
