// One structure of the route bench in a process of its own, which seat-process.ts starts: `node bench-seat.js STRUCTURE WORKLOAD` answers a line of
// JSON for each line of standard input, until it ends. It is an entry of the bundle and no command: people have no use for it.

import { createInterface } from 'node:readline'
import { STRUCTURES } from '../net/route-table/structures.ts'
import { contenderOf, PASS_TIME } from '../run/bench/measure.ts'
import { LocalSeat } from '../run/bench/seat.ts'
import { readWorkload } from '../run/bench/workload.ts'
import { cpuTime } from './cpu-time.ts'
import { inlineMore } from './jit.ts'

inlineMore()

// Ctrl-C goes to all processes of a terminal; the command line decides what it means.
process.on('SIGINT', () => undefined)

const [, , name = '', file = ''] = process.argv
const { list, traces } = readWorkload(file)
const structure = STRUCTURES.find((one) => one.family === list.family && one.name === name)
if (structure === undefined) throw new Error(`no structure ${name} for IPv${list.family}`)
const seat = new LocalSeat(contenderOf(structure, { list, trace: traces[0]! }), cpuTime, PASS_TIME)
for await (const _ of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await seat.round())}\n`)
