/** Why a network of test/lab/results.json does not agree with real OVN, for docs/fidelity.md; by path. A test wants one for each. */
export const DIFFERENCES: Readonly<Record<string, string>> = {}
