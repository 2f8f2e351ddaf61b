/**
 * Reads the text of a router policy's match (ovn-sb(5), "Expressions") into a `Match`. Constants with host bits are masked, as
 * OVN's lexer does (PL-5). `&&` and `||` may not be mixed without parentheses, as in OVN. Not read: chains of comparisons,
 * `<` and its kin, bit ranges, address sets and port groups; each is refused with a message that says so.
 */
import { type Ip4, parseIp } from '../net/ip.ts'
import { masked, maskIp, type Prefix, parsePrefix } from '../net/prefix.ts'
import type { Match } from './match.ts'

/** What came of a text; `offset` and `length` count UTF-16 units in it. */
export type ParsedMatch =
  | { readonly kind: 'match'; readonly match: Match }
  | {
      readonly kind: 'error'
      readonly message: string
      readonly offset: number
      readonly length: number
      readonly hint?: string
    }

type Token =
  | {
      readonly kind: 'word' | 'string' | 'symbol' | 'address-set'
      readonly text: string
      readonly offset: number
      readonly length: number
    }
  | { readonly kind: 'end'; readonly text: ''; readonly offset: number; readonly length: number }

const ADDRESS_FIELDS = ['ip4.src', 'ip4.dst', 'ip6.src', 'ip6.dst'] as const
const NUMBER_FIELDS = ['tcp.src', 'tcp.dst', 'udp.src', 'udp.dst', 'ip.proto', 'ip.ttl'] as const
const PROTOCOLS = ['ip', 'ip4', 'ip6', 'icmp', 'icmp4', 'icmp6', 'tcp', 'udp'] as const

/** Nesting beyond this is refused; OVN has a limit of its own. */
const DEPTH_MAX = 100

class MatchError extends Error {
  readonly token: Token
  readonly hint: string | undefined

  constructor(token: Token, message: string, hint?: string) {
    super(message)
    this.token = token
    this.hint = hint
  }
}

/** Reads a match; never throws. */
export function parseMatch(text: string): ParsedMatch {
  try {
    const reader = new Reader(tokenize(text))
    const match = reader.expression(0)
    reader.expectEnd()
    return { kind: 'match', match }
  } catch (error) {
    if (!(error instanceof MatchError)) throw error
    const { token, message, hint } = error
    return {
      kind: 'error',
      message,
      offset: token.offset,
      length: token.length,
      ...(hint !== undefined && { hint }),
    }
  }
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  const pattern =
    /\s+|(?<symbol>&&|\|\||==|!=|<=|>=|[!(){},<>])|"(?<string>(?:[^"\\]|\\.)*)"|(?<set>[$@][\w.]*)|(?<word>[\w.:/-]+(?:\[[\d.]*\])?)/y
  let offset = 0
  while (offset < text.length) {
    pattern.lastIndex = offset
    const found = pattern.exec(text)
    if (found === null) {
      const quote = text[offset] === '"'
      const bad: Token = { kind: 'symbol', text: text[offset]!, offset, length: 1 }
      const single = { '&': 'and is written &&', '|': 'or is written ||', '=': 'equality is written ==' }[
        bad.text
      ]
      throw new MatchError(
        bad,
        quote ? 'a quotation mark is never closed' : `"${bad.text}" does not belong here`,
        single,
      )
    }
    const { symbol, string, set, word } = found.groups ?? {}
    const length = found[0].length
    if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, offset, length })
    else if (string !== undefined)
      tokens.push({ kind: 'string', text: string.replaceAll(/\\(.)/g, '$1'), offset, length })
    else if (set !== undefined) tokens.push({ kind: 'address-set', text: set, offset, length })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, offset, length })
    offset += length
  }
  tokens.push({ kind: 'end', text: '', offset: text.length, length: 1 })
  return tokens
}

/** Recursive descent over the tokens of one text. */
class Reader {
  readonly #tokens: readonly Token[]
  #next = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  expression(depth: number): Match {
    const first = this.#term(depth)
    const operator = this.#peek()
    if (operator.text !== '&&' && operator.text !== '||') return first
    const terms = [first]
    while (this.#take(operator.text)) terms.push(this.#term(depth))
    const other = this.#peek()
    if (other.text === '&&' || other.text === '||') {
      throw new MatchError(other, '&& and || are mixed', 'put parentheses around one of them; OVN demands it')
    }
    return { kind: operator.text === '&&' ? 'and' : 'or', terms }
  }

  expectEnd(): void {
    const token = this.#peek()
    if (token.kind !== 'end')
      throw new MatchError(token, `"${token.text}" comes after the end of the expression`)
  }

