// `isthmus check --fix-plan` as a command: what it prints at 80 columns, what it writes, how it ends.

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isthmus, temporaryFolder } from '../../cli/harness.ts'
import { hasPatch, patched } from './fixing.ts'

const AZ1 = `# the first site
technology: ovn-ic
clusters:
  az1:
    gateways: [a1, a2]
    services: 10.96.0.0/16
    pods:
      ovn-default: { cidr: 10.16.0.0/16, gateway: 10.16.0.1, pods: 500 } # since 2021
`
const AZ2 = `technology: ovn-ic
clusters:
  az2:
    gateways: [b1, b2]
    services: 10.97.0.0/16
    pods:
      ovn-default:
        cidr: 10.16.0.0/16   # copied from the first
        gateway: 10.16.0.1
        exclude: [10.16.0.1..10.16.0.10]
        pods: 12
      db: 10.97.4.0/24
`
const hasGit = spawnSync('git', ['--version']).error === undefined
const folder = temporaryFolder()
const before = process.cwd()

beforeAll(() => process.chdir(folder))
afterAll(() => process.chdir(before))

function write(texts: Readonly<Record<string, string>> = { 'az1.yaml': AZ1, 'az2.yaml': AZ2 }): void {
  rmSync('plans', { recursive: true, force: true })
  mkdirSync('plans')
  for (const [name, text] of Object.entries(texts)) writeFileSync(join('plans', name), text)
}

const plans = (): Record<string, string> =>
  Object.fromEntries(readdirSync('plans').map((name) => [name, readFileSync(join('plans', name), 'utf8')]))

describe('check --fix-plan', () => {
  it('prints what changes, why, what it costs and what else was weighed, and the patch', async () => {
    write()
    const { code, out, talk } = await isthmus('check plans --fix-plan')
    expect({ code, talk }).toEqual({ code: 0, talk: '' })
    const text = out.split('\n--- ')[0]!
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
    await expect(out).toMatchFileSnapshot('golden/fix.txt')
    expect(plans()).toEqual({ 'az1.yaml': AZ1, 'az2.yaml': AZ2 })
  })

  it.skipIf(!hasPatch)(
    'can be piped into patch(1), which then leaves what --write writes (skipped without patch)',
    async () => {
      write()
      const { out } = await isthmus('check plans --fix-plan')
      const now = patched({ 'plans/az1.yaml': AZ1, 'plans/az2.yaml': AZ2 }, out)
      const written = await isthmus('check plans --fix-plan --write')
      expect(written.code).toBe(0)
      expect(written.out).toMatch(/written: plans\/az2\.yaml\n$/)
      expect(plans()).toEqual({ 'az1.yaml': now['plans/az1.yaml'], 'az2.yaml': now['plans/az2.yaml'] })
      const again = await isthmus('check plans --fix-plan')
      expect({ code: again.code, out: again.out }).toEqual({
        code: 0,
        out: expect.stringMatching(/^nothing to renumber\n\nas it is: /),
      })
    },
  )

  it('as JSON, with the moves and the patched texts', async () => {
    write()
    const { code, out } = await isthmus('check plans --fix-plan -o json')
    expect(code).toBe(0)
    const data = JSON.parse(out)
    expect(data).toMatchObject({
      schemaVersion: 1,
      ok: true,
      cost: 32,
      exact: true,
      moves: [
        { cluster: 'az2', network: 'ovn-default', role: 'pods', from: '10.16.0.0/16', to: '10.17.0.0/16' },
        { cluster: 'az2', network: 'db', from: '10.97.4.0/24', to: '10.98.0.0/24' },
      ],
      stuck: [],
      before: { error: 2 },
      after: { error: 0 },
    })
    expect(data.files.map((one: { path: string }) => one.path)).toEqual(['plans/az2.yaml'])
    expect(data.files[0].text).toContain('cidr: 10.17.0.0/16   # copied from the first')
    expect(
      data.changes[0].instead.map((one: { kind: string; cost: number }) => `${one.kind} ${one.cost}`),
    ).toEqual(['withhold 136', 'renumber 510', 'withhold 1600'])
  })

  it('says which pins stand against each other and ends with 1; what can be fixed is fixed', async () => {
    write()
    const { code, out } = await isthmus('check plans --fix-plan --pin az1 --pin az2/ovn-default')
    expect(code).toBe(1)
    await expect(out).toMatchFileSnapshot('golden/pins.txt')
  })

  it('nothing that renumbering could remove: other findings still decide about the exit code', async () => {
    write({
      'p.yaml':
        'technology: ovn-ic\nclusters:\n  az1: { az: same, pods: 10.16.0.0/16 }\n  az2: { az: same, pods: 10.17.0.0/16 }\n',
    })
    const { code, out } = await isthmus('check plans --fix-plan')
    expect(code).toBe(1)
    expect(out).toMatch(/^nothing to renumber\n\nas it is: 1 error/)
  })

  it('no room is said', async () => {
    write()
    const { code, out } = await isthmus('check plans --fix-plan --pin az1/ovn-default --within 10.200.0.0/30')
    expect(code).toBe(1)
    expect(out).toContain('az2/ovn-default 10.16.0.0/16: disableInterConnection')
    expect(out).toMatch(/what keeps these from being fixed\n {3}IC003: .*\(no room for\s+it\)/)
  })
})

