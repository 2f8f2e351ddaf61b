import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conflictingPrefixes } from '../../../src/control/kube-ovn/conflicts.ts'
import { withAutoRoute, withoutAutoRoute } from '../../../src/control/kube-ovn/route-options.ts'
import type { ProfileName } from '../../../src/model/profile.ts'
import { lastAddress } from '../../../src/net/prefix.ts'
import { cluster, prefix, subnet, Testbed } from './testbed.ts'

const LIST = 'ic-route-blacklist'
const nodes = (n: number): string => [0, 1, 2].map((index) => `192.168.42.${10 * n + index}`).join(',')

describe('ic-route-blacklist (4.6)', () => {
  const secret = subnet('no-advertise', ['10.199.0.0/16'], { disableInterConnection: true })
  const subnets = [subnet('ovn-default', ['10.16.0.0/16']), subnet('join', ['100.64.0.0/16']), secret]

  it('holds subnets with disableInterConnection, the join subnet and the nodes', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16', { subnets })]).run(2)
    expect(bed.options('az1')).toEqual({
      'ic-route-adv': 'true',
      'ic-route-learn': 'true',
      [LIST]: `100.64.0.0/16,10.199.0.0/16,${nodes(1)}`,
    })
  })

  it('hides those subnets from the peer', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16', { subnets }), cluster(2, 'kube-ovn-1.16')]).run(8)
    expect(bed.learned('az2').map((line) => line.split(' ')[0])).toEqual(['10.16.0.1/16'])
  })

  it('KO-BL-1: a peer without blacklist would show its join subnet, if it differs from the own', () => {
    const other = [
      subnet('ovn-default', ['10.17.0.0/16']),
      subnet('join', ['100.65.0.0/16'], { isJoin: false }),
    ]
    const bed = new Testbed([
      cluster(1, 'kube-ovn-1.16'),
      cluster(2, 'kube-ovn-1.16', { subnets: other }),
    ]).run(8)
    expect(bed.learned('az1').map((line) => line.split(' ')[0])).toEqual(['10.17.0.1/16', '100.65.0.1/16'])
  })

  it('follows disableInterConnection within a second, both ways', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16', { subnets }), cluster(2, 'kube-ovn-1.16')]).run(12)
    const flip = (disable: boolean): boolean =>
      bed.apply({ kind: 'subnet-interconnection', cluster: 'az1', subnet: 'no-advertise', disable })
    expect(flip(false)).toBe(true)
    bed.run(1.1)
    expect(bed.learned('az2').map((line) => line.split(' ')[0])).toEqual(['10.16.0.1/16', '10.199.0.1/16'])
    flip(true)
    bed.run(1.1)
    expect(bed.learned('az2').map((line) => line.split(' ')[0])).toEqual(['10.16.0.1/16'])
  })

  it('KO-RM-4: in 1.17 a subnet stays listed after disableInterConnection is taken back', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.17', { subnets })]).run(12)
    bed.apply({ kind: 'subnet-interconnection', cluster: 'az1', subnet: 'no-advertise', disable: false })
    bed.run(12)
    expect(bed.options('az1')[LIST]!.split(',')).toContain('10.199.0.0/16')
  })

  it('auto-route "false" removes the three keys and no other', () => {
    const options = { 'ic-route-adv-default': 'true', ...withAutoRoute({}, '10.0.0.0/8') }
    expect(withoutAutoRoute(options)).toEqual({ 'ic-route-adv-default': 'true' })
  })
})

describe('overlapping networks', () => {
  /** az1 and az2 share 10.16.0.0/16; az2 has 10.20.0.0/16 besides. */
  function overlapping(profile: ProfileName): Testbed {
    const subnets = [
      subnet('ovn-default', ['10.16.0.0/16']),
      subnet('join', ['100.64.0.0/16']),
      subnet('unique', ['10.20.0.0/16']),
    ]
    return new Testbed([cluster(1, profile), cluster(2, profile, { subnets })]).run(20)
  }

  it('RT-12: before 1.17 the equal prefix is learned', () => {
    const bed = overlapping('kube-ovn-1.16')
    expect(bed.learned('az1').map((line) => line.split(' ')[0])).toEqual(['10.16.0.1/16', '10.20.0.1/16'])
  })

  it('KO-RM-4: from 1.17 it is deleted and blacklisted, the others stay', () => {
    const bed = overlapping('kube-ovn-1.17')
    expect(bed.learned('az1').map((line) => line.split(' ')[0])).toEqual(['10.20.0.1/16'])
    const listed = bed.options('az1')[LIST]!.split(',')
    expect(listed).toContain('10.16.0.0/16')
    expect(bed.says(/learned 10\.16\.0\.1\/16 overlaps a local subnet/).length).toBeGreaterThan(0)
    expect(bed.policies('az1')).not.toContain('29500 ip4.dst == 10.16.0.1/16 allow')
  })

  it('KO-RM-4: the controller deletes the route itself, even when no ovn-ic is there to withdraw it', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.17'), cluster(2, 'kube-ovn-1.17')]).run(12)
    bed.host.get('ovn-ic az1')!.end('kill')
    bed.apply({ kind: 'subnet-add', cluster: 'az1', subnet: subnet('late', ['10.17.5.0/24']) })
    expect(bed.run(1.1).learned('az1')).toEqual([])
    expect(bed.options('az1')[LIST]).toContain('10.17.0.1/16,10.17.5.0/24')
  })

  it('KO-RM-4: a custom VPC counts, and the listing ends with the local subnet', () => {
    const mine = subnet('private', ['10.17.128.0/24'], {
      router: 'vpc1',
      lrp: 'vpc1-private',
      lsp: 'private-vpc1',
    })
    const subnets = [subnet('ovn-default', ['10.16.0.0/16']), subnet('join', ['100.64.0.0/16']), mine]
    const bed = new Testbed([cluster(1, 'kube-ovn-1.17', { subnets }), cluster(2, 'kube-ovn-1.17')]).run(12)
    expect(bed.learned('az1')).toEqual([])
    bed.apply({ kind: 'subnet-delete', cluster: 'az1', subnet: 'private' })
    bed.run(5)
    expect(bed.learned('az1').map((line) => line.split(' ')[0])).toEqual(['10.17.0.1/16'])
  })

  it('KO-RM-4: every conflict overlaps a local subnet, and every overlapping sticky prefix is one', () => {
    const cidr = fc
      .record({
        second: fc.integer({ min: 0, max: 7 }),
        third: fc.integer({ min: 0, max: 255 }),
        len: fc.constantFrom(12, 14, 16, 24),
      })
      .map(({ second, third, len }) => `10.${second}.${third}.1/${len}`)
    const cidrs = fc.array(cidr, { maxLength: 5 })
    const bounds = (text: string): [number, number] => {
      const block = prefix(text)
      const last = lastAddress(block) as number
      return [last - 2 ** (32 - block.len) + 1, last]
    }
    const meet = (a: string, b: string): boolean => {
      const [a1, a2] = bounds(a)
      const [b1, b2] = bounds(b)
      return a1 <= b2 && b1 <= a2
    }
    fc.assert(
      fc.property(cidrs, cidrs, cidrs, (local, learned, sticky) => {
        const found = conflictingPrefixes(local, learned, sticky)
        for (const one of found) expect(local.some((own) => meet(own, one))).toBe(true)
        for (const one of sticky) if (local.some((own) => meet(own, one))) expect(found).toContain(one)
        for (const own of local) if (learned.some((one) => meet(own, one))) expect(found).toContain(own)
        expect(found).toEqual([...new Set(found)].sort())
      }),
    )
  })
})
