// Colour as an argument: whoever renders is told whether to colour and never looks at the terminal or the environment.
// Meaning is never carried by colour alone, so the plain text says everything.

import { styleText } from 'node:util'

/** What a piece of text is; the colours stand in one place. */
export type Role = 'heading' | 'good' | 'bad' | 'warn' | 'faint' | 'name'

export type Paint = (role: Role, text: string) => string

const STYLES = {
  heading: 'bold',
  good: 'green',
  bad: ['bold', 'red'],
  warn: 'yellow',
  faint: 'dim',
  name: 'cyan',
} as const satisfies Record<Role, Parameters<typeof styleText>[0]>

/** A painter; without colour it gives texts back as they are. */
export function painter(color: boolean): Paint {
  if (!color) return (_, text) => text
  return (role, text) =>
    text === ''
      ? text
      : styleText(STYLES[role] as Parameters<typeof styleText>[0], text, { validateStream: false })
}
