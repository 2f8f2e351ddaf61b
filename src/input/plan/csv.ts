// Tables as people keep them in spreadsheets, straight from the text: a row is a network (`cluster,role,name,cidr,…`) or a cluster
// (`cluster,pods,services,join,nodes`). The first line names the columns. Half a million rows are read in about a second, because
// nothing is kept of a row but its network.

import type { Span } from '../../diag/diagnostic.ts'
import type { SourceFile } from '../../diag/source.ts'
import { didYouMean } from '../../diag/suggest.ts'
import { NETWORK_ROLES, type NetworkRole, type Written } from '../../model/plan.ts'
import { parseIp } from '../../net/ip.ts'
import { hasHostBits, type Prefix, parsePrefix } from '../../net/prefix.ts'
import { listed } from '../context.ts'
import { readNetwork } from '../values.ts'
import { type Cell, Rows } from './csv-rows.ts'
import { addressOf, rangeOf } from './document.ts'
import type { PlanDraft } from './draft.ts'
import { roleOf } from './roles.ts'

type Meaning =
  | 'cluster'
  | 'role'
  | 'name'
  | 'cidr'
  | 'gateway'
  | 'wanted'
  | 'exclude'
  | 'technology'
  | 'ignored'
  | NetworkRole
  | 'node'

const HEADERS: Readonly<Record<string, Meaning>> = {
  cluster: 'cluster',
  az: 'cluster',
  site: 'cluster',
  role: 'role',
  type: 'role',
  kind: 'role',
  purpose: 'role',
  usage: 'role',
  name: 'name',
  'subnet-name': 'name',
  cidr: 'cidr',
  network: 'cidr',
  prefix: 'cidr',
  range: 'cidr',
  address: 'cidr',
  gateway: 'gateway',
  wanted: 'wanted',
  size: 'wanted',
  'pod-count': 'wanted',
  exclude: 'exclude',
  technology: 'technology',
  comment: 'ignored',
  comments: 'ignored',
  note: 'ignored',
  notes: 'ignored',
  description: 'ignored',
  owner: 'ignored',
  vlan: 'ignored',
}

/** Reads a table; `cluster` is whose it is where no column says. */
export function readCsv(draft: PlanDraft, source: SourceFile, cluster: string): void {
  const { text } = source
  const first = firstLine(text)
  const separator = [',', ';', '\t'].reduce((best, one) =>
    first.split(one).length > first.split(best).length ? one : best,
  )
  const rows = new Rows(draft, source, separator)
  const header = rows.next()
  if (header === undefined) return
  const columns = header.map((cell) => meaningOf(draft, source, cell))
  const roles = columns.filter((one) => one !== undefined && (one === 'node' || isRole(one)))
  if (!columns.includes('cidr') && roles.length === 0) {
    draft.diagnostics.error('PL004', 'this table has no column of networks', {
      span: spanOf(source, header[0] ?? { text: '', line: 1, column: 1 }),
      expected: 'a first line such as cluster,role,cidr or cluster,pods,services,join,nodes',
    })
    return
  }
  for (let row = rows.next(); row !== undefined; row = rows.next())
    readRow(draft, source, columns, row, cluster)
}

/** True for text whose first line names the columns of such a table. */
export function looksLikeCsv(text: string): boolean {
  const words = firstLine(text)
    .split(/[,;\t]/)
    .map((word) => headerOf(normal(word)) ?? roleOf(word))
  return words.length > 1 && words.filter((one) => one !== undefined).length > 1
}

function firstLine(text: string): string {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at)
    const line = text.slice(at, end < 0 ? undefined : end).trim()
    if (line !== '' && !line.startsWith('#')) return line
    if (end < 0) break
    at = end + 1
  }
  return ''
}

function headerOf(word: string): Meaning | undefined {
  return Object.hasOwn(HEADERS, word) ? HEADERS[word] : undefined
}

function normal(word: string): string {
  return word
    .trim()
    .replaceAll('"', '')
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-')
}

function isRole(meaning: Meaning): meaning is NetworkRole {
  return (NETWORK_ROLES as readonly string[]).includes(meaning)
}

