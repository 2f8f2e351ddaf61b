/**
 * Random scenarios: whatever the seed, a file that loads without an error, that the lab takes and that the simulator runs to its end;
 * and over many seeds everything occurs that is said to occur.
 */
import { describe, expect, it } from 'vitest'
import { loadScenarioText } from '../../../src/input/load.ts'
import type { RawScenario } from '../../../src/input/schema/scenario.ts'
import { unsupported } from '../../../src/lab/events/unsupported.ts'
import type { Network } from '../../../src/model/network.ts'
import type { Scenario } from '../../../src/model/scenario.ts'
import { overlaps } from '../../../src/net/prefix.ts'
import { scenarioYaml } from '../../../src/report/scenario-yaml.ts'
import { randomScenario } from '../../../src/run/conform/random/generate.ts'
import { simulate } from '../../../src/run/simulate.ts'

const SEEDS = Array.from({ length: 300 }, (_, seed) => seed)
const raws = SEEDS.map(randomScenario)
const texts = raws.map((raw) => scenarioYaml(raw))
const loaded = texts.map((text, seed) => loadScenarioText(text, `random-${seed}.yaml`))
const scenarios = loaded.flatMap(({ scenario }) => (scenario === undefined ? [] : [scenario]))

describe('random scenarios', () => {
  it('load without an error', () => {
    const errors = loaded.flatMap(({ diagnostics }, seed) =>
      diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => `${seed}: ${message}`),
    )
    expect(errors).toEqual([])
    expect(scenarios).toHaveLength(SEEDS.length)
  })

  it('are the same for the same seed, and carry it in their names', () => {
    for (const seed of [0, 7, 31, 4_294_967_295]) {
      expect(scenarioYaml(randomScenario(seed))).toBe(scenarioYaml(randomScenario(seed)))
      expect(randomScenario(seed)).toMatchObject({ name: `Random scenario ${seed}`, seed })
    }
    expect(new Set(texts).size).toBe(SEEDS.length)
  })

  it('mean as YAML what they are as data', () => {
    for (const [seed, raw] of raws.slice(0, 60).entries()) {
      const file = `random-${seed}.yaml`
      const fromData = loadScenarioText(JSON.stringify(raw), file).scenario
      expect(loaded[seed]!.scenario).toEqual(fromData)
    }
  })

  it('hold nothing that a lab refuses, and last seconds', () => {
    expect(scenarios.flatMap(unsupported)).toEqual([])
    expect(Math.max(...scenarios.map(({ duration }) => duration))).toBeLessThan(15e9)
    const quiet = scenarios.filter(({ timeline }) => timeline.length === 0)
    expect(Math.max(...quiet.map(({ duration }) => duration))).toBeLessThan(6e9)
  })

  it('run in the simulator; packets whose way nobody can tell stay a minority', () => {
    const undefinedOnes = scenarios.filter((scenario, seed) => {
      const { inconclusive, settled, drops } = simulate(scenario)
      expect({ seed, inconclusive, settled: settled.ok }).toEqual({
        seed,
        inconclusive: undefined,
        settled: true,
      })
      return drops.some(({ drop }) => drop.kind === 'undefined')
    })
    expect(undefinedOnes.length).toBeGreaterThan(0)
    expect(undefinedOnes.length).toBeLessThan(SEEDS.length / 10)
  }, 120_000)

  it.each(Object.entries(features()))('show %s', (_, shows) => {
    expect(raws.some((raw, i) => shows(raw, scenarios[i]!))).toBe(true)
  })
})

