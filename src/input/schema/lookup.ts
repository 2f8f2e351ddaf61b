// Which part of the schema belongs to a place in a file: the alternative of a short or long form, of `timeline` or
// `expect`, that the user most likely meant. For messages only; what is valid is decided by zod.

import type { Path } from '../yaml-file.ts'
import type { JsonSchema } from './docs.ts'
import { scenarioJsonSchema } from './scenario.ts'

/** The schema of a place in `root`; undefined where no alternative leads there. */
export function schemaAt(path: Path, root: unknown): JsonSchema | undefined {
  let schema: JsonSchema | undefined = scenarioJsonSchema()
  for (let i = 0; i < path.length && schema !== undefined; i++) {
    schema = stepInto(schema, path[i]!, valueAt(root, path.slice(0, i)))
  }
  return schema
}

function stepInto(schema: JsonSchema, step: string | number, holder: unknown): JsonSchema | undefined {
  const found = alternatives(schema).flatMap((branch) => {
    if (typeof step === 'number') {
      const items = Array.isArray(branch.items) ? branch.items[step] : branch.items
      return items === undefined ? [] : [{ fit: 0, schema: items as JsonSchema }]
    }
    const named = Object.hasOwn(branch.properties ?? {}, step) ? branch.properties?.[step] : undefined
    if (named !== undefined) return [{ fit: 1 + fitOf(branch, holder), schema: named }]
    return typeof branch.additionalProperties === 'object'
      ? [{ fit: 0, schema: branch.additionalProperties }]
      : []
  })
  return found.sort((a, b) => b.fit - a.fit)[0]?.schema
}

/** The alternative of a place's schema that describes a mapping. */
export function objectSchemaAt(path: Path, root: unknown): JsonSchema | undefined {
  const schema = schemaAt(path, root)
  const holder = valueAt(root, path)
  const objects =
    schema === undefined ? [] : alternatives(schema).filter((branch) => branch.properties !== undefined)
  return objects.sort((a, b) => fitOf(b, holder) - fitOf(a, holder))[0]
}

function alternatives(schema: JsonSchema): JsonSchema[] {
  return schema.anyOf === undefined ? [schema] : schema.anyOf.flatMap(alternatives)
}

/** How well an object fits a branch: by the keys that make entries of `timeline` and its sisters what they are. */
function fitOf(branch: JsonSchema, holder: unknown): number {
  return isRecord(holder) ? (branch.required ?? []).filter((key) => key in holder && key !== 'at').length : 0
}

/** The value of a path in plain data; inherited properties do not count. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root
  for (const step of path) {
    if (Array.isArray(value)) value = value[Number(step)]
    else if (isRecord(value) && Object.hasOwn(value, step)) value = value[String(step)]
    else return undefined
  }
  return value
}

/** True for a mapping. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
