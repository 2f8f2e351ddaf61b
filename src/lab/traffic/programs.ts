/**
 * The programs that send: the real `ping` for echoes, and small Node scripts for UDP, TCP and UDP traceroutes, whose ports and TTLs the
 * usual tools do not let one choose. Scripts get their orders as one JSON argument and say what came of it as JSON lines. They are texts
 * and no modules, because they run in other processes and must work out of a bundle, too.
 */
import type { PingTraffic, TcpTraffic, TracerouteTraffic, Traffic, UdpTraffic } from '../../model/traffic.ts'
import { formatIp, isIp4 } from '../../net/ip.ts'
import { type Argv, pingProbeArgv, seconds } from './ping-probe.ts'

/** `ping` with the wanted identifier, or what stands for it where DF is to be set whatever the path MTU. */
export function pingArgv(traffic: PingTraffic, id: number): Argv {
  const { address, count, interval, size, ttl, tos, df, wait } = traffic
  if (df === 'probe') return pingProbeArgv(traffic, id)
  const family = isIp4(address) ? '-4' : '-6'
  return [
    'ping',
    family,
    '-n',
    '-e',
    String(id),
    '-c',
    String(count),
    '-i',
    seconds(interval),
    '-s',
    String(size),
    '-t',
    String(ttl),
    '-Q',
    String(tos),
    '-M',
    df,
    '-W',
    seconds(wait),
    formatIp(address),
  ]
}

/** The script that sends a probe and has to be started before it is due; undefined for what `ping` sends. */
export function scriptArgv(traffic: Traffic, tracePort: number): Argv | undefined {
  switch (traffic.kind) {
    case 'udp':
      return udpArgv(traffic)
    case 'tcp':
      return tcpArgv(traffic)
    case 'traceroute':
      return traffic.mode === 'udp' ? traceUdpArgv(traffic, traffic.sourcePort ?? tracePort) : undefined
    case 'ping':
      return undefined
  }
}

/** One echo request of a traceroute. */
export function traceEchoArgv({ address, wait }: TracerouteTraffic, id: number, ttl: number): Argv {
  return [
    'ping',
    isIp4(address) ? '-4' : '-6',
    '-n',
    '-e',
    String(id),
    '-c',
    '1',
    '-s',
    '32',
    '-t',
    String(ttl),
    '-W',
    seconds(wait),
    formatIp(address),
  ]
}

/** The Node that runs a script. */
function script(text: string, orders: unknown): Argv {
  return [process.execPath, '-e', text, JSON.stringify(orders)]
}

/**
 * A script that says `ready` and begins when its standard input ends: a busy machine takes long to start Node, and a probe must be sent
 * when it is due.
 */
function held(text: string, orders: unknown): Argv {
  const begin = `process.stdin.resume().once('end', () => {${text}})\nconsole.log('ready')`
  return script(begin, orders)
}

/** Answers what comes to these ports of a pod. */
export function echoServerArgv(udp: readonly number[], tcp: readonly number[]): Argv {
  return script(ECHO_SERVER, { udp, tcp })
}

function udpArgv({ address, count, interval, size, sourcePort, destinationPort, wait }: UdpTraffic): Argv {
  return held(UDP_CLIENT, {
    address: formatIp(address),
    four: isIp4(address),
    count,
    interval: interval / 1e6,
    size,
    sourcePort,
    destinationPort,
    wait: wait / 1e6,
  })
}

function tcpArgv({ address, bytes, sourcePort, destinationPort, timeout }: TcpTraffic): Argv {
  return held(TCP_CLIENT, {
    address: formatIp(address),
    bytes,
    sourcePort,
    destinationPort,
    timeout: timeout / 1e6,
  })
}

/** UDP probes with TTL 1, 2, … ten a second, until one is refused by the destination. */
function traceUdpArgv({ address, maxTtl, wait }: TracerouteTraffic, basePort: number): Argv {
  return held(TRACE_UDP, {
    address: formatIp(address),
    four: isIp4(address),
    maxTtl,
    wait: wait / 1e6,
    basePort,
  })
}

