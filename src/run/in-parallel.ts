/** Several pieces of work at a time. */

/**
 * Does `work` for every item, at most `jobs` at a time; results are in the order of the items. After a failure nothing new begins, what
 * is under way is waited for, and the first failure is thrown.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  jobs: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const failures: unknown[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const i = next++
      try {
        results[i] = await work(items[i]!)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, worker))
  if (failures.length > 0) throw failures[0]
  return results
}
