// The scalars that users write: durations, sizes, fractions, addresses, CIDRs, MACs. Each reader returns the value, or
// undefined after it has reported what is wrong with the text. Strict on purpose: what two tools read differently
// (010.1.2.0, 10.1/16, a number without unit) is refused with an explanation.

import type { Span } from '../diag/diagnostic.ts'
import type { Nanos } from '../model/time.ts'
import { formatIp, type Ip, parseIp } from '../net/ip.ts'
import { type Mac, parseMac } from '../net/mac.ts'
import { formatPrefix, hasHostBits, masked, type Prefix, parsePrefix } from '../net/prefix.ts'
import type { Context } from './context.ts'

/** Anything with a place: a value of a YAML document, or a cell of another text. */
export interface Located {
  readonly span: Span
}

const UNIT_NANOS: ReadonlyMap<string, number> = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['µs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 60e9],
  ['min', 60e9],
  ['h', 3600e9],
])

const DURATION_PART = /^(\d+(?:\.\d+)?)\s*([a-zµ]+)/

/** Times beyond this lose nanoseconds in a JavaScript number (ten weeks are 6e15). */
const DURATION_MAX = Number.MAX_SAFE_INTEGER

/** Reads `200us`, `1.5ms`, `3s`, `1m30s`, in nanoseconds; `0` needs no unit. */
export function readDuration(context: Context, raw: string | number, at: Located): Nanos | undefined {
  const text = String(raw).trim()
  if (text === '0') return 0
  const negative = text.startsWith('-')
  let rest = negative ? text.slice(1) : text
  let total = 0
  let unknownUnit: string | undefined
  while (rest !== '') {
    const [whole, figure, unit] = DURATION_PART.exec(rest) ?? []
    if (whole === undefined || figure === undefined || unit === undefined) break
    const nanos = UNIT_NANOS.get(unit)
    if (nanos === undefined) {
      unknownUnit = unit
      break
    }
    total += Number(figure) * nanos
    rest = rest.slice(whole.length).trimStart()
  }
  if (rest === '' && text !== '' && !negative && total <= DURATION_MAX) return Math.round(total)
  const bare = /^\d+(?:\.\d+)?$/.test(text)
  const message = bare
    ? `the duration ${text} has no unit`
    : negative && rest === ''
      ? `the time ${text} is before zero`
      : rest === '' && text !== ''
        ? `the duration "${text}" is too long`
        : unknownUnit === undefined
          ? `"${text}" is not a duration`
          : `"${unknownUnit}" is not a unit of time`
  context.diagnostics.error(negative && rest === '' ? 'IN023' : 'IN020', message, {
    span: at.span,
    expected:
      negative && rest === ''
        ? 'a time from 0s on'
        : 'a number with a unit: ns, us, ms, s, m or h, such as 200us, 1.5s or 1m30s',
    hint: bare ? `write ${text}s for seconds or ${text}ms for milliseconds` : undefined,
  })
  return undefined
}

const UNIT_BYTES: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['B', 1],
  ['kB', 1e3],
  ['KB', 1e3],
  ['k', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
])

/** Reads a number of bytes: `1400`, `64KiB`, `1MB`; at most 1 GiB. */
export function readSize(context: Context, raw: string | number, at: Located): number | undefined {
  const [, figure, unit] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(String(raw).trim()) ?? []
  const bytes = unit === undefined ? undefined : UNIT_BYTES.get(unit)
  if (figure !== undefined && bytes !== undefined) {
    const size = Number(figure) * bytes
    if (Number.isInteger(size) && size <= 1024 ** 3) return size
  }
  context.diagnostics.error('IN021', `"${raw}" is not a number of bytes`, {
    span: at.span,
    expected: 'bytes, such as 1400, 64KiB or 1MB, at most 1GiB',
  })
  return undefined
}

/** Reads a share of packets: `0.5%` or 0.005; 0 to 1 as a fraction. */
export function readFraction(context: Context, raw: string | number, at: Located): number | undefined {
  const [, figure, percent] = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(String(raw).trim()) ?? []
  if (figure !== undefined) {
    const fraction = Number(figure) / (percent === '%' ? 100 : 1)
    if (fraction <= 1) return fraction
    context.diagnostics.error('IN022', `a loss of ${raw} is more than everything`, {
      span: at.span,
      expected: 'a percentage from 0% to 100%, or a fraction from 0 to 1',
      hint: percent === '%' ? undefined : `write ${raw}% if percent is meant`,
    })
    return undefined
  }
  context.diagnostics.error('IN022', `"${raw}" is not a share of packets`, {
    span: at.span,
    expected: 'a percentage such as 0.5%, or a fraction such as 0.005',
  })
  return undefined
}

/** Reads one address of either family. */
export function readIp(context: Context, raw: string, at: Located): Ip | undefined {
  const ip = parseIp(raw.trim())
  if (ip !== undefined) return ip
  const withoutLength = raw.includes('/') ? parseIp(raw.slice(0, raw.indexOf('/'))) : undefined
  if (withoutLength !== undefined) {
    context.diagnostics.error('IN030', `"${raw}" is a CIDR, an address is needed here`, {
      span: at.span,
      hint: `write ${formatIp(withoutLength)}`,
    })
    return undefined
  }
  if (reportAmbiguous(context, raw, at)) return undefined
  context.diagnostics.error('IN030', `"${raw}" is not an IP address`, {
    span: at.span,
    expected: 'four numbers from 0 to 255 such as 10.16.0.10, or an IPv6 address such as fd00:10:16::a',
    hint: octetHint(raw),
  })
  return undefined
}

