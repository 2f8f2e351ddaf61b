// The real ovn-nbctl, ovn-sbctl and ovn-ic-sbctl over fresh databases in a temporary directory, and their content as the
// model's snapshots. Makes the golden files (`npx tsx test/report/real-ovn.ts`) and is asked again by the tests where the
// programs are installed.

import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CASES, type OvnCase } from './ovn-cases.ts'

const DATABASES = {
  nb: 'OVN_Northbound',
  sb: 'OVN_Southbound',
  'ic-nb': 'OVN_IC_Northbound',
  'ic-sb': 'OVN_IC_Southbound',
} as const
export type DatabaseName = keyof typeof DATABASES

/** Tables of one database as `ovsdb-client dump` gives them: rows by UUID. */
export type Dump = Record<string, Record<string, Record<string, unknown>>>

export interface CaseResult {
  readonly commands: readonly { readonly command: string; readonly output: string }[]
  readonly dumps: Record<DatabaseName, Dump>
}

const onPath = (program: string) =>
  `${process.env.PATH ?? ''}${delimiter}/usr/sbin`
    .split(delimiter)
    .some((folder) => existsSync(join(folder, program)))

/** Why the real programs cannot be asked here; undefined where they can. */
export const missing: string | undefined = ['ovn-nbctl', 'ovn-ic-sbctl', 'ovsdb-server', 'ovsdb-client']
  .filter((program) => !onPath(program))
  .map((program) => `${program} is not installed (apt-get install ovn-central ovn-ic openvswitch-switch)`)[0]

/** Carries out a case on fresh databases. */
export async function runCase(one: OvnCase): Promise<CaseResult> {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-ovn-'))
  const servers = []
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin` }
  try {
    for (const name of Object.keys(DATABASES) as DatabaseName[]) {
      const file = join(folder, `${name}.db`)
      execFileSync('ovsdb-tool', ['create', file, `/usr/share/ovn/ovn-${name}.ovsschema`], { env })
      const socket = join(folder, `${name}.sock`)
      const server = spawn(
        'ovsdb-server',
        [`--remote=punix:${socket}`, '--unixctl=none', '--no-chdir', file],
        {
          env,
          stdio: 'ignore',
        },
      )
      servers.push(server)
      for (let tries = 0; !existsSync(socket) && tries < 500; tries++)
        await new Promise((resolve) => setTimeout(resolve, 10))
      Object.assign(env, { [`OVN_${name.replace('-', '_').toUpperCase()}_DB`]: `unix:${socket}` })
    }
    const commands = one.commands.map((command) => {
      const output = execFileSync('bash', ['-c', command], { env, encoding: 'utf8' })
      return { command, output: isQuery(command) ? output : '' }
    })
    const dumps = Object.fromEntries(
      Object.entries(DATABASES).map(([name, schema]) => {
        const text = execFileSync(
          'ovsdb-client',
          ['-f', 'json', 'dump', `unix:${join(folder, `${name}.sock`)}`, schema],
          {
            env,
            encoding: 'utf8',
          },
        )
        return [name, parseDump(text)]
      }),
    ) as Record<DatabaseName, Dump>
    return { commands, dumps }
  } finally {
    for (const server of servers) server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Commands that print a layout of ours, as opposed to those that change something. */
export function isQuery(command: string): boolean {
  return / (?:show|lr-route-list \S+|lrp-get-gateway-chassis \S+|lr-policy-list \S+)$/.test(command)
}

function parseDump(text: string): Dump {
  const dump: Dump = {}
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const table = JSON.parse(line) as { caption: string; headings: string[]; data: unknown[][] }
    const rows: Record<string, Record<string, unknown>> = {}
    for (const values of table.data) {
      const row = Object.fromEntries(table.headings.map((heading, i) => [heading, plain(values[i])]))
      const uuid = String(row._uuid)
      delete row._uuid
      rows[uuid] = row
    }
    if (table.data.length > 0) dump[table.caption.replace(/ table$/, '')] = rows
  }
  return dump
}

/** OVSDB's JSON (RFC 7047 §5.1): UUIDs as text, sets as arrays, maps as objects. */
function plain(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  const [kind, content] = value as [string, never]
  if (kind === 'uuid') return content
  if (kind === 'set') return (content as unknown[]).map(plain)
  return Object.fromEntries((content as [string, unknown][]).map(([key, one]) => [key, plain(one)]))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const one of CASES) {
    const { commands, dumps } = await runCase(one)
    const text = commands.map(({ command, output }) => `$ ${command}\n${output}`).join('')
    writeFileSync(new URL(`golden/${one.name}.txt`, import.meta.url), text)
    writeFileSync(
      new URL(`golden/${one.name}.db.json`, import.meta.url),
      `${JSON.stringify(dumps, null, 1)}\n`,
    )
  }
}
