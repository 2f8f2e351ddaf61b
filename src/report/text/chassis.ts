// Chassis by the names of their nodes. Kube-OVN gives chassis UUIDs, which OVN's own messages name them by and nobody knows
// by heart; structured reports keep the messages as they are.

import type { Network } from '../../model/network.ts'

const UUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g

/** A function that puts the node's name for every UUID that is a chassis of the network, and leaves all else alone. */
export function nodeNames({ clusters }: Network): (text: string) => string {
  const names = new Map(clusters.flatMap(({ nodes }) => nodes.map(({ chassis, name }) => [chassis, name])))
  return (text) => text.replace(UUID, (uuid) => names.get(uuid) ?? uuid)
}
