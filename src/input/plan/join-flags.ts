// `subctl join` command lines, in scripts, runbooks or notes: each line with its flags is a cluster that joins.

import type { Span } from '../../diag/diagnostic.ts'
import { type SourceFile, spanAt } from '../../diag/source.ts'
import { didYouMean } from '../../diag/suggest.ts'
import type { NetworkRole, Written } from '../../model/plan.ts'
import { networkOf } from './document.ts'
import type { PlanDraft } from './draft.ts'
import { take } from './submariner.ts'

const JOIN = /\bsubctl\s+join\b(?:[^\n\\]|\\\r?\n|\\.)*/g

/** Flags of subctl join that say nothing about addresses, and those below. */
const OTHER_FLAGS = [
  'kubeconfig',
  'kubecontext',
  'context',
  'broker-info',
  'clusterid',
  'label-gateway',
  'load-balancer',
  'pod-debug',
  'ipsec-debug',
  'preferred-server',
  'nattport',
  'cable-driver',
  'natt',
  'force-udp-encaps',
  'health-check',
  'health-check-interval',
  'health-check-max-packet-loss-count',
  'air-gapped',
  'globalnet',
  'globalnet-cluster-size',
  'repository',
  'version',
  'image-override',
  'coredns-custom-configmap',
  'custom-domains',
  'check-broker-certificate',
  'brokerurl',
  'in-cluster',
  'nat-discovery-port',
  'ignore-requirements',
  'clustersetip-cidr',
  'enable-clustersetip',
  'namespace',
  'service-discovery',
]

const NETWORK_FLAGS: Readonly<Record<string, NetworkRole>> = {
  clustercidr: 'cluster-cidr',
  servicecidr: 'services',
  'globalnet-cidr': 'globalnet',
}

/** True for a text with such a line; YAML that quotes one (a document with `apiVersion:` at its beginning) is not meant. */
export function isJoinText(text: string): boolean {
  return /\bsubctl\s+join\b/.test(text) && !/^\s*(?:apiVersion|kind|isthmus|clusters)\s*:/m.test(text)
}

/** The cluster that a text with a single join names. */
export function joinName(text: string): string | undefined {
  const names = new Set([...text.matchAll(/--clusterid[=\s]+["']?([^\s"'\\]+)/g)].map((match) => match[1]!))
  return names.size === 1 ? [...names][0] : undefined
}

/** Reads all joins of a text; `cluster` is whose they are where that is known, `fallback` where neither it nor the line tells. */
export function readJoinText(draft: PlanDraft, source: SourceFile, fallback: string, cluster?: string): void {
  for (const match of source.text.matchAll(JOIN))
    readJoin(draft, source, match[0], match.index, fallback, cluster)
}

function readJoin(
  draft: PlanDraft,
  source: SourceFile,
  line: string,
  start: number,
  fallback: string,
  whose: string | undefined,
): void {
  const flags = new Map<string, Written<string>>()
  for (const match of line.matchAll(/--([a-z-]+)(?:(=|\s+(?!-))(["']?)([^\s"'\\]*)\3)?/g)) {
    const [, name = '', separator, quote = '', given] = match
    const boolean = given === undefined
    const offset = start + match.index + 2 + name.length + (separator?.length ?? 0) + quote.length
    const span = boolean
      ? spanAt(source, start + match.index, start + match.index + match[0].length)
      : spanAt(source, offset, offset + given.length)
    if (!Object.hasOwn(NETWORK_FLAGS, name) && !OTHER_FLAGS.includes(name)) {
      const known = [...Object.keys(NETWORK_FLAGS), ...OTHER_FLAGS]
      draft.diagnostics.warning('PL008', `subctl join has no flag --${name}`, {
        span: spanAt(source, start + match.index, start + match.index + 2 + name.length),
        hint: didYouMean(name, known)?.replace('"', '"--'),
      })
    } else flags.set(name, { value: boolean ? 'true' : given, span })
  }
  const whole = spanAt(source, start, start + 'subctl join'.length)
  const id = flags.get('clusterid')
  const cluster = whose ?? id?.value ?? fallback
  const settings = draft.submariner(cluster, id?.span ?? whole)
  const flag = (name: string): Written<boolean> | undefined => {
    const text = flags.get(name)
    if (text === undefined) return undefined
    if (/^(?:true|false|1|0|t|f)$/i.test(text.value))
      return { value: /^(?:true|1|t)$/i.test(text.value), span: text.span }
    draft.diagnostics.error('PL003', `--${name} is not true or false`, {
      span: text.span,
      expected: 'true or false',
    })
    return undefined
  }
  const port = flags.get('nattport')
  take(settings, {
    clusterId: id,
    version: flags.get('version'),
    globalnet: flag('globalnet'),
    cableDriver: flags.get('cable-driver'),
    natt: flag('natt'),
    forceUdpEncaps: flag('force-udp-encaps'),
    healthCheck: flag('health-check'),
    airGapped: flag('air-gapped'),
    broker: flags.get('brokerurl') ?? brokerFile(source, line, start),
    udpPort: port === undefined ? undefined : { value: Number(port.value), span: port.span },
  })
  for (const [name, role] of Object.entries(NETWORK_FLAGS)) {
    const text = flags.get(name)
    if (text === undefined) continue
    for (const { word, span } of wordsOf(text))
      for (const prefix of networkOf(draft, word, { span }))
        draft.network({ cluster, role, name, prefix: prefix.value, span, exported: false })
  }
}

function wordsOf({ value, span }: Written<string>): { readonly word: string; readonly span: Span }[] {
  let from = 0
  return value.split(',').map((word) => {
    const place = {
      file: span.file,
      line: span.line,
      column: span.column + from,
      length: Math.max(1, word.length),
    }
    from += word.length + 1
    return { word, span: place }
  })
}

/** The broker is told by a file, whose name is all there is to compare. */
function brokerFile(source: SourceFile, line: string, start: number): Written<string> | undefined {
  const match = /\s([^\s=-][^\s=]*\.subm)\b/.exec(line)
  if (match === null) return undefined
  const at = start + match.index + 1
  return { value: match[1]!, span: spanAt(source, at, at + match[1]!.length) }
}
