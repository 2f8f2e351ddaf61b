// Whose an address is: networks of a plan by what they cover.

import type { Plan, PlanMention, PlanNetwork } from '../../model/plan.ts'
import type { Ip } from '../../net/ip.ts'
import { maskIp, type Prefix } from '../../net/prefix.ts'

/** Roles of networks that nodes have addresses in. */
export const NODE_ROLES: ReadonlySet<string> = new Set(['nodes', 'underlay', 'kind', 'external'])
export const POD_NETWORKS: ReadonlySet<string> = new Set(['pods', 'pool', 'cluster-cidr', 'underlay'])

/** Networks by prefix, so that all around an address are found by as many questions as there are lengths. */
export class Covering {
  readonly #byPrefix = new Map<string, PlanNetwork[]>()
  /** Descending, by family. */
  readonly #lengths = { number: [] as number[], object: [] as number[] }

  constructor(networks: Iterable<PlanNetwork>) {
    for (const network of networks) {
      const { ip, len } = network.prefix
      const key = keyOf(ip, len)
      const known = this.#byPrefix.get(key)
      if (known === undefined) this.#byPrefix.set(key, [network])
      else known.push(network)
      const lengths = this.#lengths[typeof ip as 'number' | 'object']
      if (!lengths.includes(len)) lengths.push(len)
    }
    for (const lengths of Object.values(this.#lengths)) lengths.sort((a, b) => b - a)
  }

  /** The networks that hold all of a prefix, the smallest first. */
  around({ ip, len }: Prefix): PlanNetwork[] {
    return this.#lengths[typeof ip as 'number' | 'object'].flatMap((length) =>
      length > len ? [] : (this.#byPrefix.get(keyOf(maskIp(ip, length), length)) ?? []),
    )
  }

  /** True where any network holds all of a prefix. */
  covers(prefix: Prefix): boolean {
    const { ip, len } = prefix
    return this.#lengths[typeof ip as 'number' | 'object'].some(
      (length) => length <= len && this.#byPrefix.has(keyOf(maskIp(ip, length), length)),
    )
  }
}

function keyOf(ip: Ip, len: number): string {
  return typeof ip === 'number' ? `${len} ${ip}` : `${len} ${ip.w0} ${ip.w1} ${ip.w2} ${ip.w3}`
}

/** Answers whose an address is. More than one network: nobody can tell which of them is meant. */
export class Owners {
  readonly #all: Covering

  constructor(plan: Plan) {
    this.#all = new Covering(plan.networks)
  }

  /** The smallest network of a cluster around these addresses; of equal ones the first. */
  readonly home = (
    cluster: string,
    prefix: Prefix,
    roles: (network: PlanNetwork) => boolean = () => true,
  ): PlanNetwork[] => {
    const found = this.#all.around(prefix).find((one) => one.cluster === cluster && roles(one))
    return found === undefined ? [] : [found]
  }

  /** What a route or a list of one cluster means by an address: a network of another, or else its own. */
  readonly meant = (cluster: string, prefix: Prefix): PlanNetwork[] => {
    const others = this.#each(prefix, (one) => one.cluster !== cluster && one.cluster !== '')
    return others.length > 0 ? others : this.home(cluster, prefix)
  }

  /** The smallest network of every cluster that has these addresses. */
  readonly everyone = (prefix: Prefix): PlanNetwork[] => this.#each(prefix, () => true)

  /** By what a document says about itself. */
  readonly by = ({ cluster, whose }: PlanMention, prefix: Prefix): PlanNetwork[] => {
    const own = (): PlanNetwork[] => this.home(cluster, prefix)
    const roles = whose === 'pods' ? POD_NETWORKS : NODE_ROLES
    const found =
      whose === 'any'
        ? []
        : whose === 'own'
          ? own()
          : whose === 'other'
            ? this.meant(cluster, prefix)
            : [...this.home(cluster, prefix, ({ role }) => roles.has(role)), ...own()].slice(0, 1)
    return found.length > 0 ? found : this.everyone(prefix)
  }

  /** Of every cluster the smallest; where some have exactly this prefix, only those. */
  #each(prefix: Prefix, of: (network: PlanNetwork) => boolean): PlanNetwork[] {
    const around = this.#all.around(prefix).filter(of)
    const exact = around.filter((one) => one.prefix.len === prefix.len)
    const smallest = new Map<string, PlanNetwork>()
    for (const one of exact.length > 0 ? exact : around)
      if (!smallest.has(one.cluster)) smallest.set(one.cluster, one)
    return [...smallest.values()]
  }

  /** True where a network has exactly this prefix. */
  isNetwork(prefix: Prefix): boolean {
    return this.#all.around(prefix).some((one) => one.prefix.len === prefix.len)
  }
}
