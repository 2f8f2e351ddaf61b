// The summary rendering: the stages that decided something, a line each, and a line for every Geneve hop.

import type { Trace, TraceStep } from '../../model/trace.ts'
import type { Paint } from '../paint.ts'
import { endNotes, endText, packetText } from './words.ts'

/** Stages that decide where a packet goes; others are shown only when they carry a note. */
const DECIDING: ReadonlySet<string> = new Set([
  'lr_in_ip_routing',
  'lr_in_ip_routing_ecmp',
  'lr_in_policy',
  'lr_in_gw_redirect',
  'ls_in_l2_lkup',
])

/** Lines of one direction. */
export function summaryLines(trace: Trace, paint: Paint): string[] {
  const lines = [paint('faint', `# ${packetText(trace.packet)}`)]
  for (const hop of trace.hops) {
    lines.push(paint('heading', hop.chassis))
    for (const step of hop.steps) if (matters(step)) lines.push(`  ${stepText(step)}`)
    for (const left of hop.left) {
      if (left.kind === 'vif') lines.push(`  output to ${left.port}`)
      else {
        const keys = `keys ${left.ingressKey} ${left.ingressPort} -> ${left.egressKey} ${left.egressPort}`
        lines.push(
          paint(
            'name',
            `  geneve to ${left.to}: ${left.outerSource} -> ${left.outerDestination}, VNI ${left.vni} ${left.datapath}`,
          ),
          `         ${keys}`,
        )
      }
    }
  }
  const good = trace.disposition.kind === 'delivered' || trace.disposition.kind === 'answered'
  lines.push(paint(good ? 'good' : 'bad', `=> ${endText(trace.disposition)}`))
  for (const note of endNotes(trace.disposition)) lines.push(`   ${note}`)
  return lines
}

/** Plain outputs of egress pipelines carry a note as well, but the line of the next chassis or datapath says the same. */
function matters(step: TraceStep): boolean {
  if (step.note === undefined) return DECIDING.has(step.stage) && step.match !== '1'
  return !step.note.startsWith('output to ')
}

function stepText(step: TraceStep): string {
  return `${step.datapath} ${step.stage}: ${step.note ?? `${step.match}${chosenPort(step)}`}`
}

/** ` -> port` where an action of the step sets the output port. */
function chosenPort(step: TraceStep): string {
  const chosen = step.actions
    .map((action) => /^outport = "(.*?)"/.exec(action)?.[1])
    .find((port) => port !== undefined)
  return chosen === undefined ? '' : ` -> ${chosen}`
}
