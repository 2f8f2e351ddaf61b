/** Packets of 98 bytes written as pcapng to a memory file system and to /dev/null, against one write call a packet. */
import { existsSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import benny from 'benny'
import { PcapngWriter } from '../src/wire/pcapng.ts'

const short = process.argv.includes('--short')
const batch = short ? 1_000 : 100_000
const packet = new Uint8Array(98).map((_, i) => i)
const directory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** A sink that writes from the beginning of an open file. */
function fromStart(fd: number): { write(bytes: Uint8Array): void } {
  let at = 0
  return {
    write: (bytes) => {
      at += writeSync(fd, bytes, 0, bytes.length, at)
    },
  }
}

/** A case that writes `packets` packets to `path` each time, handing over at the end or after each packet. */
function writing(path: string, packets: number, flushEach: boolean): () => () => void {
  return () => {
    const fd = openSync(path, 'w')
    return () => {
      const writer = new PcapngWriter(fromStart(fd), 'bench')
      const vantage = writer.addInterface({ name: 'bench' })
      for (let i = 0; i < packets; i++) {
        writer.packet(vantage, i * 1000, packet, 0, packet.length)
        if (flushEach) writer.flush()
      }
      writer.flush()
    }
  }
}

const file = join(directory, `isthmus-bench-${process.pid}.pcapng`)
const few = Math.max(1, batch / 100)
await benny.suite(
  `pcapng, packets of 98 bytes, ${batch} an operation`,
  benny.add(`to ${directory}`, writing(file, batch, false)),
  benny.add('to /dev/null', writing('/dev/null', batch, false)),
  benny.add(`one write call a packet, to ${directory}`, writing(file, few, true)),
  benny.cycle((result) => {
    const packets = result.name.startsWith('one') ? few : batch
    return `${result.name}: ${((result.ops * packets) / 1e6).toFixed(2)} million packets a second, ± ${result.margin} %`
  }),
)
rmSync(file, { force: true })
