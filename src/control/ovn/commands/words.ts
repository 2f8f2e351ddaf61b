// Command lines of OVN's tools as people paste them: split into words the way a shell does, and told by their leading words
// (`kubectl ko nbctl …`, `ovn-ic-sbctl --no-leader-only …`) which tool they are for.

/** Which database a command works on. */
export type Tool = 'nbctl' | 'sbctl' | 'ic-nbctl' | 'ic-sbctl'

/** A line's words, and the tool where the line itself says so. */
export interface CommandWords {
  readonly tool: Tool | undefined
  readonly words: readonly string[]
}

/** Splits at blanks outside of quotes; backslashes escape as in a shell. Undefined for an unfinished quote. */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!
    if (quote === "'" ? c !== "'" : c === '\\') {
      word = (word ?? '') + (quote === "'" ? c : (line[++i] ?? ''))
    } else if (quote !== '' && c === quote) {
      quote = ''
    } else if (quote === '' && (c === '"' || c === "'")) {
      quote = c
      word ??= ''
    } else if (quote === '' && /\s/.test(c)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      word = (word ?? '') + c
    }
  }
  if (word !== undefined) words.push(word)
  return quote === '' ? words : undefined
}

/** Takes off `$`, `sudo`, `kubectl ko`, the tool's name and options that only say how to connect. */
export function stripLeader(words: readonly string[]): CommandWords {
  let at = 0
  let tool: Tool | undefined
  while (LEADERS.has(words[at] ?? '')) at++
  const named = TOOL.exec(words[at] ?? '')
  if (named !== null) {
    tool = `${named[1] === undefined ? '' : 'ic-'}${named[2]}` as Tool
    at++
  }
  while (CONNECTION.test(words[at] ?? '')) at++
  return { tool, words: words.slice(at) }
}

const LEADERS = new Set(['$', '#', 'sudo', 'kubectl', 'ko', 'kubectl-ko'])
const TOOL = /^(?:ovn-)?(?:(ic)-?)?([ns]bctl)$/
const CONNECTION =
  /^--(?:no-leader-only|leader-only|db=.*|timeout=.*|(?:no-)?shuffle-remotes|no-wait|wait=.*|private-key=.*|certificate=.*|ca-cert=.*)$/
