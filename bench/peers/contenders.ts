/** Who stands side by side, and what is asked of whom. */
import { join } from 'node:path'
import { STRUCTURES } from '../../src/net/route-table/structures.ts'
import { built } from './machine.ts'

export type Question = 'batch' | 'single' | 'dependent' | 'update' | 'pause'

export interface Spec {
  /** `ours hash6`, `DPDK rte_fib`, `bart.Fast`, `npm mmdb-lib`. */
  readonly name: string
  readonly group: 'ours' | 'dpdk' | 'bart' | 'poptrie' | 'npm'
  readonly command: readonly string[]
  readonly questions: readonly Question[]
  /** Asked of the first trace only. */
  readonly brief?: boolean
  /** Rounds it takes part in; all when not given. */
  readonly rounds?: number
}

export interface Present {
  readonly bart: boolean
  readonly poptrie: boolean
  readonly npm: boolean
}

const NODE = [process.execPath, '--expose-gc', '--max-old-space-size=6144']
/** What a lookup that goes through the whole table can be asked in reasonable time. */
const LINEAR_MAX = 1_000
const PACKAGE_MAX = 100_000

/** `groups`: of 256 slots that DPDK's tables of the family need (IPv4) or reserve (IPv6). */
export function contenders(family: 4 | 6, size: number, groups: number, present: Present): Spec[] {
  const ours = STRUCTURES.filter(
    (one) => one.family === family && (one.name !== 'list' || size <= LINEAR_MAX),
  )
  return [
    ...ours.map(
      ({ name, create }): Spec => ({
        name: `ours ${name}`,
        group: 'ours',
        command: [...NODE, join(built, 'ours.mjs'), name],
        questions: [
          'batch',
          'single',
          'dependent',
          ...(create === undefined ? [] : (['update', 'pause'] as const)),
        ],
      }),
    ),
    ...dpdk(family, groups),
    ...(present.bart ? ['Table', 'Fast'] : []).map(
      (kind): Spec => ({
        name: `bart.${kind}`,
        group: 'bart',
        command: [join(built, 'bart'), kind],
        questions: ['single', 'dependent', 'update'],
      }),
    ),
    ...(present.poptrie && family === 4 ? ['Poptrie'] : []).map(
      (name): Spec => ({
        name,
        group: 'poptrie',
        command: [join(built, 'poptrie'), '4'],
        questions: ['single', 'dependent', 'update'],
      }),
    ),
    ...packages(family, size, present.npm),
  ]
}

function dpdk(family: 4 | 6, groups: number): Spec[] {
  // Entries of two bytes number 32,767 groups; dpdk.c asks for a few more than are needed.
  const bytes = groups + 2048 > 32_767 ? ':4' : ''
  const kinds =
    family === 4
      ? ['lpm', `fib${bytes}`, `fib-avx512${bytes}`]
      : ['lpm6', `fib6${bytes}`, `fib6-avx512${bytes}`]
  return kinds.map((kind) => ({
    name: `DPDK rte_${kind.replace(/:\d/, '')}`,
    group: 'dpdk',
    command: [join(built, 'dpdk'), kind],
    // rte_fib6 runs out of what it reserves when prefixes come and go.
    questions: kind.startsWith('fib6') ? ['batch', 'dependent'] : ['batch', 'dependent', 'update'],
  }))
}

function packages(family: 4 | 6, size: number, installed: boolean): Spec[] {
  const finders = installed && size <= PACKAGE_MAX ? ['longest-prefix-match', 'mmdb-lib'] : []
  const linear =
    size > LINEAR_MAX
      ? []
      : [
          'net.BlockList',
          ...(installed
            ? ['cidr-matcher', 'ipaddr.js', 'ip-matching', ...(family === 4 ? ['netmask'] : [])]
            : []),
        ]
  return [...finders, ...linear].map((name) => ({
    name: name === 'net.BlockList' ? `Node ${name}` : `npm ${name}`,
    group: 'npm',
    command: [...NODE, join(built, 'npm-packages.mjs'), name],
    questions: ['single'],
    brief: true,
    rounds: 3,
  }))
}
