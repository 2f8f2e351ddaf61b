// Kubernetes objects as users have them: the ConfigMaps and Subnet of the Kube-OVN guide, and what `kubectl get -o yaml`
// and `-o json` print for Nodes, Pods, Subnets and the default VPC.

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatIp } from '../../src/net/ip.ts'
import { formatMac } from '../../src/net/mac.ts'
import { formatPrefix } from '../../src/net/prefix.ts'
import { load, problemsOf } from './helpers.ts'

const HERE = join(import.meta.dirname, 'scenario.yaml')

function clusterOf(manifests: string, head = 'profile: kube-ovn-1.13\n', body = '') {
  return load(`isthmus: 1\n${head}clusters:\n  az1:\n    manifests: ${manifests}\n${body}`, {}, HERE).network
    .clusters[0]!
}

describe('the Kube-OVN guide', () => {
  const nodes = '    nodes: { az1-gw: 192.168.42.11 }\n'

  it('4.1: all seven keys of az1-auto.yaml', () => {
    expect(clusterOf('manifests/guide/az1-auto.yaml', undefined, nodes).ic).toEqual({
      enable: true,
      azName: 'az1',
      dbHosts: ['192.168.65.3'],
      nbPort: 6645,
      sbPort: 6646,
      gatewayNodes: ['az1-gw'],
      autoRoute: true,
    })
  })

  it("three database hosts make the interconnection's hosts", () => {
    const { network } = load(
      `isthmus: 1\nprofile: kube-ovn-1.13\nclusters:\n  az1:\n    manifests: manifests/guide/az1-ha-db.yaml\n${nodes}`,
      {},
      HERE,
    )
    expect(network.interconnect.dbHosts).toEqual(['192.168.65.3', '192.168.65.2', '192.168.65.1'])
    expect(network.clusters[0]!.ic!.dbHosts).toEqual(network.interconnect.dbHosts)
  })

  it('manual routes: auto-route is off', () => {
    expect(clusterOf('manifests/guide/az1-manual.yaml', undefined, nodes).ic!.autoRoute).toBe(false)
  })

  it('a subnet that is not announced', () => {
    const subnet = clusterOf('manifests/guide/no-advertise.yaml').subnets[0]!
    expect([subnet.name, subnet.disableInterConnection, subnet.gateways.map(formatPrefix)]).toEqual([
      'no-advertise',
      true,
      ['10.199.0.1/16'],
    ])
  })

  it('the same for plain OVN: options, gateways and a port on the transit switch', () => {
    const az1 = clusterOf('[manifests/guide/az1-auto.yaml, manifests/guide/no-advertise.yaml]', '', nodes)
    expect(az1.ic).toBeUndefined()
    expect(az1.options).toEqual({
      'ic-route-adv': 'true',
      'ic-route-learn': 'true',
      'ic-route-blacklist': '10.199.0.0/16',
    })
    expect(az1.transitPorts.map((port) => [port.lsp, port.gateways])).toEqual([
      ['ts-az1', [{ node: 'az1-gw', priority: 100 }]],
    ])
    expect(az1.nodes[0]!.isInterconn).toBe(true)
  })

  it('two clusters of which one has another name than its zone', () => {
    const { network } = load(
      'isthmus: 1\nprofile: kube-ovn-1.13\nclusters:\n  berlin: { manifests: manifests/guide/az1-auto.yaml, nodes: { az1-gw: 10.0.0.1 } }\n  paris: { manifests: manifests/guide/az2-auto.yaml, nodes: { az2-gw: 10.0.0.2 } }\n',
      {},
      HERE,
    )
    expect(network.clusters.map((one) => [one.id, one.azName])).toEqual([
      ['berlin', 'az1'],
      ['paris', 'az2'],
    ])
  })
})

