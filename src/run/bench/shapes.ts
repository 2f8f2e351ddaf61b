// Route tables to measure with, made from a seed: the same bytes on every machine. Two shapes, because structures that win
// on one lose on the other:
//
//   k8s  few lengths and dense: a cluster has a /16 (IPv6 /48), its nodes a /24 (/64) each, fifteen pods a /32 (/128) a node
//   bgp  the lengths of a full view of the Internet, about half of the prefixes inside others, in runs of neighbours

import { lanesOf, orderedList, type PrefixList } from '../../model/prefix-list.ts'
import { Random } from '../../net/random.ts'
import { BgpSpace, HISTOGRAMS, lengthCounts } from './bgp-space.ts'

export const SHAPES = ['k8s', 'bgp'] as const
export type Shape = (typeof SHAPES)[number]

/** Sizes by the names that the command line takes. */
export const SIZES = { '1k': 1_000, '10k': 10_000, '100k': 100_000, '1m': 1_000_000 } as const
export type SizeName = keyof typeof SIZES

/** Next hops that the prefixes of a shape are spread over. */
export const NEXT_HOPS: Readonly<Record<Shape, number>> = { k8s: 250, bgp: 64 }

const NODES_A_CLUSTER = 256
const PODS_A_NODE = 15
/** 10.0.0.0/8 has 256 networks of length 16. */
const SIZE_MAX = 256 * (1 + NODES_A_CLUSTER * (1 + PODS_A_NODE))

/** A table of exactly `size` prefixes (1 to 1,048,832); throws a RangeError for other sizes. */
export function shapedTable(shape: Shape, family: 4 | 6, size: number, seed = 1): PrefixList {
  if (!Number.isInteger(size) || size < 1 || size > SIZE_MAX)
    throw new RangeError(`size ${size}: not in 1 to ${SIZE_MAX}`)
  const random = new Random(seed).fork(`v${family}-${shape}-${size}`)
  const lanes = new Uint32Array(lanesOf(family) * size)
  const lens = new Uint8Array(size)
  if (shape === 'k8s') family === 4 ? fillK8s4(lanes, lens, random) : fillK8s6(lanes, lens, random)
  else fillBgp(family, lanes, lens, random)
  const values = new Uint32Array(size)
  const hops = random.fork('next hops')
  for (let i = 0; i < size; i++) values[i] = hops.below(NEXT_HOPS[shape])
  return orderedList(family, size, lanes, lens, values)
}

/** Calls back cluster by cluster, node by node, until as many prefixes are made as fit. */
function fillK8s(
  size: number,
  random: Random,
  hosts: number,
  set: (i: number, depth: 0 | 1 | 2, cluster: number, node: number, host: number) => void,
): void {
  let made = 0
  for (let cluster = 0; made < size; cluster++) {
    set(made++, 0, cluster, 0, 0)
    for (let node = 0; node < NODES_A_CLUSTER && made < size; node++) {
      set(made++, 1, cluster, node, 0)
      const taken = new Set<number>()
      while (taken.size < PODS_A_NODE && made < size) {
        // The first two addresses are the network's and its router's.
        const host = 2 + random.below(hosts - 3)
        if (taken.has(host)) continue
        taken.add(host)
        set(made++, 2, cluster, node, host)
      }
    }
  }
}

function fillK8s4(lanes: Uint32Array, lens: Uint8Array, random: Random): void {
  fillK8s(lens.length, random, 256, (i, depth, cluster, node, host) => {
    lanes[i] = ((10 << 24) | (cluster << 16) | (node << 8) | host) >>> 0
    lens[i] = 16 + 8 * depth
  })
}

/** RFC 4193: a cluster draws 40 bits behind fd00::/8. */
function fillK8s6(lanes: Uint32Array, lens: Uint8Array, random: Random): void {
  const ids = random.fork('global IDs')
  const globals: (readonly [number, number])[] = []
  const drawn = new Set<string>()
  fillK8s(lens.length, random, 65_536, (i, depth, cluster, node, host) => {
    while (globals.length <= cluster) {
      const id = [((0xfd << 24) | ids.below(2 ** 24)) >>> 0, ids.below(2 ** 16)] as const
      if (drawn.has(id.join())) continue
      drawn.add(id.join())
      globals.push(id)
    }
    const [high, low] = globals[cluster]!
    lanes[4 * i] = high
    lanes[4 * i + 1] = ((low << 16) | node) >>> 0
    lanes[4 * i + 3] = host
    lens[i] = [48, 64, 128][depth]!
  })
}

function fillBgp(family: 4 | 6, lanes: Uint32Array, lens: Uint8Array, random: Random): void {
  const width = lanesOf(family)
  const space = new BgpSpace(family, lens.length, random)
  let made = 0
  // From short to long: what a prefix lies in is there before it.
  for (const [len, count] of lengthCounts(HISTOGRAMS[family], lens.length))
    for (let i = 0; i < count; i++) {
      const block = space.draw(len)
      if (family === 4) lanes[made] = block
      else {
        lanes[width * made] = Math.floor(block / 65_536)
        lanes[width * made + 1] = ((block % 65_536) << 16) >>> 0
      }
      lens[made++] = len
    }
}
