// The ConfigMap `ovn-ic-config` of Kube-OVN with its seven keys (ovn-semantics 4.1). Values are text in Kubernetes, and
// Kube-OVN reads them literally: only "false" disables, only "true" turns the automatic routes on. Values that look
// like either and are not get a warning, because the real controller would not complain.

import { didYouMean } from '../diag/suggest.ts'
import type { IcConfig } from '../model/network.ts'
import type { Context } from './context.ts'
import { type ConfigMapDraft, priorityOf } from './draft.ts'
import type { Manifest } from './manifest.ts'
import { Fields } from './manifest-fields.ts'
import type { At } from './yaml-file.ts'

/** The keys of the ConfigMap; the complete set in every release. */
export const CONFIG_KEYS = [
  'enable-ic',
  'az-name',
  'ic-db-host',
  'ic-nb-port',
  'ic-sb-port',
  'gw-nodes',
  'auto-route',
] as const

export type ConfigKey = (typeof CONFIG_KEYS)[number]

const NAME = 'ovn-ic-config'

/** Reads the ConfigMap; others are noted. Undefined when it is another one or cannot be used. */
export function readConfigMap(context: Context, manifest: Manifest): ConfigMapDraft | undefined {
  const fields = new Fields(context, manifest)
  const name = fields.name
  if (name !== NAME) {
    const near = didYouMean(name, [NAME])
    if (near !== undefined)
      context.diagnostics.warning('IN072', `the ConfigMap ${name} is not used`, {
        span: fields.nameAt.span,
        expected: NAME,
        hint: near,
      })
    else if (name !== '')
      context.diagnostics.info('IN072', `the ConfigMap ${name} is not used`, { span: fields.nameAt.span })
    return undefined
  }
  const namespace = fields.text('metadata', 'namespace')
  if (namespace !== undefined && namespace !== 'kube-system') {
    context.diagnostics.warning(
      'IN076',
      `Kube-OVN reads ${NAME} in the namespace kube-system, not in ${namespace}`,
      { span: fields.at('metadata', 'namespace').span },
    )
  }
  const data = fields.raw('data')
  const values: Partial<Record<ConfigKey, string>> = {}
  for (const key of typeof data === 'object' && data !== null ? Object.keys(data) : []) {
    const known = CONFIG_KEYS.find((one) => one === key)
    if (known !== undefined) {
      const value = fields.text('data', key)
      if (value !== undefined) values[known] = value
    } else {
      context.diagnostics.warning('IN076', `${NAME} has no key ${key}; Kube-OVN ignores it`, {
        span: fields.at('data', key).key,
        expected: `one of ${CONFIG_KEYS.join(', ')}`,
        hint: didYouMean(key, CONFIG_KEYS),
      })
    }
  }
  return configOf(context, values, fields.at('data'), undefined)
}

/** The configuration that values of the keys mean; keys that are absent keep what `before` had. */
export function configOf(
  context: Context,
  values: Partial<Record<ConfigKey, string>>,
  at: At,
  before: IcConfig | undefined,
): ConfigMapDraft {
  const literal = (key: ConfigKey, effect: string): string | undefined => {
    const value = values[key]
    if (value !== undefined && value !== 'true' && value !== 'false') {
      context.diagnostics.warning('IN076', `${key} is "${value}", which Kube-OVN takes for ${effect}`, {
        span: at.in(key).span,
        expected: '"true" or "false"',
      })
    }
    return value
  }
  const list = (key: ConfigKey): string[] | undefined =>
    values[key]
      ?.split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '')
  const port = (key: ConfigKey, otherwise: number): number => {
    const value = values[key]
    if (value === undefined) return otherwise
    const number = /^\d{1,5}$/.test(value.trim()) ? Number(value) : 0
    if (number >= 1 && number <= 65535) return number
    context.diagnostics.error('IN075', `${key} is "${value}", which is not a port`, {
      span: at.in(key).span,
      expected: 'a number from 1 to 65535 in quotes, such as "6645"',
    })
    return otherwise
  }
  const enable = literal('enable-ic', 'enabled')
  const auto = literal('auto-route', 'off')
  const gatewayNodes = list('gw-nodes')
  if (before === undefined && enable !== 'false') {
    for (const key of ['az-name', 'gw-nodes'] as const) {
      if ((values[key] ?? '').trim() === '')
        context.diagnostics.error('IN011', `${NAME} lacks ${key}`, {
          span: at.span,
          expected:
            key === 'az-name'
              ? 'the name of this availability zone'
              : 'names of nodes with commas between them; the first is preferred',
        })
    }
  }
  return {
    config: {
      enable: enable === undefined ? (before?.enable ?? true) : enable !== 'false',
      azName: values['az-name']?.trim() ?? before?.azName ?? '',
      dbHosts: list('ic-db-host') ?? before?.dbHosts ?? [],
      nbPort: port('ic-nb-port', before?.nbPort ?? 6645),
      sbPort: port('ic-sb-port', before?.sbPort ?? 6646),
      gatewayNodes: gatewayNodes ?? before?.gatewayNodes ?? [],
      autoRoute: auto === undefined ? (before?.autoRoute ?? false) : auto === 'true',
    },
    at,
    gateways: (gatewayNodes ?? []).map((node, i) => ({
      node,
      priority: priorityOf(i),
      at: at.in('gw-nodes'),
    })),
  }
}
