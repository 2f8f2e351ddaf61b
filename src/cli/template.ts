// The scenario that `isthmus init ovn-ic` writes: complete, commented, and true as it stands. With two gateways a link failure
// is survived after BFD's detection time; with one the outage lasts as long as the link is down (HA-3).

import type { ProfileName } from '../model/profile.ts'

export interface TemplateOptions {
  /** 2 to 64. */
  readonly clusters: number
  /** Gateway nodes of each cluster, 1 to 8. */
  readonly gateways: number
  readonly dualStack: boolean
  readonly profile: ProfileName
  /** Where the JSON Schema lies, as an address or relative to the file. */
  readonly schema: string
}

/** The file's text. The first line lets editors complete and check it. */
export function ovnIcScenario(options: TemplateOptions): string {
  const { clusters, gateways, dualStack, profile, schema } = options
  const numbers = Array.from({ length: clusters }, (_, i) => i + 1)
  const failover = gateways > 1
  const lines = [
    `# yaml-language-server: $schema=${schema}`,
    '#',
    '# Made by `isthmus init`. `isthmus explain scenario.clusters.gateways` explains a key, `isthmus schema` prints all of them.',
    'isthmus: 1',
    `name: ${clusters} clusters, automatic routes, a gateway fails`,
    `profile: ${profile}${' '.repeat(Math.max(1, 24 - profile.length))}# which version is modelled`,
    '',
    '# What joins the clusters: the IC databases and the transit switches.',
    'interconnect:',
    '  ovn-ic: { hosts: [192.168.65.3], transitSwitches: 1 }',
    '',
    'clusters:',
    ...numbers.flatMap((n) => clusterLines(n, options)),
    '# The network below the tunnels. Geneve takes 58 bytes of every packet.',
    'underlay: { mtu: 1500, latency: 200us }',
    '',
    '# Pings that run while things happen; `as` is a name for reports and expectations.',
    'traffic:',
    '  - { ping: az1/pod1 -> az2/pod1, count: 150, interval: 100ms, as: steady }',
    ...(dualStack ? ['  - { ping: az1/pod1 -> az2/pod1, family: 6, count: 5, as: six }'] : []),
    '  - { traceroute: az1/pod1 -> az2/pod1, at: 500ms, as: route }',
    '',
    '# What happens, counted from the moment the network has settled.',
    'timeline:',
    '  - { at: 3s, fail: az1/az1-gw1 }       # the underlay link of the active gateway goes down',
    '  - { at: 9s, recover: az1/az1-gw1 }',
    '',
    '# What must hold; a run with a failed expectation ends with exit code 1.',
    'expect:',
    '  - { route: az1, prefix: 10.17.0.0/16, learned: true, at: 0s }',
    '  - { reach: az1/* -> az2/*, ttl: 62, at: 0s }',
    ...(failover
      ? [
          '  - { gateway: az1, node: az1-gw2, within: [3s, 8s] }   # the next gateway takes over …',
          '  - { gateway: az1, node: az1-gw1, at: 14s }            # … and the first one takes back',
          '  - { loss: steady, atMost: 5s }         # BFD notices after 2.2 to 3.0 s',
        ]
      : ['  - { loss: steady, atLeast: 5.5s, atMost: 8s }   # nobody takes over: down as long as the link']),
    '  - { reach: az1/* -> az2/* }            # at the end of the run',
    '',
  ]
  return lines.join('\n')
}

function clusterLines(n: number, { gateways, dualStack }: TemplateOptions): string[] {
  const az = `az${n}`
  const octet = 41 + n
  const gatewayNames = Array.from({ length: gateways }, (_, i) => `${az}-gw${i + 1}`)
  const nodes = [
    ...gatewayNames.map((name, i) => `${name}: 192.168.${octet}.${11 + i}`),
    `${az}-w1: 192.168.${octet}.31`,
  ]
  const v4 = `10.${15 + n}.0.0/16`
  const v6 = `fd00:10:${15 + n}::/112`
  const remark = (text: string, code: string): string =>
    n === 1 ? `${code}${' '.repeat(Math.max(2, 70 - code.length))}# ${text}` : code
  return [
    `  ${az}:`,
    `    nodes: { ${nodes.join(', ')} }`,
    remark('order is priority', `    gateways: [${gatewayNames.join(', ')}]`),
    remark('advertise own subnets, learn those of the others', '    autoRoute: true'),
    dualStack
      ? `    subnets: { ovn-default: { cidr: ['${v4}', '${v6}'] } }`
      : `    subnets: { ovn-default: ${v4} }`,
    `    pods: { pod1: { node: ${az}-w1, subnet: ovn-default }, pod2: { node: ${gatewayNames[0]}, subnet: ovn-default } }`,
    '',
  ]
}