const ECHO_SERVER = `
const dgram = require('node:dgram'), net = require('node:net')
const { udp, tcp } = JSON.parse(process.argv[1])
const open = []
for (const port of udp) for (const type of ['udp4', 'udp6']) open.push(new Promise((resolve) => {
  const socket = dgram.createSocket(type === 'udp6' ? { type, ipv6Only: true } : { type })
  socket.on('message', (data, from) => socket.send(data, from.port, from.address))
  socket.on('error', resolve)
  socket.bind(port, resolve)
}))
for (const port of tcp) open.push(new Promise((resolve) => {
  const server = net.createServer((socket) => { socket.on('error', () => {}); socket.pipe(socket) })
  server.on('error', resolve)
  server.listen(port, '::', resolve)
  server.on('error', () => net.createServer((socket) => { socket.on('error', () => {}); socket.pipe(socket) }).listen(port, '0.0.0.0', resolve))
}))
Promise.all(open).then(() => console.log('ready'))
`

const UDP_CLIENT = `
const dgram = require('node:dgram')
const { address, four, count, interval, size, sourcePort, destinationPort, wait } = JSON.parse(process.argv[1])
const socket = dgram.createSocket({ type: four ? 'udp4' : 'udp6', reuseAddr: true })
const answered = new Set(), errors = {}
const fail = (error) => { if (error && error.code !== 'ECONNREFUSED') errors[error.code] = (errors[error.code] || 0) + 1 }
const end = () => { console.log(JSON.stringify({ received: [...answered].sort((a, b) => a - b), errors })); process.exit(0) }
socket.on('error', fail)
socket.on('message', (data) => {
  const digits = Math.min(4, data.length)
  let seq = 0
  for (let i = 0; i < digits; i++) seq = seq * 256 + data[i]
  while (seq < 1 || (digits < 4 && answered.has(seq))) seq += 256 ** digits
  answered.add(seq)
  if (answered.size === count) end()
})
socket.bind(sourcePort, () => socket.connect(destinationPort, address, (error) => {
  fail(error)
  const began = performance.now()
  let seq = 0
  const tick = () => {
    seq++
    const data = Buffer.from(Uint8Array.from({ length: size }, (_, i) => i & 255))
    const digits = Math.min(4, size)
    for (let i = 0; i < digits; i++) data[i] = Math.floor(seq / 256 ** (digits - 1 - i)) & 255
    try { socket.send(data, fail) } catch (error) { fail(error) }
    setTimeout(seq === count ? end : tick, seq === count ? wait : began + seq * interval - performance.now())
  }
  tick()
}))
`

const TCP_CLIENT = `
const net = require('node:net')
const { address, bytes, sourcePort, destinationPort, timeout } = JSON.parse(process.argv[1])
const began = performance.now()
let connected, echoed = 0
const errors = {}
const end = () => { console.log(JSON.stringify({ connected: connected !== undefined, connectTime: connected, echoed, errors })); process.exit(0) }
const timer = setTimeout(end, timeout)
const socket = net.connect({ host: address, port: destinationPort, localPort: sourcePort })
const done = () => { socket.end(); socket.once('close', end) }
socket.setNoDelay(false)
socket.on('connect', () => {
  connected = performance.now() - began
  if (bytes === 0) return done()
  socket.write(Buffer.from(Uint8Array.from({ length: bytes }, (_, i) => i % 251)))
})
socket.on('data', (data) => { echoed += data.length; if (echoed >= bytes) done() })
socket.on('error', (error) => { errors[error.code] = 1; clearTimeout(timer); end() })
`

const TRACE_UDP = `
const dgram = require('node:dgram')
const { address, four, maxTtl, wait, basePort } = JSON.parse(process.argv[1])
let reached = false, ttl = 0
const tick = () => {
  ttl++
  const own = ttl
  const socket = dgram.createSocket(four ? 'udp4' : 'udp6')
  socket.on('error', (error) => { if (error.code === 'ECONNREFUSED') reached = true })
  socket.on('message', () => { reached = true })
  socket.bind(basePort + own, () => socket.connect(33434 + own, address, () => {
    socket.setTTL(own)
    socket.send(Buffer.from(Uint8Array.from({ length: 32 }, (_, i) => 64 + i)), () => {})
  }))
  setTimeout(() => (reached || ttl >= maxTtl ? setTimeout(() => process.exit(0), wait) : tick()), 100)
}
tick()
`
