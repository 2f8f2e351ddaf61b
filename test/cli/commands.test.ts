import { execFile, execFileSync } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Engine } from '../../src/cli/engine.ts'
import { scenarioFiles } from '../../src/cli/files.ts'
import { wantsColor } from '../../src/cli/io.ts'
import { cliManual } from '../../src/cli/manual.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { progressLine } from '../../src/cli/progress.ts'
import { sourceFile } from '../../src/diag/source.ts'
import type { RunResult } from '../../src/model/observation.ts'
import { DROPPED, failedResult, resultOf, TRACE, unreachedResult } from '../report/fixtures.ts'
import { expecting, prefix, SECOND, scenarioOf } from '../verify/fixtures.ts'
import { fakeEngine, isthmus, temporaryFolder } from './harness.ts'

const folder = temporaryFolder()
const file = join(folder, 'one.yaml')
writeFileSync(file, 'isthmus: 1\n')

const broken: Partial<Engine> = {
  load: (path) => ({
    diagnostics: [
      {
        code: 'IN001',
        severity: 'error',
        message: 'unknown key "nods"',
        span: { file: path, line: 2, column: 3, length: 4 },
        hint: 'did you mean "nodes"?',
      },
    ],
    sources: new Map([[path, sourceFile(path, 'isthmus: 1\n  nods: {}\n')]]),
  }),
}

const wanting = {
  ...scenarioOf(),
  expectations: ['route az1 10.17.0.0/16', 'route az1 10.17.0.0/16, at: 0s', 'loss steady'].map((text) => ({
    ...expecting({ kind: 'route', cluster: 'az1', prefix: prefix('10.17.0.0/16'), present: true }),
    text,
  })),
}

