/** A route table as a MaxMind DB (maxmind.github.io/MaxMind-DB): a binary tree with a record a bit, values at its leaves. */
import { lanesOf, type PrefixList } from '../../src/model/prefix-list.ts'

/** The file of a table: a map with `value` for each prefix. */
export function mmdbOf(list: PrefixList): Buffer {
  const values = [...new Set(list.values)]
  const data = values.map((value) => Buffer.concat([Buffer.from([0xe1]), text('value'), unsigned(value)]))
  const offsets = new Map<number, number>()
  let size = 0
  for (const [i, value] of values.entries()) {
    offsets.set(value, size)
    size += data[i]!.length
  }
  const tree = treeOf(list)
  const nodes = tree.length / 2
  const bytes = Buffer.alloc(8 * nodes)
  for (const [i, record] of tree.entries()) {
    // Records: another node, nothing (the number of nodes), or a place in the data section behind 16 zero bytes.
    const pointer = record >= 0 ? record : record === NOTHING ? nodes : nodes + 16 + offsets.get(-record - 2)!
    bytes.writeUInt32BE(pointer, 4 * i)
  }
  const metadata = Buffer.concat([
    Buffer.from([0xab, 0xcd, 0xef]),
    Buffer.from('MaxMind.com'),
    Buffer.from([0xe9]),
    ...pair('binary_format_major_version', unsigned(2)),
    ...pair('binary_format_minor_version', unsigned(0)),
    ...pair('build_epoch', unsigned(1)),
    ...pair('database_type', text('routes')),
    ...pair('description', Buffer.from([0xe0])),
    ...pair('ip_version', unsigned(list.family)),
    ...pair('languages', Buffer.from([0x00, 0x04])),
    ...pair('node_count', unsigned(nodes)),
    ...pair('record_size', unsigned(32)),
  ])
  return Buffer.concat([bytes, Buffer.alloc(16), ...data, metadata])
}

/** A record that leads nowhere; values are below it, as -2 - value. */
const NOTHING = -1

/** Two records a node. Prefixes come shorter before longer, so a longer one splits the leaf that it falls into. */
function treeOf(list: PrefixList): number[] {
  const records = [NOTHING, NOTHING]
  const width = lanesOf(list.family)
  const order = Array.from({ length: list.count }, (_, i) => i).sort(
    (a, b) => list.lengths[a]! - list.lengths[b]!,
  )
  for (const i of order) {
    const bit = (n: number): number => (list.addresses[width * i + (n >> 5)]! >>> (31 - (n & 31))) & 1
    const leaf = -2 - list.values[i]!
    const length = list.lengths[i]!
    if (length === 0) {
      records[0] = leaf
      records[1] = leaf
      continue
    }
    let at = 0
    for (let n = 0; n < length - 1; n++) {
      const slot = 2 * at + bit(n)
      const record = records[slot]!
      if (record < 0) {
        records[slot] = records.length / 2
        records.push(record, record)
      }
      at = records[slot]!
    }
    records[2 * at + bit(length - 1)] = leaf
  }
  return records
}

function pair(key: string, value: Buffer): Buffer[] {
  return [text(key), value]
}

/** A string of less than 29 bytes. */
function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([0x40 | value.length]), Buffer.from(value)])
}

/** An unsigned number of 32 bits. */
function unsigned(value: number): Buffer {
  const bytes = Buffer.alloc(5)
  bytes[0] = 0xc4
  bytes.writeUInt32BE(value, 1)
  return bytes
}
