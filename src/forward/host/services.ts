/** The echo services (RFC 862) that every pod runs on the ports its traffic names: over UDP and over TCP. */
import type { Host } from './host.ts'
import type { TcpApp } from './tcp-types.ts'

/** Opens a UDP port that sends every datagram back. A port that is open already stays as it is. */
export function serveUdpEcho(host: Host, port: number): void {
  host.sockets.serveEcho(port)
}

/** Opens a TCP port whose connections get back what they send; it closes when the other side has closed. */
export function serveTcpEcho(host: Host, port: number): void {
  host.tcp.listen(port, () => ECHO)
}

const ECHO: TcpApp = {
  connected: () => {},
  received: (connection, data) => connection.write(data),
  writable: () => {},
  peerClosed: (connection) => connection.close(),
  closed: () => {},
}
