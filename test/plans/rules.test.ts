// Every rule on a plan that it speaks of and on one that it does not; what all of their findings have in common.

import { describe, expect, it } from 'vitest'
import { loadPlan } from '../../src/input/plan/load.ts'
import { type Finding, fingerprint } from '../../src/model/finding.ts'
import { shortestCidrs } from '../../src/net/cidr-set.ts'
import { formatPrefix } from '../../src/net/prefix.ts'
import { checkPlan } from '../../src/plan/check.ts'
import { RULE_CODES, RULES } from '../../src/plan/rules.ts'
import { CASES, SHOWN } from './cases.ts'

type Given = string | Readonly<Record<string, string>>

const config = (data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ovn-ic-config }\ndata: { enable-ic: "true", az-name: az1, gw-nodes: n1, ic-db-host: 192.168.65.3, ${data} }\n`

/** Findings of texts by the names of their files; a single text is plan.yaml. */
function findingsOf(given: Given): readonly Finding[] {
  const files: Readonly<Record<string, string>> = typeof given === 'string' ? { 'plan.yaml': given } : given
  const folders = new Set(Object.keys(files).map((path) => (path.includes('/') ? path.split('/')[0]! : path)))
  const { plan, diagnostics } = loadPlan([...folders], {
    read: (path) => files[path]!,
    list: (path) => {
      const inside = Object.keys(files).filter((file) => file.startsWith(`${path}/`))
      return inside.length === 0 ? undefined : inside.map((file) => file.slice(path.length + 1))
    },
  })
  expect(diagnostics.filter(({ severity }) => severity !== 'info')).toEqual([])
  return checkPlan(plan!).findings
}

describe('rules', () => {
  it('each has a case', () => {
    expect(Object.keys(CASES).sort()).toEqual(RULES.map(({ code }) => code).sort())
  })

  describe.each(Object.entries(CASES))('%s', (code, { fires, silent, severity }) => {
    it('speaks', () => {
      const own = findingsOf(fires).filter((one) => one.code === code)
      expect(own.length).toBeGreaterThan(0)
      if (severity !== undefined) expect(own[0]!.severity).toBe(severity)
    })

    it('is silent', () => {
      expect(findingsOf(silent).filter((one) => one.code === code)).toEqual([])
    })
  })

  describe('the router that OVN-IC joins is that of the default VPC', () => {
    const config = (az: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ovn-ic-config }\ndata: { enable-ic: "true", az-name: ${az}, gw-nodes: "${az}-1", auto-route: "true" }\n`
    const subnet = (name: string, cidr: string, more = ''): string =>
      `---\napiVersion: kubeovn.io/v1\nkind: Subnet\nmetadata: { name: ${name} }\nspec: { cidrBlock: ${cidr}${more} }\n`
    const vpc = (name: string, cidr: string, hop: string): string =>
      `---\napiVersion: kubeovn.io/v1\nkind: Vpc\nmetadata: { name: ${name} }\nspec: { staticRoutes: [{ cidr: ${cidr}, nextHopIP: ${hop} }] }\n`
    const of = (az1: string, az2 = ''): string[] =>
      findingsOf({
        'az1/all.yaml': config('az1') + subnet('ovn-default', '10.16.0.0/16') + az1,
        'az2/all.yaml': config('az2') + subnet('ovn-default', '10.17.0.0/16') + az2,
      })
        .map(({ code, severity }) => `${code} ${severity}`)
        .filter((one) => !one.startsWith('IC012') && !one.startsWith('IC011') && !one.startsWith('IC030'))

    it.each([
      ['own', '10.16.0.0/16', ['IC017 error']],
      ['learned', '10.17.0.0/16', ['IC032 warning', 'IC033 warning']],
      ['inside of a learned one', '10.17.4.0/24', ['IC033 error']],
      ['wider than all', '10.0.0.0/8', ['IC033 warning']],
      ['elsewhere', '172.20.0.0/16', []],
    ])('a static route for what is %s: %s', (_, cidr, codes) => {
      expect(of(vpc('ovn-cluster', cidr, '10.16.0.9')).sort()).toEqual(codes)
      expect(of(vpc('tenant', cidr, '10.200.0.9'))).toEqual([])
    })

    it('a subnet of a custom VPC is held against what is learned (KO-RM-4), and not against other custom VPCs', () => {
      const tenant = (cidr: string): string => subnet('tenant', cidr, ', vpc: tenant')
      expect(of(tenant('10.17.3.0/24'))).toEqual(['IC022 warning', 'IC020 info'])
      expect(of(tenant('10.16.0.0/12'))).toEqual(['IC022 warning', 'IC020 info'])
      expect(of(tenant('10.200.0.0/24'), tenant('10.200.0.0/24'))).toEqual(['IC020 info', 'IC020 info'])
    })
  })

  describe('a cluster of a table beside one that OVN-IC joins (NP001)', () => {
    const joined = 'technology: ovn-ic\nclusters: { a: { pods: 10.1.0.0/16 }, b: { pods: 10.2.0.0/16 } }\n'
    const of = (sheet: string): string[] =>
      findingsOf({ 'plan.yaml': joined, 'plan.csv': sheet })
        .filter(({ code }) => code === 'NP001')
        .map(({ severity }) => severity)

    it('warns where pods overlap: it will be joined', () => {
      expect(of('cluster,pod network,svc cidr,node cidr\nc,10.1.64.0/18,10.9.0.0/16,10.8.0.0/24\n')).toEqual([
        'warning',
      ])
      expect(of('cluster,pods\nc,10.3.0.0/16\n')).toEqual([])
    })
  })

  it('the own address on a transit switch stands at the router port (IC010, IC026)', () => {
    const show = (own: string): string =>
      `switch a391d3a1-14a0-4841-9836-4bd930c447fb (ts)\n    port ts-az1\n        type: router\n        router-port: az1-ts\n    port ts-az2\n        type: remote\n        addresses: ["00:00:00:4B:E2:9F 169.254.100.31/24"]\nrouter 3a91d3a1-14a0-4841-9836-4bd930c447fb (ovn-cluster)\n    port az1-ts\n        mac: "00:00:00:FB:2A:AE"\n        networks: ["${own}/24"]\n`
    const routes = (hop: string): string =>
      `IPv4 Routes\nRoute Table <main>:\n         10.17.0.0/16           ${hop} dst-ip\n`
    const of = (own: string, hop: string): string[] =>
      findingsOf({ 'az1/nb.txt': show(own), 'az1/r.txt': routes(hop) }).map(({ code }) => code)
    expect(of('169.254.100.30', '169.254.100.31')).toEqual([])
    expect(of('169.254.100.31', '169.254.100.31')).toContain('IC010')
    expect(of('169.254.100.30', '169.254.100.30')).toEqual(['IC026'])
    expect(of('169.254.100.30', '169.254.100.99')).toEqual(['IC026'])
  })

  it('what kubeadm says of pods is held against what Submariner is told (SM009)', () => {
    const join = 'subctl join b.subm --clusterid c1 --clustercidr 10.11.0.0/16 --servicecidr 10.21.0.0/16\n'
    const kubeadm = (pods: string): string =>
      `apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\nnetworking: { podSubnet: ${pods}, serviceSubnet: 10.21.0.0/16 }\n`
    const of = (pods: string): string[] =>
      findingsOf({ 'c1/join.sh': join, 'c1/kubeadm.yaml': kubeadm(pods) }).map(({ code }) => code)
    expect(of('10.11.0.0/16')).toEqual([])
    expect(of('10.44.0.0/16')).toEqual(['SM009'])
  })

  it('NP003: the default bridge of Docker is told of where no file says that there is another', () => {
    const told = (text: string): string[] =>
      findingsOf(text).map(
        ({ code, severity, addresses }) => `${code} ${severity} ${addresses.map(formatPrefix)}`,
      )
    expect(told('{ clusters: { a: { pods: 172.16.0.0/15 } } }')).toEqual(['NP003 info 172.17.0.0/16'])
    expect(told('{ clusters: { a: { pods: 172.17.4.0/24 } } }')).toEqual(['NP003 info 172.17.4.0/24'])
    expect(told('{ clusters: { a: { pods: 172.17.4.0/24, docker: 192.168.200.0/24 } } }')).toEqual([])
  })

  it('IC026: the other end of a peering of VPCs is a next hop; NP006: VPCs and underlays are no room for other pods', () => {
    const subnet = (name: string, cidr: string, more = ''): string =>
      `---\napiVersion: kubeovn.io/v1\nkind: Subnet\nmetadata: { name: ${name} }\nspec: { cidrBlock: ${cidr}${more} }\n`
    const vpc = (nexthop: string): string =>
      `---\napiVersion: kubeovn.io/v1\nkind: Vpc\nmetadata: { name: ovn-cluster }\nspec: { vpcPeerings: [{ remoteVpc: blue, localConnectIP: 169.254.0.1/30 }], staticRoutes: [{ cidr: 10.50.0.0/16, nextHopIP: ${nexthop} }] }\n`
    const codes = (text: string): string[] =>
      findingsOf({ 'az1/a.yaml': config('auto-route: "true"') + text }).map(({ code }) => code)
    const pods = subnet('ovn-default', '10.16.0.0/16')
    expect(codes(pods + vpc('169.254.0.2'))).not.toContain('IC026')
    expect(codes(vpc('169.254.0.2'))).not.toContain('IC026')
    expect(codes(pods + vpc('169.254.9.2'))).toContain('IC026')
    const nodes = [1, 2, 3]
      .map(
        (n) =>
          `---\nkind: Node\nmetadata: { name: n${n} }\nstatus: { addresses: [{ type: InternalIP, address: 192.168.9.${n} }] }\n`,
      )
      .join('')
    const small = subnet('ovn-default', '10.16.0.0/24')
    expect(codes(nodes + small + subnet('more', '10.17.0.0/16'))).not.toContain('NP006')
    expect(codes(nodes + small + subnet('blue', '10.17.0.0/16', ', vpc: blue'))).toContain('NP006')
  })

  describe('a spreadsheet beside the manifests of its clusters', () => {
    const subnet = (cidr: string): string =>
      `apiVersion: kubeovn.io/v1\nkind: Subnet\nmetadata: { name: ovn-default }\nspec: { cidrBlock: ${cidr} }\n`
    const manifests = { 'az1/s.yaml': subnet('10.16.0.0/16'), 'az2/s.yaml': subnet('10.17.0.0/16') }
    const codes = (files: Given): string[] => findingsOf(files).map(({ code }) => code)

    it('that says the same says nothing new, with names or without, and in either order', () => {
      const named = {
        'plan.csv': 'cluster,name,cidr\naz1,ovn-default,10.16.0.0/16\naz2,ovn-default,10.17.0.0/16\n',
      }
      const roles = { 'plan.csv': 'cluster,pods\naz1,10.16.0.0/16\naz2,10.17.0.0/16\n' }
      for (const sheet of [named, roles]) {
        expect(codes({ ...manifests, ...sheet })).toEqual([])
        expect(codes({ ...sheet, ...manifests })).toEqual([])
      }
    })

    it('NP012: that says something else of a subnet is told', () => {
      expect(
        codes({ ...manifests, 'plan.csv': 'cluster,name,cidr\naz2,ovn-default,10.99.0.0/16\n' }),
      ).toEqual(['NP012'])
    })

    it('NP002: a line that was copied and not changed is told', () => {
      expect(codes('{ clusters: { a: { pods: { x: 10.1.0.0/16, y: 10.1.0.0/16 } } } }')).toEqual(['NP002'])
      expect(codes({ 'plan.csv': 'cluster,role,cidr\na,pods,10.1.0.0/16\na,pods,10.1.0.0/16\n' })).toEqual([
        'NP002',
      ])
    })

    it('names of roles are roles where no column gives any', () => {
      const sheet = 'cluster,name,cidr\na,services,10.96.0.0/12\na,web,10.1.0.0/16\nb,services,10.80.0.0/12\n'
      expect(codes({ 'plan.csv': `${sheet}a,services,10.64.0.0/12\n` })).toEqual(['NP012'])
      expect(codes({ 'plan.csv': sheet })).toEqual([])
    })
  })

  const all = Object.values(CASES).flatMap(({ fires }) => [...findingsOf(fires)])

  it('every finding has a place, a sentence, an effect that ends in a full stop, and no hint that does', () => {
    for (const finding of all) {
      expect(finding.places.length, finding.message).toBeGreaterThan(0)
      expect(finding.message).not.toMatch(/\.$|undefined|\s{2}|NaN/)
      expect(finding.effect).toMatch(/^[^\s].*\.$/)
      expect(finding.effect).not.toMatch(/undefined (?:is|has|of)|\s{2}|NaN/)
      expect(finding.hint ?? '').not.toMatch(/\.$|undefined|NaN/)
      expect(finding.subject, finding.code).not.toBe('')
    }
  })

  it('addresses are the shortest lists', () => {
    for (const { addresses } of all)
      expect(addresses.map(formatPrefix)).toEqual(shortestCidrs(addresses).map(formatPrefix))
  })

  it('fingerprints differ, and stay when lines move', () => {
    for (const { fires } of Object.values(CASES)) {
      const prints = findingsOf(fires).map(fingerprint)
      expect(new Set(prints).size, prints.join('\n')).toBe(prints.length)
      if (typeof fires === 'string')
        expect(findingsOf(`# moved\n\n${fires}`).map(fingerprint)).toEqual(prints)
    }
  })

  it('documentation: a heading, a text, a basis, and no two alike', () => {
    for (const { code, title, explanation, basis, severity } of RULES) {
      expect(title.length, code).toBeLessThanOrEqual(110)
      expect(title).not.toMatch(/\.$/)
      expect(explanation.length).toBeGreaterThan(80)
      expect(basis.length).toBeGreaterThan(0)
      expect(severity).toMatch(/error|warning|info/)
    }
    expect(new Set(RULES.map(({ title }) => title)).size).toBe(RULES.length)
    expect(RULE_CODES.length).toBe(RULES.length)
  })
})

