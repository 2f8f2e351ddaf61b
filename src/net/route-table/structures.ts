// The structures by name, so that a benchmark can try them all and a user can pick: whose idea each is and when to take
// it. Each file says the rest. `auto.ts` picks by the shape of a table.

import { choose } from './auto.ts'
import { Dir24x8 } from './dir24x8.ts'
import { Dir24x8Half } from './dir24x8-half.ts'
import { Dxr6 } from './dxr6.ts'
import { Hash4 } from './hash4.ts'
import { Hash6 } from './hash6.ts'
import { List4, List6 } from './list.ts'
import type { Columns4, Columns6, Lookup4, Lookup6, Lpm4, Lpm6 } from './lpm.ts'
import type { Shape } from './shape.ts'
import { SharedBlocks4 } from './shared-blocks.ts'
import { Stride6 } from './stride6.ts'
import { Stride16x2 } from './stride16x2.ts'
import { Stride16x8 } from './stride16x8.ts'
import { Stride20x4 } from './stride20x4.ts'
import { Trie4, Trie6 } from './trie.ts'

/** What every structure says of itself. */
interface Described {
  /** Short name, unique within its family, as commands take it. */
  readonly name: string
  /** Where the idea was published. */
  readonly paper: string
  /** When to take it, a sentence. */
  readonly when: string
  /** What runs batches: compiled WebAssembly or plain JavaScript. */
  readonly batch: 'wasm' | 'js'
}

/** A structure for IPv4. */
export interface Structure4 extends Described {
  readonly family: 4
  /** An empty table; undefined for a structure that is built once. */
  readonly create: (() => Lpm4) | undefined
  /** A table of these entries: an `Lpm4` where `create` is there. RangeError for columns that are not sorted. */
  readonly build: (columns: Columns4) => Lookup4
}

/** A structure for IPv6. */
export interface Structure6 extends Described {
  readonly family: 6
  readonly create: (() => Lpm6) | undefined
  readonly build: (columns: Columns6) => Lookup6
}

const PLAIN = 'RFC 1812 §5.2.4.3, as a loop'
const WALDVOGEL =
  'Waldvogel, Varghese, Turner, Plattner: Scalable High Speed IP Routing Lookups, SIGCOMM 1997'
const PATRICIA = 'Morrison: PATRICIA, JACM 1968; Sklower: A Tree-Based Packet Routing Table, USENIX 1991'
const GUPTA = 'Gupta, Lin, McKeown: Routing Lookups in Hardware at Memory Access Speeds, INFOCOM 1998'
const RETVARI = 'Rétvári and others: Compressing IP Forwarding Tables, SIGCOMM 2013'
const ZEC = 'Zec, Rizzo, Mikuc: DXR: Towards a Billion Routing Lookups per Second in Software, CCR 2012'

