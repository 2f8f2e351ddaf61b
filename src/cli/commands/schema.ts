// `isthmus schema`: the JSON Schema of scenario files, as it is checked in for editors.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CommandContext, examples } from '../command.ts'
import { packageRoot } from '../package-info.ts'

export function defineSchema(context: CommandContext): void {
  const command = context.program
    .command('schema')
    .summary('print the JSON Schema of scenario files')
    .description('Prints the JSON Schema that editors use to complete and check scenario files.')
    .action(async () => context.io.write(await schemaText()))
  examples(
    command,
    'isthmus schema > scenario.schema.json',
    'isthmus schema | jq .properties',
    "echo '# yaml-language-server: $schema=scenario.schema.json' | cat - isthmus.yaml",
  )
}

/** The checked-in file; generated again only where the package is incomplete, because that loads the whole schema. */
async function schemaText(): Promise<string> {
  const root = packageRoot()
  const file = root === undefined ? undefined : join(root, 'scenarios', 'schema.json')
  if (file !== undefined && existsSync(file)) return readFileSync(file, 'utf8')
  const { scenarioJsonSchema } = await import('../../input/schema/scenario.ts')
  return `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`
}
