// What readers of documents get: one YAML or JSON document with its places, the draft, and the cluster that it was found to belong
// to. Small readers of single values, tolerant: what is absent is undefined, what is wrong is reported once.

import { didYouMean } from '../../diag/suggest.ts'
import type { Written } from '../../model/plan.ts'
import { compareIp, type Ip } from '../../net/ip.ts'
import { lastAddress, masked, type Prefix } from '../../net/prefix.ts'
import type { AddressRange } from '../../net/range.ts'
import { listed } from '../context.ts'
import { type Located, readIp, readNetwork, readPrefix } from '../values.ts'
import type { At } from '../yaml-file.ts'
import type { PlanDraft } from './draft.ts'

/** One document. */
export interface PlanDocument {
  readonly draft: PlanDraft
  readonly value: Readonly<Record<string, unknown>>
  readonly at: At
  /** The cluster it belongs to. */
  readonly cluster: string
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a path, undefined where there is none. */
export function valueIn(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined
    found = (found as Record<string | number, unknown>)[step]
  }
  return found ?? undefined
}

/** A view on a mapping: values by path, written with their places. */
export class View {
  readonly draft: PlanDraft
  readonly value: unknown
  readonly at: At

  constructor(draft: PlanDraft, value: unknown, at: At) {
    this.draft = draft
    this.value = value
    this.at = at
  }

  in(...path: readonly (string | number)[]): View {
    return new View(this.draft, valueIn(this.value, ...path), this.at.in(...path))
  }

  get present(): boolean {
    return this.value !== undefined && this.value !== null
  }

  raw(...path: readonly (string | number)[]): unknown {
    return valueIn(this.value, ...path)
  }

  /** Text; numbers and truth values are taken for the text they were written as. */
  text(...path: readonly (string | number)[]): Written<string> | undefined {
    const value = this.raw(...path)
    if (value === undefined || value === '') return undefined
    if (typeof value === 'object') return this.#wrong('text', path)
    return { value: String(value).trim(), span: this.at.in(...path).span }
  }

  /** A number, of at least `least`. */
  number(least: number, ...path: readonly (string | number)[]): Written<number> | undefined {
    const value = this.raw(...path)
    if (value === undefined || value === '') return undefined
    const number = typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : Number.NaN
    if (!Number.isFinite(number) || number < least) return this.#wrong(`a number from ${least}`, path)
    return { value: number, span: this.at.in(...path).span }
  }

  /** A truth value; the texts "true" and "false" count, as ConfigMaps and flags have them. */
  flag(...path: readonly (string | number)[]): Written<boolean> | undefined {
    const value = this.raw(...path)
    if (value === undefined || value === '') return undefined
    const text = String(value).toLowerCase()
    if (text !== 'true' && text !== 'false') return this.#wrong('true or false', path)
    return { value: text === 'true', span: this.at.in(...path).span }
  }

  /** Names: one, a list, or several in one text with commas between. */
  names(...path: readonly (string | number)[]): Written<string>[] {
    return this.words(...path).map(({ value, at }) => ({ value, span: at.span }))
  }

