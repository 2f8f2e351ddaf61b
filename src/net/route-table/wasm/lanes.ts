// What the kernels and those who call them agree on.

/** Addresses that the IPv4 kernels take at a time; callers see to what is left over. */
export const LANES = 8
