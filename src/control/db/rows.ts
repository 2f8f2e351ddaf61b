// The rows of one table by id: pages of an array, shared with snapshots until they are written. A snapshot costs nothing, and
// the first write after it copies one page where a Map would be copied whole (a router of a large mesh has ten thousand routes).
// Surprise: iteration is in the order of ids, which is the order of insertion, also after a removal was taken back.

import type { RowId } from '../../model/tables.ts'

const PAGE_BITS = 6
const PAGE = 1 << PAGE_BITS
const PAGE_MASK = PAGE - 1

interface Page<Row> {
  readonly rows: (Row | undefined)[]
  /** Who may write it; any other writer copies it first. */
  readonly owner: object
}

export class Rows<Row> implements ReadonlyMap<RowId, Row> {
  readonly [Symbol.toStringTag] = 'Map'
  size = 0
  #pages: (Page<Row> | undefined)[]
  /** Replaced by each `share`, so that no page from before it is written any more. */
  #owner: object = {}
  #shared = false

  constructor(pages: (Page<Row> | undefined)[] = [], size = 0) {
    this.#pages = pages
    this.size = size
  }

  /** The rows as they are now, for ever; nobody may write to what is returned. */
  share(): Rows<Row> {
    this.#owner = {}
    this.#shared = true
    return new Rows(this.#pages, this.size)
  }

  get(id: RowId): Row | undefined {
    return this.#pages[id >>> PAGE_BITS]?.rows[id & PAGE_MASK]
  }

  has(id: RowId): boolean {
    return this.get(id) !== undefined
  }

  /** Puts a row, or removes it where `row` is undefined. */
  put(id: RowId, row: Row | undefined): void {
    const rows = this.#writable(id >>> PAGE_BITS)
    const slot = id & PAGE_MASK
    const before = rows[slot]
    // The first page grows to the slot in use, without holes: most tables of a small network fill a corner of it.
    for (let hole = rows.length; hole < slot; hole++) rows.push(undefined)
    rows[slot] = row
    if (before === undefined) {
      if (row !== undefined) this.size++
    } else if (row === undefined) this.size--
  }

  forEach(callback: (row: Row, id: RowId, map: ReadonlyMap<RowId, Row>) => void): void {
    for (const [id, row] of this) callback(row, id, this)
  }

  entries(): MapIterator<[RowId, Row]> {
    return new Walk(this.#at, (id, row) => [id, row])
  }

  keys(): MapIterator<RowId> {
    return new Walk(this.#at, (id) => id)
  }

  values(): MapIterator<Row> {
    return new Walk(this.#at, (_, row) => row)
  }

  [Symbol.iterator](): MapIterator<[RowId, Row]> {
    return this.entries()
  }

  /** A page's rows; undefined for a page without any, null after the last. Asked anew each step: whoever walks may write. */
  readonly #at = (page: number): (Row | undefined)[] | undefined | null =>
    page < this.#pages.length ? this.#pages[page]?.rows : null

  #writable(number: number): (Row | undefined)[] {
    if (this.#shared) {
      this.#pages = this.#pages.slice()
      this.#shared = false
    }
    const page = this.#pages[number]
    if (page !== undefined && page.owner === this.#owner) return page.rows
    while (this.#pages.length < number) this.#pages.push(undefined)
    const rows = page !== undefined ? page.rows.slice() : number === 0 ? [] : new Array(PAGE).fill(undefined)
    this.#pages[number] = { rows, owner: this.#owner }
    return rows
  }
}

/** Goes over the rows in the order of ids. Written by hand: a generator takes three times as long, and daemons walk all day. */
class Walk<Row, T> implements IterableIterator<T, undefined, unknown> {
  readonly #at: (page: number) => (Row | undefined)[] | undefined | null
  readonly #item: (id: RowId, row: Row) => T
  #page = 0
  #slot = 0

  constructor(
    at: (page: number) => (Row | undefined)[] | undefined | null,
    item: (id: RowId, row: Row) => T,
  ) {
    this.#at = at
    this.#item = item
  }

  next(): IteratorResult<T, undefined> {
    for (;;) {
      const rows = this.#at(this.#page)
      if (rows === null) return { done: true, value: undefined }
      while (rows !== undefined && this.#slot < rows.length) {
        const slot = this.#slot++
        const row = rows[slot]
        if (row !== undefined)
          return { done: false, value: this.#item((this.#page << PAGE_BITS) | slot, row) }
      }
      this.#page++
      this.#slot = 0
    }
  }

  [Symbol.iterator](): this {
    return this
  }
}
