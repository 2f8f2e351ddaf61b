// Everything that README.md and docs/quickstart.md tell a reader to run is run here, and what they quote is compared.

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Checkout, checkout, ROOT } from './checkout.ts'
import { type Block, blocksOf, missingLine } from './markdown.ts'

const hasTshark = spawnSync('tshark', ['--version']).error === undefined
const BASH = spawnSync('bash', ['--version']).error === undefined

describe.each(['README.md', 'docs/quickstart.md'])('%s', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const blocks = blocksOf(text)
  let place: Checkout
  let output = ''

  beforeAll(() => {
    place = checkout()
  })
  afterAll(() => place?.remove())

  it('has examples, in languages that this test knows', () => {
    expect(blocks.filter(({ language }) => language === 'sh').length).toBeGreaterThan(1)
    expect(
      [...new Set(blocks.map(({ language }) => language))].filter(
        (one) => !['sh', 'text', 'yaml', 'js'].includes(one),
      ),
    ).toEqual([])
  })

  for (const block of blocks) {
    const title = `line ${block.line}: ${block.name === '' ? block.text.split('\n')[0] : block.name}`
    const tshark =
      blocks[blocks.indexOf(block) - (block.language === 'text' ? 1 : 0)]?.text.includes('tshark') === true
    it.skipIf(!BASH || (tshark && !hasTshark))(tshark ? `${title} (tshark)` : title, () => use(block))
  }

  function use({ language, name, text: body }: Block): void {
    if (language === 'text') expect(missingLine(body, output)).toBeUndefined()
    else if (language === 'sh') {
      const ran = place.run(body)
      output = ran.stdout + ran.stderr
      expect({ status: ran.status, talk: ran.status === 0 ? '' : ran.stderr }).toEqual({
        status: Number(/# exit code (\d+)/.exec(body)?.[1] ?? 0),
        talk: ran.status === 0 ? '' : ran.stderr,
      })
    } else if (name !== '') {
      writeFileSync(join(place.folder, name), body)
      if (language !== 'js') return
      const ran = place.run(`node ${name}`)
      expect(ran).toMatchObject({ status: 0, stderr: '' })
      output = ran.stdout
    }
  }

  it('links to files that exist', () => {
    const targets = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, target]) => target!)
    expect(targets.filter((target) => !existsSync(join(ROOT, page, '..', target)))).toEqual([])
  })
})

describe('docs/check.md', () => {
  it('its library example prints what it says', () => {
    const blocks = blocksOf(readFileSync(join(ROOT, 'docs/check.md'), 'utf8'))
    const at = blocks.findIndex(({ language }) => language === 'js')
    const place = checkout()
    try {
      writeFileSync(join(place.folder, blocks[at]!.name), blocks[at]!.text)
      expect(place.run(`node ${blocks[at]!.name}`)).toEqual({
        status: 0,
        stderr: '',
        stdout: blocks[at + 1]!.text,
      })
    } finally {
      place.remove()
    }
  })
})

it('the figures in README.md are those of the truth cases', () => {
  const folder = join(ROOT, 'test/truth/cases')
  const cases = readdirSync(folder).map(
    (name) =>
      JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
        probes: { paths?: { hops?: unknown[] }[] }[]
      },
  )
  const probes = cases.flatMap((one) => one.probes)
  const hops = probes
    .flatMap((probe) => probe.paths ?? [])
    .reduce((sum, path) => sum + (path.hops?.length ?? 0), 0)
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8').replaceAll('\n', ' ')
  expect(readme).toContain(`${cases.length} networks`)
  expect(readme).toContain(`${probes.length} pings, traceroutes, UDP and TCP exchanges`)
  expect(readme).toContain(`${hops.toLocaleString('en')} recorded tunnel hops`)
})
