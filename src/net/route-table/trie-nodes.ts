// The nodes of a path-compressed trie over keys of four words; trie4.ts and trie6.ts say what it is. IPv4 uses the first
// word alone, which costs memory and saves a second implementation.

import { laneMask } from '../prefix.ts'
import { NONE } from './lpm.ts'

/** A prefix with the prefixes inside it; without a value where it only parts two of them. */
interface Node {
  readonly w0: number
  readonly w1: number
  readonly w2: number
  readonly w3: number
  readonly length: number
  value: number
  zero: Node | undefined
  one: Node | undefined
  /** Whose it is to change. */
  readonly owner: object
}

/** Calls with the words of a prefix, its length and its value. */
export type Visit = (w0: number, w1: number, w2: number, w3: number, length: number, value: number) => void

/** Bytes of a node: its header and nine fields of a word. */
const NODE_BYTES = 96

/** A trie that copies what it shares before it changes it. */
export class TrieNodes {
  #root: Node | undefined
  #owner: object = {}
  #size = 0
  #nodes = 0

  get size(): number {
    return this.#size
  }

  /** Bytes of all nodes that can be reached, those shared with snapshots included. */
  get bytes(): number {
    return NODE_BYTES * this.#nodes
  }

  lookup(w0: number, w1: number, w2: number, w3: number): number {
    let best = NONE
    let node = this.#root
    while (node !== undefined && holds(node, w0, w1, w2, w3)) {
      if (node.value >= 0) best = node.value
      node = bitAt(w0, w1, w2, w3, node.length) === 0 ? node.zero : node.one
    }
    return best
  }

  exact(w0: number, w1: number, w2: number, w3: number, length: number): number {
    let node = this.#root
    while (node !== undefined && node.length <= length && holds(node, w0, w1, w2, w3)) {
      if (node.length === length) return node.value
      node = bitAt(w0, w1, w2, w3, node.length) === 0 ? node.zero : node.one
    }
    return NONE
  }

  /** Visits all prefixes that hold the address, the shortest first. */
  covering(w0: number, w1: number, w2: number, w3: number, visit: Visit): void {
    let node = this.#root
    while (node !== undefined && holds(node, w0, w1, w2, w3)) {
      if (node.value >= 0) visit(node.w0, node.w1, node.w2, node.w3, node.length, node.value)
      node = bitAt(w0, w1, w2, w3, node.length) === 0 ? node.zero : node.one
    }
  }

  /** Visits all prefixes within a prefix in the order of `walk`. */
  covered(w0: number, w1: number, w2: number, w3: number, length: number, visit: Visit): void {
    let node = this.#root
    while (node !== undefined && node.length < length && holds(node, w0, w1, w2, w3))
      node = bitAt(w0, w1, w2, w3, node.length) === 0 ? node.zero : node.one
    if (node !== undefined && sharedBits(node, w0, w1, w2, w3) >= length) visitBelow(node, visit)
  }

