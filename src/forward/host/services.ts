/** The echo services (RFC 862) that every pod runs on the ports its traffic names: over UDP and over TCP. */
import type { Host } from './host.ts'
import type { TcpConnection } from './tcp-connection.ts'
import type { TcpApp } from './tcp-types.ts'

/** Opens a UDP port that sends every datagram back. A port that is open already stays as it is. */
export function serveUdpEcho(host: Host, port: number): void {
  host.sockets.serveEcho(port)
}

/**
 * Opens a TCP port whose connections get back what they send; it closes when the other side has closed. The service reads only what it
 * can write, so a client that does not read is held up by a closed window.
 */
export function serveTcpEcho(host: Host, port: number): void {
  host.tcp.listen(port, () => ECHO)
}

function echo(connection: TcpConnection): void {
  for (;;) {
    const count = Math.min(connection.readable, connection.room)
    if (count === 0) break
    connection.write(connection.read(count))
  }
  if (connection.atEnd) connection.close()
}

const ECHO: TcpApp = {
  connected: () => {},
  readable: echo,
  writable: echo,
  peerClosed: echo,
  closed: () => {},
}
