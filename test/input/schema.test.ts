// The JSON Schema that editors use is checked in and current; UPDATE=1 writes it.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findSchemaDoc, schemaDocs } from '../../src/input/schema/docs.ts'
import { scenarioJsonSchema } from '../../src/input/schema/scenario.ts'

const FILE = join(import.meta.dirname, '../../scenarios/schema.json')

describe('scenarios/schema.json', () => {
  it('is what the schema says', () => {
    const text = `${JSON.stringify(scenarioJsonSchema(), undefined, 2)}\n`
    if (process.env.UPDATE === '1') writeFileSync(FILE, text)
    expect(readFileSync(FILE, 'utf8')).toBe(text)
  })

  it('is draft-07 and strict', () => {
    expect(scenarioJsonSchema()).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      additionalProperties: false,
      required: ['isthmus', 'clusters'],
    })
  })
})

describe('the documentation of the keys', () => {
  const docs = schemaDocs()

  it('has every key once, each with a sentence', () => {
    const paths = docs.map((doc) => `${doc.path} ${doc.description}`)
    expect(new Set(paths).size).toBe(paths.length)
    for (const doc of docs) expect(doc.description, doc.path).toMatch(/\S{2}.*[.:]$/s)
    expect(docs.length).toBeGreaterThan(150)
  })

  it('says type, default and example', () => {
    expect(docs.find((doc) => doc.path === 'clusters.<cluster>.nodes.<node>.encap')).toEqual({
      path: 'clusters.<cluster>.nodes.<node>.encap',
      type: 'one of geneve, vxlan',
      required: false,
      description: 'Tunnel type. Interconnection needs geneve (rule GE-6).',
      default: 'geneve',
    })
    expect(docs.find((doc) => doc.path === 'isthmus')).toMatchObject({
      required: true,
      type: '1',
      example: 1,
    })
  })

  it('says all plain types of a key that takes several', () => {
    expect(findSchemaDoc('clusters.options')?.type).toBe(
      'mapping of option to text or true or false or number',
    )
  })

  it('finds a key the way people type it', () => {
    expect(findSchemaDoc('scenario.clusters.gateways')?.path).toBe('clusters.<cluster>.gateways')
    expect(findSchemaDoc('timeline.fail')?.path).toBe('timeline[].fail')
    expect(findSchemaDoc('clusters.<cluster>.pods')?.type).toBe('mapping of pod to text or mapping')
    expect(findSchemaDoc('clusters.gatways')).toBeUndefined()
  })
})