describe('run', () => {
  it('prints the text report and ends with 0', async () => {
    const { engine, asked } = fakeEngine()
    const outcome = await isthmus(
      ['run', file, '--seed', '7', '--profile', 'kube-ovn-1.13', '--pcap', join(folder, 'caps')],
      { engine },
    )
    expect(outcome).toMatchObject({ code: 0, talk: '' })
    expect(outcome.out).toContain('PASS two clusters')
    expect(asked.load).toEqual([{ path: file, options: { seed: 7, profile: 'kube-ovn-1.13' } }])
    expect(asked.simulate[0]!.options!.captureDir).toBe(join(folder, 'caps'))
  })

  it('captures of files with one base name are named after their paths', async () => {
    const { engine, asked } = fakeEngine()
    const files = ['a/net.yaml', 'b/net.yaml', 'c/other.yaml'].map((name) => {
      mkdirSync(join(folder, dirname(name)), { recursive: true })
      writeFileSync(join(folder, name), 'isthmus: 1\n')
      return join(folder, name)
    })
    await isthmus(['run', ...files, '--pcap', join(folder, 'many')], { engine })
    const below = folder.replace(/^\//, '').replaceAll('/', '-')
    expect(asked.simulate.map(({ options }) => options?.captureName)).toEqual([
      `${below}-a-net`,
      `${below}-b-net`,
      'other',
    ])
  })

  it('a report goes into a device or a pipe and through a link; none of them is replaced', async () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const read = promisify(execFile)('cat', [pipe])
    expect((await isthmus(['run', file, '-o', `junit=${pipe}`])).code).toBe(0)
    expect((await read).stdout).toContain('<testsuites')
    expect(statSync(pipe).isFIFO()).toBe(true)

    const [link, target] = [join(folder, 'link.xml'), join(folder, 'target.xml')]
    writeFileSync(target, 'old')
    symlinkSync(target, link)
    expect((await isthmus(['run', file, '-o', `junit=${link}`])).code).toBe(0)
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(readFileSync(target, 'utf8')).toContain('<testsuites')
  })

  it('1 when an expectation fails, 5 when all that went wrong is a limit', async () => {
    const run = async (more: Partial<RunResult>) =>
      (
        await isthmus(['run', file], {
          engine: fakeEngine({ simulateAsync: () => ({ ...failedResult(), ...more }) }).engine,
        })
      ).code
    const { expectations } = unreachedResult()
    expect(await run({ inconclusive: undefined })).toBe(1)
    expect(await run({ inconclusive: 'a limit' })).toBe(1)
    expect(await run({ inconclusive: 'a limit', diagnostics: [], expectations })).toBe(5)
    expect(await run({ inconclusive: 'a limit', diagnostics: [], expectations: [] })).toBe(5)
    expect(await run({ inconclusive: undefined, diagnostics: [], expectations })).toBe(1)
  })

  it('4 before anything is simulated when captures or a report cannot be written', async () => {
    const { engine, asked } = fakeEngine()
    const outcome = await isthmus(['run', file, '--pcap', join(file, 'below')], { engine })
    expect(outcome.code).toBe(4)
    expect(outcome.talk).toContain('cannot write into')
    expect(asked.simulate).toEqual([])
  })

  it.skipIf(process.platform !== 'linux')(
    '4, not a hang, where a file system refuses folders (Linux)',
    async () => {
      const outcome = await isthmus(['run', file, '-o', 'junit=/proc/none/report.xml'])
      expect(outcome.code).toBe(4)
      expect(outcome.talk).toContain('cannot write /proc/none/report.xml')
    },
  )

  it('2 for bad input, after all files were looked at and with nothing simulated', async () => {
    const { engine, asked } = fakeEngine(broken)
    const other = join(folder, 'two.yaml')
    writeFileSync(other, 'isthmus: 1\n')
    const outcome = await isthmus(['run', file, other], { engine })
    expect(outcome.code).toBe(2)
    expect(outcome.out).toBe('')
    expect(outcome.talk).toContain(`--> ${file}:2:3`)
    expect(outcome.talk).toContain(`--> ${other}:2:3`)
    expect(outcome.talk).toContain('did you mean "nodes"?')
    expect(asked.simulate).toEqual([])
  })

  it('3 for a bug of ours, with a stack and a request to report it', async () => {
    const outcome = await isthmus(['run', file], {
      engine: fakeEngine({
        simulateAsync: () => {
          throw new TypeError('boom')
        },
      }).engine,
    })
    expect(outcome.code).toBe(3)
    expect(outcome.talk).toContain('Please report it')
    expect(outcome.talk).toMatch(/TypeError: boom\n\s+at /)
  })

  it('4 when a report cannot be written', async () => {
    const outcome = await isthmus(['run', file, '-o', `json=${file}/below-a-file.json`])
    expect(outcome.code).toBe(4)
    expect(outcome.talk).toContain('cannot write')
  })

  it('several reports: text on standard output, the others whole in their files', async () => {
    const target = join(folder, 'reports', 'r.xml')
    const outcome = await isthmus([
      'run',
      file,
      '-o',
      `junit=${target}`,
      '-o',
      `yaml=${join(folder, 'r.yaml')}`,
    ])
    expect(outcome.out).toContain('PASS')
    expect(readFileSync(target, 'utf8')).toMatch(/^<\?xml[\s\S]*<\/testsuites>\n$/)
    expect(parse(readFileSync(join(folder, 'r.yaml'), 'utf8'))).toMatchObject({ schemaVersion: 1, ok: true })
    expect(readdirSync(join(folder, 'reports'))).toEqual(['r.xml'])
  })

  it('-o json is JSON and nothing else', async () => {
    const outcome = await isthmus(['run', file, '-o', 'json'])
    expect(JSON.parse(outcome.out)).toMatchObject({ ok: true, scenarios: [{ name: 'two clusters' }] })
  })

  it.each([
    ['-o xml', 'there is no format "xml"'],
    ['-o jsn', 'did you mean "json"?'],
    ['-o json -o yaml', 'only one report can go to standard output'],
    ['-o json=a -o yaml=a', 'two reports would go to a'],
    ['-o junit=', 'the file name is missing'],
  ])('refuses %s', async (flags, message) => {
    const outcome = await isthmus(['run', file, ...flags.split(' ')])
    expect(outcome.code).toBe(2)
    expect(outcome.talk).toContain(message)
  })

  it('--only keeps the expectation with this text, otherwise those that contain it', async () => {
    const { engine, asked } = fakeEngine({
      load: () => ({ scenario: wanting, diagnostics: [], sources: new Map() }),
    })
    expect((await isthmus(['run', file, '--only', 'loss'], { engine })).code).toBe(0)
    expect(asked.simulate[0]!.scenario.expectations.map(({ text }) => text)).toEqual(['loss steady'])
    expect((await isthmus(['run', file, '--only', 'az1 10.17'], { engine })).code).toBe(0)
    expect(asked.simulate[1]!.scenario.expectations.map(({ text }) => text)).toEqual([
      'route az1 10.17.0.0/16',
      'route az1 10.17.0.0/16, at: 0s',
    ])
    expect((await isthmus(['run', file, '--only', 'route az1 10.17.0.0/16'], { engine })).code).toBe(0)
    expect(asked.simulate[2]!.scenario.expectations.map(({ text }) => text)).toEqual([
      'route az1 10.17.0.0/16',
    ])
    const outcome = await isthmus(['run', file, '--only', 'loss stedy'], { engine })
    expect(outcome).toMatchObject({ code: 2 })
    expect(outcome.talk).toContain('did you mean "loss steady"?')
  })

  it('warnings are told and do not stop a run', async () => {
    const load: Engine['load'] = () => ({
      scenario: scenarioOf(),
      diagnostics: [{ code: 'IN900', severity: 'warning', message: 'odd' }],
      sources: new Map(),
    })
    const outcome = await isthmus(['run', file], { engine: fakeEngine({ load }).engine })
    expect(outcome.code).toBe(0)
    expect(outcome.talk).toContain('warning[IN900] odd')
  })
})