  insert(w0: number, w1: number, w2: number, w3: number, length: number, value: number): boolean {
    let parent: Node | undefined
    let node = this.#root
    while (node !== undefined) {
      const shared = Math.min(sharedBits(node, w0, w1, w2, w3), length)
      if (shared < node.length) {
        const leaf = this.#newNode(w0, w1, w2, w3, length, value)
        let top = leaf
        if (shared < length) {
          top = this.#newNode(
            (w0 & laneMask(shared, 0)) >>> 0,
            (w1 & laneMask(shared, 1)) >>> 0,
            (w2 & laneMask(shared, 2)) >>> 0,
            (w3 & laneMask(shared, 3)) >>> 0,
            shared,
            NONE,
          )
          this.#attach(top, leaf)
        }
        this.#attach(top, node)
        this.#attach(parent, top)
        this.#size++
        return true
      }
      const own = this.#own(node, parent)
      if (own.length === length) {
        const fresh = own.value < 0
        own.value = value
        if (fresh) this.#size++
        return fresh
      }
      parent = own
      node = bitAt(w0, w1, w2, w3, own.length) === 0 ? own.zero : own.one
    }
    this.#attach(parent, this.#newNode(w0, w1, w2, w3, length, value))
    this.#size++
    return true
  }

  remove(w0: number, w1: number, w2: number, w3: number, length: number): boolean {
    if (this.exact(w0, w1, w2, w3, length) < 0) return false
    let above: Node | undefined
    let parent: Node | undefined
    let node = this.#own(this.#root!, undefined)
    while (node.length < length) {
      above = parent
      parent = node
      const child = bitAt(w0, w1, w2, w3, node.length) === 0 ? node.zero : node.one
      node = this.#own(child!, parent)
    }
    node.value = NONE
    this.#size--
    if (node.zero !== undefined && node.one !== undefined) return true
    this.#replace(node, parent, node.zero ?? node.one)
    if (parent === undefined || parent.value >= 0) return true
    // The node above parted two subtrees, of which one may be gone.
    if (parent.zero === undefined || parent.one === undefined)
      this.#replace(parent, above, parent.zero ?? parent.one)
    return true
  }

  /** A trie with the same nodes; from now on both copy before they change. */
  snapshot(): TrieNodes {
    const copy = new TrieNodes()
    copy.#root = this.#root
    copy.#size = this.#size
    copy.#nodes = this.#nodes
    this.#owner = {}
    return copy
  }

  #newNode(w0: number, w1: number, w2: number, w3: number, length: number, value: number): Node {
    this.#nodes++
    return { w0, w1, w2, w3, length, value, zero: undefined, one: undefined, owner: this.#owner }
  }

  /** The node, or a copy of it in its place below the parent, that this trie may change. */
  #own(node: Node, parent: Node | undefined): Node {
    if (node.owner === this.#owner) return node
    const copy: Node = { ...node, owner: this.#owner }
    this.#attach(parent, copy)
    return copy
  }

  /** Puts a node into its place below a parent: the root's where there is none. */
  #attach(parent: Node | undefined, node: Node): void {
    if (parent === undefined) this.#root = node
    else if (bitAt(node.w0, node.w1, node.w2, node.w3, parent.length) === 0) parent.zero = node
    else parent.one = node
  }

  #replace(node: Node, parent: Node | undefined, by: Node | undefined): void {
    this.#nodes--
    if (parent === undefined) this.#root = by
    else if (parent.zero === node) parent.zero = by
    else parent.one = by
  }
}

function visitBelow(node: Node, visit: Visit): void {
  if (node.value >= 0) visit(node.w0, node.w1, node.w2, node.w3, node.length, node.value)
  if (node.zero !== undefined) visitBelow(node.zero, visit)
  if (node.one !== undefined) visitBelow(node.one, visit)
}

/** True when the node's prefix holds the address. */
function holds(node: Node, w0: number, w1: number, w2: number, w3: number): boolean {
  const { length } = node
  if (length <= 32) return length === 0 || (node.w0 ^ w0) >>> (32 - length) === 0
  return sharedBits(node, w0, w1, w2, w3) >= length
}

/** How many first bits a node's key and an address have in common, 0 to 128; more than the node's length means little. */
function sharedBits(node: Node, w0: number, w1: number, w2: number, w3: number): number {
  if (((node.w0 ^ w0) | 0) !== 0) return Math.clz32(node.w0 ^ w0)
  if (((node.w1 ^ w1) | 0) !== 0) return 32 + Math.clz32(node.w1 ^ w1)
  if (((node.w2 ^ w2) | 0) !== 0) return 64 + Math.clz32(node.w2 ^ w2)
  return 96 + Math.clz32(node.w3 ^ w3)
}

/** A bit of an address, 0 the most significant; 0 beyond the last. */
function bitAt(w0: number, w1: number, w2: number, w3: number, bit: number): number {
  const word = bit < 32 ? w0 : bit < 64 ? w1 : bit < 96 ? w2 : bit < 128 ? w3 : 0
  return (word >>> (31 - (bit & 31))) & 1
}
