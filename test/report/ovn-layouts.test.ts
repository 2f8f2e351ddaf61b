import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { lrpGetGatewayChassis } from '../../src/report/ovn/gateway-chassis.ts'
import { icSbShow } from '../../src/report/ovn/ic-sb-show.ts'
import { lrPolicyList } from '../../src/report/ovn/lr-policy-list.ts'
import { lrRouteList } from '../../src/report/ovn/lr-route-list.ts'
import { nbShow } from '../../src/report/ovn/nb-show.ts'
import { sbShow } from '../../src/report/ovn/sb-show.ts'
import { ovsdbAtom } from '../../src/report/ovn/text.ts'
import { CASES } from './ovn-cases.ts'
import { type CaseResult, isQuery, missing, runCase } from './real-ovn.ts'
import { icSbOfDump, nbOf, nbOfDump, sbOfDump } from './snapshots.ts'

/** What we print for a command line of the real tools; undefined for one that shows an earlier state or nothing of ours. */
function ours(command: string, dumps: CaseResult['dumps']): string | undefined {
  const words = command.split(' ')
  const [tool, name] = [words[0], words.at(-2)]
  const subject = words.at(-1)!
  if (tool === 'ovn-nbctl' && subject === 'show') return nbShow(nbOfDump(dumps.nb))
  if (tool === 'ovn-sbctl' && subject === 'show') return sbShow(sbOfDump(dumps.sb))
  if (tool === 'ovn-ic-sbctl' && subject === 'show') return icSbShow(icSbOfDump(dumps['ic-sb']))
  if (name === 'lr-route-list') return lrRouteList(nbOfDump(dumps.nb), subject)
  if (name === 'lr-policy-list') return lrPolicyList(nbOfDump(dumps.nb), subject)
  if (name === 'lrp-get-gateway-chassis') return lrpGetGatewayChassis(nbOfDump(dumps.nb), subject)
  return undefined
}

/** Sorts what the real tools leave to random UUIDs: blocks of equal indentation, and the list of gateway chassis. */
function withoutUuidOrder(text: string): string {
  interface Block {
    readonly line: string
    readonly inner: Block[]
  }
  const root: Block = { line: '', inner: [] }
  const path: { readonly depth: number; readonly block: Block }[] = [{ depth: -1, block: root }]
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const depth = line.length - line.trimStart().length
    const sorted = line.replace(
      /(gateway chassis: \[)(.*)\]/,
      (_, head, list: string) => `${head}${list.split(' ').sort()}]`,
    )
    while (path.at(-1)!.depth >= depth) path.pop()
    // An address belongs to the line above it in every order.
    const block = { line: sorted, inner: [] }
    path.at(-1)!.block.inner.push(block)
    path.push({ depth, block })
  }
  const render = (block: Block): string => [block.line, ...block.inner.map(render).sort()].join('\n')
  return render(root)
}

function compare(one: { readonly name: string }, result: CaseResult): number {
  const byCommand = new Map<string, string>()
  for (const { command, output } of result.commands) if (isQuery(command)) byCommand.set(command, output)
  for (const [command, theirs] of byCommand) {
    const text = ours(command, result.dumps)
    expect(text, `${one.name}: ${command}`).toBeDefined()
    if (command.endsWith(' show') && !command.startsWith('ovn-ic'))
      expect(withoutUuidOrder(text!), `${one.name}: ${command}`).toBe(withoutUuidOrder(theirs))
    else if (command === 'ovn-ic-sbctl show')
      // Two encapsulations of one gateway stand in UUID order, four lines that the dump decides.
      expect(text!.split('\n').sort(), command).toEqual(theirs.split('\n').sort())
    else expect(text, `${one.name}: ${command}`).toBe(theirs)
  }
  return byCommand.size
}

function golden(name: string): CaseResult {
  const read = (file: string) => readFileSync(new URL(`golden/${file}`, import.meta.url), 'utf8')
  const commands = read(`${name}.txt`)
    .split(/^\$ /m)
    .slice(1)
    .map((block) => {
      const end = block.indexOf('\n')
      return { command: block.slice(0, end), output: block.slice(end + 1) }
    })
  return { commands, dumps: JSON.parse(read(`${name}.db.json`)) as CaseResult['dumps'] }
}

describe('layouts of the OVN tools', () => {
  for (const one of CASES) {
    it(`${one.name}: as recorded from the real tools`, () => {
      const result = golden(one.name)
      expect(result.commands.map(({ command }) => command)).toEqual(one.commands)
      expect(compare(one, result)).toBeGreaterThan(0)
    })
    const reason = missing === undefined ? '' : ` (skipped: ${missing})`
    it.skipIf(missing !== undefined)(`${one.name}: as the installed tools print it${reason}`, async () => {
      expect(compare(one, await runCase(one))).toBeGreaterThan(0)
    })
  }

  it('prints nothing for what does not exist, like the empty listings of the tools', () => {
    const nb = nbOf({ Logical_Router: { 1: { name: 'lr' } } })
    expect(lrRouteList(nb, 'lr')).toBe('')
    expect(lrRouteList(nb, 'other')).toBe('')
    expect(lrPolicyList(nb, 'lr')).toBe('')
    expect(lrpGetGatewayChassis(nb, 'none')).toBe('')
  })

  it('leaves out routes with an invalid prefix, as lr-route-list does with a warning', () => {
    const nb = nbOf({
      Logical_Router: { 1: { name: 'lr', static_routes: [2, 3] } },
      Logical_Router_Static_Route: {
        2: { ip_prefix: 'bad', nexthop: '10.0.0.1' },
        3: { ip_prefix: '10.1.0.0/16', nexthop: 'discard' },
      },
    })
    expect(lrRouteList(nb, 'lr').split('\n').slice(2)).toEqual([
      `${' '.repeat(14)}10.1.0.0/16 ${' '.repeat(18)}discard dst-ip`,
      '',
    ])
  })

  it.each([
    ['az1-gw1', 'az1-gw1'],
    ['_a.b', '_a.b'],
    ['true', '"true"'],
    ['1a', '"1a"'],
    ['a/b', '"a/b"'],
    ['', '""'],
    ['ae1c1f4e-5a3a-4bb1-8f6b-6a2c4b4ba111', '"ae1c1f4e-5a3a-4bb1-8f6b-6a2c4b4ba111"'],
    ['a"b', '"a\\"b"'],
  ])('quotes %s as ovsdb does', (text, printed) => {
    expect(ovsdbAtom(text)).toBe(printed)
  })
})
