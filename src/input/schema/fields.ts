// Building blocks of the scenario schema. Every key has a description, and where it helps a default and an example:
// docs/scenarios.md, `isthmus explain scenario.…` and the hover text of editors come from here and nowhere else.
// The schema judges shapes only; texts such as addresses and durations are read by values.ts, which explains more.

import * as z from 'zod'

/** What is said about a key beyond its type. */
export interface FieldNotes {
  /** The value that counts when the key is absent, as documentation. */
  readonly default?: unknown
  /** One value as a user would write it. */
  readonly example?: unknown
}

/** A key that may be left out. */
export function optional<S extends z.ZodType>(
  schema: S,
  description: string,
  notes: FieldNotes = {},
): z.ZodOptional<S> {
  return required(schema, description, notes).optional()
}

/** A key that must be there. */
export function required<S extends z.ZodType>(schema: S, description: string, notes: FieldNotes = {}): S {
  return schema.meta({
    ...schema.meta(),
    description,
    ...(notes.default !== undefined && { default: notes.default }),
    ...(notes.example !== undefined && { examples: [notes.example] }),
  }) as S
}

/** A mapping whose keys are names of the user's own; `placeholder` stands for them in paths (`clusters.<cluster>`). */
export function named<S extends z.ZodType>(placeholder: string, value: S): z.ZodRecord<z.ZodString, S> {
  return z.record(z.string().meta({ title: placeholder }), value)
}

/** A list of at least one, or the one thing itself. */
export function oneOrMany<S extends z.ZodType>(item: S): z.ZodUnion<[S, z.ZodArray<S>]> {
  return z.union([item, z.array(item)])
}

export const text = z.string()
export const flag = z.boolean()
export const count = z.int().min(1).max(1_000_000_000)
export const address = z.string().meta({ title: 'address' })
export const cidr = z.string().meta({ title: 'CIDR' })
export const mac = z.string().meta({ title: 'MAC address' })
export const port = z.int().min(0).max(65535)
/** Numbers pass the schema so that values.ts can say that a unit is missing; editors are told that text is wanted. */
export const duration = z.union([z.string(), z.number()]).meta({ title: 'duration' })
export const size = z.union([z.string(), z.number()]).meta({ title: 'bytes' })
export const fraction = z.union([z.string(), z.number()]).meta({ title: 'percentage or fraction' })
export const mtu = z.int().min(576).max(65535)
/** Options of a database row; OVN keeps them as text. */
export const options = named('option', z.union([z.string(), z.boolean(), z.number()]))