function meaningOf(draft: PlanDraft, source: SourceFile, cell: Cell): Meaning | undefined {
  const word = normal(cell.text)
  if (word === '') return undefined
  const meaning = headerOf(word) ?? roleOf(word)
  if (meaning === undefined) {
    draft.diagnostics.warning('PL004', `the column "${cell.text}" is not read`, {
      span: spanOf(source, cell),
      expected: 'cluster, role, name, cidr, gateway, wanted, exclude, technology, or a role',
      hint: didYouMean(word, [...Object.keys(HEADERS), ...NETWORK_ROLES]),
    })
  }
  return meaning
}

function readRow(
  draft: PlanDraft,
  source: SourceFile,
  columns: readonly (Meaning | undefined)[],
  row: readonly Cell[],
  ownCluster: string,
): void {
  const cellOf = (meaning: Meaning): Cell | undefined => {
    const cell = row[columns.indexOf(meaning)]
    return cell === undefined || cell.text === '' ? undefined : cell
  }
  const given = cellOf('cluster')
  if (given === undefined && columns.includes('cluster') && needsCluster(columns, row)) {
    const at = row[columns.indexOf('cluster')] ?? row[0]!
    draft.diagnostics.error('PL005', 'this row does not say which cluster it belongs to', {
      span: spanOf(source, at),
      expected: 'the name of a cluster; only transit switches have none',
    })
    return
  }
  const cluster = given?.text ?? ownCluster
  const technology = cellOf('technology')
  if (technology !== undefined) setTechnology(draft, cluster, technology.text, spanOf(source, technology))
  for (const [i, cell] of row.entries()) {
    const meaning = columns[i]
    if (meaning === undefined || cell.text === '') continue
    if (meaning === 'node') addNode(draft, source, cluster, cell, cellOf('name'))
    else if (isRole(meaning))
      addNetwork(draft, source, cluster, meaning, cell, undefined, (what) =>
        what === 'wanted' && meaning === 'pods' ? cellOf(what) : undefined,
      )
    else if (meaning === 'cidr') {
      const roleCell = cellOf('role')
      const name = cellOf('name')
      // Where nothing says what rows are for, their names do: az1,services,10.96.0.0/12.
      const named = columns.includes('role') ? undefined : name && ROLE_NAMES.get(name.text.toLowerCase())
      const role = roleCell === undefined ? (named ?? 'pods') : roleOf(roleCell.text)
      if (role === 'node') addNode(draft, source, cluster, cell, name)
      else if (role !== undefined) addNetwork(draft, source, cluster, role, cell, name, cellOf)
      else
        draft.diagnostics.error('PL005', `there is no role "${roleCell!.text}"`, {
          span: spanOf(source, roleCell!),
          expected: `one of ${listed([...NETWORK_ROLES, 'node'], 20)}`,
          hint: didYouMean(roleCell!.text, [...NETWORK_ROLES, 'node']),
        })
    }
  }
  const role = cellOf('role')
  if (role !== undefined && columns.includes('cidr') && cellOf('cidr') === undefined)
    draft.diagnostics.error('PL005', `this row has a role, ${role.text}, and no network`, {
      span: spanOf(source, row[columns.indexOf('cidr')] ?? role),
      expected: 'a CIDR such as 10.16.0.0/16',
      hint: 'put # in front of rows that are not decided yet',
    })
}

/** True for rows that say something about a cluster. */
function needsCluster(columns: readonly (Meaning | undefined)[], row: readonly Cell[]): boolean {
  const role = row[columns.indexOf('role')]?.text ?? ''
  if (role !== '' && roleOf(role) === 'transit') return false
  return row.some((cell, i) => cell.text !== '' && columns[i] !== undefined && columns[i] !== 'transit')
}

function setTechnology(draft: PlanDraft, cluster: string, text: string, span: Span): void {
  const entry = draft.cluster(cluster, span)
  for (const word of text.toLowerCase().split(/[\s+/&]+/)) {
    if (word === 'submariner') draft.submariner(cluster, span).clusterId ??= { value: cluster, span }
    else if (word === 'ovn-ic' || word === 'kube-ovn') {
      entry.ovnIc ??= {
        span,
        enabled: true,
        azName: { value: cluster, span },
        dbHosts: [],
        gateways: [],
        autoRoute: undefined,
        options: {},
        oddities: [],
      }
    }
  }
}

