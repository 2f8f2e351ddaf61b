// Is the document a scenario at all? Runs the schema, puts its findings into our words with the place of each, and cuts
// the broken parts out, so that the compile steps can go on and report what is wrong with the rest in the same run.

import type * as z from 'zod'
import { didYouMean, suggest } from '../diag/suggest.ts'
import type { Context } from './context.ts'
import { listed } from './context.ts'
import { typeOf } from './schema/docs.ts'
import { EVENTS, TRAFFIC } from './schema/events.ts'
import { EXPECTATIONS } from './schema/expect.ts'
import { isRecord, objectSchemaAt, schemaAt, valueAt } from './schema/lookup.ts'
import { type RawScenario, scenario } from './schema/scenario.ts'
import type { At, Path, YamlDocument } from './yaml-file.ts'

type Issue = z.core.$ZodIssue

/** Lists whose entries say by one key what they are. */
const VERBS: Readonly<
  Record<string, { readonly what: string; readonly kinds: Readonly<Record<string, z.ZodType>> }>
> = {
  traffic: { what: 'kind of traffic', kinds: TRAFFIC },
  timeline: { what: 'event', kinds: EVENTS },
  expect: { what: 'expectation', kinds: EXPECTATIONS },
}

/** How often cutting may lead to more cutting before the file is given up. */
const ROUNDS_MAX = 8

/** Longer texts are refused: names, addresses and lines of commands are much shorter. */
const TEXT_CHARACTERS_MAX = 10_000

/** The scenario as written, without the parts that were reported; undefined when nothing useful is left. */
export function checkShape(context: Context, document: YamlDocument): RawScenario | undefined {
  const value: unknown = structuredClone(document.value)
  if (isRecord(value) && typeof value.kind === 'string' && 'apiVersion' in value) {
    context.diagnostics.error('IN014', `this is a Kubernetes ${value.kind}, not a scenario`, {
      span: document.root.in('kind').span,
      expected: 'isthmus: 1, clusters, …',
      hint: 'list the file under manifests of a cluster: clusters: { az1: { manifests: [this-file.yaml] } }',
    })
    return undefined
  }
  if (reportLongTexts(context, document.root, value)) return undefined
  cutPrototypes(context, document.root, value)
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const result = scenario.safeParse(value)
    if (result.success) return result.data
    const cuts = result.error.issues.flatMap((issue) => refined(issue, value))
    // Later rounds only see what the cuts of the first have opened.
    if (round === 0) for (const issue of cuts) report(context, issue, document, value)
    if (!cutAll(context, document, value, cuts)) return undefined
  }
  return undefined
}

/** Texts of a size that nobody writes would make every message about them as long, and some searches slow. */
function reportLongTexts(context: Context, at: At, value: unknown): boolean {
  if (typeof value === 'string') {
    if (value.length <= TEXT_CHARACTERS_MAX) return false
    context.diagnostics.error('IN013', `this text has ${value.length} characters`, {
      span: at.span,
      expected: `at most ${TEXT_CHARACTERS_MAX}`,
    })
    return true
  }
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value)
    .map(([key, one]) => {
      const place = at.in(Array.isArray(value) ? Number(key) : key)
      const long = reportLongTexts(context, place, one)
      return reportLongTexts(context, place.onKey(), key) || long
    })
    .includes(true)
}

/** Objects of JavaScript cannot tell `__proto__` from their own machinery, and zod drops the key without a word. */
function cutPrototypes(context: Context, at: At, value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, one] of Object.entries(value)) {
    const place = at.in(Array.isArray(value) ? Number(key) : key)
    if (key !== '__proto__') {
      cutPrototypes(context, place, one)
      continue
    }
    delete (value as Record<string, unknown>)[key]
    remember(context, place.path)
    context.diagnostics.error('IN065', '"__proto__" can neither be a name nor a key', {
      span: place.key,
      hint: 'choose another name',
    })
  }
}

/** A union's issues are those of the alternative that was meant; everything else stays as it is. */
function refined(issue: Issue, root: unknown): Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const list = VERBS[String(issue.path[0])]
  const value = valueAt(root, issue.path as Path)
  if (list !== undefined && issue.path.length === 2 && isRecord(value)) {
    const named = Object.keys(value).filter((key) => Object.hasOwn(list.kinds, key))
    const [verb] = named
    // `gateway` and `policy` are verbs of `expect`; `route … via`-like pairs of verbs are reported by `report`.
    const kind = named.length === 1 && verb !== undefined ? list.kinds[verb] : undefined
    if (kind === undefined) return [issue]
    const result = kind.safeParse(value)
    return result.success ? [] : result.error.issues.flatMap((one) => refined(within(one, issue.path), root))
  }
  const branches = issue.errors.map((branch) => branch.map((one) => within(one, issue.path)))
  const shaped = branches.filter((branch) => !branch.some((one) => isMismatch(one, issue.path.length)))
  const best = shaped.sort((a, b) => a.length - b.length)[0]
  return best === undefined ? [issue] : best.flatMap((one) => refined(one, root))
}

