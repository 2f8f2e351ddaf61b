// Tells what a cluster's Kube-OVN does to the world around it, as it happens: commits under its name and calls of its hooks. Nothing
// of what it does changes by that.

import type { Act, IcSbTable } from '../../model/controller-act.ts'
import type { KubeOvn, KubeOvnDeps, KubeOvnHooks } from './kube-ovn.ts'

/** Calls `told` after every transaction of `author` on its Northbound, and for every AZ whose rows it removed from the IC Southbound. */
export function tellCommits(
  { nb, icSb }: Pick<KubeOvnDeps, 'nb' | 'icSb'>,
  author: KubeOvn['name'],
  told: (act: Act) => void,
): void {
  let before = nb.snapshot()
  nb.onCommit((commit) => {
    const after = nb.snapshot()
    if (commit.author === author) told({ kind: 'northbound', before, after })
    before = after
  })
  icSb.onCommit((commit) => {
    if (commit.author !== author) return
    for (const table of ['Port_Binding', 'Gateway', 'Route'] as const) {
      const zones = new Set<string>()
      for (const row of commit.touched(table).values()) {
        const zone = row === undefined ? undefined : icSb.get('Availability_Zone', row.availability_zone)
        if (zone !== undefined) zones.add(zone.name)
      }
      tellAll(table, zones, told)
    }
    const gone = [...commit.touched('Availability_Zone').values()].flatMap((row) => row?.name ?? [])
    tellAll('Availability_Zone', gone, told)
  })
}

/** Hooks that tell of each call before they pass it on. Interfaces are plugged by whoever carries out the scenario's events. */
export function tellingHooks(hooks: KubeOvnHooks, told: (act: Act) => void): KubeOvnHooks {
  return {
    ...hooks,
    setInterconn: (node, on) => {
      told({ kind: 'interconn', node, on })
      hooks.setInterconn(node, on)
    },
    startIc: () => {
      told({ kind: 'ovn-ic', on: true })
      hooks.startIc()
    },
    stopIc: () => {
      told({ kind: 'ovn-ic', on: false })
      hooks.stopIc()
    },
  }
}

function tellAll(table: IcSbTable, zones: Iterable<string>, told: (act: Act) => void): void {
  for (const azName of zones) told({ kind: 'ic-southbound', table, azName })
}
