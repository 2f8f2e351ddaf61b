/** Packets that end outside the pipelines: on the underlay, at a chassis that does not run, in a pod's stack. */
import type { Drop } from '../model/trace.ts'
import type { UnderlayLoss } from '../sim/underlay.ts'

/** A packet ended at `where`: a node, a pod. */
export function stationDrop(kind: Drop['kind'], where: string, reason: string): Drop {
  return { kind, where, datapath: '', stage: 'underlay', reason }
}

/** A packet got lost between two nodes. */
export function lossDrop(loss: UnderlayLoss, from: string, to: string | undefined): Drop {
  const kind = loss.kind === 'unknown-destination' ? 'tunnel-down' : loss.kind
  return stationDrop(kind, loss.node, lossText(loss, from, to))
}

function lossText(loss: UnderlayLoss, from: string, to: string | undefined): string {
  const path = `${from} to ${to ?? 'an address that no node has'}`
  switch (loss.kind) {
    case 'link-down':
      return `${path}: the link of ${loss.node} is down`
    case 'link-loss':
      return `${path}: lost on the link of ${loss.node}`
    case 'mtu-exceeded':
      return `${path}: ${loss.length} bytes exceed the MTU ${loss.mtu} of ${loss.node}, and the outer header forbids fragments (MT-4)`
    case 'unknown-destination':
      return path
  }
}
