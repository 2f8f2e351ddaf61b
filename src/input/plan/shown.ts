// What a running cluster shows, pasted beside its plan: `subctl show all`, `kubectl get pods -o wide`, `ip route` and `ping` inside a pod,
// and the complaint of a Submariner gateway that finds no CNI interface. Rules compare it with what was planned.

import type { Span } from '../../diag/diagnostic.ts'
import { lineText, type SourceFile } from '../../diag/source.ts'
import type { PlanPodRoute, Written } from '../../model/plan.ts'
import { parseIp } from '../../net/ip.ts'
import { parsePrefix } from '../../net/prefix.ts'
import type { PlanDraft } from './draft.ts'

const ENDPOINTS = /^\s*CLUSTER\s+ENDPOINT IP\s/
const CONNECTIONS = /^\s*GATEWAY\s+CLUSTER\s+REMOTE IP\s/
const PODS = /^\s*NAME\s+READY\s+STATUS\s.*\sIP\s+NODE\b/
const POD_ROUTE = /^\s*(default|[0-9a-f.:]+(?:\/\d+)?)\s+(?:via (\S+)\s+)?dev (\S+)(?:\s.*?\bsrc (\S+))?/
const PING = /^\s*PING \S+ \(([0-9a-f.:]+)\)/
const COMPLAINT = /unable to find CNI Interface on the host which has IP from \[(.*?)\]/
const NETWORKS = /^\s*(Service|Cluster) CIDRs:\s*\[(.*?)\]/

/** True for text of one of these forms. */
export function isShownText(text: string): boolean {
  const head = text.length > 65_536 ? text.slice(0, 65_536) : text
  if (/^\s*(?:apiVersion|kind|isthmus|clusters)\s*:/m.test(head) || /^\s*[{[]/.test(head)) return false
  if (COMPLAINT.test(head)) return true
  return head
    .split('\n')
    .some(
      (line) =>
        ENDPOINTS.test(line) ||
        CONNECTIONS.test(line) ||
        PODS.test(line) ||
        PING.test(line) ||
        (POD_ROUTE.test(line) && / dev /.test(line)),
    )
}

/** Reads all forms; a file may hold one after the other. */
export function readShownText(draft: PlanDraft, source: SourceFile, cluster: string): void {
  let table: 'endpoints' | 'connections' | 'pods' | undefined
  const routes: PlanPodRoute[] = []
  for (let line = 1; line <= source.lineStarts.length; line++) {
    const text = lineText(source, line)
    const trimmed = text.trim()
    const written = (word: string): Written<string> => ({
      value: word,
      span: spanOf(source, line, text, word),
    })
    if (ENDPOINTS.test(text)) table = 'endpoints'
    else if (CONNECTIONS.test(text)) table = 'connections'
    else if (PODS.test(text)) table = 'pods'
    else if (PING.test(text)) {
      const word = PING.exec(text)![1]!
      const target = parseIp(word)
      if (target !== undefined)
        draft.pings.push({ cluster, target: { value: target, span: written(word).span } })
    } else if (trimmed === '' || /^[^\w\d]/.test(trimmed)) table = undefined
    else if (COMPLAINT.test(text)) {
      for (const word of COMPLAINT.exec(text)![1]!.split(/[\s,"\\]+/)) {
        const prefix = parsePrefix(word)
        if (prefix !== undefined && word.includes('/'))
          draft.complaints.push({ cluster, cidr: { value: prefix, span: spanOf(source, line, text, word) } })
      }
    } else if (NETWORKS.test(text)) {
      const [, what, list = ''] = NETWORKS.exec(text)!
      for (const word of list.split(/[\s,]+/)) {
        const prefix = parsePrefix(word)
        if (prefix === undefined || !word.includes('/')) continue
        const role = what === 'Service' ? 'services' : 'cluster-cidr'
        draft.network({
          cluster,
          role,
          name: role,
          prefix,
          span: spanOf(source, line, text, word),
          exported: false,
        })
      }
    } else if (POD_ROUTE.test(text) && table === undefined) {
      const [, to = '', via, device = '', src] = POD_ROUTE.exec(text)!
      routes.push({
        to: written(to),
        device,
        ...(via !== undefined && { via: written(via) }),
        ...(src !== undefined && { source: written(src) }),
      })
    } else if (table === 'endpoints') {
      const [id = '', ip] = trimmed.split(/\s+/)
      const settings = draft.submariner(cluster, written(id).span)
      if (/\blocal$/.test(trimmed)) {
        settings.shownAs = [...settings.shownAs, written(id)]
        const address = parseIp(ip ?? '')
        if (address !== undefined)
          draft.shownAddresses.push({ cluster, ip: { value: address, span: written(ip!).span } })
      }
    } else if (table === 'pods') {
      const words = trimmed.split(/\s+/)
      const address = words.find((word) => parseIp(word) !== undefined)
      if (words.length < 6 || words[2] !== 'Running') continue
      draft.pods.push({
        cluster,
        name: written(words[0]!),
        namespace: 'default',
        ips: address === undefined ? [] : [{ value: parseIp(address)!, span: written(address).span }],
        replicas: 1,
        attachments: [],
        running: true,
      })
    }
  }
  const [first] = routes
  if (first !== undefined) draft.podRoutes.push({ cluster, span: first.to.span, routes })
}

function spanOf(source: SourceFile, line: number, text: string, word: string): Span {
  return {
    file: source.path,
    line,
    column: Math.max(0, text.indexOf(word)) + 1,
    length: Math.max(1, word.length),
  }
}
