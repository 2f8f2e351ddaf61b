// Brings the Northbound from one wanted content to the next. Like kube-ovn-controller it acts on differences between objects, not on
// differences in the database: what somebody changed by hand stays until the object changes or the controller starts again.

import type { NbGlobal, NbTables, RowId } from '../../model/tables.ts'
import type { Database, Transaction } from '../db/database.ts'
import { sameValue } from '../db/value.ts'
import type { Content, Item } from './content.ts'

/** Names of columns that hold a parent's children. */
type ChildColumn = 'ports' | 'static_routes' | 'policies'
type Nb = Database<NbTables>
type NbTransaction = Transaction<NbTables>

/**
 * Writes what is new or changed in `next` and removes what only `before` has. With `all`, rows of unchanged items are made
 * again if they are missing: the first loop after a start.
 */
export function writeContent(nb: Nb, tx: NbTransaction, next: Content, before: Content, all: boolean): void {
  for (const [key, item] of before) if (!next.has(key)) remove(nb, tx, item)
  for (const [key, item] of next) if (all || !sameValue(before.get(key), item)) ensure(nb, tx, item)
}

function ensure(nb: Nb, tx: NbTransaction, item: Item): void {
  const id = find(nb, item)
  switch (item.kind) {
    case 'switch':
      if (id === undefined) tx.create('Logical_Switch', { name: item.name })
      return
    case 'router':
      if (id === undefined) tx.create('Logical_Router', { name: item.name })
      return
    case 'switch-port':
      if (id !== undefined) tx.update('Logical_Switch_Port', id, item.row)
      else adopt(nb, tx, item.parent, 'switch', 'ports', tx.create('Logical_Switch_Port', item.row))
      return
    case 'router-port':
      if (id !== undefined) tx.update('Logical_Router_Port', id, item.row)
      else adopt(nb, tx, item.parent, 'router', 'ports', tx.create('Logical_Router_Port', item.row))
      return
    case 'route':
      if (id !== undefined) tx.update('Logical_Router_Static_Route', id, item.row)
      else
        adopt(
          nb,
          tx,
          item.parent,
          'router',
          'static_routes',
          tx.insert('Logical_Router_Static_Route', item.row),
        )
      return
    case 'policy':
      if (id !== undefined) tx.update('Logical_Router_Policy', id, item.row)
      else adopt(nb, tx, item.parent, 'router', 'policies', tx.insert('Logical_Router_Policy', item.row))
      return
    case 'address-set':
      if (id !== undefined) tx.update('Address_Set', id, item.row)
      else tx.insert('Address_Set', item.row)
  }
}

function remove(nb: Nb, tx: NbTransaction, item: Item): void {
  const id = find(nb, item)
  if (id === undefined) return
  switch (item.kind) {
    case 'switch':
      tx.delete('Logical_Switch', id)
      break
    case 'router':
      tx.delete('Logical_Router', id)
      break
    case 'address-set':
      tx.delete('Address_Set', id)
      break
    case 'switch-port':
      disown(nb, tx, item.parent, 'switch', 'ports', id)
      break
    case 'router-port':
      disown(nb, tx, item.parent, 'router', 'ports', id)
      break
    case 'route':
      disown(nb, tx, item.parent, 'router', 'static_routes', id)
      break
    case 'policy':
      disown(nb, tx, item.parent, 'router', 'policies', id)
      break
  }
}

/** The row of an item. Routes that ovn-ic learned are nobody's item. */
function find(nb: Nb, item: Item): RowId | undefined {
  switch (item.kind) {
    case 'switch':
    case 'router':
      return switchOrRouter(nb, item.kind, item.name)
    case 'switch-port':
      return nb.find('Logical_Switch_Port', 'name', item.row.name)
    case 'router-port':
      return nb.find('Logical_Router_Port', 'name', item.row.name)
    case 'address-set':
      return nb.find('Address_Set', 'name', item.row.name)
    case 'route':
      return childOf(nb, item.parent, 'static_routes', (id) => {
        const row = nb.get('Logical_Router_Static_Route', id)!
        const { ip_prefix, nexthop, policy, route_table } = item.row
        return (
          row.ip_prefix === ip_prefix &&
          row.nexthop === nexthop &&
          (row.policy ?? 'dst-ip') === policy &&
          row.route_table === route_table &&
          row.external_ids['ic-learned-route'] === undefined
        )
      })
    case 'policy':
      return childOf(nb, item.parent, 'policies', (id) => {
        const row = nb.get('Logical_Router_Policy', id)!
        return row.priority === item.row.priority && row.match === item.row.match
      })
  }
}

/** The row of a switch or router by name, rows of the open transaction included; names are not unique, the first counts. */
export function switchOrRouter(nb: Nb, kind: 'switch' | 'router', name: string): RowId | undefined {
  const rows = kind === 'switch' ? nb.rows('Logical_Switch') : nb.rows('Logical_Router')
  for (const [id, row] of rows) if (row.name === name) return id
  return undefined
}

/** The database's one row of global settings; an empty one before it is made. */
export function nbGlobal(nb: Nb): NbGlobal {
  for (const row of nb.rows('NB_Global').values()) return row
  return nb.schema.tables.NB_Global.defaults
}

/** Changes columns of the global settings; returns what was refused. */
export function setNbGlobal(nb: Nb, author: string, columns: Partial<NbGlobal>): string | undefined {
  const result = nb.transact(author, (tx) => {
    const [id] = nb.rows('NB_Global').keys()
    if (id === undefined) tx.create('NB_Global', columns)
    else tx.update('NB_Global', id, columns)
  })
  return result.kind === 'refused' ? result.message : undefined
}

function childOf(
  nb: Nb,
  router: string,
  column: 'static_routes' | 'policies',
  is: (id: RowId) => boolean,
): RowId | undefined {
  const parent = switchOrRouter(nb, 'router', router)
  return parent === undefined ? undefined : nb.get('Logical_Router', parent)![column].find(is)
}

/** Makes a new row a child; without its parent it disappears at the end of the transaction. */
export function adopt(
  nb: Nb,
  tx: NbTransaction,
  parent: string,
  kind: 'switch' | 'router',
  column: ChildColumn,
  child: RowId,
): void {
  changeChildren(nb, tx, parent, kind, column, (children) => [...children, child])
}

/** Takes a child away, which removes its row. */
export function disown(
  nb: Nb,
  tx: NbTransaction,
  parent: string,
  kind: 'switch' | 'router',
  column: ChildColumn,
  child: RowId,
): void {
  changeChildren(nb, tx, parent, kind, column, (children) => children.filter((id) => id !== child))
}

function changeChildren(
  nb: Nb,
  tx: NbTransaction,
  parent: string,
  kind: 'switch' | 'router',
  column: ChildColumn,
  change: (children: readonly RowId[]) => readonly RowId[],
): void {
  const id = switchOrRouter(nb, kind, parent)
  if (id === undefined) return
  if (kind === 'switch') {
    const row = nb.get('Logical_Switch', id)!
    tx.update('Logical_Switch', id, { ports: change(row.ports) })
  } else {
    const row = nb.get('Logical_Router', id)!
    tx.update('Logical_Router', id, { [column]: change(row[column]) })
  }
}
