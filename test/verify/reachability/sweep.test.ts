/** The sweep and the index against the obvious: every class by itself, every rule looked at, every device followed. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReachabilityIndex } from '../../../src/verify/reachability/incremental.ts'
import { Outcomes } from '../../../src/verify/reachability/outcomes.ts'
import { ALLOW, Layer, Rules, toDevice } from '../../../src/verify/reachability/rules.ts'
import { type SweepInput, sweep } from '../../../src/verify/reachability/sweep.ts'

const CLASSES = 12
const DEVICES = 6

/** What a rule does, before it has a number. */
type Does =
  | { readonly kind: 'end'; readonly name: string }
  | { readonly kind: 'discard' }
  | { readonly kind: 'device'; readonly device: number }
  | { readonly kind: 'group'; readonly ways: readonly Does[] }
  | { readonly kind: 'allow' }

interface PlainRule {
  readonly device: number
  readonly layer: 'input' | 'route' | 'policy'
  readonly from: number
  readonly to: number
  readonly priority: number
  readonly does: Does
}

const endArbitrary = fc.record({ kind: fc.constant('end' as const), name: fc.constantFrom('a', 'b', 'c') })
const deviceArbitrary = fc.record({
  kind: fc.constant('device' as const),
  device: fc.nat({ max: DEVICES - 1 }),
})
const way: fc.Arbitrary<Does> = fc.oneof(endArbitrary, deviceArbitrary, deviceArbitrary)
const group: fc.Arbitrary<Does> = fc.record({
  kind: fc.constant('group' as const),
  ways: fc.array(way, { minLength: 1, maxLength: 3 }),
})
const doesOf = (layer: PlainRule['layer']): fc.Arbitrary<Does> => {
  if (layer === 'input') return endArbitrary
  const last: fc.Arbitrary<Does> =
    layer === 'policy' ? fc.constant({ kind: 'allow' }) : fc.constant({ kind: 'discard' })
  return fc.oneof(way, way, group, last)
}
const rule: fc.Arbitrary<PlainRule> = fc
  .constantFrom('input' as const, 'route' as const, 'route' as const, 'route' as const, 'policy' as const)
  .chain((layer) =>
    fc
      .record({
        device: fc.nat({ max: DEVICES - 1 }),
        from: fc.nat({ max: CLASSES - 1 }),
        length: fc.integer({ min: 1, max: CLASSES }),
        priority: fc.nat({ max: 3 }),
        does: doesOf(layer),
      })
      .map(({ length, ...rest }) => ({ ...rest, layer, to: Math.min(CLASSES, rest.from + length) })),
  )

/** Ends of packets to a class that begin at a device, as texts. */
function naive(
  rules: readonly PlainRule[],
  index: number,
  device: number,
  passed: readonly number[] = [],
): Set<string> {
  if (passed.includes(device)) return new Set(['loop'])
  const holding = (layer: PlainRule['layer']): PlainRule[] => {
    const all = rules.filter(
      (one) => one.device === device && one.layer === layer && one.from <= index && index < one.to,
    )
    const most = Math.max(...all.map(({ priority }) => priority))
    return all.filter(({ priority }) => priority === most)
  }
  const follow = (does: Does): Set<string> => {
    switch (does.kind) {
      case 'end':
        return new Set([does.name])
      case 'discard':
        return new Set(['discard'])
      case 'device':
        return naive(rules, index, does.device, [...passed, device])
      case 'group':
        return new Set(does.ways.flatMap((one) => [...follow(one)]))
      case 'allow':
        throw new Error('nothing to follow')
    }
  }
  const undecided = new Set([`undecided ${device}`])
  const disagree = (list: readonly PlainRule[]): boolean =>
    new Set(list.map(({ does }) => JSON.stringify(does))).size > 1
  const input = holding('input')
  if (input.length > 0) return disagree(input) ? undecided : follow(input[0]!.does)
  const route = holding('route')
  if (route.length === 0) return new Set([`none ${device}`])
  if (disagree(route)) return undecided
  const { does } = route[0]!
  const policy = holding('policy')
  if (does.kind === 'discard' || policy.length === 0) return follow(does)
  if (disagree(policy)) return undecided
  return follow(policy[0]!.does.kind === 'allow' ? does : policy[0]!.does)
}

