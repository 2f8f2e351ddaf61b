/**
 * A full mesh converges: N clusters of ten subnets and one gateway each on one transit switch, every cluster learning every route
 * of every other. The whole control plane runs: databases, northd, ovn-ic, ovn-controller. Time and memory against N.
 */
import { ControlPlane } from '../src/control/plane.ts'
import { loadScenarioText } from '../src/input/load.ts'
import { SECOND } from '../src/model/time.ts'
import { Random } from '../src/net/random.ts'
import { Clock } from '../src/sim/clock.ts'

const short = process.argv.includes('--short')
const sizes = process.argv
  .slice(2)
  .map(Number)
  .filter((n) => n > 0)

/** Cluster `i` has 10.a.b.0/24 to 10.a.(b+9).0/24, one gateway, and a port on a /16 transit switch. */
function meshScenario(clusters: number): string {
  const all = Array.from({ length: clusters }, (_, i) => {
    const first = i * 10
    const subnet = (n: number): string => `10.${(first + n) >> 8}.${(first + n) & 255}.0/24`
    return [
      `c${i}`,
      {
        nodes: { [`c${i}-gw`]: `172.16.${i >> 7}.${(i & 127) + 1}` },
        gateways: [`c${i}-gw`],
        autoRoute: true,
        subnets: Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`s${n}`, subnet(n)])),
        transitPorts: { ts: { ip: `169.254.${(i + 1) >> 8}.${(i + 1) & 255}` } },
      },
    ]
  })
  return JSON.stringify({
    isthmus: 1,
    name: `mesh of ${clusters}`,
    interconnect: { 'ovn-ic': { transitSwitches: [{ name: 'ts', subnets: '169.254.0.0/16' }] } },
    clusters: Object.fromEntries(all),
  })
}

function learnedRoutes(plane: ControlPlane): number {
  let routes = 0
  for (const { nb } of plane.databases(0).clusters.values())
    routes += nb.tables.Logical_Router_Static_Route.size
  return routes
}

function run(clusters: number): void {
  const { scenario, diagnostics } = loadScenarioText(meshScenario(clusters), 'mesh.json', {})
  if (scenario === undefined)
    throw new Error(
      diagnostics
        .slice(0, 3)
        .map((d) => d.message)
        .join('\n'),
    )
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  const cpu = process.cpuUsage()
  const began = performance.now()
  const clock = new Clock(0)
  const plane = new ControlPlane(scenario.network, {
    clock,
    random: new Random(1),
    log: () => {},
    sendBfd: () => {},
    changed: () => {},
  })
  plane.start()
  const wanted = clusters * (clusters - 1) * 10
  while (clock.now < 60 * SECOND && !(plane.settled && learnedRoutes(plane) === wanted))
    clock.runUntil(clock.now + SECOND / 100)
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const learned = learnedRoutes(plane)
  const rss = process.memoryUsage().rss
  console.log(
    `${String(clusters).padStart(5)} clusters: ${learned.toLocaleString('en')} routes learned${learned === wanted ? '' : ` of ${wanted}`} in ` +
      `${seconds.toFixed(2)} s (CPU ${((user + system) / 1e6).toFixed(2)} s), ${(clock.now / SECOND).toFixed(2)} s simulated, ` +
      `memory ${((rss - before) / 2 ** 20).toFixed(0)} MiB (peak of the process ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB), ` +
      `${((rss - before) / learned).toFixed(0)} bytes and ${((seconds * 1e6) / learned).toFixed(2)} us a route`,
  )
}

for (const clusters of sizes.length > 0 ? sizes : short ? [5] : [10, 100, 1000]) run(clusters)