/** Every structure there is, the slow twins first. */
export const STRUCTURES: readonly (Structure4 | Structure6)[] = [
  {
    ...{ name: 'list', family: 4, batch: 'js', paper: PLAIN },
    when: 'to check another structure, or for a handful of routes',
    create: () => new List4(),
    build: List4.build,
  },
  {
    ...{ name: 'trie', family: 4, batch: 'js', paper: PATRICIA },
    when: 'snapshots are frequent: they share what did not change',
    create: () => new Trie4(),
    build: Trie4.build,
  },
  {
    ...{ name: 'length-hash', family: 4, batch: 'js', paper: WALDVOGEL },
    when: 'few lengths, as in Kubernetes plans, and small tables: there is no fixed cost',
    create: () => new Hash4(),
    build: Hash4.build,
  },
  {
    ...{ name: 'stride-16-8-8', family: 4, batch: 'wasm', paper: GUPTA },
    when: 'speed with any table of more than a few thousand routes, and constant change',
    create: () => new Stride16x8(),
    build: Stride16x8.build,
  },
  {
    ...{ name: 'stride-16-2', family: 4, batch: 'wasm', paper: RETVARI },
    when: 'large tables of networks where memory counts',
    create: () => new Stride16x2(),
    build: Stride16x2.build,
  },
  {
    ...{ name: 'stride-20-4', family: 4, batch: 'wasm', paper: RETVARI },
    when: 'Internet tables that rarely change',
    create: () => new Stride20x4(),
    build: Stride20x4.build,
  },
  {
    ...{ name: 'dir-24-8', family: 4, batch: 'wasm', paper: GUPTA },
    when: 'batches over tables that rarely change, with 64 MiB to spare',
    create: () => new Dir24x8(),
    build: Dir24x8.build,
  },
  {
    ...{ name: 'dir-24-8-half', family: 4, batch: 'wasm', paper: GUPTA },
    when: 'batches over tables that are built once, with 32 MiB to spare',
    create: undefined,
    build: Dir24x8Half.build,
  },
  {
    ...{ name: 'shared-blocks', family: 4, batch: 'js', paper: RETVARI },
    when: 'many routers whose tables mostly agree, over one pool',
    create: () => new SharedBlocks4(),
    build: (columns) => SharedBlocks4.build(columns),
  },
  {
    ...{ name: 'list', family: 6, batch: 'js', paper: PLAIN },
    when: 'to check another structure, or for a handful of routes',
    create: () => new List6(),
    build: List6.build,
  },
  {
    ...{ name: 'trie', family: 6, batch: 'js', paper: PATRICIA },
    when: 'tables of many lengths that change, and frequent snapshots',
    create: () => new Trie6(),
    build: Trie6.build,
  },
  {
    ...{ name: 'length-hash', family: 6, batch: 'js', paper: WALDVOGEL },
    when: 'few lengths, as in Kubernetes plans (/48, /64, /128)',
    create: () => new Hash6(),
    build: Hash6.build,
  },
  {
    ...{ name: 'stride-16-8', family: 6, batch: 'wasm', paper: GUPTA },
    when: 'speed with tables like the Internet’s, batches above all, that may change',
    create: () => new Stride6(),
    build: Stride6.build,
  },
  {
    ...{ name: 'dxr6', family: 6, batch: 'wasm', paper: ZEC },
    when: 'tables like the Internet’s that are built once',
    create: undefined,
    build: Dxr6.build,
  },
]

/** The structure of a name, or the one that fits the shape for `auto`. RangeError for an unknown name. */
export function structure4(name: string, shape?: Shape): Structure4 {
  const wanted = name === 'auto' ? choose(4, shape).name : name
  const found = STRUCTURES.find((one): one is Structure4 => one.family === 4 && one.name === wanted)
  if (found === undefined) throw new RangeError(`no IPv4 structure ${name}; ${namesOf(4)}`)
  return found
}

/** As `structure4`. */
export function structure6(name: string, shape?: Shape): Structure6 {
  const wanted = name === 'auto' ? choose(6, shape).name : name
  const found = STRUCTURES.find((one): one is Structure6 => one.family === 6 && one.name === wanted)
  if (found === undefined) throw new RangeError(`no IPv6 structure ${name}; ${namesOf(6)}`)
  return found
}

/** An empty IPv4 table. RangeError for an unknown name or a structure that is built once. */
export function createLpm4(name = 'auto', shape?: Shape): Lpm4 {
  const { create, name: found } = structure4(name, { ...shape, updates: true })
  if (create === undefined) throw new RangeError(`${found} is built once: use build`)
  return create()
}

/** An empty IPv6 table. RangeError for an unknown name or a structure that is built once. */
export function createLpm6(name = 'auto', shape?: Shape): Lpm6 {
  const { create, name: found } = structure6(name, { ...shape, updates: true })
  if (create === undefined) throw new RangeError(`${found} is built once: use build`)
  return create()
}

function namesOf(family: 4 | 6): string {
  const names = STRUCTURES.filter((one) => one.family === family).map((one) => one.name)
  return `there are ${names.join(', ')} and auto`
}
