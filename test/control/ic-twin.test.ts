// The incremental ovn-ic against a computation from scratch, over random sequences of changes.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { learnedBy, publishedBy, type ZoneState } from '../golden/ic-fixpoint.ts'
import { BOTH_ON, subnetOf, transitPort, World } from './ic-world.ts'

const NETWORKS = ['10.1.0.1/16', '10.2.0.1/16', '10.2.3.1/24', '169.254.9.1/24', '172.16.0.1/12']
const STATICS = ['10.1.0.0/16', '10.2.0.0/16', '0.0.0.0/0', '192.168.7.0/24', '172.20.0.0/16']
const BLACKLISTS = ['', '10.0.0.0/8', '10.2.3.0/24,172.16.0.0/12', '192.168.7.9']
const SWITCHES = ['ic-route-adv', 'ic-route-learn', 'ic-route-adv-default', 'ic-route-learn-default']

type Change =
  | { readonly kind: 'network'; readonly zone: number; readonly which: number }
  | { readonly kind: 'static'; readonly zone: number; readonly which: number }
  | { readonly kind: 'switch'; readonly zone: number; readonly which: number; readonly on: boolean }
  | { readonly kind: 'blacklist'; readonly zone: number; readonly which: number }
  | { readonly kind: 'restart' | 'tamper'; readonly zone: number; readonly which: number }
  | { readonly kind: 'outage'; readonly zone: number; readonly which: number }

const change: fc.Arbitrary<Change> = fc
  .record({
    kind: fc.constantFrom('network', 'static', 'switch', 'blacklist', 'restart', 'tamper', 'outage'),
    zone: fc.nat(2),
    which: fc.nat(4),
    on: fc.boolean(),
  })
  .map((raw) => raw as Change)

interface Mutable {
  id: string
  nexthop: string
  options: Record<string, string>
  networks: string[]
  statics: string[]
}

function apply(world: World, zones: Mutable[], { kind, zone: number, which, ...rest }: Change): void {
  const zone = zones[number]!
  const { cms, nb } = world.az(zone.id)
  const toggle = (list: string[], value: string): boolean => {
    const at = list.indexOf(value)
    if (at < 0) list.push(value)
    else list.splice(at, 1)
    return at < 0
  }
  switch (kind) {
    case 'network': {
      const network = NETWORKS[which]!
      if (toggle(zone.networks, network)) cms.addSubnet(subnetOf(`n${which}`, [network]))
      else cms.deleteSubnet(`n${which}`)
      return
    }
    case 'static': {
      const prefix = STATICS[which]!
      const added = toggle(zone.statics, prefix)
      const line = added
        ? `lr-route-add ovn-cluster ${prefix} 10.99.0.5`
        : `lr-route-del ovn-cluster ${prefix} 10.99.0.5`
      expect(
        world.command(
          'nbctl',
          line.replace('add', added ? 'add' : 'del').replace('lr-route-add', '--ecmp lr-route-add'),
          zone.id,
        ),
      ).toBeUndefined()
      return
    }
    case 'switch': {
      const option = SWITCHES[which % SWITCHES.length]!
      const value = String((rest as { on: boolean }).on)
      zone.options[option] = value
      world.setOption(zone.id, option, value)
      return
    }
    case 'blacklist': {
      const list = BLACKLISTS[which % BLACKLISTS.length]!
      if (list === '') delete zone.options['ic-route-blacklist']
      else zone.options['ic-route-blacklist'] = list
      world.setOption(zone.id, 'ic-route-blacklist', list === '' ? undefined : list)
      return
    }
    case 'restart': {
      const daemon = world.host.get(`ovn-ic ${zone.id}`)!
      daemon.end('kill')
      world.run(which * 3e6)
      daemon.start()
      return
    }
    case 'tamper':
      // Somebody deletes every route of the router, learned ones too.
      nb.transact('somebody', (write) => {
        for (const id of nb.rows('Logical_Router').keys())
          write.update('Logical_Router', id, { static_routes: [] })
      })
      zone.statics.length = 0
      return
    case 'outage':
      world.icSb.available = false
      world.run(which * 1e9)
      world.icSb.available = true
      return
  }
}

describe('the incremental ovn-ic', () => {
  it('IC-4: comes to rest where a computation from scratch says, whatever happened before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(change, fc.constantFrom(0, 3e6, 7e6, 40e6)), { maxLength: 14 }),
        (changes) => {
          const zones: Mutable[] = [1, 2, 3].map((n) => ({
            id: `az${n}`,
            nexthop: `169.254.100.4${n}`,
            options: { ...BOTH_ON },
            networks: [`10.${100 + n}.0.1/16`],
            statics: [],
          }))
          const world = new World(
            ['ts'],
            zones.map((zone, i) => ({
              id: zone.id,
              networks: [zone.networks],
              transit: [transitPort('ts', 0, i + 1)],
            })),
          )
          world.run(60e6)
          for (const [next, pause] of changes) {
            apply(world, zones, next)
            world.run(pause)
          }
          world.run(20e9)
          const states: readonly ZoneState[] = zones
          const published = world.published().map((route) => {
            const [zone, , , prefix, nexthop, origin] = route.split(' ')
            return `${zone} ${prefix} ${nexthop} ${origin}`
          })
          expect(published).toEqual(publishedBy(states))
          for (const { id } of zones) expect(world.learned(id)).toEqual(learnedBy(states, id))
          expect(world.host.busy).toBe(false)
          expect(world.refusals()).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })
})
