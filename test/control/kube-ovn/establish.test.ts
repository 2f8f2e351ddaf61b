import { describe, expect, it } from 'vitest'
import { cluster, icConfig, prefix, Testbed } from './testbed.ts'

/** Runs until every controller has nothing left to do; the result is the time it took, in seconds. */
function settle(bed: Testbed): number {
  const rested = (): boolean =>
    !bed.host.busy && [...bed.members.values()].every(({ kubeOvn }) => kubeOvn.settled)
  for (let i = 0; i < 600 && !rested(); i++) bed.run(0.1)
  return bed.clock.now / 1e9
}

describe('establishing interconnection', () => {
  it('KO-TS-1: transit switches carry their subnet and vendor in external_ids', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16')], { switches: 3, families: [4, 6] })
    const rows = [...bed.icNb.rows('Transit_Switch').values()]
    expect(rows.map((row) => [row.name, row.external_ids.subnet, row.external_ids.vendor])).toEqual([
      ['ts', '169.254.100.0/24,fe80:a9fe:64::/112', 'kube-ovn'],
      ['ts1', '169.254.101.0/24,fe80:a9fe:65::/112', 'kube-ovn'],
      ['ts2', '169.254.102.0/24,fe80:a9fe:66::/112', 'kube-ovn'],
    ])
  })

  it('4.4, KO-EST-2: with three transit switches gateways rotate and priorities fall from 100', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16'), cluster(2, 'kube-ovn-1.16')], { switches: 3 })
    settle(bed)
    const order = bed.transitPorts('az1').map((line) => line.replace(/ 169\S+/, ''))
    expect(order).toEqual([
      'az1-ts az1-gw1-chassis:100 az1-gw2-chassis:99',
      'az1-ts1 az1-gw2-chassis:100 az1-gw1-chassis:99',
      'az1-ts2 az1-gw1-chassis:100 az1-gw2-chassis:99',
    ])
  })

  it('KO-EST-1: every peer learns each prefix once per transit switch', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16'), cluster(2, 'kube-ovn-1.16')], { switches: 3 })
    settle(bed)
    expect(bed.learned('az1').map((line) => line.replace(/\d+$/, ''))).toEqual([
      '10.17.0.1/16 169.254.100.',
      '10.17.0.1/16 169.254.101.',
      '10.17.0.1/16 169.254.102.',
    ])
  })

  it('4.3: a controller of 1.10 uses the switch ts alone, whatever else there is', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.10')], { switches: 3 })
    settle(bed)
    expect(bed.transitPorts('az1')).toHaveLength(1)
    expect(bed.transitPorts('az1')[0]).toMatch(
      /^az1-ts 169\.254\.100\.\d+\/24 az1-gw1-chassis:100 az1-gw2-chassis:99$/,
    )
  })

  it('4.4: gateway nodes are labelled, and kube-ovn-cni makes their chassis gateways within three seconds', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16')]).run(2.9)
    expect(bed.transitPorts('az1')).toHaveLength(1)
    expect(bed.interconn('az1')).toEqual([])
    expect(bed.run(0.2).interconn('az1')).toEqual(['az1-gw1', 'az1-gw2'])
  })

  it('4.5: addresses and MACs are drawn from the seed', () => {
    const drawn = (seed: number): string => {
      const bed = new Testbed([cluster(1, 'kube-ovn-1.16')], { seed })
      settle(bed)
      const { nb } = bed.member('az1')
      const port = [...nb.rows('Logical_Router_Port').values()].find((row) => row.name === 'az1-ts')!
      return `${port.mac} ${port.networks.join()}`
    }
    expect(drawn(7)).toMatch(/^00:00:00(:[0-9A-F]{2}){3} 169\.254\.100\.\d+\/24$/)
    expect(drawn(7)).toBe(drawn(7))
    expect(drawn(7)).not.toBe(drawn(8))
  })

  it('4.5: in dual stack one address of each family is drawn, where the release knows dual stack', () => {
    const networks = (profile: 'kube-ovn-1.11' | 'kube-ovn-1.12'): number => {
      const bed = new Testbed([cluster(1, profile)], { families: [4, 6] })
      settle(bed)
      const { nb } = bed.member('az1')
      return [...nb.rows('Logical_Router_Port').values()].find((row) => row.name === 'az1-ts')!.networks
        .length
    }
    expect(networks('kube-ovn-1.11')).toBe(1)
    expect(networks('kube-ovn-1.12')).toBe(2)
  })

  it('4.5: addresses of remote ports are not drawn, but in dual stack they may be', () => {
    const drawn = (subnets: string, taken: string): string => {
      const bed = new Testbed([cluster(1, 'kube-ovn-1.16')])
      const ts = bed.icNb.find('Transit_Switch', 'name', 'ts')!
      bed.icNb.transact('test', (tx) =>
        tx.update('Transit_Switch', ts, { external_ids: { subnet: subnets } }),
      )
      const { nb } = bed.member('az1')
      nb.transact('test', (tx) => {
        const addresses = [`00:00:00:00:00:01 ${taken}`]
        const port = tx.create('Logical_Switch_Port', { name: 'far', type: 'remote', addresses })
        tx.create('Logical_Switch', { name: 'elsewhere', ports: [port] })
      })
      bed.run(30)
      return bed.transitPorts('az1')[0]!.split(' ').slice(1, -2).join(' ')
    }
    // Only .0 and .1 can be drawn from a /30, and ::0 alone from a /127.
    expect(drawn('169.254.100.0/30', '169.254.100.0/30')).toBe('169.254.100.1/30')
    expect(drawn('169.254.100.0/30', '169.254.100.1/30')).toBe('169.254.100.0/30')
    const both = '169.254.100.0/31 fe80:a9fe:64::/127'
    expect(drawn(both.replace(' ', ','), both)).toBe(both)
  })

  it('a transit switch without subnet in its external_ids gets no port', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16')])
    const ts = bed.icNb.find('Transit_Switch', 'name', 'ts')!
    bed.icNb.transact('test', (tx) => tx.update('Transit_Switch', ts, { external_ids: {} }))
    expect(bed.run(5).transitPorts('az1')).toEqual([])
    expect(bed.says('transit switch ts has no subnet')).toHaveLength(1)
  })

  it('4.5: an address pinned by the scenario stands for the first draw, the next draw is random', () => {
    const pin = {
      transitSwitch: 'ts',
      router: 'ovn-cluster',
      lrp: 'az1-ts',
      lsp: 'ts-az1',
      mac: 0x50ac8c,
      networks: [prefix('169.254.100.45/24')],
      gateways: [],
      routeTable: '',
      lrpOptions: {},
    }
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16', { transitPorts: [pin] })])
    settle(bed)
    expect(bed.transitPorts('az1')[0]).toContain('az1-ts 169.254.100.45/24 ')
    bed.apply({ kind: 'ic-config', cluster: 'az1', config: undefined })
    bed.run(5).apply({ kind: 'ic-config', cluster: 'az1', config: icConfig('az1') })
    expect(bed.run(5).transitPorts('az1')[0]).not.toContain('169.254.100.45/24')
  })

  it('V11: a gateway that is no node is complained about once, tried each second, and works once corrected', () => {
    const wrong = cluster(1, 'kube-ovn-1.16', { ic: icConfig('az1', { gatewayNodes: ['nobody'] }) })
    const bed = new Testbed([wrong]).run(6)
    expect(bed.transitPorts('az1')).toEqual([])
    expect(bed.says('gateway nobody is no node')).toHaveLength(1)
    bed.apply({ kind: 'ic-config', cluster: 'az1', config: icConfig('az1') })
    expect(bed.run(3).transitPorts('az1')).toHaveLength(1)
  })

  it('KO-RM-3: two chassis of one hostname stop the establishing', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.16')])
    const { sb } = bed.member('az1')
    sb.transact('test', (tx) => {
      const encaps = [tx.create('Encap', { ip: '192.168.42.99' })]
      tx.create('Chassis', { name: 'clone', hostname: 'az1-gw2', encaps })
    })
    bed.run(5)
    expect(bed.transitPorts('az1')).toEqual([])
    expect(bed.says('2 chassis have the hostname of gateway az1-gw2')).toHaveLength(1)
  })

  it('#3759: ovn-ic started before the name is set registers the old one, up to 1.10 only', () => {
    const zones = (profile: 'kube-ovn-1.10' | 'kube-ovn-1.16'): string[] => {
      const bed = new Testbed([cluster(1, profile)])
      settle(bed)
      bed.apply({ kind: 'ic-config', cluster: 'az1', config: undefined })
      bed.run(5).icSb.transact('test', (tx) => {
        for (const table of ['Port_Binding', 'Gateway', 'Route', 'Availability_Zone'] as const) {
          for (const id of bed.icSb.rows(table).keys()) tx.delete(table, id)
        }
      })
      bed.apply({ kind: 'ic-config', cluster: 'az1', config: icConfig('new') })
      bed.run(0.9)
      return bed.says(/registers availability zone/).map((entry) => entry.text.split(' ').at(-1)!)
    }
    // The nodes of config "new" do not exist, so only the registration is of interest.
    expect(zones('kube-ovn-1.10')).toEqual(['az1', 'az1', 'new'])
    expect(zones('kube-ovn-1.16')).toEqual(['az1', 'new'])
  })

  it('nothing changes any more once settled', () => {
    const bed = new Testbed([cluster(1, 'kube-ovn-1.17'), cluster(2, 'kube-ovn-1.17')], { switches: 2 })
    settle(bed)
    const versions = (): number[] =>
      [...bed.members.values()].flatMap(({ nb, sb }) => [nb.version, sb.version])
    const before = versions()
    bed.run(20)
    expect(versions()).toEqual(before)
  })
})
