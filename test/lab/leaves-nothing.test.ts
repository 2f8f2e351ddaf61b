/**
 * Labs on real OVN that end before they should, that an ordinary user runs, that others run beside: nothing is left of them and nothing
 * gets out. Skipped with the reason where the machine cannot.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { labProcesses, labsLeft, namespacesOf, processesOf } from '../../src/lab/found.ts'
import { Lab } from '../../src/lab/lab.ts'
import { PREFIX } from '../../src/lab/names.ts'
import { tearDown } from '../../src/lab/teardown.ts'
import { labInput } from '../../src/run/lab-options.ts'
import { bundledCli } from './cli.ts'
import { cannotRun, smallScenario } from './scenario.ts'

// A hang is what this is for; a busy machine may take long.
vi.setConfig({ testTimeout: 120_000 })

const bundle = await bundledCli()
/** Nobody's on any machine. */
const USER = 64_321
const asUser = ['setpriv', '--reuid', String(USER), '--regid', String(USER), '--clear-groups', '--']
const temporary = mkdtempSync(join(tmpdir(), 'isthmus-leaves-'))
chmodSync(temporary, 0o755)
const mine: string[] = []

/** A folder for labs of this test alone, in which `lab status` and `lab down` without an id see no other. */
function ownFolder(uid = 0): string {
  const folder = mkdtempSync(join(temporary, 't'))
  chownSync(folder, uid, uid)
  chmodSync(folder, 0o755)
  mine.push(folder)
  return folder
}

/** Ids of labs in a folder. */
const idsIn = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => /^isthmus-([0-9a-f]{6})$/.exec(name)?.[1] ?? [])

afterEach(() => {
  for (const folder of mine.splice(0)) {
    for (const { id, folder: path } of labProcesses()) if (path.startsWith(folder)) tearDown(id)
    for (const id of idsIn(folder)) tearDown(id)
  }
})

afterAll(() => rmSync(temporary, { recursive: true, force: true }))

interface Started {
  readonly child: ChildProcess
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>
  readonly said: () => string
}

function start(args: readonly string[], folder: string, before: readonly string[] = []): Started {
  const [file, ...rest] = [...before, ...bundle.argv, ...args] as [string, ...string[]]
  const child = spawn(file, rest, {
    cwd: bundle.folder,
    env: { ...process.env, TMPDIR: folder, HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text: Buffer) => {
      said += text.toString()
    })
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal)),
  )
  return { child, ended, said: () => said }
}

async function finished(args: readonly string[], folder: string, before: readonly string[] = []) {
  const { ended, said } = start(args, folder, before)
  return { code: await ended, said: said() }
}

