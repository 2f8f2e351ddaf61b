import { describe, expect, it } from 'vitest'
import {
  bfdPeers,
  compareMembers,
  type HaGroup,
  isActive,
  redirectTargets,
} from '../../src/control/ovn/ha.ts'
import { isActiveByTheBook } from '../golden/ha.ts'

const group = (
  members: readonly [string, number, boolean?][],
  refChassis: readonly string[] = [],
): HaGroup => ({
  members: members.map(([chassis, priority, alive = true]) => ({ chassis, priority, alive })),
  refChassis,
})
const up = (...names: string[]): ReadonlySet<string> => new Set(names)

describe('gateway groups', () => {
  it('HA-2: priority descending, a tie goes to the greater name', () => {
    const members = [
      { chassis: 'a', priority: 99 },
      { chassis: 'b', priority: 100 },
      { chassis: 'c', priority: 100 },
      { chassis: 'B', priority: 100 },
    ]
    expect(members.sort(compareMembers).map((m) => m.chassis)).toEqual(['c', 'b', 'B', 'a'])
  })

  it('HA-3: a group of one is active whatever BFD says, and runs no BFD', () => {
    const single = group([['g', 100]], ['w'])
    expect(isActive('g', single, up())).toBe(true)
    expect(isActive('w', single, up('g'))).toBe(false)
    expect(bfdPeers('g', single)).toEqual([])
  })

  it('HA-6 rule 2: the last member with a Chassis row needs no BFD', () => {
    expect(
      isActive(
        'g1',
        group([
          ['g1', 100],
          ['g2', 99, false],
        ]),
        up(),
      ),
    ).toBe(true)
  })

  it('HA-6 rule 3, HA-7: without any BFD peer nobody is active, the healthy one included', () => {
    const pair = group(
      [
        ['g1', 100],
        ['g2', 99],
      ],
      [],
    )
    expect(isActive('g1', pair, up())).toBe(false)
    expect(isActive('g2', pair, up())).toBe(false)
  })

  it('HA-6 rule 4: alone among members, a user of the gateway must be in reach', () => {
    const pair = group(
      [
        ['g1', 100],
        ['g2', 99],
      ],
      ['w'],
    )
    expect(isActive('g2', pair, up('w'))).toBe(true)
    expect(isActive('g2', pair, up('stranger'))).toBe(false)
  })

  it('HA-6, HA-10: agrees with the rules restated, for all three-member groups over five chassis', () => {
    // Every choice of priorities from {1, 2}, of live rows, of BFD peers and of ref chassis, seen from four chassis.
    const names = ['a', 'b', 'c', 'w', 'x']
    let active = 0
    for (let size = 1; size <= 3; size++) {
      for (let bits = 0; bits < 4 ** size; bits++) {
        const members = names.slice(0, size).map((chassis, i) => ({
          chassis,
          priority: 1 + ((bits >> (2 * i)) & 1),
          alive: ((bits >> (2 * i + 1)) & 1) === 1,
        }))
        for (let refs = 0; refs < 8; refs++) {
          const refChassis = ['a', 'w', 'x'].filter((_, i) => (refs >> i) & 1)
          for (const self of ['a', 'b', 'c', 'w']) {
            for (let peers = 0; peers < 32; peers++) {
              const bfdUp = new Set(names.filter((name, i) => (peers >> i) & 1 && name !== self))
              const g = { members, refChassis }
              const got = isActive(self, g, bfdUp)
              if (got) active++
              if (members.some((m) => m.chassis === self && m.alive) || members.length === 1) {
                expect(got, JSON.stringify({ self, g, bfdUp: [...bfdUp] })).toBe(
                  isActiveByTheBook(self, g, bfdUp),
                )
              } else {
                expect(got, 'not a live member').toBe(false)
              }
            }
          }
        }
      }
    }
    expect(active).toBeGreaterThan(1000)
  })

  it('HA-8: others send to the members in order, never to themselves or to one without a row', () => {
    const three = group([
      ['g1', 98],
      ['g2', 100],
      ['g3', 99, false],
      ['g4', 98],
    ])
    expect(redirectTargets('w', three)).toEqual(['g2', 'g4', 'g1'])
    expect(redirectTargets('g4', three)).toEqual(['g2', 'g1'])
  })

  it('HA-4: members speak BFD with members and with users of the gateway, users with members only', () => {
    const pair = group(
      [
        ['g1', 100],
        ['g2', 99],
        ['g3', 98, false],
      ],
      ['w1', 'w2', 'g1'],
    )
    expect(bfdPeers('g1', pair)).toEqual(['g2', 'w1', 'w2'])
    expect(bfdPeers('w1', pair)).toEqual(['g1', 'g2'])
    expect(bfdPeers('w3', pair)).toEqual([])
  })
})
