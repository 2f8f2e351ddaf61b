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
  {
    code: 'LAB001',
    title: 'an expectation was not asked of real OVN',
    explanation:
      'The message says why. `ends: undefined` has no answer in a real network, which does one thing or the other; more than 100 pairs at once would disturb what is watched; and now and then a packet is lost where the switches, asked at the same moment, would have delivered it, because the network was changing. `isthmus run` answers with the model; `isthmus conform` shows whether the model is right about everything around it.',
  },
  {
    code: 'LAB002',
    title: 'latency or loss of the underlay was not carried out',
    explanation:
      'Latency and random loss need netem, and this kernel has no sch_netem (`isthmus doctor`). Everything else of the scenario was carried out; losses of probes that the missing figures would have touched are neither judged nor compared.',
  },
  {
    code: 'LAB003',
    title: 'a tool of OVN refused a command',
    explanation:
      "A command of the scenario was refused by the real tool, as it would be on a cluster. The message is the tool's own.",
  },
  {
    code: 'LAB004',
    title: 'the lab did not come to rest',
    explanation:
      'Databases kept changing, or a BFD session did not come up, until the patience for it was over; time zero is an arbitrary moment. A BFD session that stays down happens in about one lab of 150 and such a lab is built once more by itself.',
  },
  {
    code: 'LAB005',
    title: 'traffic of a pod that never was',
    explanation:
      'Traffic was to be sent by a pod that did not exist at that time. Add the pod earlier, or send later.',
  },
  {
    code: 'LAB006',
    title: 'a Kube-OVN release, over an OVN that is not its own',
    explanation:
      "Kube-OVN brings an OVN of its own, with patches; a lab has the OVN of this machine. What the release's patches change (which routes are equal, what a blacklist hides from IPv6) is not there, and expectations about it fail in a lab while they hold in `isthmus run`. `isthmus conform` therefore compares the lab with the model over plain OVN.",
  },
])
