// Reading single fields of Kubernetes objects: each reader says which field it wanted when the type is wrong. Absent
// fields are undefined, because most of an object is optional.

import type { Context } from './context.ts'
import type { Manifest } from './manifest.ts'
import type { At, Path } from './yaml-file.ts'

/** Fields that are read here are names, addresses and lists of them. */
const TEXT_CHARACTERS_MAX = 10_000

/** A view on one object. */
export class Fields {
  readonly #context: Context
  readonly #manifest: Manifest

  constructor(context: Context, manifest: Manifest) {
    this.#context = context
    this.#manifest = manifest
  }

  /** `metadata.name`; empty when it is missing, which is reported. */
  get name(): string {
    const name = this.text('metadata', 'name')
    if (name === undefined) {
      this.#context.diagnostics.error('IN011', `this ${this.#manifest.kind} has no metadata.name`, {
        span: this.#manifest.at.span,
      })
    }
    return name ?? ''
  }

  /** The place of the object's name. */
  get nameAt(): At {
    return this.at('metadata', 'name')
  }

  at(...path: Path): At {
    return this.#manifest.at.in(...path)
  }

  /** A text; numbers and truth values count as text only where Kubernetes would have refused them: they are reported. */
  text(...path: Path): string | undefined {
    const value = this.raw(...path)
    if (value === undefined || value === null) return undefined
    if (typeof value === 'string' && value.length <= TEXT_CHARACTERS_MAX) return value
    if (typeof value === 'string') {
      this.#wrong(path, 'of a sensible length', `it has ${value.length} characters`)
      return undefined
    }
    const hint =
      typeof value === 'object' ? undefined : `write "${String(value)}" in quotes, as Kubernetes demands`
    this.#wrong(path, 'text', hint)
    return undefined
  }

  flag(...path: Path): boolean | undefined {
    const value = this.raw(...path)
    if (value === undefined || value === null) return undefined
    if (typeof value === 'boolean') return value
    this.#wrong(path, 'true or false', undefined)
    return undefined
  }

  whole(...path: Path): number | undefined {
    const value = this.raw(...path)
    if (value === undefined || value === null) return undefined
    if (typeof value === 'number' && Number.isInteger(value)) return value
    this.#wrong(path, 'a whole number', undefined)
    return undefined
  }

  list(...path: Path): readonly unknown[] {
    const value = this.raw(...path)
    if (value === undefined || value === null) return []
    if (Array.isArray(value)) return value
    this.#wrong(path, 'a list', undefined)
    return []
  }

  raw(...path: Path): unknown {
    let value: unknown = this.#manifest.object
    for (const step of path) {
      if (typeof value !== 'object' || value === null) return undefined
      value = Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined
    }
    return value
  }

  #wrong(path: Path, expected: string, hint: string | undefined): void {
    const name = path
      .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
      .join('')
      .replace(/^\./, '')
    this.#context.diagnostics.error('IN075', `${name} of this ${this.#manifest.kind} is not ${expected}`, {
      span: this.at(...path).span,
      expected,
      hint,
    })
  }
}
