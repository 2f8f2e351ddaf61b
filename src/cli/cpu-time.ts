// How much a process has worked, for measurements that a busy machine must not change.

/** Nanoseconds of CPU time: of this thread where Node tells, else of the process with V8's helpers. */
export function cpuTime(): number {
  const { user, system } = (process as WithThreadTime).threadCpuUsage?.() ?? process.cpuUsage()
  return (user + system) * 1000
}

/** Node 23.9 and later. */
type WithThreadTime = typeof process & { readonly threadCpuUsage?: () => NodeJS.CpuUsage }
