// Addresses for machines that a plan leaves out: outside everything that the plan names.

import type { Plan } from '../../model/plan.ts'
import { formatIp, type Ip } from '../../net/ip.ts'
import { contains, formatPrefix, overlaps, type Prefix, parsePrefix } from '../../net/prefix.ts'

/** Looked at in this order: RFC 2544's and RFC 5737's networks, which no plan should use, then private ones from behind. */
const CANDIDATES = [
  '198.18.0.0/15',
  '203.0.113.0/24',
  '198.51.100.0/24',
  '192.0.2.0/24',
  ...Array.from({ length: 256 }, (_, i) => `192.168.${255 - i}.0/24`),
  ...Array.from({ length: 256 }, (_, i) => `10.${255 - i}.0.0/16`),
].map((text) => parsePrefix(text)!)

/** Gives out addresses of a network that overlaps none of the plan's. */
export class FreeAddresses {
  /** Undefined when the plan uses everything. */
  readonly network: Prefix | undefined
  #next = 0

  constructor(plan: Plan) {
    const taken: Ip[] = [
      ...plan.nodes.flatMap(({ ips, interfaces }) => [...ips, ...interfaces].map(({ value }) => value)),
      ...plan.pods.flatMap(({ ips }) => ips.map(({ value }) => value)),
    ]
    this.network = CANDIDATES.find(
      (one) =>
        !plan.networks.some(({ prefix }) => overlaps(prefix, one)) && !taken.some((ip) => contains(one, ip)),
    )
  }

  /** The next address; undefined when there is none left. */
  take(): string | undefined {
    if (this.network === undefined) return undefined
    this.#next++
    const { ip, len } = this.network
    return this.#next < 2 ** (32 - len) - 1 ? formatIp((ip as number) + this.#next) : undefined
  }

  /** Where invented machines live, once there are any. */
  get used(): string | undefined {
    return this.#next === 0 || this.network === undefined ? undefined : formatPrefix(this.network)
  }
}
