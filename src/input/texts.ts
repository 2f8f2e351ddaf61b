// Values that may be written as one text, several with commas, a list, or numbers.

import type { Placed } from './draft.ts'
import type { RawOptions } from './schema/cluster.ts'
import type { At } from './yaml-file.ts'

/** The texts of a value that is one text, several with commas, or a list. */
export function placedTexts(raw: string | readonly string[] | undefined, at: At): Placed<string>[] {
  if (raw === undefined) return []
  const texts = (text: string, place: At): Placed<string>[] =>
    text.split(',').map((value) => ({ value: value.trim(), at: place }))
  return typeof raw === 'string' ? texts(raw, at) : raw.flatMap((text, i) => texts(text, at.in(i)))
}

/** Options as the database keeps them: text. */
export function optionTexts(raw: RawOptions | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(raw ?? {}).map(([key, value]) => [key, String(value)]))
}
