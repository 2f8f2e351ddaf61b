/**
 * What keeps labs from harming anything, without a lab: what counts as one, what is believed of a manifest, where labs may live, and who
 * may run them.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CannotBuild, labScript } from '../../src/lab/build.ts'
import { isProcessOf, labFolders, labsLeft, processesOf } from '../../src/lab/found.ts'
import { manifests, manifestText, readManifest } from '../../src/lab/manifest.ts'
import { Names, newRunId, PREFIX, SOCKET_PATH_MAX } from '../../src/lab/names.ts'
import { rest } from '../../src/lab/observe/at-rest.ts'
import { tearDown } from '../../src/lab/teardown.ts'
import { settingThatForbids, worldArgv } from '../../src/lab/world.ts'
import { labInput } from '../../src/run/lab-options.ts'
import { bundledCli } from './cli.ts'
import { smallScenario } from './scenario.ts'

const bundle = await bundledCli()
const usual = process.env.TMPDIR
const folder = mkdtempSync(join(tmpdir(), 'isthmus-safety-'))
const children: ChildProcess[] = []

beforeEach(() => {
  process.env.TMPDIR = mkdtempSync(join(folder, 't'))
})

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  if (usual === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = usual
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A process that does nothing, with this in its environment; resolves when it runs. */
async function sleeper(env: Record<string, string>): Promise<ChildProcess> {
  const child = spawn('sleep', ['1000'], { env: { ...process.env, ...env } })
  children.push(child)
  await new Promise((resolve) => child.once('spawn', resolve))
  return child
}

const alive = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null
const ended = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once('exit', resolve))
const manifestOf = (id: string): string => {
  const scenario = smallScenario()
  const names = new Names(id, scenario.network)
  names.pod('az1/web')
  return manifestText(names, scenario.network, scenario)
}
const labFolder = (id: string): string => join(process.env.TMPDIR!, PREFIX + id)
const cli = (args: string[], env: Record<string, string>, before: string[] = []) => {
  const argv = [...before, ...bundle.argv, ...args]
  return spawnSync(argv[0]!, argv.slice(1), {
    encoding: 'utf8',
    cwd: bundle.folder,
    env: { ...process.env, ...env },
  })
}

describe('taking away', () => {
  it('processes go by their whole id, folders by their whole name; what looks alike stays', async () => {
    const id = newRunId()
    const own = await sleeper({ ISTHMUS_LAB: id })
    const foreign = await Promise.all([
      sleeper({ ISTHMUS_LAB: `${id}0` }),
      sleeper({ XISTHMUS_LAB: id }),
      sleeper({ ISTHMUS_LABS: id }),
      sleeper({ NOTE: `ISTHMUS_LAB=${id}` }),
      sleeper({ ISTHMUS_LAB: '' }),
    ])
    mkdirSync(labFolder(id))
    writeFileSync(join(labFolder(id), 'manifest.json'), manifestOf(id))
    writeFileSync(join(labFolder(id), 'rest'), '')
    for (const name of [`${id}0`, `${id}-notes`, `x${id}`]) {
      mkdirSync(labFolder(name))
      writeFileSync(join(labFolder(name), 'manifest.json'), manifestOf(id))
    }
    const gone = ended(own)
    expect(tearDown(id)).toEqual({ processes: 1, namespaces: 0 })
    await gone
    expect(foreign.map(alive)).toEqual(foreign.map(() => true))
    expect(readdirSync(process.env.TMPDIR!).sort()).toEqual(
      [`${id}0`, `${id}-notes`, `x${id}`].map((name) => PREFIX + name).sort(),
    )
    expect(tearDown(id)).toEqual({ processes: 0, namespaces: 0 })
  })

  it('a folder of the right name that is no lab stays: without a manifest, a link, a file', () => {
    const [plain, link, file, empty] = Array.from({ length: 4 }, newRunId) as [string, string, string, string]
    const elsewhere = mkdtempSync(join(folder, 'elsewhere'))
    mkdirSync(labFolder(plain))
    writeFileSync(join(labFolder(plain), 'thesis.txt'), 'a year of work')
    writeFileSync(join(elsewhere, 'manifest.json'), manifestOf(link))
    symlinkSync(elsewhere, labFolder(link))
    writeFileSync(labFolder(file), '')
    mkdirSync(labFolder(empty))
    const here = [...labFolders()].filter(([, path]) => path.startsWith(process.env.TMPDIR!))
    expect(here).toEqual([[empty, labFolder(empty)]])
    for (const id of [plain, link, file, empty]) tearDown(id)
    expect(existsSync(join(labFolder(plain), 'thesis.txt'))).toBe(true)
    expect(existsSync(join(elsewhere, 'manifest.json'))).toBe(true)
    expect(readdirSync(process.env.TMPDIR!).length).toBe(3)
  })

  it('a lab of another TMPDIR is found by its processes and goes with its folder', async () => {
    const id = newRunId()
    const there = mkdtempSync(join(folder, 'other'))
    const path = join(there, PREFIX + id)
    mkdirSync(path)
    writeFileSync(join(path, 'manifest.json'), '{')
    await sleeper({ ISTHMUS_LAB: id, ISTHMUS_LAB_FOLDER: path })
    expect(labsLeft()).toContain(id)
    tearDown(id)
    expect(readdirSync(there)).toEqual([])
  })

  it('a folder that a process claims is not believed unless it is a lab of that name', async () => {
    const id = newRunId()
    const precious = mkdtempSync(join(folder, 'precious'))
    writeFileSync(join(precious, 'manifest.json'), manifestOf(id))
    await sleeper({ ISTHMUS_LAB: id, ISTHMUS_LAB_FOLDER: precious })
    tearDown(id)
    expect(existsSync(join(precious, 'manifest.json'))).toBe(true)
  })

  it.skipIf(process.getuid?.() !== 0)('namespaces go by their whole prefix (root)', () => {
    const id = newRunId()
    const names = [`${PREFIX}${id}-a`, `${PREFIX}${id}0-a`, `${PREFIX}${id}`]
    for (const name of names) spawnSync('ip', ['netns', 'add', name])
    const left = (): string[] => names.filter((name) => existsSync(`/run/netns/${name}`))
    try {
      expect(left()).toEqual(names)
      expect(tearDown(id)).toEqual({ processes: 0, namespaces: 1 })
      expect(left()).toEqual(names.slice(1))
    } finally {
      for (const name of left()) spawnSync('ip', ['netns', 'del', name])
    }
  })

  it('a pid that now belongs to somebody else is nobody of the lab', async () => {
    const id = newRunId()
    const [own, foreign] = [await sleeper({ ISTHMUS_LAB: id }), await sleeper({ ISTHMUS_LAB: newRunId() })]
    expect(isProcessOf(id, own.pid!)).toBe(true)
    expect(isProcessOf(id, foreign.pid!)).toBe(false)
    expect(isProcessOf(id, 1)).toBe(false)
    const gone = ended(own)
    own.kill('SIGKILL')
    await gone
    expect(isProcessOf(id, own.pid!)).toBe(false)
    expect(processesOf(id)).toEqual([])
  })
})