/** True when the value itself is of another kind, rather than something in it. */
function isMismatch(issue: Issue, depth: number): boolean {
  if (issue.path.length !== depth) return false
  if (issue.code === 'invalid_union')
    return issue.errors.every((branch) => branch.some((one) => isMismatch(within(one, issue.path), depth)))
  return issue.code === 'invalid_type'
}

function within(issue: Issue, path: readonly PropertyKey[]): Issue {
  return { ...issue, path: [...path, ...issue.path] } as Issue
}

function report(context: Context, issue: Issue, document: YamlDocument, root: unknown): void {
  const path = issue.path as Path
  const at = document.root.in(...path)
  const { diagnostics } = context
  if (issue.code === 'unrecognized_keys') {
    const allowed = Object.keys(objectSchemaAt(path, root)?.properties ?? {})
    for (const key of issue.keys) {
      diagnostics.error('IN010', `unknown key "${key}"${path.length === 0 ? '' : ` in ${nameOf(path)}`}`, {
        span: at.in(key).key,
        expected: allowed.length === 0 ? undefined : `one of ${listed(allowed, 20)}`,
        hint: didYouMean(key, allowed) ?? misplaced(key),
      })
    }
    return
  }
  if (issue.code === 'invalid_union' && path.length === 2 && VERBS[String(path[0])] !== undefined) {
    reportVerb(context, at, valueAt(root, path), VERBS[String(path[0])]!)
    return
  }
  const value = valueAt(root, path)
  const schema = schemaAt(path, root)
  const expected = schema === undefined ? undefined : typeOf(schema)
  const described =
    schema?.description === undefined ? expected : `${expected}\n${schema.description.replace(/\.$/, '')}`
  const example = schema?.examples?.[0]
  const name = nameOf(path)
  if (path.length === 0 && !isRecord(value)) {
    diagnostics.error('IN012', `a scenario is a mapping, this is ${kindOf(value)}`, {
      span: at.span,
      expected: 'isthmus: 1, clusters, …',
    })
    return
  }
  if (path[0] === 'isthmus' && path.length === 1 && value !== undefined) {
    diagnostics.error('IN014', `version ${JSON.stringify(value)} of the scenario format is not known`, {
      span: at.span,
      expected: 'isthmus: 1',
    })
  } else if (value === undefined) {
    diagnostics.error('IN011', `${nameOf(path.slice(0, -1))} lacks the key "${String(path.at(-1))}"`, {
      span: at.document.root.in(...path.slice(0, -1)).span,
      expected: described,
      hint: example === undefined ? undefined : `for example ${String(path.at(-1))}: ${written(example)}`,
    })
  } else if (value === null) {
    diagnostics.error('IN012', `${name} has no value`, {
      span: at.span,
      expected: described,
      hint: 'remove the key, or give it a value',
    })
  } else if (issue.code === 'too_small' || issue.code === 'too_big') {
    diagnostics.error('IN013', `${written(value)} is out of range for ${name}`, {
      span: at.span,
      expected: described,
    })
  } else if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String)
    diagnostics.error('IN013', `${written(value)} is not a value of ${name}`, {
      span: at.span,
      expected: `one of ${listed(allowed, 24)}`,
      hint: didYouMean(String(value), allowed),
    })
  } else {
    diagnostics.error('IN012', `${name} is ${kindOf(value)}, which does not fit`, {
      span: at.span,
      expected: described,
      hint:
        booleanHint(value, expected) ??
        (example === undefined ? undefined : `for example ${written(example)}`),
    })
  }
}

function reportVerb(
  context: Context,
  at: At,
  value: unknown,
  list: { readonly what: string; readonly kinds: Readonly<Record<string, unknown>> },
): void {
  const kinds = Object.keys(list.kinds)
  const keys = isRecord(value) ? Object.keys(value) : []
  const verbs = keys.filter((key) => Object.hasOwn(list.kinds, key))
  if (verbs.length > 1) {
    context.diagnostics.error('IN016', `this entry is two things at once: ${verbs.join(' and ')}`, {
      span: at.in(verbs[1]!).key,
      hint: 'make two entries of it',
      related: [{ message: `${verbs[0]} is given here`, span: at.in(verbs[0]!).key }],
    })
    return
  }
  const near = keys
    .map((key) => ({ key, hint: didYouMean(key, kinds) }))
    .find((one) => one.hint !== undefined)
  context.diagnostics.error('IN015', `this entry does not say which ${list.what} it is`, {
    span: near === undefined ? at.span : at.in(near.key).key,
    expected: `a key out of ${listed(kinds, 24)}`,
    hint: near?.hint,
  })
}

