import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isthmus, type Outcome, temporaryFolder } from './harness.ts'

const folder = temporaryFolder()
const golden = (name: string): string => join(import.meta.dirname, 'golden', name)

function file(name: string, text: string): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

const contained = file(
  'contained.yaml',
  `technology: ovn-ic
clusters:
  az1: { autoRoute: true, pods: { web: 10.16.0.0/16, api: 10.20.0.0/16 } }
  az2: { autoRoute: true, pods: { db: 10.16.7.0/24, queue: 10.18.0.0/16 } }
`,
)
const table = file(
  'table.csv',
  'cluster,name,cidr\naz1,web,10.16.0.0/16\naz2,db,10.17.0.0/16\naz3,db,fd00:3::/64\n',
)

const check = (...words: string[]): Promise<Outcome> => isthmus(['check', ...words, '--reachability'])
/** The part behind the findings, without the folder that each run has anew. */
const reachOf = ({ out }: Outcome): string =>
  out.slice(out.indexOf('Reachability of')).replaceAll(`${folder}/`, '')

describe('check --reachability', () => {
  it('RT-14: a bare plan with a contained CIDR: who gets whose packets, in 80 columns', async () => {
    const outcome = await check(contained)
    expect(outcome.code).toBe(1)
    expect(outcome.out).toContain('error[IC002]')
    const text = reachOf(outcome)
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
    await expect(text).toMatchFileSnapshot(golden('reachability.txt'))
  })

  it('the same as Markdown, and as JSON that names every pair that is not reached', async () => {
    const markdown = await check(contained, '-o', 'markdown')
    await expect(reachOf(markdown)).toMatchFileSnapshot(golden('reachability.md'))
    const data = JSON.parse((await check(contained, '-o', 'json')).out)
    expect(data).toMatchObject({ schemaVersion: 1, ok: false })
    expect(data.reachability).toHaveLength(1)
    const [network] = data.reachability
    expect(network).toMatchObject({ network: contained, pairs: 12 })
    expect(network.subnets.map(({ name }: { name: string }) => name).sort()).toEqual([
      'az1/api',
      'az1/web',
      'az2/db',
      'az2/queue',
    ])
    expect(network.notReached).toContainEqual({ from: 'az1/web', to: 'az2/db', verdict: 'unreached' })
    expect(network.troubles).toContainEqual(
      expect.objectContaining({ fate: 'captured', addresses: ['10.16.7.0/24'], to: ['az1/web'] }),
    )
  })

  it('JUnit and SARIF stay as they are', async () => {
    for (const format of ['junit', 'sarif'])
      expect((await check(contained, '-o', format)).out).toBe(
        (await isthmus(['check', contained, '-o', format])).out,
      )
  })

  it('a table of networks is taken to be joined by OVN-IC, which is said; subnets without a common family are no pair', async () => {
    const outcome = await check(table)
    expect(outcome.code).toBe(0)
    const text = reachOf(outcome)
    expect(text).toContain('assumed: the clusters are joined by OVN-IC with automatic routes')
    expect(text).toContain('assumed: nodes that the plan does not list have addresses of 198.18.0.0/15')
    expect(text).toContain('3 subnets, 2 pairs: 2 reached, 0 in part, 0 not, 0 one way')
    expect(text).toMatch(/az3 +- +- +-/)
  })

  it('scenarios run as they are, each by itself; a dual-stack one counts both families', async () => {
    const outcome = await check('scenarios/ovn-ic/dual-stack.yaml', 'scenarios/quickstart.yaml')
    const text = reachOf(outcome)
    expect(text).toContain('Reachability of scenarios/ovn-ic/dual-stack.yaml')
    expect(text).toContain('Reachability of scenarios/quickstart.yaml')
    expect(text).not.toContain('assumed')
  })

  it('HA-6, EC-6: at a time of the run: an ECMP group with a dead member depends on hashes, and breaks what is announced', async () => {
    const before = await check('scenarios/ovn-ic/ecmp-blackhole.yaml')
    expect(reachOf(before)).toContain('2 pairs: 2 reached')
    const amid = await check('scenarios/ovn-ic/ecmp-blackhole.yaml', '--at', '4s')
    expect(amid.code).toBe(1)
    expect(reachOf(amid)).toMatch(
      / {2}depends: 10\.17\.0\.0\/16 of az2\/ovn-default, from az1\/ovn-default: by hash:\n {4}they end at az2\/ovn-default, or the port is bound to no chassis/,
    )
    expect(reachOf(amid)).not.toContain('answers')
  })

  it('a black hole is no broken promise: clusters may be kept apart on purpose', async () => {
    const apart = file(
      'apart.yaml',
      'technology: ovn-ic\nclusters:\n  az1: { autoRoute: true, pods: { web: 10.16.0.0/16 } }\n  az2: { autoRoute: true, pods: { db: { cidr: 10.17.0.0/16, disableInterConnection: true } } }\n',
    )
    const outcome = await check(apart)
    expect(outcome.code).toBe(0)
    expect(reachOf(outcome)).toContain('black-holed: 10.17.0.0/16 of az2/db, from az1/web: no route')
    expect(reachOf(outcome)).toContain('one way: az2/db reaches az1/web, whose answers do not come back')
  })

  it('V11: a gateway that is no node keeps its cluster alone, as Kube-OVN does', async () => {
    const plan = file(
      'gateway.yaml',
      'technology: ovn-ic\nprofile: kube-ovn-1.16\nclusters:\n  az1: { autoRoute: true, pods: { web: 10.16.0.0/16 }, nodes: { n1: 192.168.42.11 }, gateways: [n2] }\n  az2: { autoRoute: true, pods: { db: 10.17.0.0/16 }, nodes: { n1: 192.168.43.11 }, gateways: [n1] }\n',
    )
    const text = reachOf(await check(plan))
    expect(text).toMatch(
      /az1: gw-nodes names n2, no node of it, hence no port on the transit\n +switch \(IC011\)/,
    )
    expect(text).toContain('black-holed: 10.17.0.0/16 of az2/db, from az1/join, az1/web: nobody has the')
  })

  it('manifests of several clusters are one network; a plan that cannot run says why, where, and which finding tells more', async () => {
    const subnet = (name: string, cidr: string, gateway: string): string =>
      `apiVersion: kubeovn.io/v1\nkind: Subnet\nmetadata: { name: ${name} }\nspec: { cidrBlock: ${cidr}, gateway: ${gateway} }\n`
    const config = (az: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ovn-ic-config, namespace: kube-system }\ndata: { enable-ic: "true", az-name: ${az}, ic-db-host: 192.168.65.3, gw-nodes: ${az}-gw, auto-route: "true" }\n`
    file('good/az1/ic.yaml', config('az1'))
    file('good/az1/subnet.yaml', subnet('ovn-default', '10.16.0.0/16', '10.16.0.1'))
    file('good/az2/ic.yaml', config('az2'))
    file('good/az2/subnet.yaml', subnet('ovn-default', '10.17.0.0/16', '10.17.0.1'))
    const good = reachOf(await check(join(folder, 'good')))
    expect(good).toContain('assumed: az1, az2: version kube-ovn-1.17')
    // The nodes' join network is in both clusters, and no pair with the other.
    expect(good).toContain('4 subnets, 8 pairs: 8 reached')
    const bad = file('good/az2/subnet.yaml', subnet('ovn-default', '10.17.0.0/16', '10.99.0.1'))
    const outcome = await check(join(folder, 'good'))
    expect(outcome.code).toBe(1)
    expect(reachOf(outcome).replaceAll(/\s+/g, ' ')).toContain(
      `cannot run: ${bad.replace(`${folder}/`, '')}:4:20: the gateway 10.99.0.1 is not in 10.17.0.0/16; see NP007`,
    )
    const data = JSON.parse((await check(join(folder, 'good'), '-o', 'json')).out)
    expect(data.reachability[0].obstacles).toEqual([
      expect.objectContaining({ file: bad, line: 4, findings: ['NP007'] }),
    ])
  })

  it('Submariner is not simulated, which is said and no answer made up', async () => {
    const plan = file(
      'submariner.yaml',
      'technology: submariner\nclusters:\n  east: { pods: 10.1.0.0/16 }\n  west: { pods: 10.2.0.0/16 }\n',
    )
    const outcome = await check(plan)
    expect(reachOf(outcome).replaceAll(/\s+/g, ' ')).toContain(
      'cannot run: east, west: joined by Submariner, which is not simulated, and no cluster by OVN-IC',
    )
    // Nothing is wrong with the plan: the question is.
    expect(outcome.code).toBe(2)
    expect(outcome.talk).toContain('--reachability has no answer: east, west: joined by Submariner')
    expect((await isthmus(['check', plan])).code).toBe(0)
  })

  it("Spiderpool's networks are not simulated either", async () => {
    const outcome = await check('test/plans/gallery/spiderpool-page/cluster-a/spiderpool.yaml')
    expect(outcome.code).toBe(2)
    expect(outcome.talk).toContain('addresses of IP pools or underlay networks, which are not simulated')
    expect(outcome.out).toContain('error[SP004]')
  })

  it('--from and --to show some pairs; --protocol and --port are what policies ask about', async () => {
    const flat = (outcome: Outcome): string => reachOf(outcome).replaceAll(/\s+/g, ' ')
    const text = reachOf(await check(contained, '--from', 'az2/db', '--to', 'az1'))
    expect(text).toContain('4 subnets, 2 pairs: 1 reached, 1 in part')
    expect(text).not.toContain('queue')
    const policies = file(
      'policy.yaml',
      readFileSync('scenarios/quickstart.yaml', 'utf8').replace(
        /autoRoute: true\n/,
        "autoRoute: true\n    policies: [{ priority: 32000, match: 'tcp.dst == 5432', action: drop }]\n",
      ),
    )
    expect(flat(await check(policies))).not.toContain('a policy drops them')
    expect(flat(await check(policies, '--protocol', 'tcp', '--port', '5432'))).toContain(
      'a policy drops them',
    )
    expect(flat(await check(policies, '--protocol', 'tcp'))).not.toContain('a policy drops them')
  })

  it.each([
    [[table, '--reachability', '--from', 'az9'], 'there is no cluster or subnet az9'],
    [[table, '--reachability', '--to', 'az1/wbe'], 'did you mean "az1/web"?'],
    [[table, '--from', 'az1'], '--from goes with --reachability'],
    [[table, '--port', '80'], '--port goes with --reachability'],
    [[table, '--reachability', '--port', '80'], 'ICMP has no ports'],
    [[table, '--reachability', '--protocol', 'tcp', '--port', '70000'], 'from 0 to 65535'],
    [[table, '--reachability', '--at', 'noon'], '--at noon'],
  ])('%j is refused', async (words, message) => {
    const outcome = await isthmus(['check', ...words])
    expect(outcome).toMatchObject({ code: 2, out: '' })
    expect(outcome.talk).toContain(message)
  })
})