describe('show and trace', () => {
  it('shows a topic at a time', async () => {
    const { engine, asked } = fakeEngine()
    const outcome = await isthmus(['show', 'routes', file, '--at', '2.5s', '--cluster', 'az1'], { engine })
    expect(outcome.code).toBe(0)
    expect(outcome.out).toMatch(/^IPv4 Routes\nRoute Table <main>:\n/)
    expect(asked.stateAt).toEqual([2.5 * SECOND])
  })

  it.each([
    ['--at 11s', 'after the end of the run'],
    ['--at soon', 'neither a time nor a snapshot'],
    ['--cluster az3', 'has no cluster az3'],
  ])('refuses %s', async (flags, message) => {
    const outcome = await isthmus(['show', 'nb', file, ...flags.split(' ')])
    expect(outcome.code).toBe(2)
    expect(outcome.talk).toContain(message)
  })

  it('knows start, end and the names of snapshots', async () => {
    const timeline = [{ at: 4 * SECOND, event: { kind: 'snapshot', label: 'later' }, text: '' }] as const
    const { engine, asked } = fakeEngine({
      load: () => ({ scenario: scenarioOf(timeline), diagnostics: [], sources: new Map() }),
    })
    for (const at of ['start', 'end', 'later', '250ms'])
      await isthmus(['show', 'sb', file, '--at', at], { engine })
    await isthmus(['show', 'sb', file], { engine })
    expect(asked.stateAt).toEqual([0, 10 * SECOND, 4 * SECOND, SECOND / 4, 0])
    expect((await isthmus(['show', 'sb', file, '--at', 'latre'], { engine })).talk).toContain(
      'did you mean "later"?',
    )
  })

  it('trace ends with 5 when limits.hops ended it', async () => {
    const disposition = {
      kind: 'loop',
      where: 'az1/gw',
      datapath: '',
      stage: 'underlay',
      reason: '2 chassis',
    } as const
    const { engine } = fakeEngine({ trace: () => ({ ...TRACE, disposition, reply: undefined }) })
    expect((await isthmus(['trace', file, 'az1/a', '10.17.0.10'], { engine })).code).toBe(5)
  })

  it('trace passes the question on and ends with 1 when the packet does not arrive', async () => {
    const { engine, asked } = fakeEngine()
    const line = [
      'trace',
      file,
      'az1/a',
      '10.17.0.10',
      'tcp',
      '443',
      '--minimal',
      '--ttl',
      '5',
      '--size',
      '100',
      '--at',
      '1s',
    ]
    const outcome = await isthmus(line, { engine })
    expect(outcome.code).toBe(0)
    expect(outcome.out).toMatch(/^tunnel\(/)
    expect(asked.trace).toEqual([
      { from: 'az1/a', to: '10.17.0.10', protocol: 'tcp', port: 443, at: SECOND, ttl: 5, size: 100 },
    ])
    const dropped = await isthmus(['trace', file, 'az1/a', 'az2/c'], {
      engine: fakeEngine({ trace: () => DROPPED }).engine,
    })
    expect(dropped.code).toBe(1)
    expect(dropped.out).toContain('dropped (MTU exceeded)')
  })

  it.each([
    ['az1/aa az2/c', 'did you mean "az1/a"?'],
    ['az1/a az9/zzzzzzzz', 'its pods are az1/a, az1/b, az2/c'],
    ['az1/a az2/c icmp 80', 'icmp has no ports'],
    ['az1/a az2/c tcp 0', 'whole number from 1 to 65535'],
    ['az1/a az2/c --summary --minimal', 'cannot be used with'],
  ])('refuses trace %s', async (rest, message) => {
    const outcome = await isthmus(['trace', file, ...rest.split(' ')])
    expect(outcome.code).toBe(2)
    expect(outcome.talk).toContain(message)
  })

  it('trace -o json carries a schema version', async () => {
    const outcome = await isthmus(['trace', file, 'az1/a', 'az2/c', '-o', 'json'])
    expect(JSON.parse(outcome.out)).toMatchObject({
      schemaVersion: 1,
      ok: true,
      trace: { disposition: { kind: 'delivered' } },
    })
  })
})

describe('files', () => {
  it('folders are searched for scenarios, and only for those', () => {
    const root = join(folder, 'tree')
    mkdirSync(join(root, 'b', 'node_modules'), { recursive: true })
    mkdirSync(join(root, '.hidden'))
    for (const [name, text] of [
      ['b/z.yaml', '# c\nisthmus: 1\n'],
      ['a.yml', '"isthmus": 1\n'],
      ['b/configmap.yaml', 'kind: ConfigMap\ndata: { isthmus: 1 }\n'],
      ['b/node_modules/x.yaml', 'isthmus: 1\n'],
      ['.hidden/x.yaml', 'isthmus: 1\n'],
      ['notes.txt', 'isthmus: 1\n'],
    ] as const)
      writeFileSync(join(root, name), text)
    expect(scenarioFiles([root, '-', join(root, 'a.yml')])).toEqual([
      join(root, 'a.yml'),
      join(root, 'b/z.yaml'),
      '-',
    ])
    expect(() => scenarioFiles([join(root, 'b', 'node_modules', '..', 'none')])).toThrow('no such file')
    expect(() =>
      scenarioFiles([join(root, '.hidden', '..', 'b', 'node_modules', '..', '..', 'a.yaml')]),
    ).toThrow('no such file')
  })

  it('a missing file is a usage error with the nearest name', async () => {
    const outcome = await isthmus(['run', join(folder, 'onne.yaml')])
    expect(outcome.code).toBe(2)
    expect(outcome.talk).toContain(`did you mean "${file}"?`)
  })

  it('what the file system refuses is bad input with a sentence, not a bug of ours', async () => {
    const loop = join(folder, 'loop')
    symlinkSync('loop', loop)
    for (const [path, sentence] of [
      [loop, 'symbolic links that lead to each other, and to no file'],
      [join(loop, 'one.yaml'), 'symbolic links that lead to each other, and to no file'],
      [join(file, 'below.yaml'), 'a part of this path is a file, not a folder'],
      [join(folder, 'x'.repeat(300)), 'the name is too long for a file'],
    ] as const)
      for (const command of ['run', 'validate', 'graph']) {
        const outcome = await isthmus([command, path])
        expect(outcome).toMatchObject({ code: 2, out: '' })
        expect(outcome.talk).toMatch(/^error: .*\n$/)
        expect(outcome.talk).toContain(`: ${sentence}\n`)
      }
  })

  it('files and folders that may not be read likewise', () => {
    const locked = join(folder, 'locked')
    mkdirSync(locked)
    writeFileSync(join(locked, 'x.yaml'), 'isthmus: 1\n')
    // Root may read everything: the test then runs as nobody, in a folder where nobody may look.
    const root = process.getuid?.() === 0
    chmodSync(folder, 0o755)
    chmodSync(locked, 0o755)
    chmodSync(join(locked, 'x.yaml'), 0)
    if (root) process.seteuid!(65_534)
    try {
      expect(() => scenarioFiles([locked])).toThrow(`${join(locked, 'x.yaml')}: permission denied`)
      if (root) process.seteuid!(0)
      chmodSync(locked, 0)
      if (root) process.seteuid!(65_534)
      expect(() => scenarioFiles([locked])).toThrow(`${locked}: permission denied`)
      expect(() => scenarioFiles([join(locked, 'x.yaml')])).toThrow('x.yaml: permission denied')
    } finally {
      if (root) process.seteuid!(0)
      chmodSync(locked, 0o700)
    }
  })

  it('validate counts', async () => {
    const outcome = await isthmus(['validate', file])
    expect(outcome).toMatchObject({
      code: 0,
      out: `${file}: ok (2 clusters, 0 nodes, 4 subnets, 3 pods, 0 traffic, 0 events, 0 expectations)\n`,
    })
    expect((await isthmus(['validate', file], { engine: fakeEngine(broken).engine })).code).toBe(2)
  })
})

describe('usage', () => {
  it.each([
    ['nothing', 'unknown command'],
    ['rnu x', 'Did you mean run?'],
    ['run', 'missing required argument'],
    ['run x --sed 1', 'Did you mean --seed?'],
    ['run x --seed -1', 'A seed is a whole number'],
    ['show rotes x', 'Allowed choices are routes'],
    ['init ovn-ic --clusters 1', 'whole number from 2 to 64'],
    ['completion tcsh', 'Allowed choices are bash, zsh, fish'],
    ['help foo', 'error: there is no command "foo"\nhint: commands are check, diff, run, show, '],
    ['help rnu', 'did you mean "run"?'],
    ['help run show', 'too many arguments'],
    ['', 'Usage: isthmus'],
  ])('%s is refused with 2', async (line, message) => {
    const outcome = await isthmus(line)
    expect(outcome.code).toBe(2)
    expect(outcome.out).toBe('')
    expect(outcome.talk).toContain(message)
  })

  it('every command has a summary, a description and three examples', () => {
    const nowhere = { isTTY: false, columns: undefined }
    const io = {
      write: () => undefined,
      talk: () => undefined,
      stdout: nowhere,
      stderr: nowhere,
      env: {},
      engine: () => Promise.reject(),
    }
    for (const command of buildProgram(io, () => undefined).commands) {
      expect(command.summary(), command.name()).not.toBe('')
      expect(command.description(), command.name()).not.toBe('')
    }
    for (const section of cliManual().split(/^## /m).slice(1)) {
      const shown = section
        .slice(section.indexOf('Examples:'))
        .split('\n')
        .filter((line) => line.startsWith('  '))
      expect(shown, section.split('\n')[0]).toHaveLength(3)
      for (const line of shown) expect(line).toContain('isthmus')
    }
  })

  it('help is --help', async () => {
    expect(await isthmus('help trace')).toEqual(await isthmus('trace --help'))
    expect(await isthmus('help')).toEqual(await isthmus('--help'))
    expect((await isthmus('help foo')).talk).not.toContain('Usage')
  })

  it('--help goes to standard output and ends with 0', async () => {
    const outcome = await isthmus('--help')
    expect(outcome).toMatchObject({ code: 0, talk: '' })
    await expect(outcome.out).toMatchFileSnapshot('golden/help.txt')
  })
})

describe('colour', () => {
  const tty = { isTTY: true, columns: 80 }
  const pipe = { isTTY: false, columns: undefined }
  it.each([
    [tty, {}, 'auto', true],
    [pipe, {}, 'auto', false],
    [tty, { NO_COLOR: '1' }, 'auto', false],
    [tty, { NO_COLOR: '' }, 'auto', true],
    [pipe, { FORCE_COLOR: '1' }, 'auto', true],
    [pipe, { FORCE_COLOR: '' }, 'auto', true],
    [tty, { FORCE_COLOR: '0' }, 'auto', false],
    [pipe, { FORCE_COLOR: '1', NO_COLOR: '1' }, 'auto', true],
    [tty, { TERM: 'dumb' }, 'auto', false],
    [pipe, { NO_COLOR: '1' }, 'always', true],
    [tty, { FORCE_COLOR: '1' }, 'never', false],
  ] as const)('%o with %o and --color %s: %s', (screen, env, choice, expected) => {
    expect(wantsColor({ env }, screen, choice)).toBe(expected)
  })

  it('a report in a file is never coloured', async () => {
    const target = join(folder, 'plain.txt')
    const outcome = await isthmus(['run', file, '-o', `text=${target}`, '-o', 'json', '--color', 'always'])
    expect(outcome.out).not.toContain('\u001b')
    expect(readFileSync(target, 'utf8')).not.toContain('\u001b')
    expect((await isthmus(['run', file, '--color', 'always'])).out).toContain('\u001b[')
  })
})

describe('progress', () => {
  const steps = (isTTY: boolean, columns = 80) => {
    let talk = ''
    let time = 0
    const line = progressLine(
      { talk: (text) => (talk += text), stderr: { isTTY, columns } },
      'demo',
      () => time,
    )
    for (const at of [100, 400, 600, 700, 900]) {
      time = at
      line.update({ now: at * 1_000_000, end: SECOND, events: at })
    }
    line.clear()
    return talk
  }

  it('begins after half a second, is written anew a few times a second, and goes away', () => {
    expect(steps(true).split('\r\u001b[K')).toEqual([
      '',
      'demo: 600ms of 1s (60 %), 1,000 events/s, 400ms left',
      'demo: 900ms of 1s (90 %), 1,000 events/s, 100ms left',
      '',
    ])
  })

  it('a terminal that does not know its width counts as one of 80 columns', async () => {
    expect(steps(true, 0)).toBe(steps(true))
    const blank = { isTTY: true, columns: 0 }
    const options = { stdout: blank, stderr: blank, env: { NO_COLOR: '1' } }
    expect(await isthmus(['run', file], options)).toEqual(await isthmus(['run', file]))
    expect(await isthmus('run --help', options)).toEqual(await isthmus('run --help'))
    const { engine } = fakeEngine(broken)
    expect(await isthmus(['run', file], { ...options, engine })).toEqual(
      await isthmus(['run', file], { engine }),
    )
  })

  it('is silent off a terminal', () => {
    expect(steps(false)).toBe('')
  })
})

it('a run that holds several scenarios sums them up', async () => {
  const results = [resultOf(), failedResult()]
  const engine = fakeEngine({ simulateAsync: () => results.shift()! }).engine
  const outcome = await isthmus(['run', file, join(folder, 'two.yaml')], { engine })
  expect(outcome.out).toMatch(/\n1 of 2 scenarios passed\n$/)
})
