/**
 * The words of this host's TCP: what a segment is to a connection, and what a program behind a connection is told.
 * A program is a set of callbacks (`TcpApp`), as the echo service and the traffic client are.
 */
import type { Ip } from '../../net/ip.ts'
import type { TcpConnection } from './tcp-connection.ts'

/** How a connection ended when it did not end well. */
export type TcpError =
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'EHOSTUNREACH'
  | 'ENETDOWN'
  | 'ENETUNREACH'
  | 'ETIMEDOUT'

/** The program behind a connection. */
export interface TcpApp {
  connected(connection: TcpConnection): void
  /** Bytes have come. What is not read now keeps the window small; it can be read at any later call. */
  readable(connection: TcpConnection): void
  /** The queue has room again. */
  writable(connection: TcpConnection): void
  /** The other side will send no more. */
  peerClosed(connection: TcpConnection): void
  /** The connection is gone; nothing is called afterwards. */
  closed(connection: TcpConnection, error: TcpError | undefined): void
}

/** A received segment. */
export interface Segment {
  readonly flags: number
  readonly seq: number
  readonly ack: number
  readonly window: number
  readonly mss: number | undefined
  readonly data: Uint8Array
}

/** The four-tuple of a connection, seen from this host. */
export interface TcpTuple {
  readonly local: Ip
  readonly localPort: number
  readonly remote: Ip
  readonly remotePort: number
}