describe('objects as kubectl prints them', () => {
  const az1 = clusterOf('[manifests/*.yaml, manifests/pods.json]')

  it('Nodes: chassis, host name, join address, label', () => {
    expect(
      az1.nodes.map((node) => [
        node.name,
        node.chassis.slice(0, 8),
        node.hostname,
        formatIp(node.encapIp),
        node.joinIps.map(formatIp),
        node.isInterconn,
      ]),
    ).toEqual([
      ['az1-gw', '5f6d6b1a', 'az1-gw.example', '192.168.42.11', ['100.64.0.3'], true],
      ['az1-w1', az1.nodes[1]!.chassis.slice(0, 8), 'az1-w1', '192.168.42.12', ['100.64.0.2'], false],
    ])
  })

  it('Subnets: dual stack, gateway type and nodes, the join subnet by name', () => {
    expect(
      az1.subnets.map((subnet) => [
        subnet.name,
        subnet.gateways.map(formatPrefix),
        subnet.isJoin,
        subnet.gatewayType,
        subnet.gatewayNodes,
      ]),
    ).toEqual([
      ['ovn-default', ['10.16.0.1/16', 'fd00:10:16::1/112'], false, 'centralized', ['az1-gw', 'az1-w1']],
      ['join', ['100.65.0.1/16'], true, 'distributed', []],
    ])
  })

  it('Pods: annotations, status, namespaces; the host network and pending pods are left out', () => {
    expect(az1.pods.map((pod) => [pod.name, pod.lsp, pod.node, pod.ips.map(formatIp)])).toEqual([
      ['web', 'web.shop', 'az1-w1', ['10.16.0.9']],
      ['web.test', 'web.test', 'az1-gw', ['10.16.0.12']],
    ])
    expect(formatMac(az1.pods[0]!.mac)).toBe('00:00:00:0b:5c:31')
  })

  it('the default VPC: routes and policies', () => {
    expect(az1.routers).toEqual([
      {
        name: 'ovn-cluster',
        staticRoutes: [
          { prefix: '10.18.0.0/24', nexthop: '10.16.0.20', policy: 'dst-ip', routeTable: '', ecmp: false },
          { prefix: '10.16.0.5', nexthop: '10.16.0.21', policy: 'src-ip', routeTable: '', ecmp: true },
        ],
        policies: [
          { priority: 29500, match: 'ip4.dst == 10.17.0.0/16', action: 'allow', nexthops: [] },
          {
            priority: 29000,
            match: 'ip4.src == 10.16.0.0/16',
            action: 'reroute',
            nexthops: ['100.65.0.2', '100.65.0.3'],
          },
        ],
      },
    ])
  })

  it('a folder, a glob and inline objects', () => {
    expect(clusterOf('manifests').pods).toEqual(az1.pods)
    expect(
      clusterOf(
        'manif*/p?ds.json',
        '',
        '    nodes: { az1-w1: 10.0.0.1, az1-gw: 10.0.0.2 }\n    subnets: { ovn-default: 10.16.0.0/16 }\n',
      ).pods,
    ).toHaveLength(2)
    expect(
      clusterOf('{ kind: Subnet, metadata: { name: x }, spec: { cidrBlock: 10.1.0.0/16 } }').subnets[0]!.name,
    ).toBe('x')
  })

  it.each([
    ['Succeeded', 'info IN074 the pod p is done (Succeeded) and is left out'],
    ['Failed', 'info IN074 the pod p is done (Failed) and is left out'],
    ['Running', undefined],
  ])('a pod in the phase %s keeps its address in the output of kubectl', (phase, said) => {
    const pod = (name: string, status: string) =>
      `{ kind: Pod, metadata: { name: ${name} }, spec: { nodeName: w }, status: { phase: ${status}, podIP: 10.16.0.9 } }`
    const body = '    nodes: { w: 192.168.42.11 }\n    subnets: { ovn-default: 10.16.0.0/16 }\n'
    expect(clusterOf(pod('p', phase), '', body).pods).toHaveLength(said === undefined ? 1 : 0)
    const text = `isthmus: 1\nclusters:\n  az1:\n    manifests: [${pod('p', phase)}, ${pod('heir', 'Running')}]\n${body}`
    expect(problemsOf(text)).toEqual([said ?? 'error IN055 the address 10.16.0.9 of the pod heir is taken'])
  })

  it("Nodes: the MAC address of ovn0 is the annotation's", () => {
    const node = (annotations: string) =>
      `{ kind: Node, metadata: { name: w, annotations: { ${annotations} } }, status: { addresses: [{ type: InternalIP, address: 192.168.42.11 }] } }`
    const given = clusterOf(node('ovn.kubernetes.io/mac_address: "00:00:00:5a:11:02"')).nodes[0]!
    expect(formatMac(given.joinMac!)).toBe('00:00:00:5a:11:02')
    expect('joinMac' in clusterOf(node('')).nodes[0]!).toBe(false)
    const broken = `isthmus: 1\nclusters: { az1: { manifests: [${node('ovn.kubernetes.io/mac_address: x')}] } }\n`
    expect(problemsOf(broken)).toEqual(['error IN034 "x" is not a MAC address'])
  })

  it('unknown kinds are a remark', () => {
    const said = problemsOf(
      'isthmus: 1\nprofile: kube-ovn-1.13\nclusters: { az1: { manifests: manifests } }\n',
      {},
      HERE,
    )
    expect(said).toEqual([
      'info IN072 objects of the kind Deployment are not used',
      'info IN074 the pod kube-proxy-x is on the network of its node and is left out',
      'info IN074 the pod waiting has no address yet and is left out',
    ])
  })

  it('enable-ic: "false" keeps plain OVN out of the interconnection', () => {
    const text =
      '{ kind: ConfigMap, metadata: { name: ovn-ic-config }, data: { enable-ic: "false", az-name: az1, gw-nodes: w } }'
    expect(clusterOf(text, '', '    nodes: { w: 10.0.0.1 }\n').transitPorts).toEqual([])
    expect(clusterOf(text, undefined, '    nodes: { w: 10.0.0.1 }\n').ic!.enable).toBe(false)
  })
})
