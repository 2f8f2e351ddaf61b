/**
 * Latency, loss and MTU of a lab's underlay: the commands that are planned, word by word after tc-netem(8), since kernels without
 * sch_netem cannot be asked; and what is left out where there is none.
 */
import { describe, expect, it } from 'vitest'
import { labScript } from '../../src/lab/build.ts'
import { Names } from '../../src/lab/names.ts'
import { linkSettings, mtuSteps, netemSteps, withFigures } from '../../src/lab/plan/links.ts'
import type { Step } from '../../src/lab/plan/steps.ts'
import { commandLine } from '../../src/lab/process.ts'
import type { Network } from '../../src/model/network.ts'
import { micros, millis, SECOND } from '../../src/model/time.ts'
import { leftOut } from '../../src/run/lab-figures.ts'
import { labInput } from '../../src/run/lab-options.ts'
import { smallScenario } from './scenario.ts'

const lines = (steps: readonly Step[]): string[] =>
  steps.map((step) => (step.kind === 'run' ? commandLine(step) : step.kind))

/** The scenario's network as a lab takes it, with these figures. */
function networkWith(underlay: string): Network {
  return labInput(smallScenario(`underlay: ${underlay}`)).scenario.network
}

function planned(underlay: string): string[] {
  const network = networkWith(underlay)
  return lines(netemSteps([], linkSettings(new Names('abcdef', network), network)))
}

describe('latency and loss', () => {
  const wan = 'tc -n isthmus-abcdef-underlay qdisc replace dev'

  it('of a WAN are set where its packets leave either bridge, and nowhere else', () => {
    expect(planned('{ wan: { az1|az2: { latency: 20ms, loss: 1% } } }')).toEqual([
      `${wan} wan0-1 root netem limit 100000 delay 20000us loss random 1%`,
      `${wan} wan1-0 root netem limit 100000 delay 20000us loss random 1%`,
    ])
  })

  it('of everything are set once on each way: latency at the receiving end, loss at the sending one', () => {
    expect(planned('{ latency: 2ms, loss: 0.05% }')).toEqual(
      ['az1.az1-gw1 p0', 'az1.az1-w1 p1', 'az2.az2-gw1 p2'].flatMap((link) => {
        const [node, port] = link.split(' ')
        return [
          `tc -n isthmus-abcdef-${node} qdisc replace dev eth0 root netem limit 100000 loss random 0.05%`,
          `${wan} ${port} root netem limit 100000 delay 2000us`,
        ]
      }),
    )
  })

  it("of a slower node are set at both of its ends; a node's own loss counts in both directions", () => {
    expect(planned('{ nodes: { az1/az1-w1: { latency: 5ms, loss: 0.25 } } }')).toEqual([
      'tc -n isthmus-abcdef-az1.az1-w1 qdisc replace dev eth0 root netem limit 100000 delay 4800us loss random 25%',
      `${wan} p1 root netem limit 100000 delay 5000us loss random 25%`,
    ])
  })

  it('below a millisecond are not asked for', () => {
    expect(planned('{ latency: 900us }')).toEqual([])
  })

  it('never have an exponent', () => {
    const [line] = planned('{ wan: { az1|az2: { loss: 0.00001% } } }')
    expect(line).toMatch(/ loss random 0\.00001%$/)
  })
})

describe('figures that change', () => {
  const network = networkWith('{ mtu: 1500, wan: { az1|az2: { latency: 20ms } } }')
  const names = new Names('abcdef', network)
  const before = linkSettings(names, network)
  const changes = (scope: string | undefined, figures: Parameters<typeof withFigures>[2]): string[] => {
    const now = linkSettings(names, { ...network, underlay: withFigures(network.underlay, scope, figures) })
    return lines([...mtuSteps(before, now), ...netemSteps(before, now)])
  }

  it('are set where they differ: MTU of a WAN at both ends, loss beside the latency that stays', () => {
    expect(changes('az1|az2', { mtu: 1400 })).toEqual([
      "ip -n isthmus-abcdef-underlay -batch - <<'END'\nlink set wan0-1 mtu 1400\nEND",
      "ip -n isthmus-abcdef-underlay -batch - <<'END'\nlink set wan1-0 mtu 1400\nEND",
    ])
    expect(changes('az1|az2', { loss: 0.01 })).toEqual(
      ['wan0-1', 'wan1-0'].map(
        (port) =>
          `tc -n isthmus-abcdef-underlay qdisc replace dev ${port} root netem limit 100000 delay 20000us loss random 1%`,
      ),
    )
  })

  it('are taken away where nothing is left', () => {
    expect(changes('az1|az2', { latency: micros(0) })).toEqual(
      ['wan0-1', 'wan1-0'].map((port) => `tc -n isthmus-abcdef-underlay qdisc del dev ${port} root`),
    )
  })

  it('of one node are those of its link', () => {
    expect(changes('az1/az1-w1', { mtu: 1300 })).toEqual([
      "ip -n isthmus-abcdef-az1.az1-w1 -batch - <<'END'\nlink set eth0 mtu 1300\nEND",
      "ip -n isthmus-abcdef-underlay -batch - <<'END'\nlink set p1 mtu 1300\nEND",
    ])
  })

  it('of a pair that had none before find the WAN built', () => {
    const { scenario, options } = labInput(
      smallScenario('timeline: [{ at: 1s, underlay: { wan: { az1|az2: { mtu: 1400 } } } }]'),
    )
    expect(labScript(scenario, options)).toContain(
      'link add wan0-1 mtu 1500 type veth peer name wan1-0 mtu 1500',
    )
  })
})

describe('without netem', () => {
  const scenario = smallScenario(`underlay: { wan: { az1|az2: { latency: 20ms } } }
traffic:
  - { ping: az1/web -> az2/web, count: 1, as: across }
timeline: [{ at: 3s, underlay: { loss: 1% } }]
`)
  const [across] = scenario.traffic
  const home = { ...across!, to: across!.from }

  it('what is left out is said, and touches the probes that it may have met while they ran', () => {
    const { clauses, touches } = leftOut(scenario, false)
    expect(clauses).toEqual(['latency of az1|az2', 'loss of the underlay'])
    expect([touches(across!, 0), touches(across!, 4 * SECOND)]).toEqual([true, true])
    expect([touches(home, millis(2999)), touches(home, 3 * SECOND)]).toEqual([false, true])
  })

  it('nothing is planned; with it, nothing is left out', () => {
    const without = labInput(scenario, { netem: false })
    expect(labScript(without.scenario, without.options)).not.toContain('netem')
    const input = labInput(scenario, { netem: true })
    expect(labScript(input.scenario, input.options)).toContain('netem')
    expect(leftOut(scenario, true).clauses).toEqual([])
    expect(leftOut(scenario, true).touches(across!, 0)).toBe(false)
  })
})
