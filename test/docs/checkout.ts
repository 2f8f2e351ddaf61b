/**
 * A folder that looks like a checkout after `npm ci`, for running the commands of the manual: the program and the library bundled
 * from src as `npm run build` does, the scenarios, the installed packages.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '../..')

export interface Checkout {
  readonly folder: string
  /** Runs a piece of shell script there. */
  run(script: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string }
  remove(): void
}

/** Lines of the manual that a test cannot run: they fetch the project and its packages. */
const FETCHING = /^(npm ci && npm run check$|npm ci && |npm ci$)/

/** kubectl for the manual's `kubectl get … -o yaml`: prints what the scenarios hold of the same objects. */
const KUBECTL = `#!/bin/sh
[ "$1" = --context ] && CLUSTER=$2
case "$*" in
  *configmap*) cat "$CHECKOUT/scenarios/ovn-ic/manifests/$CLUSTER/ovn-ic-config-auto.yaml" ;;
  *nodes*) cat "$CHECKOUT/scenarios/ovn-ic/manifests/$CLUSTER/nodes.yaml" ;;
  *subnets*) cat "$CHECKOUT/scenarios/ovn-ic/manifests/$CLUSTER/subnets.yaml" ;;
  *pods*) cat "$CHECKOUT/scenarios/ovn-ic/manifests/$CLUSTER/pods.json" ;;
  *) echo "kubectl $*: not in the manual" >&2; exit 1 ;;
esac
`

export function checkout(): Checkout {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-docs-'))
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const bundle = scripts.build!.slice(scripts.build!.indexOf('esbuild ')).split(' ')
  const built = spawnSync(
    join(ROOT, 'node_modules/.bin', bundle[0]!),
    [...bundle.slice(1), `--outdir=${join(folder, 'dist')}`],
    {
      cwd: ROOT,
      encoding: 'utf8',
    },
  )
  if (built.status !== 0) throw new Error(`esbuild: ${built.stderr}`)
  copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'))
  cpSync(join(ROOT, 'scenarios'), join(folder, 'scenarios'), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  mkdirSync(join(folder, '.bin'))
  const script = (name: string, text: string): void => {
    writeFileSync(join(folder, '.bin', name), text)
    chmodSync(join(folder, '.bin', name), 0o755)
  }
  script('kubectl', KUBECTL)
  // npx costs a second a call and finds just this: the bin of package.json.
  script('npx', `#!/bin/sh\n[ "$1" = isthmus ] || exit 99\nshift\nexec node "$CHECKOUT/dist/cli.js" "$@"\n`)
  return {
    folder,
    run(text) {
      const lines = text
        .split('\n')
        .map((line) => line.replace(FETCHING, (head) => (head.endsWith('&& ') ? '' : ': ')))
      const { status, stdout, stderr } = spawnSync('bash', ['-c', `set -o pipefail\n${lines.join('\n')}`], {
        cwd: folder,
        encoding: 'utf8',
        env: {
          ...process.env,
          PATH: `${join(folder, '.bin')}:${process.env.PATH}`,
          CHECKOUT: folder,
          NO_COLOR: '1',
        },
      })
      return { status, stdout, stderr }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