describe('manifests', () => {
  it('are read back as written, and not where any of their end is missing', () => {
    const id = newRunId()
    const text = manifestOf(id)
    expect(readManifest(text, id, labFolder(id))).toEqual(JSON.parse(text))
    fc.assert(
      fc.property(fc.nat({ max: text.length - 3 }), (length) => {
        expect(readManifest(text.slice(0, length), id, labFolder(id))).toBeUndefined()
      }),
    )
  })

  it('that claim what is not theirs are not believed, and their lab can still be taken away', () => {
    const id = newRunId()
    const path = labFolder(id)
    const good = JSON.parse(manifestOf(id))
    const claims = [
      { folder: '/' },
      { folder: `${path}/..` },
      { id: 'abcdef' },
      { isthmusLab: 2 },
      { underlay: '../1/ns/net' },
      { underlay: 'somebody' },
      { pods: { 'az1/web': `${PREFIX}${id}-/../../proc/1/ns/net` } },
      { pods: { 'az1/web': 7 } },
      { nodes: { 'az1/n': { namespace: `${PREFIX}${id}-n`, folder: '/var/run/openvswitch' } } },
      { nodes: { 'az1/n': { namespace: `${PREFIX}${id}-n`, folder: `${path}/../x` } } },
      { clusters: { az1: { nb: 'unix:/var/run/ovn/ovnnb_db.sock', sb: `unix:${path}/sb` } } },
      { clusters: { az1: { nb: 'tcp:10.0.0.1:6641', sb: `unix:${path}/sb` } } },
      { clusters: null },
      { icNb: `unix:${path}/nb,tcp:10.0.0.1:6645` },
    ]
    for (const claim of claims)
      expect([claim, readManifest(JSON.stringify({ ...good, ...claim }), id, path)]).toEqual([
        claim,
        undefined,
      ])
    for (const text of ['', '[]', 'null', '7', '"', JSON.stringify({ ...good, folder: '/' })]) {
      mkdirSync(path)
      writeFileSync(join(path, 'manifest.json'), text)
      expect(manifests().filter((manifest) => manifest.id === id)).toEqual([])
      expect(labsLeft()).toContain(id)
      tearDown(id)
      expect(existsSync(path)).toBe(false)
    }
  })
})

