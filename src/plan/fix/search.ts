// The cheapest set of changes that resolves every conflict: a weighted hitting set by branch and bound. A conflict names the changes
// that resolve it, grouped in sides, so that of many sides which all conflict with each other only one can stay as it is: that gives the
// lower bound, in which a change of several sides counts in each of them with its share. The slow twin is test/golden/cheapest.ts.

/** Something that has to be resolved: by a change of one of its sides. */
export interface Conflict {
  /** Changes by number. */
  readonly resolvers: readonly number[]
  /** The one or two sides that stand against each other; a side is the number of a tree of networks. */
  readonly sides: readonly number[]
}

export interface Problem {
  /** Cost of each change, above zero. */
  readonly costs: readonly number[]
  /** The sides that each change changes, at least one; whatever it resolves has one of them. */
  readonly sidesOf: readonly (readonly number[])[]
  readonly conflicts: readonly Conflict[]
  /** Whether these changes can be made together; what cannot, cannot with more changes either. */
  readonly feasible?: (changes: readonly number[]) => boolean
  /** How many branches are looked into; unless given as many as take a few seconds. */
  readonly branchesMax?: number
}

export interface Solution {
  /** Numbers of changes, ascending. */
  readonly changes: readonly number[]
  readonly cost: number
  /** No solution costs less than this; equal to `cost` where the search was complete. */
  readonly bound: number
}

/** A branch looks at every resolver of every conflict, so that the product is what costs time. */
const WORK_MAX = 5_000_000
const BRANCHES_MAX = 200_000
/** As long as nothing is found that has room, less is tried: most often there is none. */
const ROOMLESS_WORK_MAX = 500_000
/** Solutions that had no room before the search is given up: more of the same will have none either. */
const REFUSALS_MAX = 500

const EPSILON = 1e-6

/** Solves it; undefined when no set of changes does, or none was found in the time given. */
export function cheapest(problem: Problem): Solution | undefined {
  return new Search(problem).run()
}

class Search {
  readonly #problem: Problem
  /** Conflicts of each change. */
  readonly #resolves: readonly (readonly number[])[]
  readonly #chosen: Uint8Array
  readonly #forbidden: Uint8Array
  /** How many chosen changes resolve each conflict. */
  readonly #hits: Uint32Array
  #open: number
  #cost = 0
  #branches: number
  #refusals = 0
  #best: Solution | undefined

  constructor(problem: Problem) {
    this.#problem = problem
    const resolves: number[][] = problem.costs.map(() => [])
    for (const [i, { resolvers }] of problem.conflicts.entries())
      for (const change of resolvers) resolves[change]!.push(i)
    this.#resolves = resolves
    this.#chosen = new Uint8Array(problem.costs.length)
    this.#forbidden = new Uint8Array(problem.costs.length)
    this.#hits = new Uint32Array(problem.conflicts.length)
    this.#open = problem.conflicts.length
    this.#branches = problem.branchesMax ?? this.#branchesFor(WORK_MAX)
  }

