// The detailed rendering: every stage in the manner of ovn-trace(8), one block a chassis, and between the blocks the Geneve
// packet with everything its headers say.

import type { Trace, TraceHop, TraceStep, TunnelHeader } from '../../model/trace.ts'
import type { Paint } from '../paint.ts'
import { endNotes, endText, optionData, packetText } from './words.ts'

/** Lines of one direction. */
export function detailedLines(trace: Trace, paint: Paint): string[] {
  const lines = [paint('faint', `# ${packetText(trace.packet)}`)]
  for (const hop of trace.hops)
    lines.push('', paint('heading', `chassis ${hop.chassis}`), ...hopLines(hop, paint))
  const good = trace.disposition.kind === 'delivered' || trace.disposition.kind === 'answered'
  lines.push('', paint(good ? 'good' : 'bad', `=> ${endText(trace.disposition)}`))
  for (const note of endNotes(trace.disposition)) lines.push(`   ${note}`)
  return lines
}

function hopLines(hop: TraceHop, paint: Paint): string[] {
  const lines: string[] = []
  if (hop.entered.kind === 'tunnel')
    lines.push(`from tunnel ${hop.entered.from} -> ${hop.entered.to}, VNI ${hop.entered.vni}`)
  let block: TraceStep | undefined
  for (const step of hop.steps) {
    if (block === undefined || !sameBlock(block, step)) {
      const title = blockTitle(step)
      lines.push('', paint('name', title), '-'.repeat(title.length))
      block = step
    }
    lines.push(...stepLines(step, paint))
  }
  for (const left of hop.left)
    lines.push('', ...(left.kind === 'tunnel' ? tunnelLines(left, paint) : [`output to ${left.port}`]))
  return lines
}

/** An ingress pipeline goes on while its output port is found out; an egress one is about one output port. */
function sameBlock(a: TraceStep, b: TraceStep): boolean {
  const same = a.datapath === b.datapath && a.pipeline === b.pipeline && a.inport === b.inport
  return same && b.table >= a.table && (a.pipeline === 'ingress' || a.outport === b.outport)
}

function blockTitle(step: TraceStep): string {
  const outport = step.pipeline === 'egress' ? `, outport="${step.outport}"` : ''
  return `${step.pipeline}(dp="${step.datapath}", inport="${step.inport}"${outport})`
}

function stepLines(step: TraceStep, paint: Paint): string[] {
  const table = String(step.table).padStart(2)
  const head =
    step.priority === undefined
      ? `${table}. ${step.stage}: ${step.match}`
      : `${table}. ${step.stage}: ${step.match}, priority ${step.priority}`
  const actions = step.actions.map(
    (action) => `    ${action.endsWith(';') || action.endsWith('*/') ? action : `${action};`}`,
  )
  const note = step.note === undefined ? [] : [paint('faint', `    /* ${step.note} */`)]
  return [head, ...actions, ...note]
}

function tunnelLines(header: TunnelHeader, paint: Paint): string[] {
  return [
    paint('name', `geneve ${header.from} -> ${header.to}`),
    `    outer: ${header.outerSource}:${header.udpSource} -> ${header.outerDestination}:6081 (UDP), DF set, TTL 64`,
    `    VNI ${header.vni} (${header.datapath})`,
    `    option class 0x0102 type 0x80 data ${optionData(header)}:`,
    `        ingress key ${header.ingressKey} (${header.ingressPort}), egress key ${header.egressKey} (${header.egressPort})`,
  ]
}