describe('names', () => {
  it('whatever clusters, nodes and pods are called, nothing leaves the folder, nothing meets, links fit', () => {
    const { network } = smallScenario()
    const [first, second] = network.clusters
    const name = fc.oneof(
      fc.constantFrom(
        'ic',
        'ic1',
        'underlay',
        'manifest.json',
        '..',
        '.',
        '',
        'a/b',
        'a b',
        'a-pod',
        'x'.repeat(300),
      ),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 5, maxLength: 5 }), ([a, b, c, d, e]) => {
        const names = new Names('abcdef', {
          ...network,
          clusters: [
            {
              ...first!,
              id: a!,
              nodes: first!.nodes.map((node, i) => ({ ...node, name: i === 0 ? c! : d! })),
            },
            { ...second!, id: b!, nodes: second!.nodes.map((node) => ({ ...node, name: c! })) },
          ],
        })
        for (const pod of [c!, d!, e!]) names.pod(`${a}/${pod}`)
        const folders = [names.zones, names.nodes, names.ic].flatMap((all) =>
          [...all.values()].map((paths) => paths.folder),
        )
        const namespaces = [
          names.underlay,
          ...[...names.nodes.values()].map(({ namespace }) => namespace),
          ...names.pods.values(),
        ]
        for (const all of [folders, namespaces]) expect(new Set(all).size).toBe(all.length)
        for (const path of folders)
          expect(path.slice(names.folder.length)).toMatch(/^\/(?!\.)(?!manifest\.json$)[\w.-]+$/)
        for (const one of namespaces) expect(one).toMatch(/^isthmus-abcdef-[\w.-]{1,60}$/)
        for (const { port } of names.nodes.values()) expect(port.length).toBeLessThan(16)
      }),
    )
  })

  it('a folder whose name is too long for sockets is refused before anything is made', () => {
    const { scenario, options } = labInput(smallScenario())
    expect(() => labScript(scenario, options)).not.toThrow()
    const short = new Names('abcdef', scenario.network).longestSocket.length - process.env.TMPDIR!.length
    process.env.TMPDIR = `/${'x'.repeat(SOCKET_PATH_MAX - short - 1)}`
    expect(() => labScript(scenario, options)).not.toThrow()
    process.env.TMPDIR += 'x'
    expect(() => labScript(scenario, options)).toThrow(CannotBuild)
    expect(() => labScript(scenario, options)).toThrow(/108 bytes, and Linux takes 107; set TMPDIR/)
  })
})

describe('at rest', () => {
  const patience = { quiet: 700, long: 5000, stuck: 20_000, most: 90_000 }
  const joined = (): boolean => true
  const apart = (): boolean => false

  it.each([
    [0, 699, '', joined, undefined],
    [0, 700, '', joined, { ok: true, missing: '' }],
    [0, 4999, '', apart, undefined],
    [0, 5000, '', apart, { ok: true, missing: '' }],
    [80_000, 700, 'BFD', joined, undefined],
    [80_000, 20_000, 'BFD', joined, { ok: false, missing: 'BFD' }],
    [90_000, 10, 'BFD', joined, { ok: false, missing: 'BFD' }],
    [90_000, 10, '', joined, { ok: false, missing: 'the databases keep changing' }],
    [90_000, 10, '', apart, { ok: false, missing: 'the databases keep changing' }],
  ] as const)('after %d ms, %d ms of them still, lacking "%s"', (waited, still, lacking, found, expected) => {
    expect(rest({ waited, still }, lacking, found, patience)).toEqual(expected)
  })
})

describe('a world', () => {
  const names = 'ip netns add isthmus-world && ls /run/netns && cat /run/user/1/note'
  const inWorld = (argv: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(argv[0]!, argv.slice(1), { encoding: 'utf8' })
    return { status, stdout, stderr }
  }

  it.skipIf(process.getuid?.() !== 0).each([
    ['with', 'mkdir -p /run/netns /run/user/1; touch /run/netns/other'],
    ['without', 'mkdir -p /run/user/1; ln -s user /run/link; touch /run/file'],
  ])(
    'has network namespaces of its own on a machine %s /run/netns, and keeps what else is in /run (root)',
    (_, make) => {
      const machine = `mount -t tmpfs machine /run; ${make}; echo kept > /run/user/1/note; exec setpriv --reuid 64321 --regid 64321 --clear-groups "$@"`
      expect(
        inWorld(['unshare', '--mount', '--', 'sh', '-c', machine, 'sh', ...worldArgv(['sh', '-c', names])]),
      ).toEqual({ status: 0, stdout: 'isthmus-world\nkept\n', stderr: '' })
    },
  )
})

