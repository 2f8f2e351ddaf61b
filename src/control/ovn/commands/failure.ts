// A command that cannot be carried out. Thrown inside the transaction, which takes everything back, and turned into text
// by `applyCommand`; nothing else catches it.

/** Carries the tool's own sentence. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
}

/** Gives up a command. */
export function fail(message: string): never {
  throw new CommandFailure(message)
}
