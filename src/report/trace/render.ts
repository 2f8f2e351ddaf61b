// A packet's story there and back in one of three depths, as in ovn-trace(8): detailed shows every stage, summary what
// decided, minimal only where it went. Minimal has no numbers that a run may change, so that tests can keep it.

import type { Trace } from '../../model/trace.ts'
import { type Paint, painter } from '../paint.ts'
import { detailedLines } from './detailed.ts'
import { summaryLines } from './summary.ts'
import { endText } from './words.ts'

export type TraceDepth = 'detailed' | 'summary' | 'minimal'

/** Renders a trace and, if there is one, the trace of its answer; with a final line end. */
export function renderTrace(
  trace: Trace,
  depth: TraceDepth,
  options: { readonly color?: boolean } = {},
): string {
  const paint = painter(options.color ?? false)
  const blocks = [directionLines(trace, depth, paint)]
  let answer = trace.reply
  while (answer !== undefined) {
    const title = paint('heading', `reply from ${answer.packet.from}`)
    blocks.push(
      depth === 'minimal'
        ? directionLines(answer, depth, paint)
        : [title, ...directionLines(answer, depth, paint)],
    )
    answer = answer.reply
  }
  if (trace.reply === undefined && arrived(trace)) blocks.push([paint('warn', 'nothing was sent back')])
  return `${blocks.map((lines) => lines.join('\n')).join(depth === 'minimal' ? '\n' : '\n\n')}\n`
}

/** True when the packet and its answer both arrived: the exit code of `isthmus trace`. */
export function roundTrip(trace: Trace): boolean {
  return arrived(trace) && trace.reply?.disposition.kind === 'delivered'
}

function arrived(trace: Trace): boolean {
  return trace.disposition.kind === 'delivered' || trace.disposition.kind === 'answered'
}

function directionLines(trace: Trace, depth: TraceDepth, paint: Paint): string[] {
  if (depth === 'detailed') return detailedLines(trace, paint)
  return depth === 'summary' ? summaryLines(trace, paint) : minimalLines(trace)
}

/** Outputs alone. */
function minimalLines(trace: Trace): string[] {
  const lines = trace.hops.flatMap((hop) =>
    hop.left.map((left) =>
      left.kind === 'tunnel'
        ? `tunnel(${hop.chassis} -> ${left.to}, dp="${left.datapath}", outport="${left.egressPort}");`
        : `output(${hop.chassis}, "${left.port}");`,
    ),
  )
  return [...lines, `/* ${endText(trace.disposition)} */`]
}
