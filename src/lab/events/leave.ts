/** An AZ of plain OVN leaves by hand: publish nothing, then take the ports off the transit switches, then the chassis, then the name. */
import { toolStep } from '../plan/databases.ts'
import type { Words } from '../plan/rows.ts'
import { carryOutSteps, clusterOf, type EventContext, edit, until } from './context.ts'
import type { Daemons } from './daemons.ts'

/** Each step is taken when ovn-ic has followed the one before. */
export async function leave(context: EventContext, daemons: Daemons, cluster: string): Promise<void> {
  const { names } = context
  const observer = context.observer()
  const { azName, nodes } = clusterOf(context, cluster)
  const icSb = () => observer.databases().icSb.tables
  const zone = (): number | undefined =>
    [...icSb().Availability_Zone].find(([, row]) => row.name === azName)?.[0]
  const write = (commands: readonly Words[]): Promise<void> =>
    carryOutSteps(context, [edit(context, cluster, commands)])
  await write([['set', 'NB_Global', '.', 'options:ic-route-adv=false']])
  await until(() => ![...icSb().Route.values()].some((row) => row.availability_zone === zone()))
  const { tables } = observer.databases().clusters.get(cluster)!.nb
  const removals = [...tables.Logical_Switch.values()].flatMap((on): Words[] =>
    on.other_config['interconn-ts'] === undefined
      ? []
      : on.ports.flatMap((id): Words[] => {
          const lsp = tables.Logical_Switch_Port.get(id)
          if (lsp?.type !== 'router') return []
          const lrp = lsp.options['router-port']
          return [['lsp-del', lsp.name], ...(lrp === undefined ? [] : [['--if-exists', 'lrp-del', lrp]])]
        }),
  )
  if (removals.length > 0) await write(removals)
  await until(() => ![...icSb().Port_Binding.values()].some((row) => row.availability_zone === zone()))
  for (const node of nodes) await daemons.act({ kind: 'ovn-controller', cluster, node: node.name }, 'stop')
  await until(() => ![...icSb().Gateway.values()].some((row) => row.availability_zone === zone()))
  await carryOutSteps(context, [toolStep(names, 'nbctl', cluster, ['set', 'NB_Global', '.', 'name=""'])])
}
