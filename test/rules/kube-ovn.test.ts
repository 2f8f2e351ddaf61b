/** Rules of Kube-OVN's use of OVN-IC that no other test names. Clusters as in test/control/kube-ovn. */
import { describe, expect, it } from 'vitest'
import { mayAdvertise, routeFilter } from '../../src/control/ovn/ic/route-filter.ts'
import { simulate, trace } from '../../src/index.ts'
import { defaultPodMtu } from '../../src/input/pod-address.ts'
import type { ProfileName } from '../../src/model/profile.ts'
import { BOTH_ON, transitPort, twoZones } from '../control/ic-world.ts'
import { cluster, ip, prefix, subnet, Testbed } from '../control/kube-ovn/testbed.ts'
import { twoClusters } from './run.ts'

const prefixes = (bed: Testbed, id: string) => bed.learned(id).map((line) => line.split(' ')[0])
/** A command on a member's Northbound, as a person would give it. */
const routeAdd = (bed: Testbed, id: string, ip_prefix: string, nexthop: string) => {
  const { nb } = bed.member(id)
  nb.transact('test', (write) => {
    const [router, row] = [...nb.rows('Logical_Router')].find(([, { name }]) => name === 'ovn-cluster')!
    const route = write.create('Logical_Router_Static_Route', { ip_prefix, nexthop })
    write.update('Logical_Router', router, { static_routes: [...row.static_routes, route] })
  })
}

describe('transit switches', () => {
  it('KO-TS-2: the IPv6 range of transit switches is never advertised, yet good as a nexthop', () => {
    const filter = routeFilter(BOTH_ON, false)
    for (const text of ['fe80:a9fe:64::/112', 'fe80:a9fe:65::/112', '169.254.100.0/24'])
      expect(mayAdvertise(filter, prefix(text), 'dst-ip')).toBe(false)
    const dual = (n: number) => {
      const port = transitPort('ts', 0, n)
      return { ...port, networks: [...port.networks, `fe80:a9fe:64::${n}/112`] }
    }
    const world = twoZones(
      { networks: [['10.16.0.1/16', 'fd00:16::1/112'], ['fe80:a9fe:70::1/112']], transit: [dual(1)] },
      { networks: [['10.17.0.1/16', 'fd00:17::1/112']], transit: [dual(2)] },
    ).run()
    expect(world.learned('az2')).toEqual([
      '10.16.0.1/16 169.254.100.41 connected',
      'fd00:16::1/112 fe80:a9fe:64::1 connected',
    ])
  })
})

describe('ic-route-blacklist', () => {
  it('KO-BL-1: the own join subnet hides an equal one that a peer without blacklist advertises', () => {
    const subnets = [
      subnet('ovn-default', ['10.17.0.0/16']),
      subnet('join', ['100.64.0.0/16'], { isJoin: false }),
    ]
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16'), cluster(2, 'kube-ovn-1.16', { subnets })]).run(8)
    const published = [...bed.icSb.rows('Route').values()].map((row) => row.ip_prefix).sort()
    expect(published).toEqual(['10.16.0.1/16', '10.17.0.1/16', '100.64.0.1/16'])
    expect(prefixes(bed, 'az1')).toEqual(['10.17.0.1/16'])
  })

  it('KO-BL-2: default route and service network are not in it, and are not advertised all the same', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16'), cluster(2, 'kube-ovn-1.16')]).run(8)
    expect(bed.options('az1')['ic-route-blacklist']).toBe(
      '100.64.0.0/16,192.168.42.10,192.168.42.11,192.168.42.12',
    )
    const routes = [...bed.member('az1').nb.rows('Logical_Router_Static_Route').values()]
    expect(routes.map((row) => row.ip_prefix)).toContain('0.0.0.0/0')
    expect(prefixes(bed, 'az2')).toEqual(['10.16.0.1/16'])
  })

  it('KO-BL-2: in dual stack the join network in it stops all IPv6 routes until 1.13 (ADV-5)', () => {
    const dual = (n: number, profile: ProfileName) => {
      const base = cluster(n, profile)
      const nodes = base.nodes.map((node) => ({ ...node, joinIps: [...node.joinIps, ip('fd00:100:64::2')] }))
      const subnets = [
        subnet('ovn-default', [`10.${15 + n}.0.0/16`, `fd00:10:${15 + n}::/112`]),
        subnet('join', ['100.64.0.0/16', 'fd00:100:64::/112']),
      ]
      return { ...base, nodes, subnets }
    }
    const learned = (profile: ProfileName) =>
      prefixes(new Testbed([dual(1, profile), dual(2, profile)], { families: [4, 6] }).run(10), 'az1')
    expect(learned('kube-ovn-1.12')).toEqual(['10.17.0.1/16'])
    expect(learned('kube-ovn-1.13')).toEqual(['10.17.0.1/16', 'fd00:10:17::1/112'])
  })

  it('KO-BL-3: a route to an own node is not advertised, one to any other host is', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.10'), cluster(2, 'kube-ovn-1.10')]).run(8)
    routeAdd(bed, 'az1', '192.168.42.11', '100.64.0.3')
    routeAdd(bed, 'az1', '192.168.99.1', '100.64.0.3')
    expect(prefixes(bed.run(1), 'az2')).toEqual(['10.16.0.1/16', '192.168.99.1/32'])
  })
})