describe('with a baseline', () => {
  it('what is accepted is neither fixed nor counted', async () => {
    write()
    await isthmus('check plans --write-baseline known.json')
    const all = await isthmus('check plans --fix-plan --baseline known.json')
    expect({ code: all.code, out: all.out }).toEqual({
      code: 0,
      out: 'nothing to renumber\n\nas it is: no findings; 2 accepted\n',
    })
    const known = JSON.parse(readFileSync('known.json', 'utf8'))
    const only = known.accepted.filter((one: { fingerprint: string }) => one.fingerprint.startsWith('IC001'))
    expect(only).toHaveLength(1)
    writeFileSync('known.json', JSON.stringify({ ...known, accepted: only }))
    const rest = await isthmus('check plans --fix-plan --baseline known.json')
    expect(rest.code).toBe(0)
    expect(rest.out).toContain('before: 1 error; after: no findings; 1 accepted')
    expect(rest.out.match(/^[-+] .*/gm)).toEqual(['-      db: 10.97.4.0/24', '+      db: 10.98.0.0/24'])
  })

  it('an accepted finding about a network that moves stays accepted, and the baseline is to be written anew', async () => {
    write({
      'p.yaml':
        'technology: ovn-ic\nclusters:\n  a: { pods: { x: { cidr: 10.16.0.0/24, pods: 240 } } }\n  b: { pods: { y: { cidr: 10.16.0.0/24, pods: 90 } } }\n',
    })
    await isthmus('check plans --write-baseline known.json')
    const known = JSON.parse(readFileSync('known.json', 'utf8'))
    writeFileSync(
      'known.json',
      JSON.stringify({
        ...known,
        accepted: known.accepted.filter(
          (one: { fingerprint: string }) => !one.fingerprint.startsWith('IC001'),
        ),
      }),
    )
    const { out } = await isthmus('check plans --fix-plan --pin b --baseline known.json')
    expect(out).toContain('a/x: 10.16.0.0/24 becomes 10.16.1.0/24')
    expect(out).toContain(
      '1 accepted finding has other addresses after it: write the baseline anew then\n\nbefore: 1 error; after: no findings; 1 accepted\n',
    )
  })

  it('--write-baseline would accept what the fix removes', async () => {
    write()
    const { code, out, talk } = await isthmus('check plans --fix-plan --write-baseline known2.json')
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(talk).toContain('it would accept what the fix removes')
    expect(talk).toContain('hint: isthmus check … --fix-plan --write, then')
    expect(readdirSync('.')).not.toContain('known2.json')
  })
})