  /** The words of a text or list, each with its own place; empty ones are left out. */
  words(...path: readonly (string | number)[]): { readonly value: string; readonly at: At }[] {
    const value = this.raw(...path)
    const at = this.at.in(...path)
    if (value === undefined) return []
    if (Array.isArray(value)) {
      return value.flatMap((one: unknown, i) =>
        typeof one === 'object' && one !== null
          ? (this.#wrong('text', [...path, i]) ?? [])
          : wordsOf(String(one ?? ''), at.in(i)),
      )
    }
    if (typeof value === 'object') return this.#wrong('text or a list', path) ?? []
    return wordsOf(String(value), at)
  }

  /** Networks with their places. */
  networks(...path: readonly (string | number)[]): Written<Prefix>[] {
    return this.words(...path).flatMap(({ value, at }) => networkOf(this.draft, value, at))
  }

  /** Addresses with their places; `address/length` is read as the address. */
  addresses(...path: readonly (string | number)[]): Written<Ip>[] {
    return this.words(...path).flatMap(({ value, at }) => addressOf(this.draft, value, at))
  }

  /** Ranges of addresses: `10.0.0.1..10.0.0.9`, `10.0.0.1-10.0.0.9`, one address, or a CIDR. */
  ranges(...path: readonly (string | number)[]): Written<AddressRange>[] {
    return this.words(...path).flatMap(({ value, at }) => rangeOf(this.draft, value, at))
  }

  /** Reports keys that are none of these. */
  only(keys: readonly string[], what: string): void {
    if (!isMapping(this.value)) return
    for (const key of Object.keys(this.value)) {
      if (keys.includes(key)) continue
      this.draft.diagnostics.error('PL002', `unknown key "${key}" in ${what}`, {
        span: this.at.in(key).key,
        expected: `one of ${listed(keys, 30)}`,
        hint: didYouMean(key, keys),
      })
    }
  }

  /** Reports a value of the wrong kind. */
  wrong(expected: string): undefined {
    return this.#wrong(expected, [])
  }

  #wrong(expected: string, path: readonly (string | number)[]): undefined {
    const at = this.at.in(...path)
    const name = [...at.path].reverse().find((step) => typeof step === 'string') ?? 'this'
    this.draft.diagnostics.error('PL003', `${name} is not ${expected}`, { span: at.span, expected })
    return undefined
  }
}

function wordsOf(text: string, at: At): { value: string; at: At }[] {
  if (!text.includes(',')) {
    const value = text.trim()
    return value === '' ? [] : [{ value, at }]
  }
  const words: { value: string; at: At }[] = []
  let from = 0
  for (const piece of text.split(',')) {
    const value = piece.trim()
    const start = from + piece.length - piece.trimStart().length
    if (value !== '') words.push({ value, at: at.part(start, value.length) })
    from += piece.length + 1
  }
  return words
}

/** A network, host bits refused. */
export function networkOf(draft: PlanDraft, text: string, at: Located): Written<Prefix>[] {
  const prefix = readNetwork(draft.context, text, at)
  return prefix === undefined ? [] : [{ value: prefix, span: at.span }]
}

/** The address of `address` or `address/length`. */
export function addressOf(draft: PlanDraft, text: string, at: Located): Written<Ip>[] {
  const ip = text.includes('/') ? readPrefix(draft.context, text, at)?.ip : readIp(draft.context, text, at)
  return ip === undefined ? [] : [{ value: ip, span: at.span }]
}

/** A router's address with its network: `169.254.100.45/24`; without a length it is a host's. */
export function interfaceOf(draft: PlanDraft, text: string, at: Located): Written<Prefix>[] {
  const prefix = text.includes('/') ? readPrefix(draft.context, text, at) : undefined
  if (prefix !== undefined) return [{ value: prefix, span: at.span }]
  if (text.includes('/')) return []
  const ip = readIp(draft.context, text, at)
  return ip === undefined ? [] : [{ value: { ip, len: typeof ip === 'number' ? 32 : 128 }, span: at.span }]
}

/** A range of addresses: two with `..` or `-` between, one, or a CIDR. */
export function rangeOf(draft: PlanDraft, text: string, at: Located): Written<AddressRange>[] {
  if (text.includes('/')) {
    return networkOf(draft, text, at).map(({ value, span }) => ({
      value: { first: masked(value).ip, last: lastAddress(value) },
      span,
    }))
  }
  const [first, last, more] = text.split(/\s*(?:\.\.|-)\s*/)
  const from = readIp(draft.context, first ?? '', at)
  const to = last === undefined ? from : readIp(draft.context, last, at)
  if (from === undefined || to === undefined) return []
  if (more !== undefined || typeof from !== typeof to || compareIp(from, to) > 0) {
    draft.diagnostics.error('PL003', `"${text}" is not a range of addresses`, {
      span: at.span,
      expected: 'the lower and the higher address, such as 10.16.0.1..10.16.0.20',
    })
    return []
  }
  return [{ value: { first: from, last: to }, span: at.span }]
}

/** A member of an object where there is a value, none where there is not. */
export function written<T>(key: string, value: Written<T> | undefined): Record<string, Written<T>> {
  return value === undefined ? {} : { [key]: value }
}
