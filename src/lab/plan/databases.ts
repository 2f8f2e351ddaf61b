/**
 * Databases and the daemons of the control plane: NB and SB with ovn-northd and ovn-ic for each AZ, the IC databases as one server or
 * as a Raft cluster. All of them meet over Unix sockets, so none needs an address; they run in the underlay's namespace, where nothing
 * of the machine's own network is.
 */
import { join } from 'node:path'
import type { Cluster, Network } from '../../model/network.ts'
import type { Names } from '../names.ts'
import { inside, type Lane, type Step } from './steps.ts'

const SCHEMAS = {
  nb: { file: '/usr/share/ovn/ovn-nb.ovsschema', name: 'OVN_Northbound' },
  sb: { file: '/usr/share/ovn/ovn-sb.ovsschema', name: 'OVN_Southbound' },
  icNb: { file: '/usr/share/ovn/ovn-ic-nb.ovsschema', name: 'OVN_IC_Northbound' },
  icSb: { file: '/usr/share/ovn/ovn-ic-sb.ovsschema', name: 'OVN_IC_Southbound' },
} as const

/** Where the programs of one chassis or one AZ look for each other, control sockets of daemons included. */
export function foldersEnv(folder: string): Record<string, string> {
  return {
    OVN_RUNDIR: folder,
    OVS_RUNDIR: folder,
    OVN_LOGDIR: folder,
    OVS_LOGDIR: folder,
    OVN_DBDIR: folder,
    OVS_DBDIR: folder,
  }
}

/** What daemons have in common: background, pid file, log, all in their folder. */
export function daemonArgs(folder: string, name: string): string[] {
  return [
    '--detach',
    '--no-chdir',
    `--pidfile=${join(folder, `${name}.pid`)}`,
    '--overwrite-pidfile',
    `--log-file=${join(folder, `${name}.log`)}`,
    '-vsyslog:off',
    '-vconsole:off',
  ]
}

/** Starts (again) the server of one database file. */
export function serveDatabase(names: Names, folder: string, name: 'nb' | 'sb'): Step {
  return inside(names.underlay, [
    'ovsdb-server',
    ...daemonArgs(folder, name),
    `--unixctl=${join(folder, `${name}.ctl`)}`,
    `--remote=punix:${join(folder, `${name}.sock`)}`,
    join(folder, `${name}.db`),
  ])
}

/** Both databases of an AZ, served. */
export function zoneDatabases(names: Names, cluster: Cluster): Lane {
  const { folder } = names.zone(cluster.id)
  return [
    { kind: 'folder', path: folder },
    ...(['nb', 'sb'] as const).flatMap((name): Step[] => [
      inside(names.underlay, ['ovsdb-tool', 'create', join(folder, `${name}.db`), SCHEMAS[name].file]),
      serveDatabase(names, folder, name),
    ]),
    inside(names.underlay, ['ovn-sbctl', `--db=unix:${names.zone(cluster.id).sb}`, 'init']),
  ]
}

/** Starts (again) ovn-northd of an AZ. */
export function northd(names: Names, cluster: string): Step {
  const { folder, nb, sb } = names.zone(cluster)
  return inside(
    names.underlay,
    ['ovn-northd', ...daemonArgs(folder, 'ovn-northd'), `--ovnnb-db=unix:${nb}`, `--ovnsb-db=unix:${sb}`],
    { env: foldersEnv(folder) },
  )
}

/** Starts (again) ovn-ic of an AZ. */
export function ovnIc(names: Names, cluster: string): Step {
  const { folder, nb, sb } = names.zone(cluster)
  return inside(
    names.underlay,
    [
      'ovn-ic',
      ...daemonArgs(folder, 'ovn-ic'),
      `--ovnnb-db=unix:${nb}`,
      `--ovnsb-db=unix:${sb}`,
      `--ic-nb-db=${names.icRemotes('nb')}`,
      `--ic-sb-db=${names.icRemotes('sb')}`,
    ],
    { env: foldersEnv(folder) },
  )
}

/** The IC databases with their transit switches and residue; `words` splits a command line. */
export function interconnectDatabases(
  names: Names,
  network: Network,
  words: (line: string) => readonly string[] | undefined,
): Lane {
  const members = [...names.ic.values()]
  const [first] = members
  const lane: Step[] = members.map(({ folder }) => ({ kind: 'folder', path: folder }))
  for (const name of ['nb', 'sb'] as const) {
    const schema = name === 'nb' ? SCHEMAS.icNb : SCHEMAS.icSb
    for (const { folder } of members) {
      const file = join(folder, `${name}.db`)
      const raft = `unix:${join(folder, `${name}.raft`)}`
      const seed = `unix:${join(first!.folder, `${name}.raft`)}`
      if (members.length === 1) lane.push(inside(names.underlay, ['ovsdb-tool', 'create', file, schema.file]))
      else if (folder === first!.folder)
        lane.push(inside(names.underlay, ['ovsdb-tool', 'create-cluster', file, schema.file, raft]))
      else lane.push(inside(names.underlay, ['ovsdb-tool', 'join-cluster', file, schema.name, raft, seed]))
      lane.push(serveDatabase(names, folder, name))
      // A member that has joined takes part in every majority from now on.
      if (members.length > 1)
        lane.push(
          inside(names.underlay, [
            'ovsdb-client',
            '--timeout=60',
            'wait',
            `unix:${join(folder, `${name}.sock`)}`,
            schema.name,
            'connected',
          ]),
        )
    }
  }
  const tool = (name: 'ovn-ic-nbctl' | 'ovn-ic-sbctl', words: readonly string[], mayFail: boolean): Step =>
    inside(
      names.underlay,
      [name, '--timeout=60', `--db=${names.icRemotes(name === 'ovn-ic-nbctl' ? 'nb' : 'sb')}`, ...words],
      { mayFail },
    )
  lane.push(tool('ovn-ic-nbctl', ['init'], false), tool('ovn-ic-sbctl', ['init'], false))
  for (const { name } of network.interconnect.transitSwitches)
    lane.push(tool('ovn-ic-nbctl', ['ts-add', name], false))
  for (const line of network.interconnect.icSbResidue)
    lane.push(tool('ovn-ic-sbctl', words(line) ?? [], true))
  return lane
}

/** A command line of one of the tools on its database. */
export function toolStep(
  names: Names,
  tool: 'nbctl' | 'sbctl' | 'ic-nbctl' | 'ic-sbctl',
  cluster: string | undefined,
  words: readonly string[],
): Step {
  const db =
    tool === 'ic-nbctl' || tool === 'ic-sbctl'
      ? names.icRemotes(tool === 'ic-nbctl' ? 'nb' : 'sb')
      : `unix:${names.zone(cluster ?? '')[tool === 'nbctl' ? 'nb' : 'sb']}`
  // The servers of NB and SB always run; those of the IC databases a scenario may have stopped.
  const timeout = tool === 'ic-nbctl' || tool === 'ic-sbctl' ? 15 : 60
  return inside(names.underlay, [`ovn-${tool}`, `--timeout=${timeout}`, `--db=${db}`, ...words], {
    mayFail: true,
  })
}