/** Waits for a condition; a program that ends before ends the wait. */
async function reached(holds: () => boolean, { child, said }: Started): Promise<void> {
  while (!holds()) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`ended before: ${said()}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Everything of a lab that could be seen on the machine. */
function traces(id: string, folder: string): string[] {
  const links = spawnSync('ip', ['-o', '-d', 'link'], { encoding: 'utf8' }).stdout.split('\n')
  const table = spawnSync('ps', ['-eww', '-o', 'pid,args'], { encoding: 'utf8' }).stdout.split('\n')
  return [
    ...processesOf(id).map((pid) => `process ${pid}`),
    ...namespacesOf(id),
    ...[...readdirSync(folder), ...readdirSync('/tmp')].filter((name) => name.includes(id)),
    ...links.filter((line) => line.includes(`${PREFIX}${id}`)),
    ...table.filter((line) => line.includes(`${PREFIX}${id}`)),
  ]
}

/** Moments in the life of a lab, by what can be seen of it; `lab run` is under way at each. */
const MOMENTS: readonly (readonly [string, (id: string, said: string) => boolean])[] = [
  ['its folder is there', () => true],
  ['namespaces are there', (id) => namespacesOf(id).length >= 2],
  ['databases begin', (id) => processesOf(id).length >= 6],
  ['it settles', (_, said) => said.includes('# settling')],
  ['traffic runs', (_, said) => / ping -4 /.test(said)],
]

/** Starts `lab run` and waits for a moment of it. */
async function runUntil(
  when: (typeof MOMENTS)[number][1],
  folder: string,
): Promise<Started & { id: string }> {
  const started = start(['lab', 'run', 'quickstart.yaml', '-v'], folder)
  await reached(() => idsIn(folder).length > 0 && when(idsIn(folder)[0]!, started.said()), started)
  return { ...started, id: idsIn(folder)[0]! }
}

describe.skipIf(cannotRun !== '')(
  `a lab that ends early${cannotRun === '' ? '' : ` (skipped: ${cannotRun})`}`,
  () => {
    it.each(MOMENTS)('killed with -9 when %s: lab down leaves nothing', async (_, when) => {
      const folder = ownFolder()
      const { child, ended, id } = await runUntil(when, folder)
      child.kill('SIGKILL')
      expect(await ended).toBe('SIGKILL')
      expect(traces(id, folder)).not.toEqual([])
      expect(await finished(['lab', 'down', id], folder)).toMatchObject({
        code: 0,
        said: expect.stringMatching(`^${id} is down: \\d+ processes, \\d+ namespaces\n$`),
      })
      expect(traces(id, folder)).toEqual([])
      expect(readdirSync(folder)).toEqual([])
    })

    it('killed with -9 while it is taken away: the next lab down does the rest, and one more says that nothing is there', async () => {
      const folder = ownFolder()
      const { child, ended, id } = await runUntil(MOMENTS[3]![1], folder)
      child.kill('SIGKILL')
      await ended
      const down = start(['lab', 'down', id, '-v'], folder)
      await reached(() => down.said().includes('kill -9'), down)
      down.child.kill('SIGKILL')
      await down.ended
      await finished(['lab', 'down', id], folder)
      expect(traces(id, folder)).toEqual([])
      expect(await finished(['lab', 'down', id], folder)).toMatchObject({
        code: 2,
        said: expect.stringContaining(`no lab ${id} is up`),
      })
    })

    it.each([
      ['SIGINT', 'lab run', 1],
      ['SIGINT', 'lab run', 3],
      ['SIGINT', 'lab run', 4],
      ['SIGTERM', 'lab run', 2],
      ['SIGHUP', 'lab run', 4],
    ] as const)(
      '%s to %s at moment %d, and once more: nothing is left, exit code 130',
      async (signal, _, moment) => {
        const folder = ownFolder()
        const { child, ended, said, id } = await runUntil(MOMENTS[moment]![1], folder)
        child.kill(signal)
        setTimeout(() => child.kill(signal), 20)
        expect(await ended).toBe(130)
        expect(said()).toContain('interrupted: taking the lab away')
        expect(traces(id, folder)).toEqual([])
        expect(readdirSync(folder)).toEqual([])
      },
    )

    it.each([
      ['lab', 'up', 'quickstart.yaml'],
      ['conform', 'quickstart.yaml'],
    ])('Ctrl-C to %s: nothing is left, exit code 130', async (...args) => {
      const folder = ownFolder()
      const started = start(args, folder)
      await reached(() => idsIn(folder).length > 0 && processesOf(idsIn(folder)[0]!).length > 6, started)
      const [id] = idsIn(folder)
      started.child.kill('SIGINT')
      started.child.kill('SIGINT')
      expect(await started.ended).toBe(130)
      expect(traces(id!, folder)).toEqual([])
      expect(readdirSync(folder)).toEqual([])
    })

    it('a reader that goes away takes the lab with it', async () => {
      const folder = ownFolder()
      const started = await runUntil(MOMENTS[1]![1], folder)
      started.child.stderr?.destroy()
      await started.ended
      expect(traces(started.id, folder)).toEqual([])
    })

    it('lab down --all takes every lab, the killed and the running, and nothing that only looks like one', async () => {
      // In a PID namespace of its own, where no lab of anybody else is seen.
      const folder = ownFolder()
      const script = `set -e
mount -t tmpfs isthmus /run/netns
"$@" lab up quickstart.yaml >&2
"$@" lab run quickstart.yaml >&2 & run=$!
until [ "$(ls -d "$TMPDIR"/isthmus-?????? | wc -l)" = 2 ] && [ "$(pgrep -c ovsdb-server)" -gt 20 ]; do sleep 0.05; done
kill -9 $run
mkdir "$TMPDIR/isthmus-000000" "$TMPDIR/isthmus-notes"; echo 1 > "$TMPDIR/isthmus-000000/mine"
ip netns add isthmus-notes
ISTHMUS_LABS=000000 sleep 1000 & other=$!
"$@" lab status | grep -c processes
"$@" lab down --all | grep -c 'is down'
kill -0 $other
ip netns
ls "$TMPDIR"
# A killed process has no environment any more while it still closes its devices.
for i in $(seq 100); do pgrep 'ov|ping|dumpcap' >/dev/null || break; sleep 0.1; done
pgrep -l 'ov|ping|dumpcap' || echo nothing runs
`
      const world = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--']
      const { status, stdout, stderr } = spawnSync(
        world[0]!,
        [...world.slice(1), 'sh', '-c', script, 'sh', ...bundle.argv],
        { cwd: bundle.folder, env: { ...process.env, TMPDIR: folder }, encoding: 'utf8' },
      )
      expect([status, stdout]).toEqual([
        0,
        '2\n2\nisthmus-notes\nisthmus-000000\nisthmus-notes\nnothing runs\n',
      ])
      expect(stderr).toContain('is up after')
    })
  },
)

describe.skipIf(cannotRun !== '')('what a lab touches', () => {
  it('no packet can leave: every link of a lab ends in the lab, and the machine has none more than before', async () => {
    const { scenario, options } = labInput(smallScenario())
    let id = ''
    const lab = await Lab.up(scenario, { ...options, began: (one) => (id = one) })
    try {
      const namespaces = namespacesOf(id)
      expect(namespaces.length).toBe(6)
      const kinds = new Set<string>()
      for (const namespace of namespaces) {
        const links = JSON.parse(
          spawnSync('ip', ['-n', namespace, '-j', '-d', 'link'], { encoding: 'utf8' }).stdout,
        ) as { ifname: string; link_netnsid?: number; link?: string; linkinfo?: { info_kind?: string } }[]
        // Numbers of the namespaces that this one has links to.
        const others = JSON.parse(
          spawnSync('ip', ['-n', namespace, '-j', 'netns', 'list-id'], { encoding: 'utf8' }).stdout || '[]',
        ) as { nsid: number; name?: string }[]
        for (const { ifname, link_netnsid: there, linkinfo } of links) {
          const kind = linkinfo?.info_kind ?? (ifname === 'lo' ? 'lo' : 'device')
          kinds.add(kind)
          if (there !== undefined)
            expect([ifname, others.find(({ nsid }) => nsid === there)?.name]).toEqual([
              ifname,
              expect.stringMatching(`^${PREFIX}${id}-`),
            ])
        }
      }
      expect([...kinds].sort()).toEqual(['bridge', 'lo', 'tun', 'veth'])
      const host = spawnSync('ip', ['-o', '-d', 'link'], { encoding: 'utf8' }).stdout
      expect(
        host.split('\n').filter((line) => line.includes(id) || /link-netns isthmus-/.test(line)),
      ).toEqual([])
      // Daemons that have no chassis of their own are in the underlay's namespace, which has no address to speak from.
      const addresses = spawnSync(
        'ip',
        ['-n', `${PREFIX}${id}-underlay`, '-o', 'addr', 'show', 'scope', 'global'],
        {
          encoding: 'utf8',
        },
      )
      expect(addresses.stdout).toBe('')
      const own = spawnSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' }).stdout
      const inHost = processesOf(id).filter(
        (pid) => spawnSync('readlink', [`/proc/${pid}/ns/net`], { encoding: 'utf8' }).stdout === own,
      )
      expect(inHost).toEqual([])
    } finally {
      await lab.down()
    }
  })

  it('two labs do not touch each other: one goes, the other answers', async () => {
    const folder = ownFolder()
    const [a, b] = await Promise.all([
      finished(['lab', 'up', 'quickstart.yaml'], folder),
      finished(['lab', 'up', 'quickstart.yaml'], folder),
    ])
    expect([a.code, b.code]).toEqual([0, 0])
    const [first, second] = idsIn(folder)
    // There may be others on this machine.
    const which = (await finished(['lab', 'exec', 'az1', '--', 'true'], folder)).said
    expect(which).toMatch(/^error: \d+ labs are up$/m)
    for (const id of [first!, second!]) expect(which).toContain(id)
    expect((await finished(['lab', 'down', first!], folder)).code).toBe(0)
    expect(traces(first!, folder)).toEqual([])
    const ping = [
      'lab',
      'enter',
      'az1/web',
      '--run',
      second!,
      '--',
      'ping',
      '-c',
      '2',
      '-W',
      '5',
      '10.17.0.10',
    ]
    expect(await finished(ping, folder)).toMatchObject({ code: 0, said: expect.stringContaining('ttl=62') })
    expect((await finished(['lab', 'down', second!], folder)).code).toBe(0)
    expect(readdirSync(folder)).toEqual([])
  })

  it('the script of a dry run brings up a lab where pings pass, and lab down takes it away', async () => {
    const folder = ownFolder()
    const { code, said } = await finished(['lab', 'up', 'quickstart.yaml', '--dry-run'], folder)
    expect(code).toBe(0)
    const id = /ISTHMUS_LAB=(\w+)/.exec(said)![1]!
    const script = join(folder, 'alone.sh')
    writeFileSync(script, said)
    expect(spawnSync('sh', [script], { encoding: 'utf8' })).toMatchObject({ status: 0 })
    const ping = ['lab', 'enter', 'az1/web', '--run', id, '--', 'ping', '-c', '1', '-W', '1', '10.17.0.10']
    let answer = await finished(ping, folder)
    for (let tries = 0; answer.code !== 0 && tries < 20; tries++) answer = await finished(ping, folder)
    expect(answer.said).toContain('ttl=62')
    expect((await finished(['lab', 'down', id], folder)).code).toBe(0)
    expect(traces(id, folder)).toEqual([])
  })
})

const noUser =
  cannotRun !== ''
    ? cannotRun
    : spawnSync(asUser[0]!, [...asUser.slice(1), ...bundle.argv, 'doctor'], { encoding: 'utf8' }).status === 0
      ? ''
      : 'an ordinary user may not make namespaces here'

describe.skipIf(noUser !== '')(`an ordinary user${noUser === '' ? '' : ` (skipped: ${noUser})`}`, () => {
  it('conforms: quickstart agrees, and nothing is left', async () => {
    const folder = ownFolder(USER)
    const { code, said } = await finished(['conform', 'quickstart.yaml'], folder, asUser)
    expect([code, said]).toEqual([0, expect.stringContaining('AGREE Two clusters')])
    expect(readdirSync(folder)).toEqual([])
  })

  it('brings a lab up, looks into it, takes it away; root sees it, other users do not', async () => {
    const folder = ownFolder(USER)
    const up = await finished(['lab', 'up', 'quickstart.yaml'], folder, asUser)
    expect(up).toMatchObject({ code: 0, said: expect.stringContaining('is up after') })
    const [id] = idsIn(folder)
    // It is in namespaces of its own.
    expect(namespacesOf(id!)).toEqual([])
    expect(processesOf(id!).length).toBeGreaterThan(20)
    const user = (...args: string[]) => finished(['lab', ...args], folder, asUser)
    expect((await user('status')).said).toMatch(
      new RegExp(`^${id} .*; \\d\\d processes, 9 namespaces\\)$`, 'm'),
    )
    expect((await user('exec', 'az1', '--', 'ovn-nbctl', 'lr-route-list', 'ovn-cluster')).said).toContain(
      '(learned)',
    )
    expect((await user('exec', 'az1/az1-gw1', '--', 'ovs-vsctl', 'br-exists', 'br-int')).code).toBe(0)
    expect((await user('enter', 'az1/web', '--', 'ping', '-c', '2', '-W', '5', '10.17.0.10')).said).toContain(
      'ttl=62',
    )
    expect((await user('enter', 'az1/web', '--', 'pwd')).said).toBe(`${bundle.folder}\n`)
    const other = ['setpriv', '--reuid', '64322', '--regid', '64322', '--clear-groups', '--']
    expect((await finished(['lab', 'status'], folder, other)).said).toBe('no lab is up\n')
    expect(labsLeft()).toContain(id)
    expect((await user('down', id!)).said).toMatch(
      new RegExp(`^${id} is down: \\d\\d processes, 9 namespaces$`, 'm'),
    )
    expect(traces(id!, folder)).toEqual([])
    expect(existsSync(join(folder, PREFIX + id))).toBe(false)
  })

  it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)('%s to the command in the middle', async (signal) => {
    const folder = ownFolder(USER)
    const started = start(['lab', 'run', 'quickstart.yaml'], folder, asUser)
    await reached(() => idsIn(folder).length > 0 && processesOf(idsIn(folder)[0]!).length > 12, started)
    const [id] = idsIn(folder)
    started.child.kill(signal)
    expect(await started.ended).toBe(signal === 'SIGKILL' ? signal : 130)
    if (signal === 'SIGKILL') expect((await finished(['lab', 'down', id!], folder, asUser)).code).toBe(0)
    expect(traces(id!, folder)).toEqual([])
    expect(readdirSync(folder)).toEqual([])
  })

  it('runs the script of a dry run', async () => {
    const folder = ownFolder(USER)
    const dry = await finished(['lab', 'up', 'quickstart.yaml', '--dry-run'], folder, asUser)
    const script = join(folder, 'alone.sh')
    writeFileSync(script, dry.said)
    const [file, ...rest] = asUser
    expect(spawnSync(file!, [...rest, 'sh', script], { encoding: 'utf8' })).toMatchObject({ status: 0 })
    const [id] = idsIn(folder)
    expect(traces(id!, folder)).not.toEqual([])
    expect((await finished(['lab', 'down', id!], folder, asUser)).code).toBe(0)
    expect(traces(id!, folder)).toEqual([])
  })
})
