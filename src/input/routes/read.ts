// A route file from the disk or standard input: unpacked, recognised, read. Everything that is wrong with it comes back as
// diagnostics, whatever its bytes are.

import { createReadStream } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type Diagnostic, Diagnostics } from '../../diag/diagnostic.ts'
import { type SourceFile, sourceFile, spanAt } from '../../diag/source.ts'
import { type CollectedRoutes, RouteCollector } from './collector.ts'
import type { RouteFormat, TextFormat } from './format-names.ts'
import { detectFormat, FORMAT_SOURCES, TEXT_READERS } from './formats.ts'
import { looksLikeMrt, MrtReader } from './mrt.ts'

/** A route file, read. */
export interface RouteFile {
  readonly format: RouteFormat | undefined
  readonly routes: CollectedRoutes
  readonly diagnostics: readonly Diagnostic[]
  readonly hasErrors: boolean
  readonly sources: ReadonlyMap<string, SourceFile>
}

export interface RouteFileOptions {
  /** Instead of what the content looks like. */
  readonly format?: RouteFormat | undefined
  /** Bytes read so far, after unpacking. */
  readonly progress?: ((bytes: number) => void) | undefined
  /** Ends the reading with an error. */
  readonly signal?: AbortSignal | undefined
}

/** Text beyond this many bytes is refused; a full view as text has about 100 MB. */
const TEXT_MAX = 400 * 2 ** 20
/** Bytes that decide what a file is. */
const HEAD = 4096

/** How packed files begin, and what unpacks them; gzip is unpacked here. */
const PACKED: readonly {
  readonly begins: readonly number[]
  readonly name: string
  readonly unpack: string
}[] = [
  { begins: [0x42, 0x5a, 0x68], name: 'bzip2', unpack: 'bzip2 -dc' },
  { begins: [0xfd, 0x37, 0x7a, 0x58, 0x5a], name: 'xz', unpack: 'xz -dc' },
  { begins: [0x28, 0xb5, 0x2f, 0xfd], name: 'zstd', unpack: 'zstd -dc' },
]

/** Byte order marks of text in 16 bits a character, as PowerShell redirects it. */
const WIDE: readonly { readonly begins: readonly number[]; readonly encoding: string }[] = [
  { begins: [0xff, 0xfe], encoding: 'utf-16le' },
  { begins: [0xfe, 0xff], encoding: 'utf-16be' },
]

function startsWith(bytes: Uint8Array, begins: readonly number[]): boolean {
  return begins.every((byte, i) => bytes[i] === byte)
}

/** Reads a file (`-`: `input`, or standard input). Throws only when `signal` aborts. */
export async function readRouteFile(
  path: string,
  options: RouteFileOptions = {},
  input: Readable | AsyncIterable<Uint8Array> = path === '-' ? process.stdin : createReadStream(path),
): Promise<RouteFile> {
  const file = path === '-' ? '<stdin>' : path
  const reading = new Reading(file, options)
  try {
    for await (const bytes of unpacked(interruptible(input, options.signal))) {
      reading.push(bytes)
      if (reading.over) break
    }
  } catch (error) {
    options.signal?.throwIfAborted()
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    if (code.startsWith('Z_'))
      reading.diagnostics.error('RF003', `${file}: the gzip data is broken: ${message}`, {
        hint: 'was the file cut off? `gzip -t` tells',
      })
    else if (code === 'ENOENT')
      reading.diagnostics.error('RF001', `${file}: no such file`, { hint: '- is standard input' })
    else if (code === 'EISDIR')
      reading.diagnostics.error('RF001', `${file}: this is a folder, not a file`, {
        hint: 'name one file in it',
      })
    else reading.diagnostics.error('RF001', `${file}: cannot be read: ${message}`)
    return reading.result()
  }
  reading.end()
  return reading.result()
}

/** The bytes of a stream until the signal aborts, even while it waits for more, as a pipe or a terminal does. */
async function* interruptible(
  input: Readable | AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted()
  if (signal === undefined || !(input instanceof Readable)) {
    for await (const bytes of input as AsyncIterable<Uint8Array>) {
      signal?.throwIfAborted()
      yield bytes
    }
    return
  }
  const stop = (): void => void input.destroy()
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const bytes of input) yield bytes
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** The bytes of a stream, through gunzip when they begin like gzip. */
async function* unpacked(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head = new Uint8Array()
  while (head.length < 2) {
    const next = await chunks.next()
    if (next.done === true) break
    head = Uint8Array.from([...head, ...next.value])
  }
  const all = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield head
      yield* chunks
    } finally {
      await chunks.return(undefined)
    }
  }
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield* all()
    return
  }
  // Errors of either end come out of the iteration below.
  const gunzip = pipeline(Readable.from(all()), createGunzip({ chunkSize: 2 ** 20 }), () => undefined)
  for await (const bytes of gunzip as AsyncIterable<Uint8Array>) yield bytes
}