describe('with --reachability', () => {
  it('the fixed plan is what is asked, before the patch', async () => {
    write()
    const { code, out } = await isthmus('check plans --fix-plan --reachability')
    expect(code).toBe(0)
    const [report, patch] = out.split('\n--- a/')
    expect(report).toContain('Reachability of plans')
    expect(report).not.toContain('captured')
    expect(patch).toMatch(/^plans\/az2\.yaml\n\+\+\+ b\//)
    const before = await isthmus('check plans --reachability')
    expect(before.code).toBe(1)
    const { reachability, ok } = JSON.parse(
      (await isthmus('check plans --fix-plan --reachability -o json')).out,
    )
    expect(ok).toBe(true)
    expect(reachability).toHaveLength(1)
  })
})

describe('mistakes end with 2 and write nothing', () => {
  it.each([
    ['an unknown cluster', '--pin az11', 'the plan has no cluster az11', 'did you mean "az1"?'],
    [
      'an unknown network',
      '--pin az2/ovn-defalt',
      'az2 has no network ovn-defalt',
      'did you mean "ovn-default"?',
    ],
    ['a pin without a name', '--pin az2/', 'has no network', 'write a cluster'],
    ['host bits', '--reserve 10.0.0.1/12', '--reserve 10.0.0.1/12 is no network', 'host bits'],
    ['no CIDR', '--within 10.0/8', '--within 10.0/8 is no network', 'write a CIDR'],
    ['a cost that is none', '--cost az1=0', '--cost az1=0 is no cost', '--cost az1/ovn-default=500'],
    ['a growth below 1', '--growth 0.5', 'Write a factor from 1', ''],
    ['another format', '-o sarif', 'there is no format "sarif"', 'text, json'],
  ])('%s', async (_, flags, message, hint) => {
    write()
    const { code, out, talk } = await isthmus(`check plans --fix-plan --write ${flags}`)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(talk).toContain(message)
    expect(talk).toContain(hint)
    expect(plans()).toEqual({ 'az1.yaml': AZ1, 'az2.yaml': AZ2 })
  })

  it('all of them come in one run', async () => {
    write()
    const { talk } = await isthmus('check plans --fix-plan --pin c --reserve x --cost az1=y')
    expect(talk.match(/^error.*/gm)).toEqual([
      'error[PL010] --pin c: the plan has no cluster c',
      'error[PL010] --cost az1=y is no cost',
      'error[PL010] --reserve x is no network',
    ])
  })

  it('in `fix` of a plan, with their places', async () => {
    write({ 'az1.yaml': `${AZ1}fix: { pin: [az1, az7], reserve: 10.1.0.0/8, cost: { az1/x: 5 } }\n` })
    const { code, talk } = await isthmus('check plans --fix-plan')
    expect(code).toBe(2)
    expect(talk.match(/^( +--> .*|error.*)/gm)).toEqual([
      'error[PL010] pin az7: the plan has no cluster az7',
      ' --> plans/az1.yaml:9:19',
      'error[PL010] reserve 10.1.0.0/8 is no network',
      ' --> plans/az1.yaml:9:34',
      'error[PL010] cost az1/x=5: az1 has no network x',
      ' --> plans/az1.yaml:9:54',
    ])
  })

  it('options of a fix without --fix-plan', async () => {
    write()
    const { code, talk } = await isthmus('check plans --pin az1 --write')
    expect(code).toBe(2)
    expect(talk).toContain('--write, --pin go with --fix-plan')
  })
})

describe('the patch', () => {
  it.skipIf(!hasGit)('is taken by git apply, report and all (skipped without git)', async () => {
    write()
    const { out } = await isthmus('check plans --fix-plan')
    const { status, stderr } = spawnSync('git', ['apply', '-'], { input: out, encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const applied = plans()
    write()
    await isthmus('check plans --fix-plan --write')
    expect(applied).toEqual(plans())
  })

  it('names files from this folder, however they were given', async () => {
    write()
    const { out } = await isthmus(`check ${join(process.cwd(), 'plans')} --fix-plan`)
    expect(out).toContain('\n--- a/plans/az2.yaml\n+++ b/plans/az2.yaml\n')
  })
})

describe('--write', () => {
  it('leaves a read-only file alone, and keeps the mode of others', async () => {
    write()
    chmodSync('plans/az2.yaml', 0o440)
    const refused = await isthmus('check plans --fix-plan --write')
    expect({ code: refused.code, out: refused.out }).toEqual({ code: 4, out: '' })
    expect(refused.talk).toContain('cannot write plans/az2.yaml, so nothing is written: it is read-only')
    expect(plans()).toEqual({ 'az1.yaml': AZ1, 'az2.yaml': AZ2 })
    chmodSync('plans/az2.yaml', 0o640)
    expect((await isthmus('check plans --fix-plan --write')).code).toBe(0)
    expect(statSync('plans/az2.yaml').mode & 0o777).toBe(0o640)
  })

  it('writes all files or none', async () => {
    const conflict = (a: string, b: string, second: number): string =>
      `technology: ovn-ic\nclusters:\n  ${a}: { pods: { x: { cidr: 10.${second}.0.0/16, pods: 9 } } }\n  ${b}: { pods: 10.${second}.0.0/16 }\n`
    const both = { '1.yaml': conflict('a', 'b', 1), '2.yaml': conflict('c', 'd', 9) }
    write(both)
    // Where the second file would be written first, a folder stands.
    mkdirSync(`plans/2.yaml.${process.pid}.tmp`)
    const refused = await isthmus('check plans/1.yaml plans/2.yaml --fix-plan --write')
    expect({ code: refused.code, out: refused.out }).toEqual({ code: 4, out: '' })
    expect(refused.talk).toContain('nothing is written')
    expect(readFileSync('plans/1.yaml', 'utf8')).toBe(both['1.yaml'])
    expect(readdirSync('plans')).toEqual(['1.yaml', '2.yaml', `2.yaml.${process.pid}.tmp`])
    rmSync(`plans/2.yaml.${process.pid}.tmp`, { recursive: true })
    expect((await isthmus('check plans --fix-plan --write')).code).toBe(0)
    expect(plans()).toEqual({
      '1.yaml': both['1.yaml'].replace('b: { pods: 10.1.', 'b: { pods: 10.2.'),
      '2.yaml': both['2.yaml'].replace('d: { pods: 10.9.', 'd: { pods: 10.10.'),
    })
  })
})
