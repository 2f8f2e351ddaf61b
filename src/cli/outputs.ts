// `-o FORMAT` and `-o FORMAT=FILE`: which reports go where.

import { didYouMean } from '../diag/suggest.ts'
import { CliError } from './errors.ts'

/** One report: to a file, or to standard output. */
export interface Output<F extends string> {
  readonly format: F
  readonly file: string | undefined
}

/** Name endings that differ from the format's name. */
const EXTENSIONS: Readonly<Record<string, string>> = { text: 'txt', junit: 'xml' }

/**
 * Reads all `-o` values. The first format is the usual one: it goes to standard output unless another one does. Two reports
 * on standard output, or two in one file, are refused.
 */
export function parseOutputs<F extends string>(
  values: readonly string[],
  formats: readonly [F, ...F[]],
): Output<F>[] {
  const outputs = values.map((value): Output<F> => {
    const equals = value.indexOf('=')
    const name = equals < 0 ? value : value.slice(0, equals)
    const file = equals < 0 ? undefined : value.slice(equals + 1)
    const format = formats.find((one) => one === name)
    if (format === undefined)
      throw new CliError(`-o ${value}: there is no format "${name}"`, {
        hint: didYouMean(name, formats) ?? `formats are ${formats.join(', ')}`,
      })
    if (file === '')
      throw new CliError(`-o ${value}: the file name is missing`, {
        hint: `-o ${name}=report.${EXTENSIONS[name] ?? name}`,
      })
    return { format, file: file === '-' ? undefined : file }
  })
  const seen = new Set<string | undefined>()
  for (const { file } of outputs) {
    if (seen.has(file))
      throw new CliError(
        file === undefined ? 'only one report can go to standard output' : `two reports would go to ${file}`,
        {
          hint: 'give each one a file of its own, such as -o junit=report.xml',
        },
      )
    seen.add(file)
  }
  return seen.has(undefined) ? outputs : [{ format: formats[0], file: undefined }, ...outputs]
}

/** Collects a repeatable option. */
export function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value]
}
