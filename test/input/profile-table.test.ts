// The data of the profiles, rule by rule.

import { describe, expect, it } from 'vitest'
import { PROFILE_NAMES, type Profile } from '../../src/model/profile.ts'
import { PROFILES } from '../../src/model/profile-table.ts'

const namesWhere = (test: (profile: Profile) => boolean): string[] =>
  PROFILE_NAMES.filter((name) => test(PROFILES[name])).map((name) => name.replace('kube-ovn-', ''))

describe('profiles', () => {
  it('all exist under their own name', () => {
    expect(PROFILE_NAMES.map((name) => PROFILES[name].name)).toEqual([...PROFILE_NAMES])
    expect(PROFILE_NAMES.map((name) => PROFILES[name].kubeOvn?.version)).toEqual([
      undefined,
      '1.10',
      '1.11',
      '1.12',
      '1.13',
      '1.14',
      '1.15',
      '1.16',
      '1.17',
    ])
  })

  it('RT-1, RT-5: length times 3 up to OVN 24.09, times 8 from 25.03', () => {
    expect(namesWhere((profile) => profile.routePriorities.multiplier === 8)).toEqual([
      '1.15',
      '1.16',
      '1.17',
    ])
  })

  it('RT-2, RT-5: a learned route ties with a connected one only up to 24.09', () => {
    expect(namesWhere(({ routePriorities: r }) => r.learnedConnected === r.connected)).toEqual([
      'ovn-23.03',
      '1.10',
      '1.11',
      '1.12',
      '1.13',
      '1.14',
    ])
  })

  it('RT-6: src-ip routes are last with every Kube-OVN', () => {
    expect(namesWhere((profile) => profile.routePriorities.srcIpFixed === undefined)).toEqual(['ovn-23.03'])
  })

  it('EC-4: the hash is that of the connection upstream and in 1.16', () => {
    expect(namesWhere((profile) => profile.ecmpHash === 'l4-symmetric')).toEqual(['ovn-23.03', '1.16'])
  })

  it('ADV-5, ADV-11, AZ-3, LRN-1: mended in 24.03', () => {
    for (const defect of [
      'ipv6-blacklist-matches-all',
      'two-routers-erase-each-other',
      'rename-inserts-second-az',
    ] as const) {
      expect(namesWhere((profile) => profile.icDefects.includes(defect))).toEqual([
        'ovn-23.03',
        '1.10',
        '1.11',
        '1.12',
      ])
    }
    expect(namesWhere((profile) => profile.learnSkips === 'own-az')).toEqual([
      'ovn-23.03',
      '1.10',
      '1.11',
      '1.12',
    ])
  })

  it('4.11: what an edit does', () => {
    expect(PROFILE_NAMES.slice(1).map((name) => PROFILES[name].kubeOvn!.onEdit)).toEqual([
      'ignored',
      ...Array<string>(6).fill('reestablish'),
      'gateways-in-place',
    ])
  })

  it('4.1: several transit switches from 1.11, dual stack from 1.12', () => {
    expect(namesWhere((profile) => profile.kubeOvn?.severalTransitSwitches === true)).toEqual([
      '1.11',
      '1.12',
      '1.13',
      '1.14',
      '1.15',
      '1.16',
      '1.17',
    ])
    expect(namesWhere((profile) => profile.kubeOvn?.dualStack === true)).toEqual([
      '1.12',
      '1.13',
      '1.14',
      '1.15',
      '1.16',
      '1.17',
    ])
  })
})
