import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { batchModule } from '../../../src/net/route-table/wasm/kernels.ts'

const FILE = join(import.meta.dirname, '../../../src/net/route-table/wasm/module.ts')

it('the module of the batch kernels is what their source assembles to, byte for byte', () => {
  const text = [
    '// Generated from kernels.ts: the module of the batch kernels in base64. Write it anew with',
    '// `UPDATE=1 npx vitest run test/net/route-table`, which also holds it to its source.',
    '',
    'export const MODULE =',
    `  '${Buffer.from(batchModule()).toString('base64')}'`,
    '',
  ].join('\n')
  if (process.env.UPDATE === '1') writeFileSync(FILE, text)
  expect(readFileSync(FILE, 'utf8')).toBe(text)
})