  #term(depth: number): Match {
    const token = this.#peek()
    if (depth > DEPTH_MAX) throw new MatchError(token, 'the expression is nested too deeply')
    if (this.#take('!')) return { kind: 'not', term: this.#term(depth + 1) }
    if (this.#take('(')) {
      const inner = this.expression(depth + 1)
      if (!this.#take(')')) throw new MatchError(this.#peek(), 'a closing parenthesis is missing')
      return inner
    }
    return this.#comparison()
  }

  #comparison(): Match {
    const left = this.#advance()
    if (left.kind === 'word' && (left.text === '0' || left.text === '1') && !this.#atOperator()) {
      return { kind: 'const', value: left.text === '1' }
    }
    const protocol = left.kind === 'word' ? PROTOCOLS.find((name) => name === left.text) : undefined
    if (protocol !== undefined && !this.#atOperator()) return { kind: 'protocol', name: protocol }
    if (left.kind === 'end') throw new MatchError(left, 'the expression ends too early')
    if (left.text === '{' || isConstant(left)) return this.#swapped(left)
    if (left.kind !== 'word') throw new MatchError(left, `"${left.text}" is not the name of a field`)
    const equal = this.#operator(left)
    return build(left, equal, this.#constants())
  }

  /** `10.0.0.0/8 == ip4.src`: the constant stands on the left. */
  #swapped(first: Token): Match {
    if (first.text === '{') this.#next--
    const constants = first.text === '{' ? this.#constants() : [first]
    const equal = this.#operator(first)
    return build(this.#advance(), equal, constants)
  }

  #operator(left: Token): boolean {
    const token = this.#advance()
    if (token.text === '==') return true
    if (token.text === '!=') return false
    if (/^[<>]=?$/.test(token.text))
      throw new MatchError(token, `${token.text} is not supported here`, 'only == and != are')
    if (left.text.includes('[')) throw new MatchError(left, 'bit ranges are not supported')
    throw new MatchError(token, `== or != is missing after ${left.text}`)
  }

  #constants(): Token[] {
    if (!this.#take('{')) return [this.#constant()]
    const constants: Token[] = []
    for (;;) {
      if (constants.length > 0 && this.#take('}')) return constants
      constants.push(this.#constant())
      // Commas between the members of a set are optional in OVN.
      this.#take(',')
    }
  }

  #constant(): Token {
    const token = this.#advance()
    if (token.kind === 'address-set')
      throw new MatchError(
        token,
        `${token.text} is an address set or port group, which is not supported`,
        'write its members: { a, b }',
      )
    if (token.kind === 'end') throw new MatchError(token, 'a value is missing')
    if (token.kind === 'symbol') throw new MatchError(token, `a value is missing before "${token.text}"`)
    return token
  }

  #atOperator(): boolean {
    return /^(==|!=|<=?|>=?)$/.test(this.#peek().text) && this.#peek().kind === 'symbol'
  }

  #peek(): Token {
    return this.#tokens[this.#next]!
  }

  #advance(): Token {
    const token = this.#peek()
    if (token.kind !== 'end') this.#next++
    return token
  }

  #take(symbol: string): boolean {
    const token = this.#peek()
    if (token.kind !== 'symbol' || token.text !== symbol) return false
    this.#next++
    return true
  }
}

function isConstant(token: Token): boolean {
  return (
    token.kind === 'string' ||
    (token.kind === 'word' && (/^\d/.test(token.text) || parsePrefix(token.text) !== undefined))
  )
}

function build(field: Token, equal: boolean, constants: readonly Token[]): Match {
  const address = ADDRESS_FIELDS.find((name) => name === field.text)
  if (address !== undefined)
    return {
      kind: 'address',
      field: address,
      equal,
      prefixes: constants.map((one) => prefixOf(address, one)),
    }
  const number = NUMBER_FIELDS.find((name) => name === field.text)
  if (number !== undefined)
    return { kind: 'number', field: number, equal, values: constants.map((one) => numberOf(number, one)) }
  if (field.text === 'inport') {
    const wrong = constants.find((one) => one.kind !== 'string')
    if (wrong !== undefined) throw new MatchError(wrong, 'the name of a port needs quotation marks')
    return { kind: 'port', field: 'inport', equal, names: constants.map((one) => one.text) }
  }
  const known = [...ADDRESS_FIELDS, ...NUMBER_FIELDS, 'inport', ...PROTOCOLS]
  throw new MatchError(
    field,
    `"${field.text}" is not a field that router policies can use here`,
    `known are ${known.join(', ')}`,
  )
}

function prefixOf(field: (typeof ADDRESS_FIELDS)[number], token: Token): Prefix {
  const prefix = token.kind === 'word' ? (parsePrefix(token.text) ?? dottedMask(token.text)) : undefined
  if (prefix === undefined) throw new MatchError(token, `"${token.text}" is not an address or CIDR`)
  if ((typeof prefix.ip === 'number') !== field.startsWith('ip4')) {
    throw new MatchError(
      token,
      `${field} is compared with an ${typeof prefix.ip === 'number' ? 'IPv4' : 'IPv6'} address`,
    )
  }
  return masked(prefix)
}

/** `10.0.0.0/255.0.0.0`, which OVN also reads; masks with holes are refused. */
function dottedMask(text: string): Prefix | undefined {
  const [ip, mask] = text.split('/').map(parseIp)
  if (typeof ip !== 'number' || typeof mask !== 'number') return undefined
  const len = 32 - Math.round(Math.log2((~(mask as Ip4) >>> 0) + 1))
  return maskIp(0xffffffff, len) === mask ? { ip, len } : undefined
}

function numberOf(field: (typeof NUMBER_FIELDS)[number], token: Token): number {
  const most = field.startsWith('ip.') ? 255 : 65535
  const value =
    token.kind === 'word' && /^(0x[0-9a-f]+|\d+)$/i.test(token.text) ? Number(token.text) : Number.NaN
  if (!(value >= 0 && value <= most))
    throw new MatchError(token, `"${token.text}" is not a number from 0 to ${most}`)
  return value
}
