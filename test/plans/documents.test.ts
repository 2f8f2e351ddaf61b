// Every kind of document, read for what it says; which cluster it belongs to; what is refused.

import { describe, expect, it } from 'vitest'
import { PLAN_CODES } from '../../src/input/plan/codes.ts'
import { loadPlan } from '../../src/input/plan/load.ts'
import { formatPrefix } from '../../src/net/prefix.ts'

type Texts = Readonly<Record<string, string>>

function load(files: Texts, paths: readonly string[], strict = false) {
  return loadPlan(paths, {
    strict,
    read: (path) => {
      const text = files[path]
      if (text === undefined) throw Object.assign(new Error('no'), { code: 'ENOENT' })
      return text
    },
    list: (path) => {
      const inside = Object.keys(files).filter((file) => file.startsWith(`${path}/`))
      if (inside.length === 0) return undefined
      return [...new Set(inside.map((file) => file.slice(path.length + 1).split('/')[0]!))]
    },
  })
}

function networksOf(files: Texts, ...paths: string[]): string[] {
  const { plan, diagnostics } = load(files, paths)
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return plan!.networks
    .filter(({ assumed }) => assumed === undefined)
    .map(
      ({ cluster, role, name, prefix, span }) =>
        `${cluster} ${role} ${name} ${formatPrefix(prefix)} ${span.file}:${span.line}:${span.column}`,
    )
}

