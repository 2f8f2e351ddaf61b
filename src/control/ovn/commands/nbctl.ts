// The commands of ovn-nbctl(8) that edit switches, routers, ports, routes and policies.

import type { SubCommand } from '../../../model/command-line.ts'
import { parsePortAddress } from '../ic/address.ts'
import { keyAndValue } from './columns.ts'
import { fail } from './failure.ts'
import { genericCommand, type Session } from './generic.ts'
import {
  addRouter,
  addRouterPort,
  addSwitch,
  addSwitchPort,
  existing,
  type Northbound,
  removeGatewayChassis,
  removeRouterPort,
  removeSwitchPort,
  rowNamed,
  setGatewayChassis,
} from './northbound.ts'
import {
  addPolicy,
  addRoute,
  parseAction,
  parsePriority,
  removePolicies,
  removeRoutes,
} from './router-edits.ts'

type Handler = (nb: Northbound, args: readonly string[], step: SubCommand, session: Session) => void

/** Carries out a command of nbctl; false when `step` is none of them. */
export function nbctlCommand(nb: Northbound, session: Session, step: SubCommand): boolean {
  const handler = HANDLERS[step.name]
  if (handler === undefined) return false
  handler(nb, step.args, step, session)
  return true
}

const HANDLERS: Readonly<Record<string, Handler>> = {
  'ls-add': (nb, [name = ''], step) => {
    if (!exists(nb, 'Logical_Switch', name, step)) addSwitch(nb, name)
  },
  'ls-del': (nb, [name], step) => {
    const id = wanted(nb, 'Logical_Switch', name!, step)
    if (id !== undefined) nb.write.delete('Logical_Switch', id)
  },
  'lsp-add': (nb, [switchName, name], step) => {
    const on = existing(nb, 'Logical_Switch', switchName!)
    if (!exists(nb, 'Logical_Switch_Port', name!, step)) addSwitchPort(nb, on, name!)
  },
  'lsp-del': (nb, [name], step) => {
    const id = wanted(nb, 'Logical_Switch_Port', name!, step)
    if (id !== undefined) removeSwitchPort(nb, id)
  },
  'lsp-set-type': (nb, [name, type]) => {
    const id = existing(nb, 'Logical_Switch_Port', name!)
    if (!PORT_TYPES.has(type!)) fail(`Logical switch port type '${type}' is unrecognized. Not setting type.`)
    nb.write.update('Logical_Switch_Port', id, { type: type! })
  },
  'lsp-set-options': (nb, [name, ...options]) => {
    const id = existing(nb, 'Logical_Switch_Port', name!)
    nb.write.update('Logical_Switch_Port', id, { options: Object.fromEntries(options.map(keyAndValue)) })
  },
  'lsp-set-addresses': (nb, [name, ...addresses]) => {
    const id = existing(nb, 'Logical_Switch_Port', name!)
    for (const address of addresses) {
      if (
        ADDRESS_WORDS.has(address) ||
        address.startsWith('dynamic') ||
        parsePortAddress(address) !== undefined
      )
        continue
      const hint =
        'Hint: An Ethernet address must be listed before an IP address, together as a single argument.'
      fail(`${address}: Invalid address format. See ovn-nb(5). ${hint}`)
    }
    nb.write.update('Logical_Switch_Port', id, { addresses })
  },
  'lr-add': (nb, [name = ''], step) => {
    if (!exists(nb, 'Logical_Router', name, step)) addRouter(nb, name)
  },
  'lr-del': (nb, [name], step) => {
    const id = wanted(nb, 'Logical_Router', name!, step)
    if (id !== undefined) nb.write.delete('Logical_Router', id)
  },
  'lrp-add': (nb, [router, name, mac, ...rest], step, session) => {
    const on = existing(nb, 'Logical_Router', router!)
    if (exists(nb, 'Logical_Router_Port', name!, step)) return
    const settings = rest.findIndex((word) => word.includes('='))
    const networks = settings < 0 ? rest : rest.slice(0, settings)
    if (networks.length === 0) fail('lrp-add requires at least one network')
    const port = addRouterPort(nb, on, name!, { mac: mac!, networks })
    if (settings < 0) return
    const record = nb.database.uuid(port)
    const args = ['Logical_Router_Port', record, ...rest.slice(settings)]
    genericCommand(session, { name: 'set', options: new Map(), args })
  },
  'lrp-del': (nb, [name], step) => {
    const id = wanted(nb, 'Logical_Router_Port', name!, step)
    if (id !== undefined) removeRouterPort(nb, id)
  },
  'lrp-set-gateway-chassis': (nb, [name, chassis, priority = '0']) => {
    const id = existing(nb, 'Logical_Router_Port', name!)
    setGatewayChassis(nb, id, chassis!, parsePriority(priority))
  },
  'lrp-del-gateway-chassis': (nb, [name, chassis]) => {
    removeGatewayChassis(nb, existing(nb, 'Logical_Router_Port', name!), chassis!)
  },
  'lrp-set-options': (nb, [name, ...options]) => {
    const id = existing(nb, 'Logical_Router_Port', name!)
    nb.write.update('Logical_Router_Port', id, { options: Object.fromEntries(options.map(keyAndValue)) })
  },
  'lr-route-add': (nb, [router, prefix, nexthop, outputPort], { options }) => {
    addRoute(nb, existing(nb, 'Logical_Router', router!), prefix!, nexthop!, {
      ...optional('policy', options.get('--policy')),
      ...optional('routeTable', options.get('--route-table')),
      ...optional('outputPort', outputPort),
      ecmp: options.has('--ecmp'),
      mayExist: options.has('--may-exist'),
    })
  },
  'lr-route-del': (nb, [router, prefix, nexthop, outputPort], { options }) => {
    removeRoutes(nb, existing(nb, 'Logical_Router', router!), {
      prefix,
      nexthop,
      outputPort,
      policy: options.get('--policy'),
      routeTable: options.get('--route-table'),
      ifExists: options.has('--if-exists'),
    })
  },
  'lr-policy-add': (nb, [router, priority, match, action, nexthops], { options }) => {
    const id = existing(nb, 'Logical_Router', router!)
    const policy = {
      priority: parsePriority(priority!),
      match: match!,
      action: parseAction(action!),
      nexthops:
        action === 'reroute' && nexthops !== undefined ? nexthops.split(',').map((word) => word.trim()) : [],
    }
    addPolicy(nb, id, policy, options.has('--may-exist'))
  },
  'lr-policy-del': (nb, [router, priority, match]) => {
    const id = existing(nb, 'Logical_Router', router!)
    removePolicies(nb, id, priority === undefined ? undefined : parsePriority(priority), match)
  },
}

type Table = Parameters<typeof rowNamed>[1]

/** True when the row is there and `--may-exist` allows that; otherwise the adding function complains. */
function exists(nb: Northbound, table: Table, name: string, step: SubCommand): boolean {
  return step.options.has('--may-exist') && name !== '' && rowNamed(nb, table, name) !== undefined
}

/** The row to remove; with `--if-exists` it may be missing. */
function wanted(nb: Northbound, table: Table, name: string, step: SubCommand): number | undefined {
  return step.options.has('--if-exists') ? rowNamed(nb, table, name) : existing(nb, table, name)
}

function optional<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: string })
}

const PORT_TYPES = new Set([
  '',
  'router',
  'remote',
  'localnet',
  'localport',
  'l2gateway',
  'vtep',
  'external',
  'virtual',
])
const ADDRESS_WORDS = new Set(['router', 'unknown', 'dynamic'])
