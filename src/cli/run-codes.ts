// The codes of diagnostics that a run itself reports, for `isthmus explain`; those of scenario files are in src/input.

import { defineCodes } from '../diag/codes.ts'

export const RUN_CODES = defineCodes([
  {
    code: 'RUN001',
    title: 'a packet met routes that OVN leaves undefined',
    explanation:
      "Two flows of one router have the same match and the same priority and disagree, so which of them forwards the packet depends on which one a chassis happened to see first (rule RT-12). The simulator does not choose: it drops the packet, names both candidates and fails the run, unless the scenario states the tie with an `undefined:` expectation; then it is a warning.\n\nUsual cause: two clusters have the same subnet, and each learns the other's. Renumber one, set disableInterConnection on it, or put the prefix on ic-route-blacklist.",
  },
  {
    code: 'RUN002',
    title: 'the network did not settle before time zero',
    explanation:
      "With `start: converged` the clock of a scenario starts when nothing has changed for some seconds. Here something kept changing until limits.settle was over, so time zero is an arbitrary moment of that.\n\nUsual causes: two clusters with the same availability zone name, which take each other's ports away for ever (rule AZ-2), or a transit-switch port without address, which learns routes endlessly (rule ADV-14).",
  },
])
