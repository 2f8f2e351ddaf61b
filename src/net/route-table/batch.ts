// Batches in WebAssembly: the kernels of wasm/kernels.ts over the memory of a table's arena. The addresses and answers of
// a batch lie in that memory too when they come from `batch`; others are copied through a piece of it.
// A call into WebAssembly costs a few nanoseconds, so small batches stay outside.

import type { Arena, WasmMemory } from './arena.ts'
import type { Batch } from './lpm.ts'
import { MODULE } from './wasm/module.ts'

/** Answers the batch between two byte offsets of the memory. */
type Kernel = (input: number, output: number, end: number) => void

interface WasmHost {
  readonly validate: (bytes: Uint8Array) => boolean
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: Record<string, Kernel> }
}

/** Fewer addresses than this are looked up one by one. */
const LEAST = 32
/** Addresses that are copied at a time. */
const PIECE = 4096

/** Null where the host does not know vectors. */
let compiled: object | null | undefined

/** The kernel of one table and the room for its batches. */
export class BatchKernel {
  readonly #arena: Arena
  readonly #kernel: Kernel | undefined
  readonly #wordsEach: number
  readonly #lanes: number
  #room = 0
  #capacity = 0

  /** The kernel `name` over an arena; `wordsEach` words an address, `lanes` addresses at a time. */
  constructor(arena: Arena, name: string, wordsEach: number, lanes: number) {
    this.#arena = arena
    this.#wordsEach = wordsEach
    this.#lanes = lanes
    this.#kernel = arena.memory === undefined ? undefined : instantiate(arena.memory)[name]
  }

  /** Room for a batch of `count` addresses; in the arena where it is a WebAssembly memory. */
  batch(count: number): Batch {
    if (this.#kernel === undefined)
      return { addresses: new Uint32Array(this.#wordsEach * count), out: new Int32Array(count) }
    const words = (this.#wordsEach + 1) * count
    if (words > this.#capacity) {
      this.#room = this.#arena.allocate(words)
      this.#capacity = words
    }
    const { buffer } = this.#arena
    const at = 4 * this.#room
    return {
      addresses: new Uint32Array(buffer, at, this.#wordsEach * count),
      out: new Int32Array(buffer, at + 4 * this.#wordsEach * count, count),
    }
  }

  /** Answers the first addresses of a batch and returns how many; the rest is for the caller. */
  run(addresses: Uint32Array, out: Int32Array, count: number): number {
    const kernel = this.#kernel
    if (kernel === undefined || count < LEAST) return 0
    const whole = count - (count % this.#lanes)
    const each = 4 * this.#wordsEach
    const { buffer } = this.#arena
    if (addresses.buffer === buffer && out.buffer === buffer) {
      kernel(addresses.byteOffset, out.byteOffset, addresses.byteOffset + each * whole)
      return whole
    }
    const piece = this.batch(Math.min(PIECE, whole))
    const input = piece.addresses.byteOffset
    for (let from = 0; from < whole; from += PIECE) {
      const size = Math.min(PIECE, whole - from)
      piece.addresses.set(addresses.subarray(this.#wordsEach * from, this.#wordsEach * (from + size)))
      kernel(input, piece.out.byteOffset, input + each * size)
      out.set(size === piece.out.length ? piece.out : piece.out.subarray(0, size), from)
    }
    return whole
  }
}

/** The kernels over a memory; none where the host's processor has no vectors. */
function instantiate(memory: WasmMemory): Record<string, Kernel> {
  const host = (globalThis as unknown as { WebAssembly: WasmHost }).WebAssembly
  if (compiled === undefined) {
    const bytes = Uint8Array.from(atob(MODULE), (letter) => letter.charCodeAt(0))
    compiled = host.validate(bytes) ? new host.Module(bytes) : null
  }
  return compiled === null ? {} : new host.Instance(compiled, { table: { memory } }).exports
}
