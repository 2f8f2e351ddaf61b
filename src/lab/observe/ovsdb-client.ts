/**
 * A reader of OVSDB (RFC 7047) over a Unix socket: one `monitor` of whole tables, and the rows as they are now. It says each change as
 * it comes, so that nothing has to be polled. Surprise: messages follow each other without a separator; where one ends is told by its
 * braces alone. A connection that breaks (the server was killed) is made again until the reader is closed.
 */
import { connect, type Socket } from 'node:net'

/** A value of a column: `["set", […]]`, `["map", …]` and `["uuid", …]` are already taken apart. */
export type Value = string | number | boolean | readonly Value[] | ReadonlyMap<string, string>
export type Row = Readonly<Record<string, Value>>

/** One row that came, went or changed. */
export interface Change {
  readonly table: string
  readonly uuid: string
  readonly before: Row | undefined
  readonly after: Row | undefined
}

/** Tables with their columns. */
export type Wanted = Readonly<Record<string, readonly string[]>>

/** How long after a broken connection the next is tried, in milliseconds. */
const RETRY_MS = 100

/** What a database holds, kept up to date. */
export class Replica {
  readonly tables = new Map<string, Map<string, Row>>()
  /** Told of all changes of one message together. */
  onChange: (changes: readonly Change[]) => void = () => {}
  readonly #paths: readonly string[]
  #attempt = 0
  readonly #database: string
  readonly #wanted: Wanted
  #socket: Socket | undefined
  #closed = false
  #ready: () => void = () => {}
  /** Resolves with the first content. */
  readonly ready: Promise<void>

  /** Several paths are members of one Raft cluster: the next is taken when one breaks. */
  constructor(paths: string | readonly string[], database: string, wanted: Wanted) {
    this.#paths = typeof paths === 'string' ? [paths] : paths
    this.#database = database
    this.#wanted = wanted
    for (const table of Object.keys(wanted)) this.tables.set(table, new Map())
    this.ready = new Promise((resolve) => {
      this.#ready = resolve
    })
    this.#connect()
  }

  /** Rows of a table by UUID. */
  rows(table: string): ReadonlyMap<string, Row> {
    return this.tables.get(table) ?? NO_ROWS
  }

  close(): void {
    this.#closed = true
    this.#socket?.destroy()
  }

  #connect(): void {
    if (this.#closed) return
    const path = this.#paths[this.#attempt++ % this.#paths.length] ?? ''
    const socket = connect(path)
    this.#socket = socket
    const splitter = new MessageSplitter((text) => this.#message(text))
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => splitter.push(text))
    socket.on('connect', () => {
      const requests = Object.fromEntries(
        Object.entries(this.#wanted).map(([table, columns]) => [table, { columns }]),
      )
      this.#send({ method: 'monitor', params: [this.#database, null, requests], id: 1 })
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      if (!this.#closed) setTimeout(() => this.#connect(), RETRY_MS)
    })
  }

  #send(message: unknown): void {
    this.#socket?.write(JSON.stringify(message))
  }

  #message(text: string): void {
    const message = JSON.parse(text) as {
      id?: unknown
      method?: string
      params?: unknown[]
      result?: unknown
      error?: unknown
    }
    if (message.method === 'echo') this.#send({ id: message.id, result: message.params, error: null })
    else if (message.method === 'update') this.#update(message.params?.[1] as TableUpdates)
    else if (message.id === 1) {
      if (message.error !== null) throw new Error(`${this.#database}: ${JSON.stringify(message.error)}`)
      this.#whole(message.result as TableUpdates)
      this.#ready()
    }
  }

  /** The content after a (re)connection: what is missing in it was deleted meanwhile. */
  #whole(content: TableUpdates): void {
    const gone: Change[] = []
    for (const [table, rows] of this.tables)
      for (const [uuid, before] of rows)
        if (content[table]?.[uuid] === undefined) {
          rows.delete(uuid)
          gone.push({ table, uuid, before, after: undefined })
        }
    this.#update(content, gone)
  }

  #update(updates: TableUpdates, changes: Change[] = []): void {
    for (const [table, rows] of Object.entries(updates))
      for (const [uuid, update] of Object.entries(rows)) {
        const known = this.tables.get(table)!
        const before = known.get(uuid)
        const after = update.new === undefined ? undefined : decodeRow(update.new)
        if (after === undefined) known.delete(uuid)
        else known.set(uuid, after)
        if (before !== undefined || after !== undefined) changes.push({ table, uuid, before, after })
      }
    if (changes.length > 0) this.onChange(changes)
  }
}

const NO_ROWS: ReadonlyMap<string, Row> = new Map()

type TableUpdates = Record<
  string,
  Record<string, { readonly old?: Record<string, unknown>; readonly new?: Record<string, unknown> }>
>

function decodeRow(row: Record<string, unknown>): Row {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, decodeValue(value)]))
}

function decodeValue(value: unknown): Value {
  if (!Array.isArray(value)) return value as Value
  const [kind, content] = value as [string, unknown]
  if (kind === 'uuid') return content as string
  if (kind === 'map')
    return new Map(
      (content as [unknown, unknown][]).map(([key, one]) => [
        String(decodeValue(key)),
        String(decodeValue(one)),
      ]),
    )
  return (content as unknown[]).map(decodeValue)
}

/** Cuts a stream into JSON objects. */
export class MessageSplitter {
  readonly #told: (text: string) => void
  #text = ''
  #at = 0
  #depth = 0
  #inString = false
  #escaped = false

  constructor(told: (text: string) => void) {
    this.#told = told
  }

  push(text: string): void {
    this.#text += text
    let start = 0
    for (; this.#at < this.#text.length; this.#at++) {
      const c = this.#text[this.#at]
      if (this.#escaped) this.#escaped = false
      else if (this.#inString) {
        if (c === '\\') this.#escaped = true
        else if (c === '"') this.#inString = false
      } else if (c === '"') this.#inString = true
      else if (c === '{' || c === '[') this.#depth++
      else if ((c === '}' || c === ']') && --this.#depth === 0) {
        this.#told(this.#text.slice(start, this.#at + 1))
        start = this.#at + 1
      }
    }
    this.#text = this.#text.slice(start)
    this.#at -= start
  }
}

/** A column as text; empty for an empty optional one. */
export function textOf(row: Row, column: string): string {
  const value = row[column]
  if (Array.isArray(value)) return value.length === 0 ? '' : String(value[0])
  return value === undefined || value instanceof Map ? '' : String(value)
}

/** A column of one or many strings as a list. */
export function listOf(row: Row, column: string): string[] {
  const value = row[column]
  if (Array.isArray(value)) return value.map(String)
  return value === undefined || value instanceof Map ? [] : [String(value)]
}

/** A map column as an object. */
export function mapOf(row: Row, column: string): Readonly<Record<string, string>> {
  const value = row[column]
  return value instanceof Map
    ? Object.fromEntries([...value].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
    : {}
}
