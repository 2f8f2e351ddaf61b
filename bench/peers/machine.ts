/** What the peers need of the machine: compilers, DPDK, packages. What is missing is said with how to install it. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

export const here = join(process.cwd(), 'bench/peers')
export const built = join(here, 'build')

/** Says why and ends with the exit code for an environment that lacks something. */
export function lacking(what: string, how: string): never {
  console.error(`error: ${what}\nhint: ${how}`)
  process.exit(4)
}

function output(command: string, ...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

export function buildDpdk(): void {
  const install = 'apt-get install gcc pkg-config dpdk-dev libdpdk-dev libnuma-dev'
  if (output('gcc', '--version') === undefined) lacking('gcc is missing', install)
  const flags = output('pkg-config', '--cflags', '--libs', 'libdpdk')
  if (flags === undefined) lacking('DPDK is missing (pkg-config libdpdk)', install)
  mkdirSync(built, { recursive: true })
  const { status } = spawnSync(
    'gcc',
    // The package asks for an old processor; the last word is ours.
    ['-O3', '-Wall', '-o', join(built, 'dpdk'), join(here, 'dpdk.c'), ...flags.split(/\s+/), '-march=native'],
    { stdio: 'inherit' },
  )
  if (status !== 0)
    lacking('bench/peers/dpdk.c does not compile against this DPDK', `Debian 12 has 22.11: ${install}`)
}

/** True when bart could be built; otherwise the reason is printed and it is left out. */
export function buildBart(): boolean {
  const { status, error, stderr } = spawnSync('go', ['build', '-o', join(built, 'bart'), '.'], {
    cwd: join(here, 'bart'),
    encoding: 'utf8',
    env: { ...process.env, GOAMD64: 'v3' },
  })
  if (status === 0) return true
  console.error(
    `bart is left out: ${error === undefined ? stderr.trim() : 'there is no Go here (golang.org/dl, 1.24 or later)'}`,
  )
  return false
}

/** True when POPTRIE names a checkout that compiles. */
export function buildPoptrie(): boolean {
  const checkout = process.env.POPTRIE
  if (checkout === undefined) {
    console.error('Poptrie is left out: POPTRIE names no checkout of github.com/pixos/poptrie')
    return false
  }
  const sources = ['poptrie.c', 'poptrie4.c', 'poptrie6.c', 'buddy.c'].map((name) => join(checkout, name))
  const { status, stderr } = spawnSync(
    'gcc',
    [
      '-O3',
      '-march=native',
      '-w',
      '-I',
      checkout,
      '-o',
      join(built, 'poptrie'),
      join(here, 'poptrie.c'),
      ...sources,
    ],
    { encoding: 'utf8' },
  )
  if (status !== 0) console.error(`Poptrie is left out: ${stderr.trim().split('\n')[0]}`)
  return status === 0
}

/** True when the npm packages are there or could be installed. */
export function installPackages(): boolean {
  if (existsSync(join(here, 'node_modules', 'longest-prefix-match'))) return true
  const { status, stderr } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: here,
    encoding: 'utf8',
  })
  if (status === 0) return true
  console.error(`npm packages are left out: ${stderr.trim().split('\n')[0]}`)
  return false
}

/** Our own programs, bundled as the command line is shipped. */
export async function bundle(): Promise<void> {
  await build({
    entryPoints: ['ours', 'npm-packages'].map((name) => join(here, `${name}.ts`)),
    outdir: built,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'warning',
  })
}
