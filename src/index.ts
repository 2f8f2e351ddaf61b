/**
 * The library: what the command line itself is made of.
 *
 *     import { load, simulate, trace } from 'isthmus'
 *
 *     const { scenario, diagnostics } = load('scenarios/quickstart.yaml')
 *     if (scenario) console.log(simulate(scenario).traffic[0]?.lost)
 */
export type { Diagnostic, Span } from './diag/diagnostic.ts'
export { renderDiagnostics } from './diag/render.ts'
export { type LoadResult, loadScenario as load, loadScenarioText as loadText } from './input/load.ts'
export { type LoadPlanOptions, type LoadPlanResult, loadPlan } from './input/plan/load.ts'
export { type Check, canRunLab, doctor } from './lab/doctor.ts'
export type { Expectation, ExpectationResult } from './model/expectation.ts'
export type { CheckResult, Finding } from './model/finding.ts'
export type { ChassisState, ForwardingState, LogicalView } from './model/forwarding.ts'
export type { Cluster, Network, Node, Pod, Subnet } from './model/network.ts'
export type { CaptureFile, DropCount, RunResult, UnderlayPacket } from './model/observation.ts'
export type { Plan } from './model/plan.ts'
export { PROFILE_NAMES, type Profile, type ProfileName } from './model/profile.ts'
export type { Scenario } from './model/scenario.ts'
export type { DatabasesSnapshot } from './model/tables.ts'
export type { Nanos } from './model/time.ts'
export type { TimedEvent, TimelineEvent } from './model/timeline.ts'
export type { Disposition, Drop, Trace, TraceHop, TraceStep } from './model/trace.ts'
export type { Traffic, TrafficResult } from './model/traffic.ts'
export { choose as chooseStructure } from './net/route-table/auto.ts'
export { BlockPool } from './net/route-table/block-pool.ts'
export { columns4, columns6 } from './net/route-table/columns.ts'
export {
  type Columns4,
  type Columns6,
  type Entry4,
  type Entry6,
  type Lookup4,
  type Lookup6,
  type Lpm4,
  type Lpm6,
  MAX_VALUE,
  NONE,
  type View4,
  type View6,
} from './net/route-table/lpm.ts'
export {
  createRouteTable,
  type RouteEntry,
  type RouteTable,
  type RouteView,
} from './net/route-table/route-table.ts'
export { type Shape, shapeOf } from './net/route-table/shape.ts'
export { SharedBlocks4 } from './net/route-table/shared-blocks.ts'
export {
  createLpm4,
  createLpm6,
  STRUCTURES,
  type Structure4,
  type Structure6,
  structure4,
  structure6,
} from './net/route-table/structures.ts'
export { checkPlan } from './plan/check.ts'

export { lrRouteList } from './report/ovn/lr-route-list.ts'
export { renderTrace } from './report/trace/render.ts'
export type { Comparison } from './run/conform/compare.ts'
export { type ConformOptions, type ConformResult, conform } from './run/conform/conform.ts'
export { type LabRun, type LabRunOptions, labRun, UnsupportedByLab } from './run/lab-run.ts'
export {
  type Progress,
  type SimulateOptions,
  simulate,
  simulateAsync,
  stateAt,
  type TraceQuery,
  trace,
} from './run/simulate.ts'
export { Cuts } from './verify/reachability/cuts.ts'
export { type NewRule, ReachabilityIndex } from './verify/reachability/incremental.ts'
export { type End, Outcomes } from './verify/reachability/outcomes.ts'
export { type Reachability, reachability } from './verify/reachability/reachability.ts'
export { ALLOW, Layer, Rules, toDevice, toGroup } from './verify/reachability/rules.ts'
export { type Summary, summarize } from './verify/reachability/summary.ts'
export { type SweepInput, sweep } from './verify/reachability/sweep.ts'
export { type Capture as CapturedPackets, readCapture } from './wire/pcap-reader.ts'
export { summarizeFrame } from './wire/summary.ts'
