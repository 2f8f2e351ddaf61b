/** What a network's disagreement comes from, with the evidence. */
export interface Difference {
  readonly why: string
  /** Ids of the rules that it speaks against; what else the network asks agrees. */
  readonly concerns: readonly string[]
}

/**
 * Why a network of test/lab/results.json does not agree with real OVN, or did not in some run, for docs/fidelity.md; by path. A test wants one
 * for each that differs.
 */
export const DIFFERENCES: Readonly<Record<string, Difference>> = {
  'test/lab/cases/chassis-name-twice.yaml': {
    why: 'databases agree in both of two labs, packets in one: in the other az1-gw1 went on taking packets for the port that it had given up to az1-gw2, so that nothing was lost. The model drops them, as az1-gw1 did in the first lab (no answer from the move to the end).',
    concerns: ['PA-4'],
  },
  'test/lab/cases/cleaned-by-hand.yaml': {
    why: 'databases agree; packets end at az1-w1 in the lab and pass in the model. Ports have got other tunnel keys, and an ovn-controller 23.03 may keep flows with the keys it saw first (docs/lab.md); the model has no such defect.',
    concerns: [],
  },
  'test/lab/cases/router-port-forgotten.yaml': {
    why: 'on a busy machine OVN was seen to keep two copies of a learned route that the model has withdrawn; it was run again alone, and agreed, as in other runs.',
    concerns: [],
  },
  'test/lab/cases/zone-renamed.yaml': {
    why: 'on a busy machine the zone under its new name was not there yet when the snapshot was taken; it was run again alone, and agreed, as in other runs.',
    concerns: [],
  },
  'test/lab/cases/single-gateway.yaml': {
    why: 'with another lab beside it a probe was without answers for 0.06 s that the model does not lose; run again alone, it agreed.',
    concerns: [],
  },
  'test/truth/cases/ttl-dual.json': {
    why: 'with another lab beside it the last hop of a traceroute by UDP answered that nobody listens where an answer was expected; run again alone, it agreed.',
    concerns: [],
  },
}