  #branchesFor(work: number): number {
    const each = this.#problem.conflicts.reduce((sum, { resolvers }) => sum + resolvers.length, 1)
    return Math.min(BRANCHES_MAX, Math.floor(work / each))
  }

  run(): Solution | undefined {
    if (this.#problem.conflicts.length === 0) return { changes: [], cost: 0, bound: 0 }
    const whole = this.#problem.costs.every(Number.isInteger)
    // Shares of costs are fractions, and what costs whole numbers costs no fraction.
    const bound = whole ? Math.ceil(this.#bound() - EPSILON) : this.#bound()
    this.#greedy(false)
    if (this.#best === undefined) this.#greedy(true)
    if (this.#best === undefined && this.#problem.branchesMax === undefined)
      this.#branches = this.#branchesFor(ROOMLESS_WORK_MAX)
    if (this.#best === undefined || this.#best.cost > bound) this.#branch()
    if (this.#best === undefined) return undefined
    return { ...this.#best, bound: this.#branches > 0 ? this.#best.cost : Math.min(bound, this.#best.cost) }
  }

  #choose(change: number): void {
    this.#chosen[change] = 1
    this.#cost += this.#problem.costs[change]!
    for (const conflict of this.#resolves[change]!) if (this.#hits[conflict]!++ === 0) this.#open--
  }

  #drop(change: number): void {
    this.#chosen[change] = 0
    this.#cost -= this.#problem.costs[change]!
    for (const conflict of this.#resolves[change]!) if (--this.#hits[conflict]! === 0) this.#open++
  }

  /**
   * A first solution: what resolves most for its cost, then without what has become needless. `careful`: whatever has no room beside
   * what was taken before it is passed over.
   */
  #greedy(careful: boolean): void {
    const { costs, feasible } = this.#problem
    const gain = this.#resolves.map((list) => list.length)
    const passed = new Uint8Array(costs.length)
    const taken: number[] = []
    while (this.#open > 0) {
      let best = -1
      for (let change = 0; change < costs.length; change++) {
        if (gain[change]! === 0 || this.#chosen[change] || passed[change]) continue
        // Of equals the later: what was planned first stays.
        if (best < 0 || gain[change]! * costs[best]! >= gain[best]! * costs[change]!) best = change
      }
      if (best < 0) break
      if (careful && feasible?.([...taken, best]) === false) {
        passed[best] = 1
        continue
      }
      for (const conflict of this.#resolves[best]!)
        if (this.#hits[conflict] === 0)
          for (const other of this.#problem.conflicts[conflict]!.resolvers) gain[other]!--
      this.#choose(best)
      taken.push(best)
    }
    const dear = [...taken].sort((a, b) => costs[b]! - costs[a]!)
    for (const change of dear) {
      if (this.#resolves[change]!.every((conflict) => this.#hits[conflict]! > 1)) {
        this.#drop(change)
        taken.splice(taken.indexOf(change), 1)
      }
    }
    if (this.#open === 0) this.#keep()
    for (const change of taken) this.#drop(change)
  }

  #keep(): void {
    if (this.#best !== undefined && this.#cost >= this.#best.cost) return
    const changes = this.#problem.costs.flatMap((_, i) => (this.#chosen[i] ? [i] : []))
    if (this.#problem.feasible?.(changes) === false) {
      if (++this.#refusals === REFUSALS_MAX) this.#branches = 0
      return
    }
    this.#best = { changes, cost: this.#cost, bound: 0 }
  }

  #branch(): void {
    if (this.#branches <= 0) return
    this.#branches--
    if (this.#open === 0) return this.#keep()
    if (this.#best !== undefined && this.#cost + this.#bound() >= this.#best.cost) return
    const resolvers = this.#tightest()
    const { costs } = this.#problem
    resolvers.sort((a, b) => this.#worth(b) * costs[a]! - this.#worth(a) * costs[b]! || b - a)
    for (const change of resolvers) {
      this.#choose(change)
      this.#branch()
      this.#drop(change)
      // From here on solutions without it.
      this.#forbidden[change] = 1
    }
    for (const change of resolvers) this.#forbidden[change] = 0
  }

  /** How many open conflicts a change resolves. */
  #worth(change: number): number {
    let open = 0
    for (const conflict of this.#resolves[change]!) if (this.#hits[conflict] === 0) open++
    return open
  }

  /** The resolvers still allowed of the open conflict that has fewest of them. */
  #tightest(): number[] {
    let best: readonly number[] = []
    let fewest = Number.POSITIVE_INFINITY
    for (const [i, { resolvers }] of this.#problem.conflicts.entries()) {
      if (this.#hits[i]! > 0) continue
      let allowed = 0
      for (const change of resolvers) if (!this.#forbidden[change]) allowed++
      if (allowed >= fewest) continue
      best = resolvers
      fewest = allowed
      if (fewest < 2) break
    }
    return best.filter((change) => !this.#forbidden[change])
  }

  /** What the open conflicts cost at least: of sides that all stand against each other the dearest stays, all others change. */
  #bound(): number {
    const { conflicts, costs, sidesOf } = this.#problem
    const against = new Map<number, Map<number, number>>()
    let sum = 0
    const used = new Set<number>()
    const link = (a: number, b: number, cost: number): void => {
      const known = against.get(a) ?? new Map<number, number>()
      if (known.size === 0) against.set(a, known)
      const before = known.get(b)
      if (before === undefined || cost < before) known.set(b, cost)
    }
    /** What the cheapest resolver of a side costs; infinite where none is allowed. */
    const least = (resolvers: readonly number[], side: number): number => {
      let low = Number.POSITIVE_INFINITY
      for (const change of resolvers) {
        const own = sidesOf[change]!
        const share = costs[change]! / own.length
        if (share < low && !this.#forbidden[change] && own.includes(side)) low = share
      }
      return low
    }
    for (let i = 0; i < conflicts.length; i++) {
      if (this.#hits[i]! > 0) continue
      const { resolvers, sides } = conflicts[i]!
      const [a, b] = sides
      const left = least(resolvers, a!)
      const right = b === undefined || a === b ? left : least(resolvers, b)
      if (left === Number.POSITIVE_INFINITY && right === left) return left
      if (b === undefined || a === b) {
        if (used.has(a!)) continue
        used.add(a!)
        sum += left
      } else {
        link(a!, b, left)
        link(b, a!, right)
      }
    }
    return sum + cliqueBound(against, used)
  }
}

/** Disjoint sets of sides that all stand against each other; in each all but one change. */
function cliqueBound(against: ReadonlyMap<number, ReadonlyMap<number, number>>, used: Set<number>): number {
  let sum = 0
  const order = [...against].sort(([, a], [, b]) => b.size - a.size)
  for (const [side, others] of order) {
    if (used.has(side)) continue
    const clique = [side]
    for (const other of others.keys())
      if (!used.has(other) && clique.every((one) => against.get(one)!.has(other))) clique.push(other)
    if (clique.length < 2) continue
    // A change may be cheaper against one than against another: the cheapest counts.
    const least = clique.map((one) => {
      let low = Number.POSITIVE_INFINITY
      const costs = against.get(one)!
      for (const other of clique) if (other !== one) low = Math.min(low, costs.get(other)!)
      return low
    })
    const finite = least.filter((one) => one !== Number.POSITIVE_INFINITY)
    if (least.length - finite.length > 1) return Number.POSITIVE_INFINITY
    sum += finite.reduce((total, one) => total + one, 0)
    if (finite.length === least.length) sum -= Math.max(...finite)
    for (const one of clique) used.add(one)
  }
  return sum
}