describe('the machine', () => {
  it('each setting that forbids user namespaces is named with what would allow them', () => {
    const settings = [
      ['user/max_user_namespaces', '0', 'user.max_user_namespaces is 0'],
      ['kernel/unprivileged_userns_clone', '0', 'kernel.unprivileged_userns_clone is 0'],
      [
        'kernel/apparmor_restrict_unprivileged_userns',
        '1',
        'kernel.apparmor_restrict_unprivileged_userns is 1',
      ],
    ] as const
    for (const [path, value, reason] of settings) {
      const found = settingThatForbids((asked) => (asked === path ? value : undefined))
      expect(found?.reason).toBe(reason)
      expect(found?.remedy).toMatch(/^sysctl -w [\w.]+=\d+$/)
    }
    expect(settingThatForbids(() => undefined)).toBeUndefined()
    expect(settingThatForbids(() => '1000')).toBeUndefined()
  })

  it.skipIf(process.getuid?.() !== 0)(
    'where user namespaces are forbidden, an ordinary user is told the setting and both ways out: exit code 4 (root)',
    async () => {
      // A user namespace that has ids for an ordinary user inside, and allows no further one.
      const holder = spawn('unshare', ['--user', '--', 'sleep', '1000'])
      children.push(holder)
      const link = (pid: number | string): string =>
        spawnSync('readlink', [`/proc/${pid}/ns/user`], { encoding: 'utf8' }).stdout
      while (['', link('self')].includes(link(holder.pid!)))
        await new Promise((resolve) => setTimeout(resolve, 5))
      for (const map of ['uid_map', 'gid_map']) writeFileSync(`/proc/${holder.pid}/${map}`, '0 0 65536')
      const script =
        'echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --reuid 1000 --regid 1000 --clear-groups "$@"'
      const before = ['nsenter', '--user', '-t', String(holder.pid), '--', 'sh', '-c', script, 'sh']
      const { status, stderr } = cli(['lab', 'run', 'quickstart.yaml'], { TMPDIR: '/tmp' }, before)
      expect([status, stderr]).toEqual([
        4,
        expect.stringContaining('user 1000, and no user namespaces: user.max_user_namespaces is 0'),
      ])
      expect(stderr).toContain('run as root (sudo), or sysctl -w user.max_user_namespaces=15000')
    },
  )

  it.skipIf(process.getuid?.() !== 0)(
    'root without capabilities, as in a container, is like any other user (root)',
    () => {
      const privileges = (before: string[]): string | undefined =>
        /^\w+ +privileges +(.*)$/m.exec(cli(['doctor'], {}, before).stdout)?.[1]
      expect(privileges([])).toBe('root')
      for (const capability of ['sys_admin', 'net_admin'])
        expect(privileges(['setpriv', `--bounding-set=-${capability}`, '--'])).toMatch(
          /^root without CAP_NET_ADMIN and CAP_SYS_ADMIN, (in user namespaces|and no user namespaces: .*--privileged)/,
        )
    },
  )

  it('without OVN, lab and conform end with 4 and the line that installs it; doctor says which commands lack what', () => {
    const empty = mkdtempSync(join(folder, 'empty'))
    for (const args of [['lab', 'run'], ['lab', 'up'], ['conform']]) {
      const { status, stderr, stdout } = cli([...args, 'quickstart.yaml'], { PATH: empty })
      expect([status, stdout]).toEqual([4, ''])
      expect(stderr).toContain('OVN tools (ovn-nbctl) (not found)')
      expect(stderr).toContain('apt-get install -y --no-install-recommends ovn-central ovn-host ovn-ic')
    }
    const { status, stdout } = cli(['doctor'], { PATH: empty })
    expect(status).toBe(4)
    expect(stdout).toMatch(
      /^missing {2}OVN tools \(ovn-nbctl\) +not found; apt-get install ovn-common \(without it no lab up, lab run, conform\)$/m,
    )
    const json = cli(['doctor', '-o', 'json'], { PATH: empty })
    expect(json.status).toBe(4)
    expect(JSON.parse(json.stdout)).toMatchObject({
      schemaVersion: 1,
      ok: false,
      checks: expect.arrayContaining([
        expect.objectContaining({
          name: 'OVN tools (ovn-nbctl)',
          ok: false,
          disables: ['lab up', 'lab run', 'conform'],
        }),
        expect.objectContaining({ name: 'clock', ok: true }),
      ]),
    })
  })

  it.each([
    ['full', 'size=64k', 'MB are needed'],
    ['read-only', 'ro', 'make it writable'],
  ])('a folder for labs that is %s is said: exit code 4', (_, option, remedy) => {
    const small = mkdtempSync(join(folder, 'small'))
    const script = `mount -t tmpfs -o ${option} isthmus "$0" && TMPDIR="$0" exec "$@"`
    const { status, stderr } = cli(['lab', 'run', 'quickstart.yaml'], {}, [
      ...worldArgv(['sh', '-c', script, small]),
    ])
    expect([status, stderr]).toEqual([4, expect.stringContaining(`disk (${small})`)])
    expect(stderr).toContain(remedy)
    expect(stderr).toContain('set TMPDIR')
  })
})