describe('severity depends on technology and mode', () => {
  const of = (given: Given, code: string) =>
    findingsOf(given)
      .filter((one) => one.code === code)
      .map(({ severity }) => severity)
  const joins = (technology: string) =>
    `technology: ${technology}\nclusters: { a: { join: 100.64.0.0/16, pods: 10.1.0.0/16 }, b: { join: 100.64.0.0/16, pods: 10.2.0.0/16 } }`

  it('the same join network: a remark under OVN-IC, an error under Submariner', () => {
    expect(of(joins('ovn-ic'), 'IC031')).toEqual(['info'])
    expect(of(joins('submariner'), 'SM028')).toEqual(['error'])
    expect(of(joins('ovn-ic, submariner'), 'SM028')).toEqual(['error'])
    expect(of(joins('ovn-ic, submariner'), 'IC031')).toEqual([])
  })

  it('equal subnets: an error with automatic routes, a warning without', () => {
    const plan = (auto: boolean) =>
      `technology: ovn-ic\nclusters: { a: { autoRoute: ${auto}, pods: 10.1.0.0/16 }, b: { autoRoute: ${auto}, pods: 10.1.0.0/16 } }`
    expect(of(plan(true), 'IC001')).toEqual(['error'])
    expect(of(plan(false), 'IC001')).toEqual(['warning'])
  })

  it('equal service networks: nothing under OVN-IC, an error under Submariner, a warning where nobody says', () => {
    const plan = (technology: string) =>
      `technology: ${technology}\nclusters: { a: { services: 10.96.0.0/12, pods: 10.1.0.0/16 }, b: { services: 10.96.0.0/12, pods: 10.2.0.0/16 } }`
    const overlaps = (technology: string) =>
      findingsOf(plan(technology))
        .filter(({ code }) => ['IC001', 'IC003', 'SM001', 'NP001'].includes(code))
        .map(({ code, severity }) => `${code} ${severity}`)
    expect(overlaps('ovn-ic')).toEqual([])
    expect(overlaps('submariner')).toEqual(['SM001 error'])
    expect(overlaps('none')).toEqual(['NP001 warning'])
  })

  it('a thousand clusters with one network are one finding', () => {
    const clusters = Array.from(
      { length: 1000 },
      (_, i) => `  c${i}: { pods: 10.16.0.0/16, autoRoute: true }`,
    )
    const [finding, ...more] = findingsOf(`technology: ovn-ic\nclusters:\n${clusters.join('\n')}\n`).filter(
      ({ code }) => code === 'IC001',
    )
    expect(more).toEqual([])
    expect(finding!.clusters).toHaveLength(1000)
    expect(finding!.places.length).toBeLessThanOrEqual(50)
  })
})

describe('OVN output beside manifests', () => {
  it('IC026: a manual route to an address that no peer has', () => {
    const files = (hop: string) => ({
      ...SHOWN.twoConfigs('', ''),
      'az1/show.txt': SHOWN.show('169.254.100.31/24'),
      'az1/r.yaml': `isthmus: 1\nclusters: { az1: { manifests: [], subnets: { s: 10.16.0.0/24 }, commands: kubectl ko nbctl lr-route-add ovn-cluster 10.17.0.0/24 ${hop} } }`,
    })
    const codes = (hop: string) => findingsOf(files(hop)).map(({ code }) => code)
    expect(codes('169.254.100.31')).not.toContain('IC026')
    expect(codes('169.254.100.79')).toContain('IC026')
  })
})
