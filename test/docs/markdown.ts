/**
 * Examples in Markdown: fenced blocks with what stands after the fence. Conventions of README.md and docs/quickstart.md:
 *
 * - `sh` blocks are run by a test, in order, in one folder; the last command ends with 0 unless a line says `# exit code 1`.
 * - a `text` block after them is quoted output: its lines occur in it in this order. A line `…` stands for lines left out; a line
 *   that ends with `…` was cut off there.
 * - `yaml NAME` and `js NAME` blocks are written to that file.
 */
export interface Block {
  readonly language: string
  /** What follows the language after the fence: a file name. */
  readonly name: string
  readonly text: string
  /** Line of the fence, from 1. */
  readonly line: number
}

/** All fenced blocks of a page. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = []
  const lines = page.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const [, language, name] = /^```(\w+) ?(.*)$/.exec(lines[at]!) ?? []
    if (language === undefined) continue
    const end = lines.indexOf('```', at)
    blocks.push({
      language,
      name: name ?? '',
      text: `${lines.slice(at + 1, end).join('\n')}\n`,
      line: at + 1,
    })
    at = end
  }
  return blocks
}

/** The first quoted line that does not occur after those before it; undefined when all do. */
export function missingLine(quoted: string, output: string): string | undefined {
  const lines = output.split('\n').map((line) => line.trimEnd())
  let from = 0
  for (const line of quoted.split('\n').map((one) => one.trimEnd())) {
    if (line === '' || line === '…') continue
    const cut = line.endsWith('…') ? line.slice(0, -1) : undefined
    const at = lines.findIndex(
      (one, i) => i >= from && (cut === undefined ? one === line : one.startsWith(cut)),
    )
    if (at < 0) return line
    from = at + 1
  }
  return undefined
}
