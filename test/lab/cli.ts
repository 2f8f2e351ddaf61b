/**
 * The command line as one file in a folder that everybody may read, for tests that run it as another user, in other namespaces, or with a
 * TMPDIR of their own: the loader of TypeScript would need a cache there.
 */
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Builds it; the folder holds `cli.js` and `quickstart.yaml`, and is gone after the test file. */
export async function bundledCli(): Promise<{ readonly folder: string; readonly argv: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-cli-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  await build({
    entryPoints: [join(root, 'src/cli/main.ts')],
    outdir: folder,
    entryNames: 'cli',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // Packages in CommonJS ask for Node's own modules.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  cpSync(join(root, 'scenarios/quickstart.yaml'), join(folder, 'quickstart.yaml'))
  chmodSync(folder, 0o755)
  return { folder, argv: [process.execPath, join(folder, 'cli.js')] }
}
