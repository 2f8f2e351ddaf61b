// Text as a terminal shows it: what is printed for each character and how many columns it takes. Tabs go to the next
// stop; wide characters (Unicode TR 11) take two columns, combining marks none. Control and bidirectional characters are
// shown as stand-ins, because a scenario file must not be able to steer the terminal of who reads the error.

/** One character on the screen. */
export interface Cell {
  /** What is printed; as wide as `width` says. */
  readonly glyph: string
  /** Columns taken: 0 for combining marks, 1, 2 for wide characters, up to `TAB_STOP` for tabs. */
  readonly width: number
  /** The screen column at which it begins, from 0. */
  readonly at: number
  /** The offset of its first UTF-16 unit in the text. */
  readonly offset: number
  /** How many UTF-16 units of the text it stands for. */
  readonly units: number
}

/** Tabs are shown as spaces up to the next multiple of this. */
export const TAB_STOP = 4

/** Lays a line of text out from screen column 0. */
export function layOut(text: string): Cell[] {
  const cells: Cell[] = []
  let at = 0
  let offset = 0
  for (const character of text) {
    const tab = character === '\t'
    const width = tab ? TAB_STOP - (at % TAB_STOP) : widthOf(character.codePointAt(0)!)
    cells.push({
      glyph: tab ? ' '.repeat(width) : printableCharacter(character),
      width,
      at,
      offset,
      units: character.length,
    })
    at += width
    offset += character.length
  }
  return cells
}

/** Text for one line of output: control and bidirectional characters, line ends included, become stand-ins. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu, printableCharacter)
}

/** The character itself, or what is shown in its place: ␛ for escape (U+2400 block), U+FFFD for the rest. */
function printableCharacter(character: string): string {
  const code = character.codePointAt(0)!
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  if (code === 0x7f) return '\u2421'
  return isHidden(code) ? '\ufffd' : character
}

/** C1 controls, lone surrogates, zero-width and bidirectional formatting characters. */
function isHidden(code: number): boolean {
  return (
    (code >= 0x7f && code < 0xa0) ||
    (code >= 0xd800 && code <= 0xdfff) ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x2069) ||
    code === 0xfeff
  )
}

// East Asian wide and fullwidth blocks and the emoji planes, coarse: first and last code point of each.
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
]

function widthOf(code: number): number {
  if (code < 0x300) return 1
  if (/^\p{M}$/u.test(String.fromCodePoint(code))) return 0
  return WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1
}
