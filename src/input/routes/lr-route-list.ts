// `ovn-nbctl lr-route-list ROUTER`, also through `kubectl ko nbctl`: blocks by family, by route table where there are several.
// Only destination routes of one table are one longest-prefix match: source routes are another question, and left out.

import { linesOf, notUnderstood, prefixOf, type TextFile, wordsOf } from './text-file.ts'

/** True for a line that only this format has. */
export const LR_ROUTE_LIST_TITLE = /^\s*IPv[46] Routes\s*$/

/** `Route Table <main>:`, `Route Table rtb-1:`; OVN before 21.12 prints none. */
const TABLE = /^\s*Route Table (.*?):?$/

export function readLrRouteList(file: TextFile): void {
  let table = '<main>'
  // The first of a family is the main table where there is one: ports without a table of their own look into it.
  let taken: string | undefined
  for (const line of linesOf(file.source)) {
    if (LR_ROUTE_LIST_TITLE.test(line.text)) {
      table = '<main>'
      taken = undefined
      continue
    }
    const title = TABLE.exec(line.text)
    if (title !== null) {
      table = title[1]!
      continue
    }
    const [destination, nextHop, policy] = wordsOf(line)
    if (nextHop === undefined || (policy?.text !== 'dst-ip' && policy?.text !== 'src-ip')) {
      notUnderstood(file, line, 'a prefix, a nexthop, and dst-ip or src-ip')
      continue
    }
    const prefix = prefixOf(file, destination!)
    if (prefix === undefined) continue
    taken ??= table
    if (table !== taken) file.routes.leaveOut(`route of table ${table}`)
    else if (policy.text === 'src-ip') file.routes.leaveOut('source route')
    else file.routes.add(prefix, nextHop.text)
  }
}