/** What occurs among 300 seeds. */
function features(): Record<string, (raw: RawScenario, scenario: Scenario) => boolean> {
  const clusters = (raw: RawScenario) => Object.values(raw.clusters)
  const gatewaysOf = ({ clusters: all }: Network) =>
    all.flatMap(({ transitPorts }) => transitPorts.map(({ gateways }) => gateways))
  const routes = (raw: RawScenario) => clusters(raw).flatMap(({ staticRoutes }) => staticRoutes ?? [])
  const policies = (raw: RawScenario) => clusters(raw).flatMap(({ policies: all }) => all ?? [])
  const subnets = ({ network }: Scenario) => network.clusters.flatMap((cluster) => cluster.subnets)
  const families = (scenario: Scenario): string =>
    [...new Set(subnets(scenario).flatMap(({ gateways }) => gateways.map(({ ip }) => typeof ip)))]
      .sort()
      .join()
  const option = (name: string) => (raw: RawScenario) =>
    clusters(raw).some(({ options }) => options?.[name] !== undefined)
  const traffic = (key: string) => (raw: RawScenario) => raw.traffic?.some((one) => key in one) ?? false
  const event = (key: string) => (raw: RawScenario) => raw.timeline?.some((one) => key in one) ?? false
  const daemon = (key: string, name: string) => (raw: RawScenario) =>
    raw.timeline?.some((one) => JSON.stringify(one).includes(`"${key}":"${name}`)) ?? false
  const command = (words: string) => (raw: RawScenario) =>
    raw.timeline?.some((one) => 'nbctl' in one && JSON.stringify(one).includes(words)) ?? false
  const length = (wanted: number) => (raw: RawScenario) =>
    routes(raw).some(({ prefix }) => prefix.endsWith(`/${wanted}`))
  return {
    'two clusters': (raw) => clusters(raw).length === 2,
    'four clusters': (raw) => clusters(raw).length === 4,
    'three transit switches': (raw) => raw.interconnect?.['ovn-ic']?.transitSwitches === 3,
    'three gateways': (_, { network }) => gatewaysOf(network).some((all) => all.length === 3),
    'gateways of equal priority': (_, { network }) =>
      gatewaysOf(network).some((all) => new Set(all.map(({ priority }) => priority)).size < all.length),
    'IPv4 alone': (_, scenario) => families(scenario) === 'number',
    'IPv6 alone': (_, scenario) => families(scenario) === 'object',
    'both families': (_, scenario) => families(scenario) === 'number,object',
    'a default route': length(0),
    'a host route': (raw) =>
      routes(raw).some(({ prefix }) => !prefix.includes('/') || prefix.endsWith('/32')),
    'a route of 17 bits': length(17),
    'a route by source': (raw) => routes(raw).some(({ policy }) => policy === 'src-ip'),
    'equal-cost routes': (raw) => routes(raw).some(({ ecmp }) => ecmp === true),
    'a route that discards': (raw) => routes(raw).some(({ nexthop }) => nexthop === 'discard'),
    'a route in a table': (raw) => routes(raw).some(({ table }) => table !== undefined),
    'a subnet with a route table': (_, scenario) =>
      subnets(scenario).some(({ routeTable }) => routeTable !== ''),
    'a transit port with a route table': (_, { network }) =>
      network.clusters.some(({ transitPorts }) => transitPorts.some(({ routeTable }) => routeTable !== '')),
    'a second router': (raw) => clusters(raw).some(({ routers }) => routers !== undefined),
    'a blacklist': option('ic-route-blacklist'),
    'advertising switched by hand': option('ic-route-adv'),
    'learning switched by hand': option('ic-route-learn'),
    'default routes advertised': option('ic-route-adv-default'),
    'default routes learned': option('ic-route-learn-default'),
    'a policy that allows': (raw) => policies(raw).some(({ action }) => action === 'allow'),
    'a policy that drops': (raw) => policies(raw).some(({ action }) => action === 'drop'),
    'a policy that reroutes': (raw) => policies(raw).some(({ action }) => action === 'reroute'),
    'networks that overlap': (_, { network }) =>
      network.clusters.some((one) =>
        network.clusters.some(
          (other) =>
            one !== other &&
            one.subnets.some((a) =>
              other.subnets.some((b) => a.gateways.some((x) => b.gateways.some((y) => overlaps(x, y)))),
            ),
        ),
      ),
    'a small MTU': (raw) => raw.underlay?.nodes !== undefined,
    'a gateway MTU': (raw) => JSON.stringify(raw.clusters).includes('gateway_mtu'),
    'a ping': traffic('ping'),
    'a traceroute': traffic('traceroute'),
    UDP: traffic('udp'),
    TCP: traffic('tcp'),
    'a ping with a TTL of 1': (raw) => raw.traffic?.some((one) => 'ttl' in one && one.ttl === 1) ?? false,
    'a ping of 3000 bytes': (raw) =>
      raw.traffic?.some((one) => 'size' in one && one.size === '3000B') ?? false,
    'nothing that happens': ({ timeline }) => timeline === undefined,
    ...Object.fromEntries(
      [
        'fail',
        'recover',
        'crash',
        'boot',
        'add',
        'delete',
        'leave',
        'interconn',
        'ic-nbctl',
        'snapshot',
        'disableInterConnection',
      ].map((key) => [`the event ${key}`, event(key)]),
    ),
    ...Object.fromEntries(
      ['ovn-controller', 'ovs-vswitchd', 'ovn-ic', 'ovn-northd', 'ic-db'].map((name) => [
        `${name} ended or frozen`,
        (raw: RawScenario) => ['kill', 'stop', 'pause'].some((key) => daemon(key, name)(raw)),
      ]),
    ),
    'a route that comes': command('lr-route-add'),
    'a route that goes': command('lr-route-del'),
    'a cluster that dies': (raw) => JSON.stringify(raw.timeline ?? []).includes('"clean":false'),
  }
}
