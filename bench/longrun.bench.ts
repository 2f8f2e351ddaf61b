/**
 * A long quiet run: 20 chassis in two clusters, BFD between gateways and everyone who uses them, one ping a second for 1,000
 * simulated seconds. Nearly all events are BFD; what counts is how much faster than real time it goes.
 */
import { loadText, simulate } from '../src/index.ts'

const short = process.argv.includes('--short')
const seconds = short ? 20 : 1000

/** A cluster with two gateways and eight workers. */
function cluster(n: number): object {
  const nodes = Object.fromEntries(
    ['gw1', 'gw2', ...Array.from({ length: 8 }, (_, i) => `w${i + 1}`)].map((name, i) => [
      `az${n}-${name}`,
      `192.168.${n}.${i + 1}`,
    ]),
  )
  const workers = Object.keys(nodes).slice(2)
  return {
    nodes,
    gateways: [`az${n}-gw1`, `az${n}-gw2`],
    autoRoute: true,
    subnets: { net: `10.${n}.0.0/16` },
    pods: Object.fromEntries(workers.map((node, i) => [`pod${i + 1}`, { node, ip: `10.${n}.0.${i + 10}` }])),
  }
}

const scenario = {
  isthmus: 1,
  name: 'a long quiet run',
  interconnect: { 'ovn-ic': { transitSwitches: 1 } },
  clusters: { az1: cluster(1), az2: cluster(2) },
  traffic: [{ ping: 'az1/pod1 -> az2/pod8', count: seconds, interval: '1s', as: 'steady' }],
  duration: `${seconds}s`,
}

const { scenario: loaded, diagnostics } = loadText(JSON.stringify(scenario), 'longrun.json', {})
if (loaded === undefined) throw new Error(diagnostics.map((d) => d.message).join('\n'))
const cpu = process.cpuUsage()
const began = performance.now()
const { counters, traffic, inconclusive } = simulate(loaded)
const wall = (performance.now() - began) / 1000
const { user, system } = process.cpuUsage(cpu)
const used = (user + system) / 1e6
const [ping] = traffic
if (inconclusive !== undefined || ping?.received.length !== seconds)
  throw new Error(inconclusive ?? 'pings were lost')
const n = (value: number): string => value.toLocaleString('en')
console.log(
  `${n(seconds)} simulated seconds: ${wall.toFixed(2)} s (CPU ${used.toFixed(2)} s), ${n(Math.round(seconds / used))} times real time; ` +
    `${n(counters.events)} events, ${((used * 1e9) / counters.events).toFixed(0)} ns each; ${n(counters.packets)} packets through vswitches, ` +
    `${n(counters.tunnelPackets)} in tunnels, ${n(counters.bfdPackets)} of BFD; ${ping.received.length} of ${ping.sent} pings answered`,
)
