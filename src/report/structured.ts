// JSON and YAML. YAML is written from the same plain data by a small emitter of our own, so that `-o yaml` costs no parser:
// block style, strings in double quotes (JSON's, which YAML 1.2 includes) unless they are plain words.

/** Two-space JSON with a final line end. */
export function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** YAML 1.2 of plain data: objects, arrays, strings, numbers, booleans, null. Undefined members are left out. */
export function toYaml(value: unknown): string {
  return `${blockLines(JSON.parse(JSON.stringify(value))).join('\n')}\n`
}

type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain }

function blockLines(value: Plain): string[] {
  if (isCollection(value)) {
    if (Array.isArray(value)) return value.flatMap((item: Plain) => under('-', item, true))
    return Object.entries(value).flatMap(([key, item]) => under(`${scalar(key)}:`, item, false))
  }
  return [inline(value)]
}

/** A marker (`key:` or `-`) and its value: on the same line if it fits there, else indented below (`-` keeps its first line). */
function under(marker: string, value: Plain, item: boolean): string[] {
  if (!isCollection(value)) return [`${marker} ${inline(value)}`]
  const lines = blockLines(value)
  if (!item) return [marker, ...lines.map((line) => `  ${line}`)]
  return lines.map((line, i) => `${i === 0 ? `${marker} ` : '  '}${line}`)
}

/** Filled arrays and objects; empty ones are written inline. */
function isCollection(value: Plain): value is readonly Plain[] | { readonly [key: string]: Plain } {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

function inline(value: Plain): string {
  if (Array.isArray(value)) return '[]'
  if (typeof value === 'object') return value === null ? 'null' : '{}'
  return typeof value === 'string' ? scalar(value) : String(value)
}

// Words that YAML 1.1 or 1.2 readers would take for booleans, nulls or numbers are quoted like everything unusual.
const PLAIN = /^[A-Za-z_][A-Za-z0-9_./-]*$/
const RESERVED = /^(?:true|false|null|yes|no|on|off|y|n)$/i

function scalar(text: string): string {
  return PLAIN.test(text) && !RESERVED.test(text) ? text : JSON.stringify(text)
}
