import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/net/random.ts'
import { BlockPool } from '../../../src/net/route-table/block-pool.ts'
import { columns4 } from '../../../src/net/route-table/columns.ts'
import { SharedBlocks4 } from '../../../src/net/route-table/shared-blocks.ts'
import { entry4, SETS4 } from './sets.ts'

describe('tables over one pool', () => {
  const entries = SETS4['clusters: a /16, its /24s, hosts']!(new Random(1))

  it('share all blocks when they are equal, however they came to be', () => {
    const pool = new BlockPool()
    const one = SharedBlocks4.build(columns4(entries), pool)
    const blocks = pool.blocks
    const other = new SharedBlocks4(pool)
    for (const { address, length, value } of entries) other.insert(address, length, value)
    expect(pool.blocks).toBe(blocks)
    expect(one.answersLike(other)).toBe(true)
    other.insert(0x0a100000, 17, 9)
    expect(one.answersLike(other)).toBe(false)
    other.remove(0x0a100000, 17)
    expect(one.answersLike(other)).toBe(true)
    expect(pool.blocks).toBe(blocks)
  })

  it('cost a path of blocks for each route in which they differ', () => {
    const pool = new BlockPool()
    const tables = Array.from({ length: 100 }, (_, i) =>
      SharedBlocks4.build(columns4([...entries, entry4(0xac100000 + i * 256, 24, i)]), pool),
    )
    const alone = new BlockPool()
    SharedBlocks4.build(columns4(entries), alone)
    expect(pool.blocks - alone.blocks).toBeLessThan(100 * 6 + 10)
    for (const [i, table] of tables.entries()) expect(table.lookup(0xac100001 + i * 256)).toBe(i)
  })

  it('give back every block when they are emptied', () => {
    const pool = new BlockPool()
    const tables = [new SharedBlocks4(pool), new SharedBlocks4(pool)]
    for (const table of tables)
      for (const { address, length, value } of entries) table.insert(address, length, value)
    for (const table of tables) for (const { address, length } of entries) table.remove(address, length)
    expect(pool.blocks).toBe(0)
  })

  it('keep what a snapshot saw', () => {
    const pool = new BlockPool()
    const table = SharedBlocks4.build(columns4(entries), pool)
    const before = table.walk()
    const snapshot = table.snapshot()
    for (const { address, length } of entries) table.remove(address, length)
    for (let i = 0; i < 200; i++) table.insert(0x0b000000 + i * 4096, 24, i)
    expect(snapshot.walk()).toEqual(before)
  })
})