/** One file's way from bytes to routes. */
class Reading {
  readonly diagnostics = new Diagnostics()
  readonly #file: string
  readonly #options: RouteFileOptions
  readonly #routes = new RouteCollector(this.diagnostics)
  readonly #sources = new Map<string, SourceFile>()
  #format: RouteFormat | undefined
  #kept: Uint8Array[] = []
  #size = 0
  #mrt: MrtReader | undefined
  #refused = false
  #decided = false
  #encoding: string | undefined

  constructor(file: string, options: RouteFileOptions) {
    this.#file = file
    this.#options = options
  }

  /** Whether nothing that comes can change the result any more: a device or a pipe may never end. */
  get over(): boolean {
    return this.#refused || this.#mrt?.lost === true || this.#routes.full
  }

  push(bytes: Uint8Array): void {
    this.#size += bytes.length
    this.#options.progress?.(this.#size)
    if (this.#mrt !== undefined) {
      this.#mrt.push(bytes)
      return
    }
    this.#kept.push(bytes)
    if (!this.#decided && this.#size >= HEAD) this.#decide()
    if (!this.#refused && this.#mrt === undefined && this.#size > TEXT_MAX)
      this.#refuse(
        'RF002',
        `${this.#file}: more than ${TEXT_MAX / 2 ** 20} MiB of text`,
        'a full view has about 100 MB',
      )
  }

  end(): void {
    if (this.over) return
    if (!this.#decided) this.#decide()
    if (this.#mrt !== undefined) this.#mrt.end()
    else if (!this.#refused) this.#readText()
    if (!this.diagnostics.hasErrors && this.#routes.empty)
      this.diagnostics.error('RF005', `${this.#file}: no routes in this file`, {
        hint:
          this.#format === 'mrt'
            ? 'updates.* of a collector are no table; take its RIB: rib.* or bview.*'
            : 'was the command that printed it run where the routes are?',
      })
  }

  result(): RouteFile {
    const { diagnostics } = this
    const routes = this.#routes.finish()
    for (const [what, count] of routes.leftOut)
      diagnostics.info('RF013', `${this.#file}: left out: ${count.toLocaleString('en')} × ${what}`)
    return {
      format: this.#format,
      routes,
      diagnostics: diagnostics.sorted(),
      hasErrors: diagnostics.hasErrors,
      sources: this.#sources,
    }
  }

  /** After the first bytes: is it binary, and which? */
  #decide(): void {
    this.#decided = true
    const bytes = Buffer.concat(this.#kept)
    this.#encoding = WIDE.find(({ begins }) => startsWith(bytes, begins))?.encoding
    const packed = PACKED.find(({ begins }) => startsWith(bytes, begins))
    const { format } = this.#options
    if (packed !== undefined)
      this.#refuse(
        'RF003',
        `${this.#file}: this file is packed with ${packed.name}`,
        `unpack it on the way: ${packed.unpack} ${this.#file === '<stdin>' ? 'FILE' : this.#file} | isthmus bench routes -`,
      )
    else if (
      format === 'mrt' ||
      (format === undefined && this.#encoding === undefined && looksLikeMrt(bytes))
    ) {
      this.#format = 'mrt'
      this.#mrt = new MrtReader(this.#file, this.#routes, this.diagnostics)
      this.#mrt.push(bytes)
      this.#kept = []
    } else if (this.#encoding === undefined && bytes.subarray(0, HEAD).includes(0))
      this.#refuse(
        'RF004',
        `${this.#file}: binary data that is ${format === undefined ? 'no MRT' : `not ${FORMAT_SOURCES[format]}`}`,
        `what is read: ${FORMATS_HINT}`,
      )
  }

  #refuse(code: string, message: string, hint: string): void {
    this.#refused = true
    this.#kept = []
    this.diagnostics.error(code, message, { hint })
  }

  #readText(): void {
    // The decoder takes the mark away that begins files of Windows.
    const text = new TextDecoder(this.#encoding).decode(Buffer.concat(this.#kept))
    this.#kept = []
    const source = sourceFile(this.#file, text)
    this.#sources.set(this.#file, source)
    if (text.trim() === '') {
      this.diagnostics.error('RF005', `${this.#file}: this file is empty`, {
        hint: 'did the command before it fail?',
      })
      return
    }
    const format = (this.#options.format as TextFormat | undefined) ?? detectFormat(text)
    this.#format = format
    if (format === undefined)
      this.diagnostics.error('RF004', 'this is no table of routes that is known', {
        span: spanAt(source, text.length - text.trimStart().length, text.length),
        expected: FORMATS_HINT,
        hint: '--format names it when it is one of them all the same',
      })
    else TEXT_READERS[format]({ source, routes: this.#routes, diagnostics: this.diagnostics })
  }
}

const FORMATS_HINT = `${Object.values(FORMAT_SOURCES).slice(0, -1).join(', ')}, or ${Object.values(FORMAT_SOURCES).at(-1)}`