/** Reads `address/length` with host bits as written; the length may not be missing. */
export function readPrefix(context: Context, raw: string, at: Located): Prefix | undefined {
  const text = raw.trim()
  const prefix = text.includes('/') ? parsePrefix(text) : undefined
  if (prefix !== undefined) return prefix
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  if (reportAmbiguous(context, address, at)) return undefined
  const ip = parseIp(address)
  const length = slash < 0 ? undefined : text.slice(slash + 1)
  const most = ip === undefined || typeof ip === 'number' ? 32 : 128
  const message =
    ip !== undefined && length === undefined
      ? `"${text}" has no prefix length`
      : ip !== undefined
        ? `"/${length}" is not a prefix length`
        : `"${text}" is not a CIDR`
  context.diagnostics.error('IN032', message, {
    span: at.span,
    expected:
      ip === undefined
        ? 'an address and a length such as 10.16.0.0/16'
        : `an address and a length from 0 to ${most}`,
    hint:
      ip === undefined
        ? octetHint(address)
        : length === undefined
          ? `write ${text}/${most === 32 ? 16 : 64} for a network, ${text}/${most} for this address only`
          : parseIp(length) === undefined
            ? undefined
            : 'write the mask as a number of bits: 255.255.0.0 is /16',
  })
  return undefined
}

/** Reads a network: like `readPrefix`, but host bits are an error. */
export function readNetwork(context: Context, raw: string, at: Located): Prefix | undefined {
  const prefix = readPrefix(context, raw, at)
  if (prefix === undefined || !hasHostBits(prefix)) return prefix
  const network = formatPrefix(masked(prefix))
  context.diagnostics.error('IN033', `${raw.trim()} has bits set beyond its length of ${prefix.len}`, {
    span: at.span,
    expected: `the address of a network`,
    hint: `write ${network} for the network, or ${formatIp(prefix.ip)}/${typeof prefix.ip === 'number' ? 32 : 128} for the one address`,
  })
  return undefined
}

/** Reads a unicast MAC address. */
export function readMac(context: Context, raw: string, at: Located): Mac | undefined {
  const mac = parseMac(raw.trim())
  const group = mac !== undefined && Math.floor(mac / 2 ** 40) % 2 === 1
  if (mac !== undefined && !group) return mac
  context.diagnostics.error('IN034', group ? `${raw} is a group address` : `"${raw}" is not a MAC address`, {
    span: at.span,
    expected: group
      ? 'the address of one station: the first octet is even'
      : 'six octets of two hexadecimal digits with colons, such as 00:00:00:01:00:0a',
    hint:
      mac === undefined && /^[0-9a-f]{2}([-.][0-9a-f]{2}){5}$/i.test(raw)
        ? `write ${raw.replaceAll(/[-.]/g, ':')}`
        : undefined,
  })
  return undefined
}

/** Reports forms of IPv4 that programs read differently: leading zeros (octal), missing parts, hexadecimal, one number. */
function reportAmbiguous(context: Context, text: string, at: Located): boolean {
  const parts = text.split('.')
  const numbers = parts.every((part) => /^(0x[0-9a-f]+|\d+)$/i.test(part))
  if (!numbers || parts.length > 4) return false
  const decimal = parts.map((part) =>
    String(Number.parseInt(part, part.toLowerCase().startsWith('0x') ? 16 : 10)),
  )
  if (parts.some((part) => part.length > 1 && part.startsWith('0'))) {
    const octal = parts.map((part) => String(Number.parseInt(part, /^0\d/.test(part) ? 8 : 10)))
    const hex = text.toLowerCase().includes('0x')
    context.diagnostics.error('IN031', `"${text}" is read in different ways by different programs`, {
      span: at.span,
      expected: 'decimal numbers without leading zeros',
      hint: hex
        ? 'write the address in decimal'
        : octal.join('.') === decimal.join('.')
          ? `write ${decimal.join('.')}`
          : `inet_aton takes a leading zero as octal (${octal.join('.')}), others as decimal (${decimal.join('.')}); write the one you mean`,
    })
    return true
  }
  if (parts.length < 4) {
    context.diagnostics.error(
      'IN031',
      `"${text}" is a shortened IPv4 address, which programs read in different ways`,
      {
        span: at.span,
        expected: 'four numbers',
        hint:
          parts.length === 1
            ? undefined
            : `inet_aton puts the zeros before the last number, people behind it; write ${[...parts, 0, 0, 0].slice(0, 4).join('.')} if that is meant`,
      },
    )
    return true
  }
  return false
}

function octetHint(text: string): string | undefined {
  const parts = text.split('.')
  if (parts.length === 4) {
    const large = parts.find((part) => /^\d+$/.test(part) && Number(part) > 255)
    if (large !== undefined) return `${large} is more than 255`
    const letters = parts.find((part) => /[oOlI]/.test(part))
    if (letters !== undefined) return `"${letters}" holds a letter where a digit is meant`
  }
  if (parts.length === 5) return 'there are five numbers'
  return undefined
}