/** What has to go for an issue to go; undefined when that is the whole document. */
function targetOf(issue: Issue, root: unknown): Path | undefined {
  const path = issue.path as Path
  const target = valueAt(root, path) === undefined ? path.slice(0, -1) : path
  return target.length === 0 ? undefined : target
}

/** Cuts all parts that issues are about out of the value; false when nothing would be left. */
function cutAll(context: Context, document: YamlDocument, root: unknown, issues: readonly Issue[]): boolean {
  const targets: Path[] = []
  for (const issue of issues) {
    const holder = valueAt(root, issue.path as Path)
    if (issue.code === 'unrecognized_keys') {
      const allowed = Object.keys(objectSchemaAt(issue.path as Path, root)?.properties ?? {})
      for (const key of isRecord(holder) ? issue.keys : []) {
        if (isRecord(holder)) delete holder[key]
        // What was meant is missing now; nothing that needs it is reported as well.
        remember(context, [...(issue.path as Path), suggest(key, allowed) ?? key])
      }
    } else if (
      issue.path[0] === 'isthmus' ||
      (issue.path.length === 0 && isRecord(root) && !('isthmus' in root))
    ) {
      if (isRecord(root)) root.isthmus = 1
    } else {
      const target = targetOf(issue, root)
      if (target === undefined) return false
      targets.push(target)
    }
  }
  // Later list items first, so that the indexes of those still to be cut stay right.
  targets.sort((a, b) => -comparePaths(a, b))
  for (const target of targets) {
    const holder = valueAt(root, target.slice(0, -1))
    const last = target.at(-1)!
    if (valueAt(root, target) === undefined) continue
    if (target[0] === 'clusters' && target.length === 1) return false
    remember(context, target)
    if (Array.isArray(holder)) {
      holder.splice(Number(last), 1)
      document.skipItem(target.slice(0, -1), Number(last))
    } else if (isRecord(holder)) delete holder[String(last)]
  }
  return true
}

function comparePaths(a: Path, b: Path): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i]!, b[i]!]
    if (x !== y)
      return typeof x === 'number' && typeof y === 'number' ? x - y : String(x) < String(y) ? -1 : 1
  }
  return a.length - b.length
}

function remember(context: Context, path: Path): void {
  const [top, cluster, kind, name] = path.map(String)
  if (top !== 'clusters' || cluster === undefined) return
  if (path.length === 2) context.broken.add(`cluster ${cluster}`)
  else if (path.length === 3) context.broken.add(`${kind} of ${cluster}`)
  else if (path.length === 4) context.broken.add(`${kind?.replace(/s$/, '')} ${cluster}/${name}`)
}

/** `clusters.az1.pods.web`, `traffic[2]`. */
function nameOf(path: Path): string {
  if (path.length === 0) return 'the scenario'
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`))
    .join('')
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (isRecord(value)) return 'a mapping'
  if (typeof value === 'string') return 'text'
  if (typeof value === 'boolean') return `the truth value ${value}`
  return `the number ${String(value)}`
}

function written(value: unknown): string {
  if (typeof value === 'string')
    return /^[\w./:<>|* -]*$/.test(value) && value !== '' ? value : JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`
  if (isRecord(value))
    return `{ ${Object.entries(value)
      .map(([key, one]) => `${key}: ${written(one)}`)
      .join(', ')} }`
  return String(value)
}

function booleanHint(value: unknown, expected: string | undefined): string | undefined {
  if (expected !== 'true or false' || typeof value !== 'string') return undefined
  if (/^(yes|on|true)$/i.test(value)) return 'write true, without quotes: yes and on are texts in YAML 1.2'
  return /^(no|off|false)$/i.test(value)
    ? 'write false, without quotes: no and off are texts in YAML 1.2'
    : undefined
}

/** Words of one part of the file that were written in another. */
function misplaced(key: string): string | undefined {
  if (key === 'enable-ic') return 'write ic: true or ic: false, or put the ConfigMap under manifests'
  if (key === 'az-name' || key === 'azName') return 'write az'
  if (key === 'gw-nodes' || key === 'gatewayNodes') return 'write gateways'
  if (key === 'auto-route') return 'write autoRoute'
  if (key === 'cidrBlock') return 'write cidr'
  if (key === 'nexthops' || key === 'nextHopIP') return 'write nexthop; a list is fine'
  if (key === 'azs') return 'write clusters'
  if (key === 'apiVersion' || key === 'kind')
    return 'this is a Kubernetes manifest: list it under manifests of a cluster'
  return undefined
}
