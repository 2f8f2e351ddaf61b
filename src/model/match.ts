/**
 * The part of OVN's match expressions (ovn-sb(5), "Expressions") that router policies use: comparisons of addresses, ports and
 * protocol fields, joined by `&&`, `||` and `!`. Constants with host bits are masked, as OVN's lexer does (PL-5).
 */
import type { Prefix } from '../net/prefix.ts'

export type Match =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Match[] }
  | { readonly kind: 'not'; readonly term: Match }
  | { readonly kind: 'const'; readonly value: boolean }
  /** `ip4`, `ip6`, `icmp4`, `icmp6`, `tcp`, `udp`. */
  | {
      readonly kind: 'protocol'
      readonly name: 'ip' | 'ip4' | 'ip6' | 'icmp' | 'icmp4' | 'icmp6' | 'tcp' | 'udp'
    }
  | {
      readonly kind: 'address'
      readonly field: 'ip4.src' | 'ip4.dst' | 'ip6.src' | 'ip6.dst'
      readonly equal: boolean
      readonly prefixes: readonly Prefix[]
    }
  | {
      readonly kind: 'port'
      readonly field: 'inport'
      readonly equal: boolean
      readonly names: readonly string[]
    }
  | {
      readonly kind: 'number'
      readonly field: 'tcp.src' | 'tcp.dst' | 'udp.src' | 'udp.dst' | 'ip.proto' | 'ip.ttl'
      readonly equal: boolean
      readonly values: readonly number[]
    }
