/** Route tables and the flows northd made of them. */
import type { LogicalRouter, RouteFlow, RouteMember } from '../../../model/forwarding.ts'
import type { RunResult } from '../../../model/observation.ts'
import { formatIp } from '../../../net/ip.ts'
import { formatPrefix } from '../../../net/prefix.ts'
import { type Comparison, row, type Sides, setDifferences } from './comparison.ts'

/** Route tables as the real ovn-nbctl prints them, against the same text from the model's Northbound. */
export function compareRoutes({ real, model, routeList }: Sides): Comparison[] {
  return [...real.routeLists].map(([where, list]) => {
    const [label = '', cluster = '', router = ''] = where.split('\t')
    const nb = model.snapshots.get(label)?.clusters.get(cluster)?.nb
    const text = nb === undefined ? '' : routeList(nb, router)
    const lines = (one: string): string =>
      `${one.split('\n').filter((line) => /^ +[\da-f]/.test(line)).length} rows`
    const differences = sameList(list, text) ? [] : [`OVN:\n${list.trimEnd()}\nmodel:\n${text.trimEnd()}`]
    return row('routes', `${label} ${cluster} ${router}`, lines(list), lines(text), differences)
  })
}

/**
 * Text for text, but for a route that is learned without end (ADV-14): how often it is there by now is a matter of speed, so that it is
 * there more than once on both sides is enough.
 */
function sameList(real: string, model: string): boolean {
  const [a, b] = [real, model].map((list) => {
    const rows = list.trimEnd().split('\n')
    // A second row of a prefix is marked as one of several; with copies every row is.
    return { rows, distinct: [...new Set(rows.map((line) => line.replace(/ ecmp$/, '')))] }
  })
  const copies = (side: typeof a): boolean => side!.rows.length > COPIES * side!.distinct.length
  if (copies(a) && copies(b)) return a!.distinct.join('\n') === b!.distinct.join('\n')
  return real.trimEnd() === model.trimEnd()
}

/** Copies of each row on average from which on they are no accident. */
const COPIES = 10

/** Routes and policies that northd made flows of, at the beginning. */
export function compareFlows({ real, model }: Sides): Comparison[] {
  return [...routersAtStart(real.result)].map(([where, router]) => {
    const [theirs, ours] = [router, routersAtStart(model).get(where)].map((one) =>
      one === undefined ? [] : flowTexts(one),
    )
    return row(
      'flows',
      where,
      `${theirs!.length} flows`,
      `${ours!.length} flows`,
      setDifferences(theirs!, ours!),
    )
  })
}

function routersAtStart({ states }: RunResult): Map<string, LogicalRouter> {
  const routers = new Map<string, LogicalRouter>()
  for (const chassis of states[0]?.chassis.values() ?? [])
    for (const datapath of chassis.view?.datapaths.values() ?? [])
      if (datapath.kind === 'router') routers.set(`start ${chassis.cluster} ${datapath.name}`, datapath)
  return routers
}

/** Route tables by what is in them: northd numbers them in the order of rows' UUIDs, which is chance (PL-1). */
export function flowTexts({ routes, policies }: Pick<LogicalRouter, 'routes' | 'policies'>): string[] {
  const text = (flow: RouteFlow): string =>
    `${flow.priority} ${flow.inport ?? ''} ${flow.kind} ${formatPrefix(flow.prefix)} ${actionText(flow)}`
  const table = (number: number | undefined): string => {
    if (number === undefined || number === 0) return number === 0 ? 'main' : 'any'
    const flows = routes.filter(({ routeTable }) => routeTable === number).map(text)
    return `of ${flows.sort().join('; ')}`
  }
  const tables = new Map(
    [...new Set(routes.map(({ routeTable }) => routeTable))].map((one) => [one, table(one)]),
  )
  return [
    ...routes.map((flow) => `${text(flow)} table ${tables.get(flow.routeTable)}`),
    ...policies.map((flow) =>
      `policy ${flow.priority} ${flow.text} ${flow.action.kind} ${flow.action.kind === 'reroute' ? flow.action.members.map(memberText).join(', ') : ''}`.trimEnd(),
    ),
  ]
}

function actionText({ action }: RouteFlow): string {
  if (action.kind === 'drop') return 'drop'
  return action.kind === 'forward' ? membersText([action.member]) : `ecmp ${membersText(action.members)}`
}

/** The order of ECMP members is that of rows' UUIDs, hence by chance; that of a policy's nexthops is that of a set. */
function membersText(members: readonly RouteMember[]): string {
  return members.map(memberText).sort().join(', ')
}

function memberText({ nexthop, source, outport }: RouteMember): string {
  return `${nexthop === undefined ? 'connected' : formatIp(nexthop)} from ${formatIp(source)} by ${outport}`
}
