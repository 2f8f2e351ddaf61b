// `isthmus check --fix-plan`: the options of a fix, its report, and writing the files.

import {
  accessSync,
  chmodSync,
  constants,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { Diagnostics } from '../diag/diagnostic.ts'
import type { LoadPlanResult } from '../input/plan/load.ts'
import type { CheckResult, Finding } from '../model/finding.ts'
import { readBaseline } from './baseline.ts'
import type { CommandContext } from './command.ts'
import { CliError, EXIT } from './errors.ts'
import { writeWhole } from './files.ts'
import { wantsColor, widthOf } from './io.ts'
import { printProblems } from './loading.ts'
import { type Output, parseOutputs } from './outputs.ts'

export interface FixFlags {
  readonly fixPlan?: boolean
  readonly write?: boolean
  readonly pin: readonly string[]
  readonly reserve: readonly string[]
  readonly within: readonly string[]
  readonly cost: readonly string[]
  readonly growth?: number
  readonly strict?: boolean
  readonly failOn: 'error' | 'warning'
  readonly baseline?: string
  readonly writeBaseline?: string
}

/** Who reaches whom in what was loaded, for reports. */
export type AskReachability = (loaded: LoadPlanResult) => Promise<{
  readonly broken: boolean
  readonly data: (findings: readonly Finding[]) => unknown
  readonly text: (
    findings: readonly Finding[],
    options: { readonly color: boolean; readonly width?: number },
  ) => string
}>

const FORMATS = ['text', 'json'] as const

/** Options that mean nothing without --fix-plan are refused. */
export function fixOutputs(
  flags: FixFlags,
  output: readonly string[],
): Output<'text' | 'json'>[] | undefined {
  if (flags.fixPlan === true) {
    if (flags.writeBaseline !== undefined)
      throw new CliError(
        '--write-baseline does not go with --fix-plan: it would accept what the fix removes',
        {
          hint: `isthmus check … --fix-plan --write, then isthmus check … --write-baseline ${flags.writeBaseline}`,
        },
      )
    return parseOutputs(output, FORMATS)
  }
  const used = [
    flags.write === true ? '--write' : '',
    ...(['pin', 'reserve', 'within', 'cost'] as const).map((name) =>
      flags[name].length > 0 ? `--${name}` : '',
    ),
    flags.growth === undefined ? '' : '--growth',
  ].filter((one) => one !== '')
  if (used.length > 0)
    throw new CliError(`${used.join(', ')} ${used.length === 1 ? 'goes' : 'go'} with --fix-plan`, {
      hint: `isthmus check --fix-plan ${used[0]} …`,
    })
  return undefined
}

/** Fixes a plan, prints or writes the patch; exit code 0 where the fixed plan passes the check. */
export async function fix(
  context: CommandContext,
  paths: readonly string[],
  flags: FixFlags,
  outputs: readonly Output<'text' | 'json'>[],
  loaded: LoadPlanResult,
  fails: (result: CheckResult) => boolean,
  ask?: AskReachability,
): Promise<void> {
  const { io, color } = context
  const { sources, plan } = loaded
  if (plan === undefined) return
  const { fixOptions } = await import('../plan/fix/options.ts')
  const { options, mistakes } = fixOptions(plan, flags, flags.failOn)
  if (mistakes.length > 0) {
    const diagnostics = new Diagnostics()
    for (const { message, hint, span } of mistakes) diagnostics.error('PL010', message, { hint, span })
    await printProblems(context, { diagnostics: diagnostics.sorted(), sources })
    context.finish(EXIT.usage)
    return
  }
  const known = flags.baseline === undefined ? undefined : readBaseline(flags.baseline)
  const { fixableIn, fixPlan } = await import('../run/fix-plan.ts')
  const fixed = fixPlan({
    loaded,
    paths,
    options,
    strict: flags.strict ?? false,
    ...(known !== undefined && { accepted: known.has }),
  })
  const reach = await ask?.(fixed.loaded)
  const ok = !fails(fixed.after) && reach?.broken !== true
  if (flags.write === true) {
    if (fixed.texts.has('-'))
      throw new CliError('standard input cannot be written', {
        hint: 'save it to a file, or leave out --write',
      })
    writeAll(
      new Map([...fixed.texts].map(([path, text]) => [path, { before: sources.get(path)!.text, text }])),
    )
  }
  const { fixText } = await import('../report/fix/text.ts')
  const { fixJson } = await import('../report/fix/json.ts')
  for (const { format, file } of outputs) {
    const width = file === undefined ? widthOf(io.stdout) : undefined
    const columns = width === undefined ? {} : { width: Math.min(width, 120) }
    const paints = file === undefined && wantsColor(io, io.stdout, color())
    const text =
      format === 'json'
        ? fixJson(fixed, ok, reach?.data(fixed.after.findings))
        : fixText(fixed, {
            fixable: fixableIn(fixed.before, options).length,
            remaining: fixableIn(fixed.after, options),
            color: paints,
            written: flags.write === true,
            ...columns,
            ...(reach !== undefined && {
              reachability: reach.text(fixed.after.findings, { color: paints, ...columns }),
            }),
          })
    if (file === undefined) io.write(text)
    else writeWhole(file, text)
  }
  if (!ok) context.finish(EXIT.findings)
}

/**
 * Writes files beside their places and moves them there, all or none: what was moved is moved back when one cannot be. A file that
 * changed since it was read is not overwritten.
 */
function writeAll(files: ReadonlyMap<string, { readonly before: string; readonly text: string }>): void {
  const staged: { readonly place: string; readonly beside: string; readonly before: string }[] = []
  const moved: typeof staged = []
  let path = ''
  try {
    for (const [name, { before, text }] of files) {
      path = name
      const place = realpathSync(name)
      const { mode } = statSync(place)
      // A rename would not ask: what nobody may write is not replaced, for root neither.
      if ((mode & 0o222) === 0) throw new Error('it is read-only')
      accessSync(place, constants.W_OK)
      if (readFileSync(place, 'utf8').replace(/^\uFEFF/, '') !== before.replace(/^\uFEFF/, ''))
        throw new Error('it has changed since it was read')
      const beside = `${place}.${process.pid}.tmp`
      staged.push({ place, beside, before })
      writeFileSync(beside, text, { mode })
      chmodSync(beside, mode)
    }
    for (const one of staged) {
      path = one.place
      renameSync(one.beside, one.place)
      moved.push(one)
    }
  } catch (error) {
    for (const { place, before } of moved) writeFileSync(place, before)
    for (const { beside } of staged) removeFile(beside)
    throw new CliError(`cannot write ${path}, so nothing is written: ${(error as Error).message}`, {
      exitCode: EXIT.environment,
    })
  }
}

/** Removes what is there; the failure that led here is the one to be told. */
function removeFile(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // Not ours: a folder of that name.
  }
}
