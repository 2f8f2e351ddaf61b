// What the kernels and those who call them agree on.

/** Addresses that the IPv4 kernels take at a time; callers see to what is left over. */
export const LANES = 32

/** As `LANES`, of the IPv6 kernels. */
export const LANES6 = 8

/** Words before the root of a table. The first is 0 for good: what a lane loads that has its answer already. */
export const ROOT_AT = 16
