// Plans that people have had: the pages of Kube-OVN and Spiderpool as data, reports from public threads. Each folder of gallery/ has
// its findings beside it, NAME.txt; after a deliberate change run with UPDATE=1, and read the difference.

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { renderDiagnostics } from '../../src/diag/render.ts'
import { loadPlan } from '../../src/input/plan/load.ts'
import { checkPlan } from '../../src/plan/check.ts'
import { findingsText } from '../../src/report/findings/text.ts'

const FOLDER = join(import.meta.dirname, 'gallery')
const NAMES = readdirSync(FOLDER).filter((name) => statSync(join(FOLDER, name)).isDirectory())

/** A folder's entries, as they would be listed on the command line. */
function load(name: string) {
  return loadPlan(
    readdirSync(join(FOLDER, name)).map((entry) => join(name, entry)),
    {
      read: (path) => readFileSync(join(FOLDER, path), 'utf8'),
      list: (path) => {
        const full = join(FOLDER, path)
        return existsSync(full) && statSync(full).isDirectory() ? readdirSync(full).sort() : undefined
      },
    },
  )
}

function codesOf(name: string): string[] {
  return checkPlan(load(name).plan!).findings.map(({ code }) => code)
}

describe('gallery', () => {
  it.each(NAMES)('%s', (name) => {
    const { plan, diagnostics, sources, files } = load(name)
    const notes = renderDiagnostics(diagnostics, sources, { width: 100 })
    expect(plan, notes).toBeDefined()
    const text = `${notes === '' ? '' : `${notes}\n\n`}${findingsText(checkPlan(plan!), sources, { files, findingsMax: 200 })}`
    const file = join(FOLDER, `${name}.txt`)
    if (process.env.UPDATE === '1') writeFileSync(file, text)
    expect(text).toBe(readFileSync(file, 'utf8'))
  })

  it('lines stay within 80 columns but for the names of files', () => {
    for (const name of NAMES)
      for (const line of readFileSync(join(FOLDER, `${name}.txt`), 'utf8').split('\n'))
        if (
          !line.includes('-->') &&
          !/^(?:info|warning|error)\[(?:PL|IN)/.test(line) &&
          !/^\s+= (?:expected|hint)/.test(line)
        )
          expect(line.length, line).toBeLessThanOrEqual(80)
  })
})

describe("Spiderpool's page (SP-GATEWAY, SP-NAD and the contradictions of its listings)", () => {
  const codes = codesOf('spiderpool-page')

  it('the two settings that would be refused: the gateways of the pools, the name of the network', () => {
    expect(codes.filter((code) => code === 'SP004')).toHaveLength(2)
    expect(codes.filter((code) => code === 'SP005')).toHaveLength(1)
  })

  it.each([
    ['SM023', 'joined as cluster-a, shown as cluster01'],
    ['SM029', '172.100.0.0/16 in the complaint'],
    ['SP012', 'source address, next hop and missing default route inside the pod'],
    ['SP013', 'two replicas, one pod'],
    ['SP014', '172.110.1.131 has routes from 172.110.168.131, 172.111.1.136 is pinged as 172.111.168.136'],
    ['SP002', 'node-local DNS lost by the own hijackCIDR'],
    ['SM006', 'the health check looks for an address in the macvlan network'],
    ['NP010', '172.110.0.0/16 is no private network'],
  ])('%s: %s', (code) => {
    expect(codes).toContain(code)
  })

  it('SP012 finds all four contradictions: source, next hop, default route, and a CNI where none shall be', () => {
    expect(codes.filter((code) => code === 'SP012')).toHaveLength(4)
  })

  it('SP014 compares addresses directly: those of one pod, and the ping with the pod it shall reach', () => {
    expect(codes.filter((code) => code === 'SP014')).toHaveLength(2)
  })

  it('finds nothing wrong with the hijack lists and the declared networks', () => {
    for (const code of ['SP001', 'SP003', 'SM001', 'SM009', 'SP011']) expect(codes).not.toContain(code)
  })
})
