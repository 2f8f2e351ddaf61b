// The explanations behind diagnostic codes, for `isthmus explain CODE`. Each room keeps the list of its own codes and
// hands it over; this file only says what a list is and how to look something up.

/** What a diagnostic code means. */
export interface CodeEntry {
  /** Upper-case letters and digits such as `SC012`; never given to another problem once published. */
  readonly code: string
  /** One line, as a heading. */
  readonly title: string
  /** Paragraphs: what triggers it, why it matters, how to mend it, an example. */
  readonly explanation: string
}

/** The codes of one room. */
export type CodeList = readonly CodeEntry[]

/** Checks a list as it is written down: well-formed codes, none twice. Throws an Error, which is a bug of ours. */
export function defineCodes(entries: CodeList): CodeList {
  const seen = new Set<string>()
  for (const { code } of entries) {
    if (!/^[A-Z]{2,4}\d{3}$/.test(code))
      throw new Error(`diagnostic code ${code} is not letters and three digits`)
    if (seen.has(code)) throw new Error(`diagnostic code ${code} is defined twice`)
    seen.add(code)
  }
  return entries
}

/** Finds a code, in either case, in the lists that are passed; undefined when no list has it. */
export function findCode(code: string, lists: Iterable<CodeList>): CodeEntry | undefined {
  const wanted = code.toUpperCase()
  for (const list of lists) {
    const entry = list.find((candidate) => candidate.code === wanted)
    if (entry !== undefined) return entry
  }
  return undefined
}

/** All entries of the lists, ordered by code. */
export function allCodes(lists: Iterable<CodeList>): CodeEntry[] {
  return [...lists].flat().sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0))
}
