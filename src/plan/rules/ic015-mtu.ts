// V15: the MTU budget of Geneve on every leg.

import type { JoinedCluster } from '../index.ts'
import { geneveOverhead, KUBE_OVN_MARGIN, type Leg, legsOf, tunnelsOverSix } from '../mtu.ts'
import { place, type Rule } from '../rule.ts'

export const icMtu: Rule = {
  code: 'IC015',
  title: 'Packets of pods do not fit into the tunnels between clusters',
  severity: "error; warning where the pods' MTU is Kube-OVN's default and not stated",
  explanation:
    "A packet of a pod crosses up to three tunnels, each of which adds 58 bytes (78 over IPv6) and takes them off again, so the smallest MTU of all links decides: from the sender to its gateway, from gateway to gateway over the WAN, and from there to the receiver. The outer packet must not be fragmented and OVN sends no message back: what is too large disappears. Small pings work, transfers hang.\n\nKube-OVN sets the pods' MTU 100 below that of the node's interface; it knows nothing of the WAN. Set the pods' MTU (`--mtu` of kube-ovn-cni) to the smallest link less 58, everywhere.",
  basis: [
    'V15',
    'MT-1',
    'MT-2',
    'MT-3',
    'MT-4',
    'https://github.com/kubeovn/kube-ovn/issues/4254',
    'https://github.com/kubeovn/kube-ovn/issues/1457',
    'https://github.com/kubeovn/kube-ovn/pull/429',
  ],
  check(plan, report) {
    const legs = legsOf(plan)
    if (legs.none) return
    const senders = new Map(plan.ovnIc.map((cluster) => [cluster, largestOf(plan, cluster)]))
    // One link that is narrow for many pairs is one problem for each sender.
    const seen = new Set<string>()
    for (const [i, a] of plan.ovnIc.entries()) {
      for (const b of plan.ovnIc.slice(i + 1)) {
        const leg = legs.narrowest(a, b)
        if (leg === undefined) continue
        for (const sender of [a, b]) {
          const largest = senders.get(sender)
          const room = leg.mtu.value - geneveOverhead(tunnelsOverSix(sender.nodes))
          const key = `${sender.id} ${leg.what}`
          if (largest === undefined || largest.mtu <= room || seen.has(key)) continue
          seen.add(key)
          const problem = problemOf(sender, sender === a ? b : a, leg, room, largest)
          report(problem)
        }
      }
    }
  },
}

interface Largest {
  readonly mtu: number
  /** Where it is stated; undefined for Kube-OVN's own choice. */
  readonly at: ReturnType<typeof place>
}

/** The largest packets that a cluster's pods send. */
function largestOf(plan: Parameters<Rule['check']>[0], cluster: JoinedCluster): Largest | undefined {
  let stated = cluster.podMtu
  for (const { cluster: id, mtu } of plan.pods)
    if (id === cluster.id && mtu !== undefined && (stated === undefined || mtu.value > stated.value))
      stated = mtu
  if (stated !== undefined)
    return { mtu: stated.value, at: place(stated.span, `MTU of pods in ${cluster.id}`) }
  const link = Math.max(0, plan.underlayMtu?.value ?? 0, ...cluster.nodes.map(({ mtu }) => mtu?.value ?? 0))
  return cluster.kubeOvn && link > 0 ? { mtu: link - KUBE_OVN_MARGIN, at: undefined } : undefined
}

function problemOf(
  sender: JoinedCluster,
  other: JoinedCluster,
  leg: Leg,
  room: number,
  { mtu, at }: Largest,
): Parameters<Parameters<Rule['check']>[1]>[0] {
  return {
    severity: at === undefined ? 'warning' : 'error',
    message: `packets of ${mtu} bytes from ${sender.id} do not fit through ${leg.what}, which carries ${leg.mtu.value}`,
    places: [at, place(leg.mtu.span, `${leg.mtu.value} − ${leg.mtu.value - room} = ${room} for pods`)],
    effect: `Packets of ${room + 1} to ${mtu} bytes from ${sender.id} to ${other.id} disappear without an ICMP message; small pings pass.`,
    hint: `set the pods' MTU in all clusters to ${room} or less${at === undefined ? `; ${mtu} is what Kube-OVN chooses by itself` : ''}`,
    clusters: [sender.id, other.id],
    subject: [sender.id, String(mtu), leg.what, String(leg.mtu.value)],
  }
}
