// `isthmus explain`: what a diagnostic code, a key of scenario files, or the way a packet ended means.

import { didYouMean } from '../../diag/suggest.ts'
import { type CommandContext, examples } from '../command.ts'
import { CliError } from '../errors.ts'

export function defineExplain(context: CommandContext): void {
  const command = context.program
    .command('explain')
    .summary('explain a diagnostic code, a key of scenario files, or how a packet ended')
    .description('Explains what is named; without a name it lists what can be explained.')
    .argument('[what]', 'SC012, scenario.clusters.gateways, not-resident, …')
    .action(async (what: string | undefined) => {
      const { explanation, topics } = await import('../explain.ts')
      if (what === undefined) {
        context.io.write(await topics())
        return
      }
      const found = await explanation(what)
      if (found.text === undefined)
        throw new CliError(`nothing is known about ${what}`, {
          hint: /^[A-Z]+-\d+/.test(what)
            ? 'docs/fidelity.md lists the rules of the model by their ids'
            : (didYouMean(what, found.names) ?? 'isthmus explain lists everything that can be explained'),
        })
      context.io.write(found.text)
    })
  examples(
    command,
    'isthmus explain not-resident',
    'isthmus explain scenario.clusters.gateways',
    'isthmus explain | grep route',
  )
}
