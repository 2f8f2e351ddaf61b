// A value of the file on one line, as reports show entries of `timeline` and `expect`: `fail: az1/az1-gw1, silent: true`.

/** Writes a mapping without its outer braces; the listed keys are left out. */
export function oneLine(value: Readonly<Record<string, unknown>>, without: readonly string[] = []): string {
  return Object.entries(value)
    .filter(([key, one]) => one !== undefined && !without.includes(key))
    .map(([key, one]) => `${key}: ${flow(one)}`)
    .join(', ')
}

/** Writes a value as YAML would in flow style; texts get quotes only where they need them. */
export function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value === 'object' && value !== null) return `{ ${oneLine(value as Record<string, unknown>)} }`
  if (typeof value !== 'string') return String(value)
  return /^[^\s"'#&*!|>%@`,[\]{}:-][^"'#,[\]{}\n]*$/.test(value) && !value.includes(': ')
    ? value
    : JSON.stringify(value)
}
