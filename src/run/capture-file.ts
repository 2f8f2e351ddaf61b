/** The capture of a run on disk: written beside its place and moved there when it is whole. */
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { CaptureFile } from '../model/observation.ts'
import type { Scenario } from '../model/scenario.ts'
import { Capture } from './capture.ts'
import { makeFolder } from './make-folder.ts'

export interface OpenCapture {
  readonly capture: Capture
  /** Writes what is left and moves the file to its place. */
  close(): CaptureFile
  /** Leaves nothing behind. */
  abandon(): void
}

/** Opens `DIR/<name>.pcapng`, named after the scenario's file unless told otherwise. */
export function openCapture(directory: string, scenario: Scenario, name = nameOf(scenario)): OpenCapture {
  makeFolder(directory)
  const path = join(directory, `${name}.pcapng`)
  const part = `${path}.part`
  const fd = openSync(part, 'w')
  let bytes = 0
  const sink = {
    write: (chunk: Uint8Array): void => {
      for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at)
      bytes += chunk.length
    },
  }
  const capture = new Capture(sink, scenario.network, 'Isthmus')
  return {
    capture,
    close: () => {
      capture.finish()
      closeSync(fd)
      renameSync(part, path)
      return { path, packets: capture.packets, bytes }
    },
    abandon: () => {
      closeSync(fd)
      rmSync(part, { force: true })
    },
  }
}

/** Names for the captures of scenarios that run together: where base names repeat, the whole path; none twice. */
export function captureNames(scenarios: readonly Scenario[]): string[] {
  const short = scenarios.map(nameOf)
  const taken = new Set<string>()
  return scenarios.map((scenario, i) => {
    const name = short[i]!
    const wanted = short.indexOf(name) === short.lastIndexOf(name) ? name : slug(scenario.file) || name
    let free = wanted
    for (let n = 2; taken.has(free); n++) free = `${wanted}-${n}`
    taken.add(free)
    return free
  })
}

/** A file name without ending: the base name of the scenario's file, or the scenario's own name for standard input. */
function nameOf({ file, name }: Scenario): string {
  return slug(basename(file)) || slug(name) || 'scenario'
}

/** Letters, digits, dots and dashes, without the ending of a scenario file; dots and dashes do not begin it. */
function slug(text: string): string {
  return text
    .replace(/\.(ya?ml|json)$/, '')
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[-.]+/, '')
}
