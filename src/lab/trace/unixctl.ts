/**
 * Asks a daemon of OVS over its control socket, as ovs-appctl does: one JSON-RPC request (RFC 7047 §4), one answer. No program is
 * started for it, so it can be done many times a second.
 */
import { connect } from 'node:net'
import { MessageSplitter } from '../observe/ovsdb-client.ts'

/** How long a daemon may take, in milliseconds; one that is stopped never answers. */
const PATIENCE_MS = 1000

/** The answer's text, or undefined when the daemon does not run, does not answer, or refuses. */
export function askDaemon(
  path: string,
  method: string,
  params: readonly string[],
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const timer = setTimeout(() => end(undefined), PATIENCE_MS)
    const end = (answer: string | undefined): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answer)
    }
    const splitter = new MessageSplitter((text) => {
      const { result, error } = JSON.parse(text) as { result?: unknown; error?: unknown }
      end(error === null && typeof result === 'string' ? result : undefined)
    })
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => splitter.push(text))
    socket.on('error', () => end(undefined))
    socket.on('close', () => end(undefined))
    socket.write(JSON.stringify({ method, params, id: 0 }))
  })
}
