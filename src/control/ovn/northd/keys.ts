// Tunnel keys as northd gives them out (OVN 23.03, build_datapaths and build_ports, asked of the real program).
// Requested keys come first, then keys that rows have already, then new ones: for datapaths the lowest free key, for ports
// the one after the highest in use. So a deleted switch's key is given to the next switch, a deleted port's key is not
// reused until the numbers wrap. Which new row gets which key follows the UUIDs of the rows, hence is random in practice.

/** Keys 1 … 2^24 - 1 of datapaths that are local to one AZ are below those of transit switches (TS-3). */
export const DATAPATH_KEY_MAX = 0xff0000

/** Port keys have 15 bits because the ingress field of the Geneve option has (GE-7). */
export const PORT_KEY_MAX = 32767

/** One row that wants a key. */
export interface KeyRequest<Id> {
  readonly id: Id
  /** `options:requested-tnl-key`, if it is set. */
  readonly requested: number | undefined
  /** The key that the row has now, if it exists. */
  readonly present: number | undefined
}

/** New keys start at the lowest free one, or after the highest in use. */
export type KeyPolicy = 'lowest-free' | 'after-highest'

/** Gives every request a key, in the order of requests. Of two that request one key the first has it. */
export function assignKeys<Id>(
  requests: readonly KeyRequest<Id>[],
  policy: KeyPolicy,
  max: number,
): Map<Id, number> {
  const keys = new Map<Id, number>()
  const used = new Set<number>()
  let highest = 0
  const take = (id: Id, key: number | undefined): void => {
    if (key === undefined || keys.has(id) || used.has(key)) return
    keys.set(id, key)
    used.add(key)
    if (key > highest) highest = key
  }
  for (const { id, requested } of requests) take(id, requested)
  for (const { id, present } of requests) take(id, present)
  let last = policy === 'after-highest' ? highest : 0
  for (const { id } of requests) {
    if (keys.has(id)) continue
    const key = nextFree(used, last, max)
    // With every key in use the row stays without one and is left out, as northd leaves it out.
    if (key === undefined) break
    take(id, key)
    last = key
  }
  return keys
}

/** The number in `options:requested-tnl-key`; undefined when it is absent or no key. */
export function requestedKey(options: Readonly<Record<string, string>>): number | undefined {
  const text = options['requested-tnl-key']
  return text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined
}

function nextFree(used: ReadonlySet<number>, last: number, max: number): number | undefined {
  if (used.size >= max) return undefined
  let key = last
  do key = key >= max ? 1 : key + 1
  while (used.has(key))
  return key
}
