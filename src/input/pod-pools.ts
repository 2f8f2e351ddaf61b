// Free addresses for pods that were given none, a pool for each gateway of a subnet.

import type { Pod, Subnet } from '../model/network.ts'
import type { Ip } from '../net/ip.ts'
import { formatPrefix, type Prefix } from '../net/prefix.ts'
import { AddressPool } from './addresses.ts'

/** The first host that is given to a pod, counted from the network's address: those below are for people to hand out. */
const FIRST_HOST = 10

/** The pools of one cluster. */
export class PodPools {
  readonly #pools = new Map<string, AddressPool>()

  /** A free address behind a gateway; undefined when there is none left. `pods` are those that have theirs already. */
  take(subnet: Subnet, gateway: Prefix, pods: readonly Pod[]): Ip | undefined {
    const key = poolKey(subnet, gateway)
    let pool = this.#pools.get(key)
    if (pool === undefined) {
      const taken = [...subnet.gateways.map((one) => one.ip), ...pods.flatMap((pod) => pod.ips)]
      pool = new AddressPool(gateway, taken, FIRST_HOST)
      this.#pools.set(key, pool)
    }
    return pool.take()
  }

  /** Keeps addresses of a subnet from being taken. */
  reserve(subnet: Subnet, ips: readonly Ip[]): void {
    for (const gateway of subnet.gateways) this.#pools.get(poolKey(subnet, gateway))?.reserve(ips)
  }
}

function poolKey(subnet: Subnet, gateway: Prefix): string {
  return `${subnet.name} ${formatPrefix(gateway)}`
}
