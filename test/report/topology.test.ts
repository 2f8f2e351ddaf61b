// Single points of failure between clusters: by hand, and against a slow twin that walks the graph itself.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Network, TransitPort } from '../../src/model/network.ts'
import { renderGraph, singlePointText } from '../../src/report/graph.ts'
import { singlePoints } from '../../src/report/topology.ts'
import { scenarioOf } from '../verify/fixtures.ts'

/** Clusters with the gateway nodes of each of their transit switches, all on one router. */
type Plan = readonly (readonly (readonly [transitSwitch: string, ...nodes: string[]])[])[]

function networkOf(plan: Plan): Network {
  const { network } = scenarioOf()
  const names = [...new Set(plan.flat().map(([name]) => name))]
  return {
    ...network,
    interconnect: { ...network.interconnect, transitSwitches: names.map((name) => ({ name, subnets: [] })) },
    clusters: plan.map((ports, i) => ({
      ...network.clusters[0]!,
      id: `az${i + 1}`,
      transitPorts: ports.map(
        ([transitSwitch, ...nodes]): TransitPort => ({
          transitSwitch,
          router: 'ovn-cluster',
          lrp: `lrp-${transitSwitch}`,
          lsp: `lsp-${transitSwitch}`,
          mac: 1,
          networks: [],
          gateways: nodes.map((node, at) => ({ node, priority: 100 - at })),
          routeTable: '',
          lrpOptions: {},
        }),
      ),
    })),
  }
}

const found = (plan: Plan): string[] =>
  singlePoints(networkOf(plan)).map(({ cluster, node, cutOff }) => `${cluster}/${node}: ${cutOff}`)

/** Every node by trial: which clusters share a transit switch on which both have a gateway, with and without it. */
function twin(plan: Plan): string[] {
  const joined = (without: string, mine: number, far: number): boolean =>
    plan[mine]!.some(([ts, ...nodes]) =>
      plan[far]!.some(
        ([other, ...others]) =>
          ts === other && others.length > 0 && nodes.some((node) => `az${mine + 1}/${node}` !== without),
      ),
    )
  return plan.flatMap((ports, i) =>
    [...new Set(ports.flatMap(([, ...nodes]) => nodes))].flatMap((node) => {
      const lost = [...plan.keys()].filter(
        (far) => far !== i && joined('', i, far) && !joined(`az${i + 1}/${node}`, i, far),
      )
      return lost.length === 0 ? [] : [`az${i + 1}/${node}: ${lost.map((far) => `az${far + 1}`)}`]
    }),
  )
}

describe('single points of failure', () => {
  it('the only gateway of a cluster parts it from all others, one of two does not', () => {
    expect(found([[['ts', 'gw1']], [['ts', 'gw1', 'gw2']], [['ts', 'gw1', 'gw2']]])).toEqual([
      'az1/gw1: az2,az3',
    ])
  })

  it('two transit switches through the same node share its fate', () => {
    const other = [['ts', 'gw1', 'gw2']] as const
    expect(
      found([
        [
          ['ts', 'gw1'],
          ['ts1', 'gw1'],
        ],
        [...other, ['ts1', 'gw1', 'gw2']],
      ]),
    ).toEqual(['az1/gw1: az2'])
    expect(
      found([
        [
          ['ts', 'gw1'],
          ['ts1', 'gw2'],
        ],
        [...other, ['ts1', 'gw1', 'gw2']],
      ]),
    ).toEqual([])
  })

  it('no cluster carries packets for two others: a switch of each pair is not a ring', () => {
    const plan: Plan = [
      [
        ['ts12', 'a'],
        ['ts13', 'b'],
      ],
      [
        ['ts12', 'a', 'b'],
        ['ts23', 'a', 'b'],
      ],
      [
        ['ts13', 'a', 'b'],
        ['ts23', 'a', 'b'],
      ],
    ]
    expect(found(plan)).toEqual(['az1/a: az2', 'az1/b: az3'])
  })

  it('agrees with trying every node out', () => {
    const nodes = fc.subarray(['gw1', 'gw2', 'gw3'], { minLength: 1, maxLength: 3 })
    const ports = fc
      .record({ ts: fc.option(nodes, { nil: undefined }), ts1: fc.option(nodes, { nil: undefined }) })
      .map((one) =>
        Object.entries(one).flatMap(([name, own]) =>
          own === undefined ? [] : [[name, ...own] as [string, ...string[]]],
        ),
      )
    fc.assert(
      fc.property(fc.array(ports, { minLength: 2, maxLength: 4 }), (plan) => {
        expect(found(plan).sort()).toEqual(twin(plan).sort())
      }),
    )
  })

  it('is marked in both languages, and told in a sentence', () => {
    const network = networkOf([[['ts', 'gw1']], [['ts', 'gw1', 'gw2']]])
    const drawn = renderGraph(network, 'mermaid')
    expect(drawn.text).toContain('(["gateway node<br>gw1<br>single point of failure"])')
    expect(drawn.text.match(/single point of failure/g)).toHaveLength(1)
    expect(drawn.text).toMatch(/^ {2}class n\d+ single$/m)
    expect(renderGraph(network, 'dot').text).toMatch(
      /single point of failure", shape=house, color=red, penwidth=3\]/,
    )
    expect(drawn.singlePoints.map(singlePointText)).toEqual([
      'az1/gw1 is a single point of failure between az1 and az2',
    ])
  })
})