/** The same rules as a sweep takes them. */
function inputOf(plain: readonly PlainRule[]) {
  const outcomes = new Outcomes()
  const rules = new Rules()
  const named = (name: string): number => outcomes.single({ kind: 'router', cluster: name, router: '' })
  const discard = named('discard')
  const actionOf = (does: Does): number => {
    switch (does.kind) {
      case 'end':
        return named(does.name)
      case 'discard':
        return discard
      case 'device':
        return toDevice(does.device)
      case 'group':
        return rules.oneOf(does.ways.map(actionOf))
      case 'allow':
        return ALLOW
    }
  }
  const saysOf = (does: Does): number => rules.saying(JSON.stringify(does))
  const numbers = plain.map(({ device, layer, from, to, priority, does }) =>
    rules.add(device, Layer[layer], [from, to], priority, actionOf(does), saysOf(does)),
  )
  const input: SweepInput = {
    classes: CLASSES,
    rules,
    outcomes,
    devices: Array.from({ length: DEVICES }, (_, device) => ({
      noRoute: named(`none ${device}`),
      undecided: () => named(`undecided ${device}`),
    })),
    sources: Array.from({ length: DEVICES }, (_, device) => device),
    final: new Set([discard]),
  }
  const textsOf = (outcome: number): string[] =>
    outcomes.ends(outcome).map((end) => (end.kind === 'router' ? end.cluster : 'loop'))
  return { input, numbers, actionOf, saysOf, textsOf }
}

const sorted = (texts: Iterable<string>): string[] => [...texts].sort()

describe('sweep', () => {
  it('RT-12, PL-2, PL-3: finds for every class and device what following single packets finds, with loops, groups and ties', () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 30 }), (plain) => {
        const { input, textsOf } = inputOf(plain)
        let told = 0
        sweep(input, (index, found) => {
          expect(index).toBe(told++)
          for (const [device, outcome] of found.entries())
            expect([index, device, sorted(textsOf(outcome))]).toEqual([
              index,
              device,
              sorted(naive(plain, index, device)),
            ])
        })
        expect(told).toBe(CLASSES)
      }),
      { numRuns: 400 },
    )
  })

  it('a circle that has a way out at one of its routers is a matter of hashes at all of them', () => {
    const plain: PlainRule[] = [0, 1, 2].map((device) => ({
      device,
      layer: 'route',
      from: 0,
      to: CLASSES,
      priority: 0,
      does:
        device === 1
          ? {
              kind: 'group',
              ways: [
                { kind: 'device', device: 2 },
                { kind: 'end', name: 'a' },
              ],
            }
          : { kind: 'device', device: (device + 1) % 3 },
    }))
    const { input, textsOf } = inputOf(plain)
    sweep(input, (_, found) => {
      for (const device of [0, 1, 2]) expect(sorted(textsOf(found[device]!))).toEqual(['a', 'loop'])
    })
  })
})

describe('ReachabilityIndex', () => {
  it('after any changes answers as a sweep over the rules that are left, and tells exactly the classes that were touched', () => {
    const change = fc.record({
      out: fc.option(fc.nat()),
      into: fc.option(rule),
      device: fc.nat({ max: DEVICES - 1 }),
    })
    fc.assert(
      fc.property(
        fc.array(rule, { minLength: 1, maxLength: 20 }),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        (plain, changes) => {
          const { input, numbers, actionOf, saysOf, textsOf } = inputOf(plain)
          const index = new ReachabilityIndex(input)
          const left = plain.map((one, i) => ({ one, number: numbers[i]! }))
          for (const { out, into, device } of changes) {
            const own = left.filter(({ one }) => one.device === device)
            const old = out === null || own.length === 0 ? undefined : own[out % own.length]!
            if (old !== undefined) left.splice(left.indexOf(old), 1)
            const now =
              into === null
                ? undefined
                : {
                    layer: Layer[into.layer],
                    classes: [into.from, into.to] as const,
                    priority: into.priority,
                    action: actionOf(into.does),
                    says: saysOf(into.does),
                  }
            const told = new Set<number>()
            const number = index.change(device, old?.number, now, (at, found) => {
              expect(told.has(at)).toBe(false)
              told.add(at)
              expect(found.length).toBe(DEVICES)
            })
            if (into !== null) left.push({ one: { ...into, device }, number })
            const touched = [...(old === undefined ? [] : [old.one]), ...(into === null ? [] : [into])]
            for (let at = 0; at < CLASSES; at++) {
              expect(told.has(at)).toBe(touched.some(({ from, to }) => from <= at && at < to))
              const found = [...index.outcomes(at)].map((outcome) => sorted(textsOf(outcome)))
              const rest = left.map(({ one }) => one)
              expect(found).toEqual(found.map((_, source) => sorted(naive(rest, at, source))))
            }
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it('refuses to take away what a device does not have', () => {
    const { input } = inputOf([])
    expect(() => new ReachabilityIndex(input).change(0, 3, undefined, () => {})).toThrow(RangeError)
  })
})
