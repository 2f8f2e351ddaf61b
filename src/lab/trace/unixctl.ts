/**
 * Asks a daemon of OVS over its control socket, as ovs-appctl does: one JSON-RPC request (RFC 7047 §4), one answer. No program is
 * started for it, so it can be done many times a second.
 */
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { MessageSplitter } from '../observe/ovsdb-client.ts'

/** How long a daemon may take, in milliseconds; one that is stopped never answers. */
const PATIENCE_MS = 1000

/** Where a daemon takes orders: the name that it chooses by itself and `ovs-appctl -t` looks for. */
export function controlSocket(folder: string, daemon: string, pid: number): string {
  return join(folder, `${daemon}.${pid}.ctl`)
}

/**
 * The answer's text, or undefined when the daemon in a folder does not run, or does not answer. Rejects when it refuses: then the question
 * was wrong, and says nothing about the daemon.
 */
export async function askDaemon(
  folder: string,
  daemon: string,
  method: string,
  params: readonly string[],
): Promise<string | undefined> {
  const pidFile = join(folder, `${daemon}.pid`)
  if (!existsSync(pidFile)) return undefined
  const path = controlSocket(folder, daemon, Number(readFileSync(pidFile, 'utf8').trim()))
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    const timer = setTimeout(() => end(undefined), PATIENCE_MS)
    const end = (answer: string | undefined): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answer)
    }
    const splitter = new MessageSplitter((text) => {
      const { result, error } = JSON.parse(text) as { result?: unknown; error?: unknown }
      if (typeof result !== 'string') reject(new Error(`${method} ${params.join(' ')}: ${error}`.trim()))
      end(typeof result === 'string' ? result : undefined)
    })
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => splitter.push(text))
    socket.on('error', () => end(undefined))
    socket.on('close', () => end(undefined))
    socket.write(JSON.stringify({ method, params, id: 0 }))
  })
}
