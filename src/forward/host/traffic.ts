/**
 * The programs that produce a `TrafficResult`: ping, traceroute, a UDP client and a TCP client. Each starts at once; whoever calls
 * keeps the scenario's starting times. Echo services have to be opened on the destination (`services.ts`).
 */
import type { Traffic } from '../../model/traffic.ts'
import type { Host } from './host.ts'
import { Ping } from './ping.ts'
import type { Done, Running } from './program.ts'
import { TcpProbe } from './tcp-probe.ts'
import { Traceroute } from './traceroute.ts'
import { UdpProbe } from './udp-probe.ts'

/**
 * Starts a program on a host. `done` is never called before this has returned, except for an answer that needs no time. On a host
 * that has ended the program ends at once with ENETDOWN.
 */
export function startTraffic(host: Host, traffic: Traffic, done: Done): Running {
  const running = start(host, traffic, done)
  if (host.ip.closed) running.finish()
  return running
}

function start(host: Host, traffic: Traffic, done: Done): Running {
  switch (traffic.kind) {
    case 'ping':
      return new Ping(host, traffic, done)
    case 'traceroute':
      return new Traceroute(host, traffic, done)
    case 'udp':
      return new UdpProbe(host, traffic, done)
    case 'tcp':
      return new TcpProbe(host, traffic, done)
  }
}
