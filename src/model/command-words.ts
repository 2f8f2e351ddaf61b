// The commands of OVN's command line tools as data: which there are, what they take and which options they know (ovn-nbctl(8),
// ovn-sbctl(8), ovn-ic-nbctl(8), ovn-ic-sbctl(8); the database commands of all four are those of ovs-vsctl(8)). `input` finds
// mistyped lines by these tables before a run, `control` carries the lines out. Only what changes a database is modelled.

/** Which database a command works on. */
export type Tool = 'nbctl' | 'sbctl' | 'ic-nbctl' | 'ic-sbctl'

/** What a sub-command takes. */
export interface CommandSyntax {
  /** Fewest and most arguments; options do not count. */
  readonly min: number
  readonly max: number
  /** The arguments as a manual page writes them. */
  readonly usage: string
  /** Options; a trailing `=` means that a value follows. */
  readonly options?: readonly string[]
}

type SyntaxTable = Readonly<Record<string, CommandSyntax>>

/** The syntax of a command of a tool; undefined for names that are not modelled. */
export function commandSyntax(tool: Tool, name: string): CommandSyntax | undefined {
  const table = [DATABASE_COMMANDS, TOOL_COMMANDS[tool]].find((one) => Object.hasOwn(one, name))
  return table?.[name]
}

/** The names of all modelled commands of a tool, its own first. */
export function commandNames(tool: Tool): string[] {
  return [...Object.keys(TOOL_COMMANDS[tool]), ...Object.keys(DATABASE_COMMANDS)]
}

/** True for a command of the real tool that prints something and changes nothing. */
export function isReadingCommand(tool: Tool, name: string): boolean {
  return READING_COMMANDS.all.includes(name) || READING_COMMANDS[tool].includes(name)
}

const MANY = Number.POSITIVE_INFINITY

/** db-ctl-base's commands, which every tool has. */
const DATABASE_COMMANDS: SyntaxTable = {
  set: { min: 3, max: MANY, usage: 'TABLE RECORD COLUMN[:KEY]=VALUE…', options: ['--if-exists'] },
  add: { min: 4, max: MANY, usage: 'TABLE RECORD COLUMN [KEY=]VALUE…', options: ['--if-exists'] },
  remove: { min: 3, max: MANY, usage: 'TABLE RECORD COLUMN KEY|VALUE…', options: ['--if-exists'] },
  clear: { min: 3, max: MANY, usage: 'TABLE RECORD COLUMN…', options: ['--if-exists'] },
  create: { min: 1, max: MANY, usage: 'TABLE COLUMN[:KEY]=VALUE…', options: ['--id='] },
  destroy: { min: 1, max: MANY, usage: 'TABLE RECORD…', options: ['--if-exists', '--all'] },
}

const TOOL_COMMANDS: Readonly<Record<Tool, SyntaxTable>> = {
  nbctl: {
    'ls-add': { min: 0, max: 1, usage: '[SWITCH]', options: ['--may-exist', '--add-duplicate'] },
    'ls-del': { min: 1, max: 1, usage: 'SWITCH', options: ['--if-exists'] },
    'lsp-add': { min: 2, max: 2, usage: 'SWITCH PORT', options: ['--may-exist'] },
    'lsp-del': { min: 1, max: 1, usage: 'PORT', options: ['--if-exists'] },
    'lsp-set-type': { min: 2, max: 2, usage: 'PORT TYPE' },
    'lsp-set-options': { min: 1, max: MANY, usage: 'PORT [KEY=VALUE]…' },
    'lsp-set-addresses': { min: 1, max: MANY, usage: 'PORT [ADDRESSES]…' },
    'lr-add': { min: 0, max: 1, usage: '[ROUTER]', options: ['--may-exist', '--add-duplicate'] },
    'lr-del': { min: 1, max: 1, usage: 'ROUTER', options: ['--if-exists'] },
    'lrp-add': {
      min: 4,
      max: MANY,
      usage: 'ROUTER PORT MAC NETWORK… [COLUMN[:KEY]=VALUE]…',
      options: ['--may-exist'],
    },
    'lrp-del': { min: 1, max: 1, usage: 'PORT', options: ['--if-exists'] },
    'lrp-set-gateway-chassis': { min: 2, max: 3, usage: 'PORT CHASSIS [PRIORITY]' },
    'lrp-del-gateway-chassis': { min: 2, max: 2, usage: 'PORT CHASSIS' },
    'lrp-set-options': { min: 1, max: MANY, usage: 'PORT [KEY=VALUE]…' },
    'lr-route-add': {
      min: 3,
      max: 4,
      usage: 'ROUTER PREFIX NEXTHOP [PORT]',
      options: ['--may-exist', '--ecmp', '--policy=', '--route-table='],
    },
    'lr-route-del': {
      min: 1,
      max: 4,
      usage: 'ROUTER [PREFIX [NEXTHOP [PORT]]]',
      options: ['--if-exists', '--policy=', '--route-table='],
    },
    'lr-policy-add': {
      min: 4,
      max: 6,
      usage: 'ROUTER PRIORITY MATCH ACTION [NEXTHOP,…]',
      options: ['--may-exist'],
    },
    'lr-policy-del': { min: 1, max: 3, usage: 'ROUTER [PRIORITY [MATCH]]', options: ['--if-exists'] },
  },
  sbctl: {},
  'ic-nbctl': {
    'ts-add': { min: 1, max: 1, usage: 'SWITCH', options: ['--may-exist'] },
    'ts-del': { min: 1, max: 1, usage: 'SWITCH', options: ['--if-exists'] },
  },
  'ic-sbctl': {},
}

/** People paste these along with the others; a run has nobody to print to. */
const READING_COMMANDS: Readonly<Record<Tool | 'all', readonly string[]>> = {
  all: ['show', 'list', 'find', 'get', 'comment'],
  nbctl: [
    'ls-list',
    'lsp-list',
    'lsp-get-type',
    'lsp-get-options',
    'lsp-get-addresses',
    'lsp-get-up',
    'lr-list',
    'lrp-list',
    'lrp-get-gateway-chassis',
    'lr-route-list',
    'lr-policy-list',
    'lr-nat-list',
    'acl-list',
  ],
  sbctl: ['lflow-list', 'dump-flows', 'count-flows'],
  'ic-nbctl': ['ts-list'],
  'ic-sbctl': [],
}
