// stub
import type { CommandContext } from '../program.ts'
export function defineConform(_context: CommandContext): void {}
