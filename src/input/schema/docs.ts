// The documentation of every key, read from the JSON Schema: one entry a path. The manual, `isthmus explain
// scenario.clusters.gateways` and the "expected" line of messages come from it.

import { scenarioJsonSchema } from './scenario.ts'

/** One key of the scenario format. */
export interface SchemaDoc {
  /** `clusters.<cluster>.gateways`, `timeline[].fail`; names in angle brackets are the user's own. */
  readonly path: string
  /** `text`, `CIDR or list of CIDR`, `one of geneve, vxlan`, … */
  readonly type: string
  readonly required: boolean
  readonly description: string
  readonly default?: unknown
  readonly example?: unknown
}

/** The parts of a JSON Schema that the scenario schema uses. */
export interface JsonSchema {
  /** A list where several plain types are alternatives. */
  readonly type?: string | readonly string[]
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly propertyNames?: JsonSchema
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema | readonly JsonSchema[]
  readonly minimum?: number
  readonly maximum?: number
}

let docs: readonly SchemaDoc[] | undefined

/** Every key of the format, in the order in which a file is written. */
export function schemaDocs(): readonly SchemaDoc[] {
  docs ??= [...collect(scenarioJsonSchema() as JsonSchema, '')]
  return docs
}

/** The entry of a path as people type it: a leading `scenario.` is dropped, names in angle brackets may be left out. */
export function findSchemaDoc(path: string): SchemaDoc | undefined {
  const wanted = simplified(path.replace(/^scenario\.?/, ''))
  return (
    schemaDocs().find((doc) => doc.path === path) ??
    schemaDocs().find((doc) => simplified(doc.path) === wanted)
  )
}

function simplified(path: string): string {
  return path.replaceAll(/\.<[^>]*>/g, '').replaceAll('[]', '')
}

function* collect(schema: JsonSchema, path: string): Generator<SchemaDoc> {
  const seen = new Set<string>()
  for (const branch of schema.anyOf ?? [schema]) {
    if (branch.anyOf !== undefined) yield* collect(branch, path)
    for (const [name, property] of Object.entries(branch.properties ?? {})) {
      const at = path === '' ? name : `${path}.${name}`
      // Keys such as `at` belong to every kind of entry; they are told once, and branches of short forms repeat.
      if (seen.has(at)) continue
      seen.add(at)
      if (property.description !== undefined)
        yield docOf(at, property, branch.required?.includes(name) ?? false)
      yield* collect(property, at)
    }
    if (typeof branch.additionalProperties === 'object' && branch.propertyNames?.title !== undefined) {
      yield* collect(branch.additionalProperties, `${path}.<${branch.propertyNames.title}>`)
    }
    if (branch.items !== undefined && !Array.isArray(branch.items))
      yield* collect(branch.items as JsonSchema, `${path}[]`)
  }
}

function docOf(path: string, schema: JsonSchema, required: boolean): SchemaDoc {
  return {
    path,
    type: typeOf(schema),
    required,
    description: schema.description ?? '',
    ...(schema.default !== undefined && { default: schema.default }),
    ...(schema.examples?.[0] !== undefined && { example: schema.examples[0] }),
  }
}

/** The type of a schema in words. */
export function typeOf(schema: JsonSchema): string {
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`
  if (schema.const !== undefined) return String(schema.const)
  if (schema.title !== undefined && schema.properties === undefined) return schema.title
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeOf))].join(' or ')
  if (schema.type === 'array') {
    if (Array.isArray(schema.items)) return `[${schema.items.map(typeOf).join(', ')}]`
    return schema.items === undefined ? 'list' : `list of ${typeOf(schema.items as JsonSchema)}`
  }
  if (schema.type === 'object') {
    const name = schema.propertyNames?.title
    return name !== undefined && typeof schema.additionalProperties === 'object'
      ? `mapping of ${name} to ${typeOf(schema.additionalProperties)}`
      : 'mapping'
  }
  if (schema.type === 'integer') {
    const { minimum, maximum } = schema
    const bounded = minimum !== undefined && maximum !== undefined && maximum < 2 ** 40
    return bounded ? `whole number from ${minimum} to ${maximum}` : 'whole number'
  }
  return [schema.type ?? 'anything'].flat().map(plainType).join(' or ')
}

function plainType(type: string): string {
  if (type === 'boolean') return 'true or false'
  return type === 'string' ? 'text' : type
}
