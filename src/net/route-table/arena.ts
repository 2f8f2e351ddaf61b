// One growing array of 32-bit words. It lies in a WebAssembly memory where that is to be had: such a memory grows in
// place, so a table of a million routes never stops to be copied, and the batch kernels read it without a copy.
// Surprise: growing detaches the old view. `words` must be read anew after everything that allocates. From the first
// detached view on, V8 asks at every access to any typed array of the process whether it is detached, which a shared memory
// would avoid; but V8 gives those back only in a full collection and does not count them towards one (docs/performance.md).

/** What this folder needs of the host's WebAssembly; the standard library of the compiler does not declare it. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

interface WasmHost {
  readonly Memory: new (limits: { initial: number; maximum: number }) => WasmMemory
}

const PAGE_WORDS = 16384
/** Indexes of words stay below 2^30. */
const MAX_PAGES = 65535

/** A zeroed array of words that grows at its end. */
export class Arena {
  words: Int32Array
  /** What `words` is a view of; another object after growing. */
  buffer: ArrayBufferLike
  /** The memory that `words` views; undefined where WebAssembly is missing or refused the room. */
  readonly memory: WasmMemory | undefined
  #used: number

  /** An arena of which the first `used` words are taken at once. */
  constructor(used: number) {
    this.memory = memoryOf(Math.ceil(used / PAGE_WORDS))
    this.words = this.memory === undefined ? new Int32Array(used) : new Int32Array(this.memory.buffer)
    this.buffer = this.words.buffer
    this.#used = used
  }

  get bytes(): number {
    return this.words.byteLength
  }

  /** Takes `count` zeroed words and gives the index of the first, a multiple of 16: a cache line. */
  allocate(count: number): number {
    this.#used = (this.#used + 15) & ~15
    return this.allocateTight(count)
  }

  /** As `allocate`, at any index. */
  allocateTight(count: number): number {
    const at = this.#used
    if (at + count > this.words.length) this.#grow(at + count)
    this.#used = at + count
    return at
  }

  /** A copy that shares nothing with this one. */
  copy(): Arena {
    const copy = new Arena(this.#used)
    copy.words.set(this.words.subarray(0, this.#used))
    return copy
  }

  #grow(least: number): void {
    const { memory, words } = this
    if (memory === undefined) {
      this.words = new Int32Array(Math.max(least, words.length * 2))
      this.words.set(words)
      this.buffer = this.words.buffer
      return
    }
    // A thirty-second more each time: growing costs microseconds, unused room would cost memory.
    const pages = Math.max(Math.ceil((least - words.length) / PAGE_WORDS), words.length >>> 19)
    memory.grow(pages)
    this.words = new Int32Array(memory.buffer)
    this.buffer = this.words.buffer
  }
}

function memoryOf(pages: number): WasmMemory | undefined {
  const host = (globalThis as { WebAssembly?: WasmHost }).WebAssembly
  if (host === undefined) return undefined
  try {
    return new host.Memory({ initial: pages, maximum: MAX_PAGES })
  } catch (error) {
    // Each memory reserves gigabytes of addresses; a process with thousands of tables runs out of them.
    if (error instanceof RangeError) return undefined
    throw error
  }
}
