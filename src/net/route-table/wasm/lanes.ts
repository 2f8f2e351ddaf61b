// What the kernels and those who call them agree on.

/** Addresses that the IPv4 kernels take at a time; callers see to what is left over. */
export const LANES = 32

/** As `LANES`, of the kernel of stride-16-8, which holds a word of each in a register. */
export const LANES6 = 8

/** As `LANES`, of the kernels of dxr6. */
export const DXR6_LANES = 16

/** Words before the root of dxr6: what its kernels want to know, and where they note things down. */
export const DXR6_AT = 32

/** Words before the root of a table. The first is 0 for good: what a lane loads that has its answer already. */
export const ROOT_AT = 16
