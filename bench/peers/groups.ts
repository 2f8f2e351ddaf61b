/** How large DPDK's tables become: it wants to be told beforehand. */
import { lanesOf, type PrefixList } from '../../src/model/prefix-list.ts'
import { laneMask } from '../../src/net/prefix.ts'

/** Groups of 256 that a table of 24, 8, 8, … bits needs: one for each node below which a longer prefix lies. */
export function tbl8Groups(list: PrefixList): number {
  const width = lanesOf(list.family)
  let groups = 0
  for (let bits = 24; bits < 32 * width; bits += 8) {
    let last = -1
    for (let i = 0; i < list.count; i++) {
      if (list.lengths[i]! <= bits) continue
      if (last < 0 || !sameBits(list, last, i, bits)) groups++
      last = i
    }
  }
  return groups
}

/** Groups that rte_fib6 reserves: for every prefix its bytes below those of the prefix that it lies in, and below the first 24 bits. */
export function reservedGroups(list: PrefixList): number {
  const bytes = (i: number | undefined): number =>
    i === undefined ? 3 : Math.max(3, (list.lengths[i]! + 7) >> 3)
  const open: number[] = []
  let groups = 0
  for (let i = 0; i < list.count; i++) {
    while (open.length > 0 && !sameBits(list, open.at(-1)!, i, list.lengths[open.at(-1)!]!)) open.pop()
    groups += bytes(i) - bytes(open.at(-1))
    open.push(i)
  }
  return groups
}

function sameBits(list: PrefixList, a: number, b: number, bits: number): boolean {
  const width = lanesOf(list.family)
  for (let lane = 0; lane < width; lane++) {
    const difference = list.addresses[width * a + lane]! ^ list.addresses[width * b + lane]!
    if ((difference & laneMask(bits, lane)) !== 0) return false
  }
  return true
}
