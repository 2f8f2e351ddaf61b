import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ovnIcScenario } from '../../src/cli/template.ts'
import { renderGraph } from '../../src/report/graph.ts'
import { DISPOSITIONS } from '../../src/verify/dispositions.ts'
import { scenarioOf } from '../verify/fixtures.ts'
import { isthmus, temporaryFolder } from './harness.ts'

const folder = temporaryFolder()
const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined

describe('init', () => {
  it('writes a file once and says what to do next', async () => {
    const path = join(folder, 'my net.yaml')
    const first = await isthmus(['init', 'ovn-ic', '--file', path])
    expect(first).toEqual({ code: 0, out: `${path}\n`, talk: `Next: isthmus run '${path}'\n` })
    const second = await isthmus(['init', 'ovn-ic', '--file', path])
    expect(second.code).toBe(2)
    expect(second.talk).toContain('--force')
    expect((await isthmus(['init', 'ovn-ic', '--file', path, '--force', '--clusters', '3'])).code).toBe(0)
    expect(Object.keys((parse(readFileSync(path, 'utf8')) as { clusters: object }).clusters)).toEqual([
      'az1',
      'az2',
      'az3',
    ])
  })

  it('--file - prints it, with the schema on line 1', async () => {
    const outcome = await isthmus('init ovn-ic --file -')
    expect(outcome.out.split('\n')[0]).toMatch(/^# yaml-language-server: \$schema=\S+$/)
    await expect(outcome.out).toMatchFileSnapshot('golden/init.yaml')
  })

  it.each([
    [2, 1, false],
    [64, 8, true],
    [3, 2, true],
  ])(
    '%i clusters with %i gateways, dual stack %s: unique addresses, nothing too long',
    (clusters, gateways, dualStack) => {
      const text = ovnIcScenario({
        clusters,
        gateways,
        dualStack,
        profile: 'kube-ovn-1.13',
        schema: 'schema.json',
      })
      const scenario = parse(text) as {
        profile: string
        clusters: Record<string, { nodes: Record<string, string>; gateways: string[] }>
      }
      expect(scenario.profile).toBe('kube-ovn-1.13')
      const all = Object.values(scenario.clusters)
      expect(all).toHaveLength(clusters)
      const ips = all.flatMap(({ nodes }) => Object.values(nodes))
      expect(new Set(ips).size).toBe(clusters * (gateways + 1))
      for (const one of all) expect(one.gateways).toEqual(Object.keys(one.nodes).slice(0, gateways))
    },
  )
})

describe('explain', () => {
  it.each(Object.keys(DISPOSITIONS))('explains %s', async (kind) => {
    const outcome = await isthmus(['explain', kind])
    expect(outcome.code).toBe(0)
    expect(outcome.out).toMatch(new RegExp(`^${kind}: .+\n\n[\\s\\S]+\\.\n$`))
  })

  it('explains keys of scenario files, with the keys inside them', async () => {
    const outcome = await isthmus('explain scenario.clusters.gateways')
    expect(outcome.out).toMatch(/^scenario\.clusters\.<cluster>\.gateways\n/)
    expect(outcome.out).toContain('type: ')
    expect((await isthmus('explain scenario.interconnect')).out).toContain('\nkeys:\n  ovn-ic')
  })

  it('explains codes and lists everything', async () => {
    const list = await isthmus('explain')
    const code = /^IN\d{3}/m.exec(list.out)?.[0]
    expect(code).toBeDefined()
    expect(list.out).toContain('\nnot-resident ')
    expect(list.out).toContain('\nscenario.clusters ')
    expect((await isthmus(['explain', code!.toLowerCase()])).out).toMatch(new RegExp(`^${code}: `))
  })

  it('suggests keys as they are typed, and says where rule ids are', async () => {
    const key = await isthmus('explain scenario.clusters.gateway')
    expect(key.talk).toContain('did you mean "scenario.clusters.gateways"?')
    expect((await isthmus('explain RT-12')).talk).toContain('docs/fidelity.md')
  })

  it('suggests the nearest name', async () => {
    const outcome = await isthmus('explain not-residnet')
    expect(outcome).toMatchObject({ code: 2, out: '' })
    expect(outcome.talk).toContain('did you mean "not-resident"?')
  })
})

it('schema prints JSON Schema', async () => {
  const outcome = await isthmus('schema')
  expect(JSON.parse(outcome.out)).toMatchObject({ title: 'Isthmus scenario', properties: { clusters: {} } })
})

describe('completion', () => {
  it('bash: completes commands, options, values and topics', async () => {
    const { out } = await isthmus('completion bash')
    const complete = (...words: string[]): string[] => {
      const program = `${out}
        COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
        _isthmus; printf '%s\\n' "\${COMPREPLY[@]}"`
      return execFileSync('bash', ['-c', program], { cwd: folder, encoding: 'utf8' })
        .split('\n')
        .filter((one) => one !== '')
    }
    writeFileSync(join(folder, 'rout.yaml'), '')
    expect(complete('isthmus', 'r')).toEqual(['run'])
    expect(complete('isthmus', 'run', '--pr')).toEqual(['--profile'])
    expect(complete('isthmus', 'run', '--profile', 'ovn')).toEqual(['ovn-23.03'])
    expect(complete('isthmus', 'show', 'rou')).toEqual(['routes', 'rout.yaml'])
    expect(complete('isthmus', 'run', '-o', 'ro')).toEqual(['rout.yaml'])
  })

  it.each(['zsh', 'fish'] as const)('%s: every command and option is there', async (shell) => {
    const { out } = await isthmus(`completion ${shell}`)
    await expect(out).toMatchFileSnapshot(`golden/completion.${shell}`)
  })

  it.skipIf(!has('zsh'))('zsh accepts the script (zsh)', async () => {
    execFileSync('zsh', ['-n'], { input: (await isthmus('completion zsh')).out })
  })
})

describe('graph', () => {
  it.each(['mermaid', 'dot'] as const)('%s', async (format) => {
    await expect(renderGraph(scenarioOf().network, format).text).toMatchFileSnapshot(`golden/graph.${format}`)
  })

  it('names cannot break out of their quotes', () => {
    const network = scenarioOf().network
    const evil = {
      ...network,
      name: 'a"b',
      clusters: network.clusters.map((one) => ({ ...one, id: 'x"];y\\' })),
    }
    expect(renderGraph(evil, 'mermaid').text).toContain('["x#34;];y\\"]')
    expect(renderGraph(evil, 'dot').text).toContain('label="x\\"];y\\\\"')
  })
})
