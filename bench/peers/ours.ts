/** A structure of src/net/route-table as a peer: `node ours.mjs NAME FILE`. */
import { STRUCTURES } from '../../src/net/route-table/structures.ts'
import { Contender, type Structure } from '../../src/run/bench/contender.ts'
import { readWorkload } from '../../src/run/bench/workload.ts'
import { type Peer, serve } from './peer.ts'

const [, , name = '', file = ''] = process.argv
const work = readWorkload(file)
const { list, order } = work
const structure: Structure | undefined = STRUCTURES.find(
  (one) => one.family === list.family && one.name === name,
)

await serve(work, (): Peer | string => {
  if (structure === undefined) return `no structure ${name} for IPv${list.family}`
  // One contender a trace would be one table a trace: the traces are one behind the other instead.
  const starts: number[] = []
  let length = 0
  for (const trace of work.traces) {
    starts.push(length)
    length += trace.length
  }
  const width = list.family === 4 ? 1 : 4
  const addresses = new Uint32Array(width * length)
  for (const [i, trace] of work.traces.entries()) addresses.set(trace.addresses, width * starts[i]!)
  const contender = new Contender(
    structure,
    list,
    { family: list.family, name: 'all', length, addresses },
    order,
  )
  return {
    bytes: contender.bytes,
    answers: (trace) => contender.answers(starts[trace]!, work.traces[trace]!.length),
    batch: (trace, from, to) => contender.batch(starts[trace]! + from, starts[trace]! + to),
    single: (trace, from, to) => contender.single(starts[trace]! + from, starts[trace]! + to),
    dependent: (trace, from, to) => contender.dependent(starts[trace]! + from, starts[trace]! + to),
    ...(contender.updatable && { update: (from: number, to: number) => contender.update(from, to) }),
  }
})