describe('pods', () => {
  it('MT-2: the MTU of pods is that of the interface less 100 for Geneve, less 50 for VXLAN, less 20 more over IPv6', () => {
    const [node] = cluster(1, 'kube-ovn-1.16').nodes
    const mtu = (changes: Partial<typeof node>) => defaultPodMtu({ ...node!, ...changes }, 1500)
    expect(mtu({})).toBe(1400)
    expect(mtu({ encapType: 'vxlan' })).toBe(1450)
    expect(mtu({ encapIp: ip('fd00::1') })).toBe(1380)
  })
})

describe('policies', () => {
  /** Clusters with gateway policies as Kube-OVN makes them; only those named exempt what they learned. */
  const joined = (...exempt: readonly ('az1' | 'az2')[]) => {
    const keys = (n: number) => {
      const subnets = `subnets: { ovn-default: 10.${15 + n}.0.0/16, join: 100.6${3 + n}.0.0/16 }`
      const hijack = `{ priority: 29000, match: ip4.src == 10.${15 + n}.0.0/16, action: reroute, nexthop: 100.6${3 + n}.0.9 }`
      const allow = `{ priority: 29500, match: ip4.dst == 10.${18 - n}.0.1/16, action: allow }`
      const policies = exempt.includes(`az${n}` as 'az1') ? [hijack, allow] : [hijack]
      return `${subnets}, policies: [${policies.join(', ')}], options: { ic-route-blacklist: 100.64.0.0/10 }`
    }
    return trace(twoClusters({ az1: keys(1), az2: keys(2) }), {
      from: 'az1/web',
      to: 'az2/web',
      protocol: 'icmp',
    })
  }

  it('KO-POL-4: the reply needs the policy of its own cluster', () => {
    const both = joined('az1', 'az2')
    expect(both.reply?.disposition).toMatchObject({ kind: 'delivered', ttl: 62 })
    const oneWay = joined('az1')
    expect(oneWay.disposition).toMatchObject({ kind: 'delivered', ttl: 62 })
    expect(oneWay.reply?.disposition).toMatchObject({ kind: 'unknown-neighbour', where: 'az2/az2-w1' })
    expect(joined('az2').disposition).toMatchObject({ kind: 'unknown-neighbour', where: 'az1/az1-w1' })
  })

  it('KO-POL-4: between two clusters of Kube-OVN both directions have theirs after some seconds', () => {
    const scenario = twoClusters({
      profile: 'kube-ovn-1.16',
      more: 'traffic: [{ ping: az1/web -> az2/web, count: 2 }, { ping: az2/web -> az1/web, count: 2 }]',
    })
    const { traffic, snapshots } = simulate(scenario)
    expect(traffic.map(({ received, replyTtls }) => [received, replyTtls])).toEqual([
      [[1, 2], [62]],
      [[1, 2], [62]],
    ])
    for (const { nb } of snapshots.get('end')!.clusters.values()) {
      const rows = [...nb.tables.Logical_Router_Policy.values()]
      expect(rows.filter(({ priority }) => priority === 29500)).toHaveLength(1)
    }
  })
})
