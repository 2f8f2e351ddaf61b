// Problems as data: what is wrong, where, what was expected and what to do about it. Who finds a problem adds it to a
// `Diagnostics` and goes on, so that one run reports them all; who prints decides how (render.ts, JSON, SARIF).

/** A place in a file. Lines and columns start at 1; columns count UTF-16 units, as editors and language servers do. */
export interface Span {
  readonly file: string
  readonly line: number
  readonly column: number
  /** The column after the last one, on the same line. Wins over `length`. */
  readonly endColumn?: number
  /** How many UTF-16 units from `column`; what runs past the end of the line is not underlined. */
  readonly length?: number
}

/** Errors make the input unusable; warnings and info do not. */
export type Severity = 'error' | 'warning' | 'info'

/** Another place that takes part in a problem, such as the first definition of a duplicate. */
export interface RelatedPlace {
  readonly message: string
  readonly span: Span
}

/** One problem. The message is a sentence without a full stop; `expected` and `hint` stand alone after it. */
export interface Diagnostic {
  /** A stable identifier such as `SC012`, explained by `isthmus explain`. */
  readonly code: string
  readonly severity: Severity
  readonly message: string
  /** Absent when the problem has no place, such as a file that cannot be read. */
  readonly span?: Span
  readonly expected?: string
  readonly hint?: string
  readonly related?: readonly RelatedPlace[]
}

/** The optional parts of a diagnostic; undefined counts as absent, so that callers need not build objects by cases. */
export interface DiagnosticDetail {
  readonly span?: Span | undefined
  readonly expected?: string | undefined
  readonly hint?: string | undefined
  readonly related?: readonly RelatedPlace[] | undefined
}

/** A growing list of problems with a ceiling: beyond it problems are counted, no longer kept. */
export class Diagnostics {
  readonly #kept: Diagnostic[] = []
  readonly #keptMax: number
  readonly #counts = { error: 0, warning: 0, info: 0 }

  /** `keptMax` bounds the memory that a hostile input can make us spend on its problems. */
  constructor(keptMax = 10_000) {
    this.#keptMax = keptMax
  }

  /** Adds a problem as it is. */
  add(diagnostic: Diagnostic): void {
    this.#counts[diagnostic.severity]++
    if (this.#kept.length < this.#keptMax) this.#kept.push(diagnostic)
  }

  /** Adds all problems of a list. */
  addAll(diagnostics: Iterable<Diagnostic>): void {
    for (const diagnostic of diagnostics) this.add(diagnostic)
  }

  /** Adds an error. */
  error(code: string, message: string, detail: DiagnosticDetail = {}): void {
    this.add(diagnosticOf('error', code, message, detail))
  }

  /** Adds a warning. */
  warning(code: string, message: string, detail: DiagnosticDetail = {}): void {
    this.add(diagnosticOf('warning', code, message, detail))
  }

  /** Adds a remark. */
  info(code: string, message: string, detail: DiagnosticDetail = {}): void {
    this.add(diagnosticOf('info', code, message, detail))
  }

  /** True when an error was added, kept or not. */
  get hasErrors(): boolean {
    return this.#counts.error > 0
  }

  /** How many problems were added, of one severity or of all. */
  count(severity?: Severity): number {
    if (severity !== undefined) return this.#counts[severity]
    return this.#counts.error + this.#counts.warning + this.#counts.info
  }

  /** How many problems were counted and not kept. */
  get dropped(): number {
    return this.count() - this.#kept.length
  }

  /** The problems kept, in the order in which they were added. */
  all(): readonly Diagnostic[] {
    return this.#kept
  }

  /** The problems kept, in reading order: those without a place first, then by file, line and column. */
  sorted(): Diagnostic[] {
    return [...this.#kept].sort(compareDiagnostic)
  }
}

/** Builds a diagnostic and leaves out the parts that are undefined. */
export function diagnosticOf(
  severity: Severity,
  code: string,
  message: string,
  detail: DiagnosticDetail = {},
): Diagnostic {
  const { span, expected, hint, related } = detail
  return {
    code,
    severity,
    message,
    ...(span !== undefined && { span }),
    ...(expected !== undefined && { expected }),
    ...(hint !== undefined && { hint }),
    ...(related !== undefined && related.length > 0 && { related }),
  }
}

/** Reading order; equal places keep their order of arrival, because sorting is stable. */
function compareDiagnostic(a: Diagnostic, b: Diagnostic): number {
  const s = a.span
  const t = b.span
  if (s === undefined || t === undefined) return (s === undefined ? 0 : 1) - (t === undefined ? 0 : 1)
  // Not localeCompare: the order must not depend on the machine's language.
  if (s.file !== t.file) return s.file < t.file ? -1 : 1
  return s.line - t.line || s.column - t.column
}