const config = (az: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ovn-ic-config }\ndata: { enable-ic: "true", az-name: ${az}, gw-nodes: g }\n`
const subnet = (cidr: string) =>
  `apiVersion: kubeovn.io/v1\nkind: Subnet\nmetadata: { name: s }\nspec: { cidrBlock: "${cidr}" }\n`

describe('which cluster a document belongs to', () => {
  it('the az-name in its folder, else the folder', () => {
    expect(
      networksOf(
        { 'x/c.yaml': config('az1'), 'x/s.yaml': subnet('10.1.0.0/16'), 'y/s.yaml': subnet('10.2.0.0/16') },
        'x',
        'y',
      ),
    ).toEqual(['az1 pods s 10.1.0.0/16 x/s.yaml:4:20', 'y pods s 10.2.0.0/16 y/s.yaml:4:20'])
  })

  it('of a folder of folders, each folder', () => {
    expect(
      networksOf(
        { 'all/a/s.yaml': subnet('10.1.0.0/16'), 'all/b/deep/s.yaml': subnet('10.2.0.0/16') },
        'all',
      ).map((one) => one.split(' ')[0]),
    ).toEqual(['a', 'b'])
  })

  it('the name of a file that is given alone, and what the command line says', () => {
    expect(
      networksOf(
        { 'a.yaml': subnet('10.1.0.0/16'), 'b.yaml': subnet('10.2.0.0/16') },
        'a.yaml',
        'east=b.yaml',
      ).map((one) => one.split(' ')[0]),
    ).toEqual(['a', 'east'])
  })

  it("the file's own word wins over its folder's", () => {
    const files = {
      'd/a.yaml': `${config('az1')}---\n${subnet('10.1.0.0/16')}`,
      'd/b.yaml': `${config('az2')}---\n${subnet('10.2.0.0/16')}`,
    }
    expect(networksOf(files, 'd').map((one) => one.split(' ')[0])).toEqual(['az1', 'az2'])
  })

  it('one folder, one cluster, though OVN-IC and Submariner call it differently', () => {
    const files = {
      'x/c.yaml': config('az1'),
      'x/j.sh': 'subctl join --clusterid=east --clustercidr=10.1.0.0/16\n',
      'x/s.yaml':
        'apiVersion: submariner.io/v1alpha1\nkind: Submariner\nspec: { clusterID: east, serviceCIDR: 10.96.0.0/12 }\n',
    }
    expect(networksOf(files, 'x').map((one) => one.split(' ').slice(0, 2).join(' '))).toEqual([
      'az1 cluster-cidr',
      'az1 services',
    ])
  })

  it('a file without a word among several that have one is named (PL006)', () => {
    const files = {
      'd/m/a.yaml': config('az1'),
      'd/m/b.yaml': config('az2'),
      'd/m/c.yaml': subnet('10.3.0.0/16'),
    }
    expect(load(files, ['d']).diagnostics.map(({ code }) => code)).toContain('PL006')
  })

  it('tables and plans name their clusters; a table without such a column does not', () => {
    const files = { 'd/az1/a.yaml': config('az1'), 'd/az2/a.yaml': config('az2') }
    const codes = (more: Texts) => load({ ...files, ...more }, ['d']).diagnostics.map(({ code }) => code)
    expect(codes({ 'd/plan.csv': 'cluster;role;cidr\naz1;pods;10.1.0.0/16\n' })).toEqual([])
    expect(codes({ 'd/list.txt': '10.1.0.0/16 az1\n' })).toEqual([])
    expect(codes({ 'd/plan.yaml': 'clusters: { az3: { pods: 10.3.0.0/16 } }\n' })).toEqual([])
    expect(codes({ 'd/plan.csv': 'role;cidr\npods;10.1.0.0/16\n' })).toEqual(['PL006'])
    expect(codes({ 'd/list.txt': '10.1.0.0/16\n' })).toEqual(['PL006'])
  })

  it('folders that share a name of OVN-IC or Submariner are clusters by their own names (V4, SM-ID)', () => {
    const clusters = (files: Texts, ...paths: string[]) => {
      const { plan, diagnostics } = load(files, paths)
      expect(diagnostics).toEqual([])
      return plan!.clusters.map(({ id }) => id)
    }
    const zones = {
      'd/a/c.yaml': config('az1'),
      'd/b/c.yaml': config('az1'),
      'd/b/s.yaml': subnet('10.2.0.0/16'),
    }
    expect(clusters(zones, 'd')).toEqual(['a', 'b'])
    expect(clusters(zones, 'd/a', 'd/b')).toEqual(['a', 'b'])
    const join = 'subctl join b.subm --clusterid c1 --clustercidr 10.1.0.0/16\n'
    expect(clusters({ 'd/a/join.sh': join, 'd/b/join.sh': join }, 'd')).toEqual(['a', 'b'])
    // Two files of one cluster, given one by one.
    expect(clusters({ 'join.sh': join, 'again.sh': join }, 'join.sh', 'again.sh')).toEqual(['c1'])
  })

  it('one note for all objects of a kind that is passed over, with --strict an error for each', () => {
    const ip = 'apiVersion: kubeovn.io/v1\nkind: IP\nmetadata: { name: a }\n'
    const files = { 'd/a.yaml': `${subnet('10.1.0.0/16')}---\n${ip}---\n${ip}` }
    const codes = (strict: boolean) =>
      load(files, ['d'], strict).diagnostics.map(({ code, severity }) => `${code} ${severity}`)
    expect(codes(false)).toEqual(['PL001 info'])
    expect(codes(true)).toEqual(['PL001 error', 'PL001 error'])
  })
})

describe('documents', () => {
  it('kubectl get -o json: a List, items with a kind of their own or of the list', () => {
    const list = JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        {
          apiVersion: 'kubeovn.io/v1',
          kind: 'Subnet',
          metadata: { name: 'x' },
          spec: { cidrBlock: '10.1.0.0/16,fd00:1::/64' },
        },
      ],
    })
    const own = JSON.stringify({
      apiVersion: 'kubeovn.io/v1',
      kind: 'SubnetList',
      items: [{ metadata: { name: 'y' }, spec: { cidrBlock: '10.2.0.0/16' } }],
    })
    expect(
      networksOf({ 'a.json': list, 'b.json': own }, 'a.json', 'b.json').map((one) =>
        one.replace(/ \S+$/, ''),
      ),
    ).toEqual(['a pods x 10.1.0.0/16', 'a pods x fd00:1::/64', 'b pods y 10.2.0.0/16'])
  })

  it('tables: a row a network', () => {
    expect(
      networksOf(
        {
          'p.csv':
            'Cluster;Purpose;Name;CIDR;Notes\naz1;Pods;default;10.16.0.0/16;"a; b"\n\n# no\naz2;svc;;10.96.0.0/12;\n',
        },
        'p.csv',
      ),
    ).toEqual(['az1 pods default 10.16.0.0/16 p.csv:2:18', 'az2 services services 10.96.0.0/12 p.csv:5:10'])
  })

  it('tables: a row a cluster', () => {
    expect(
      networksOf(
        { 'p.csv': 'cluster,pods,services,join\naz1,10.16.0.0/16,10.96.0.0/12,100.64.0.0/16\n' },
        'p.csv',
      ),
    ).toEqual([
      'az1 pods pods 10.16.0.0/16 p.csv:2:5',
      'az1 services services 10.96.0.0/12 p.csv:2:18',
      'az1 join join 100.64.0.0/16 p.csv:2:31',
    ])
  })

  it('lists of CIDRs', () => {
    expect(
      networksOf({ 'l.txt': '# ours\n10.16.0.0/16 az1\n  10.96.0.0/12 az1/services\nfd00::/64\n' }, 'l.txt'),
    ).toEqual([
      'az1 pods pods 10.16.0.0/16 l.txt:2:1',
      'az1 services services 10.96.0.0/12 l.txt:3:3',
      'l pods pods fd00::/64 l.txt:4:1',
    ])
  })

  it('subctl join, in a script with several', () => {
    const script =
      'set -e\nsubctl join broker-info.subm --clusterid=a --clustercidr=10.1.0.0/16,100.64.0.0/16 \\\n  --health-check=false\nsubctl join broker-info.subm --clusterid b --clustercidr "10.2.0.0/16" --cable-driver wireguard\n'
    expect(networksOf({ 'j.sh': script }, 'j.sh')).toEqual([
      'a cluster-cidr clustercidr 10.1.0.0/16 j.sh:2:58',
      'a cluster-cidr clustercidr 100.64.0.0/16 j.sh:2:70',
      'b cluster-cidr clustercidr 10.2.0.0/16 j.sh:4:59',
    ])
    const { plan } = load({ 'j.sh': script }, ['j.sh'])
    expect(
      plan!.clusters.map(({ submariner }) => [
        submariner!.healthCheck?.value,
        submariner!.cableDriver?.value,
      ]),
    ).toEqual([
      [false, undefined],
      [undefined, 'wireguard'],
    ])
  })

  it("Submariner's object, Helm values, kind and kubeadm", () => {
    const files = {
      'a.yaml':
        'apiVersion: submariner.io/v1alpha1\nkind: Submariner\nspec: { clusterID: east, clusterCIDR: 10.1.0.0/16, serviceCIDR: 10.101.0.0/16, globalCIDR: 242.0.0.0/16 }\n',
      'b.yaml':
        'submariner: { clusterId: west, clusterCidr: 10.2.0.0/16, serviceCidr: 10.102.0.0/16 }\nbroker: { server: b.example, globalnet: true }\n',
      'c.yaml':
        'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nname: k\nnetworking: { podSubnet: 10.3.0.0/16, serviceSubnet: 10.103.0.0/16 }\n',
      'd.yaml':
        'apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\nclusterName: m\nnetworking: { podSubnet: "10.4.0.0/16,fd00:4::/56", serviceSubnet: 10.104.0.0/16 }\n',
    }
    expect(networksOf(files, ...Object.keys(files)).map((one) => one.replace(/ \S+$/, ''))).toEqual([
      'east cluster-cidr clusterCIDR 10.1.0.0/16',
      'east services serviceCIDR 10.101.0.0/16',
      'east globalnet globalCIDR 242.0.0.0/16',
      'west cluster-cidr clusterCidr 10.2.0.0/16',
      'west services serviceCidr 10.102.0.0/16',
      'k cluster-cidr podSubnet 10.3.0.0/16',
      'k services serviceSubnet 10.103.0.0/16',
      'm cluster-cidr podSubnet 10.4.0.0/16',
      'm cluster-cidr podSubnet fd00:4::/56',
      'm services serviceSubnet 10.104.0.0/16',
    ])
  })

  it('standard input', () => {
    expect(networksOf({ '-': subnet('10.1.0.0/16') }, 'az7=-')).toEqual(['az7 pods s 10.1.0.0/16 -:4:20'])
  })

  it('scenarios, with the manifests that they list', () => {
    const files = {
      'd/s.yaml': 'isthmus: 1\nclusters:\n  az1: { manifests: [m.yaml], subnets: { x: 10.9.0.0/16 } }\n',
      'd/m.yaml': subnet('10.1.0.0/16'),
    }
    expect(networksOf(files, 'd/s.yaml')).toEqual([
      'az1 pods x 10.9.0.0/16 d/s.yaml:3:45',
      'az1 pods s 10.1.0.0/16 d/m.yaml:4:20',
    ])
  })
})

describe('what is refused', () => {
  const problems = (files: Texts, strict = false) => {
    const { plan, diagnostics } = load(files, Object.keys(files), strict)
    return {
      plan,
      codes: diagnostics.map(({ code, span }) => `${code} ${span?.line ?? 0}:${span?.column ?? 0}`),
    }
  }

  it.each([
    [
      'an ambiguous address',
      { 'p.csv': 'cluster,pods\na,010.1.2.0/24\nb,10.1/16\n' },
      ['IN031 2:3', 'IN031 3:3'],
    ],
    [
      'a mask in dots, and host bits',
      { 'p.csv': 'cluster,pods\na,10.0.0.0/255.0.0.0\nb,10.1.2.3/16\n' },
      ['IN032 2:3', 'IN033 3:3'],
    ],
    ['in lists', { 'l.txt': '10.0.0.0/8\n10.1.2.3/16 x\n 010.1.0.0/16\n' }, ['IN033 2:1', 'IN031 3:2']],
    [
      'unknown keys of a plan',
      { 'p.yaml': 'clusters:\n  a: { podz: 10.1.0.0/16 }\nfirewal: {}\n' },
      ['PL002 2:8', 'PL002 3:1'],
    ],
    [
      'values of the wrong kind',
      { 'p.yaml': 'clusters:\n  a: { growth: fast }\n  b: 10.0.0.0/8\n' },
      ['PL003 2:16', 'PL003 3:6'],
    ],
    ['a table without networks', { 'p.csv': 'cluster,name\na,b\n' }, ['PL004 1:1']],
    [
      'a role that is none, a quote that does not end',
      { 'p.csv': 'cluster,role,cidr\na,podz,10.0.0.0/8\nb,"pods,10.1.0.0/16\n' },
      ['PL005 2:3', 'PL005 3:3'],
    ],
    ['nothing at all', { 'p.yaml': 'kind: Secret\napiVersion: v1\n' }, ['PL007 0:0', 'PL001 1:7']],
    ['broken YAML', { 'p.yaml': 'clusters: {\n' }, ['IN003 2:1']],
    ['two ConfigMaps', { 'p.yaml': `${config('a')}---\n${config('a')}` }, ['IN073 8:19']],
  ] as const)('%s', (_, files, expected) => {
    const { plan, codes } = problems(files)
    expect(codes).toEqual(expected)
    expect(plan).toBeUndefined()
  })

  it('a document of an unknown kind: a remark, with --strict an error', () => {
    const files = { 'p.yaml': `${subnet('10.1.0.0/16')}---\napiVersion: v1\nkind: Secret\n` }
    expect(problems(files).plan).toBeDefined()
    expect(problems(files).codes).toEqual(['PL001 7:7'])
    expect(problems(files, true).plan).toBeUndefined()
  })

  it('a flag that subctl join has not is a warning (PL008), a strange line of lr-route-list too (PL009)', () => {
    expect(problems({ 'j.sh': 'subctl join --clusterid=a --cluster-cidr=10.1.0.0/16\n' }).codes).toEqual([
      'PL008 1:27',
    ])
    expect(
      problems({ 'r.txt': 'IPv4 Routes\n  10.1.0.0/16  10.0.0.1 dst-ip\n  10.2.0.0/16 and so on\n' }).codes,
    ).toEqual(['PL009 3:3'])
  })

  it('names that every object of JavaScript has are names like others', () => {
    const table = 'cluster,constructor,role,cidr\n__proto__,x,toString,10.0.0.0/8\n'
    expect(problems({ 'p.csv': table }).codes).toEqual(['PL004 1:9', 'PL005 2:13'])
    expect(problems({ 'p.yaml': 'kind: constructor\nclusters: {}\n' }).codes).toEqual([
      'PL007 0:0',
      'PL001 1:7',
    ])
    const plan = 'clusters:\n  constructor: { pods: 10.0.0.0/8 }\n  valueOf: { pods: 10.0.0.0/9 }\n'
    expect(networksOf({ 'p.yaml': plan }, 'p.yaml')).toHaveLength(2)
  })

  it('a scenario among the manifests of a scenario, as when it lists itself', () => {
    const files = { 's.yaml': 'isthmus: 1\nclusters: { a: { manifests: s.yaml } }\n' }
    expect(problems(files).codes).toEqual(['IN071 1:1'])
  })

  it('a file that is not there', () => {
    expect(load({}, ['none.yaml']).diagnostics.map(({ message }) => message)).toEqual([
      'cannot read none.yaml: there is no such file',
    ])
  })

  it('every code is explained and used', () => {
    expect(PLAN_CODES.map(({ code }) => code)).toEqual([
      'PL001',
      'PL002',
      'PL003',
      'PL004',
      'PL005',
      'PL006',
      'PL007',
      'PL008',
      'PL009',
      'PL010',
    ])
  })
})

describe('how large files may be', () => {
  const small = 'clusters: { a: { pods: 10.1.0.0/16 } }\n'
  const codes = (text: string) => load({ 'p.yaml': text }, ['p.yaml']).diagnostics.map(({ code }) => code)

  it('more than a scenario, as long as it is not many small parts, which take memory', () => {
    expect(codes(`${small}# ${'x'.repeat(6_000_000)}\n`)).toEqual([])
    expect(codes(`${small}# ${'x,'.repeat(3_000_000)}\n`)).toEqual(['IN002'])
    expect(codes(`${small}# ${'x'.repeat(21 * 1024 * 1024)}\n`)).toEqual(['IN002'])
  })
})

describe('tables: details of a network', () => {
  it('gateway, excluded addresses and wanted pods, with or without a name', () => {
    const { plan } = load(
      {
        'p.csv':
          'cluster,role,cidr,gateway,exclude,wanted\na,pods,10.1.0.0/16,10.1.0.1,10.1.0.1..10.1.0.9 10.1.1.1,300\n',
      },
      ['p.csv'],
    )
    expect(plan!.networks[0]).toMatchObject({
      gateways: [{ value: 0x0a010001 }],
      excludes: [
        { value: { first: 0x0a010001, last: 0x0a010009 } },
        { value: { first: 0x0a010101, last: 0x0a010101 } },
      ],
      wanted: { value: 300 },
    })
  })

  it('kind without its own network plugin', () => {
    const text =
      'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nname: k\nnetworking: { disableDefaultCNI: true }\n'
    expect(load({ 'k.yaml': text }, ['k.yaml']).plan!.clusters[0]!.cni).toMatchObject({
      value: 'none',
      span: { line: 4, column: 34 },
    })
  })
})