function addNode(
  draft: PlanDraft,
  source: SourceFile,
  cluster: string,
  cell: Cell,
  name: Cell | undefined,
): void {
  if (
    cell.text.includes('/') &&
    parsePrefix(cell.text) !== undefined &&
    !hasHostBits(parsePrefix(cell.text)!)
  ) {
    addNetwork(draft, source, cluster, 'nodes', cell, name, () => undefined)
    return
  }
  const at = { span: spanOf(source, cell) }
  const ips = addressOf(draft, cell.text, at)
  if (ips.length === 0) return
  draft.cluster(cluster, at.span)
  const label = name ?? cell
  draft.nodes.push({
    cluster,
    name: { value: label.text, span: spanOf(source, label) },
    ips,
    interfaces: [],
    podCidrs: [],
  })
}

function addNetwork(
  draft: PlanDraft,
  source: SourceFile,
  cluster: string,
  role: NetworkRole,
  cell: Cell,
  name: Cell | undefined,
  cellOf: (meaning: Meaning) => Cell | undefined,
): void {
  for (const prefix of prefixesOf(draft, source, cell, SINGLE.has(role))) {
    const gateway = cellOf('gateway')
    const wanted = cellOf('wanted')
    const exclude = cellOf('exclude')
    const gateways =
      gateway === undefined
        ? undefined
        : gateway.text
            .split(/[\s,;]+/)
            .flatMap((word) => addressOf(draft, word, { span: spanOf(source, gateway) }))
            .filter((one) => typeof one.value === typeof prefix.ip)
    const excludes =
      exclude === undefined
        ? undefined
        : exclude.text
            .split(/[\s,;]+/)
            .flatMap((word) => rangeOf(draft, word, { span: spanOf(source, exclude) }))
            .filter((one) => typeof one.value.first === typeof prefix.ip)
    const count = wanted === undefined ? undefined : wantedNumber(draft, source, wanted)
    draft.network({
      cluster: role === 'transit' ? '' : cluster,
      role,
      name: name?.text ?? role,
      prefix,
      span: spanOf(source, cell),
      exported: role === 'pods',
      ...(gateways !== undefined && { gateways }),
      ...(excludes !== undefined && { excludes }),
      ...(count !== undefined && { wanted: count }),
    })
  }
}

function wantedNumber(draft: PlanDraft, source: SourceFile, cell: Cell): Written<number> | undefined {
  const span = spanOf(source, cell)
  if (/^\d{1,12}$/.test(cell.text)) return { value: Number(cell.text), span }
  draft.diagnostics.error('PL005', `"${cell.text}" is not a number of pods`, {
    span,
    expected: 'a whole number such as 4000',
  })
  return undefined
}

const ROLE_NAMES: ReadonlyMap<string, NetworkRole> = new Map(NETWORK_ROLES.map((role) => [role, role]))

/** Roles of which one address is no slip of the pen. */
const SINGLE: ReadonlySet<string> = new Set(['load-balancer', 'external', 'nodes'])

/** The fast way first; the slow reader explains what is wrong. A cell may hold both families, with a space between. */
function prefixesOf(draft: PlanDraft, source: SourceFile, cell: Cell, single: boolean): Prefix[] {
  const quick = cell.text.includes('/') ? parsePrefix(cell.text) : undefined
  if (quick !== undefined && !hasHostBits(quick)) return [quick]
  return cell.text.split(/[\s,;]+/).flatMap((word) => {
    const at = { span: spanOf(source, cell) }
    const bare = parseIp(word)
    if (single && bare !== undefined && !word.includes('/'))
      return [{ ip: bare, len: typeof bare === 'number' ? 32 : 128 }]
    return readNetwork(draft.context, word, at) ?? []
  })
}

function spanOf(source: SourceFile, cell: Cell): Span {
  return { file: source.path, line: cell.line, column: cell.column, length: Math.max(1, cell.text.length) }
}
