// The two physical tables that a trace names (ovn-architecture(7)): where a packet leaves for another chassis, and where it is
// handed to what is on this one. They belong to no logical pipeline; their steps stand between those of the datapaths.

import type { StageId } from './recorder.ts'

/** Output to other chassis. */
export const REMOTE_OUTPUT: StageId = { pipeline: 'egress', table: 39, name: 'remote_output' }

/** Output on this chassis, and where packets from tunnels begin. */
export const LOCAL_OUTPUT: StageId = { pipeline: 'egress', table: 40, name: 'local_output' }
