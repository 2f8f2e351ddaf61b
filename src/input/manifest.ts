// A Kubernetes object as it came in: what collecting manifests hands to those that read single kinds.

import type { At } from './yaml-file.ts'

/** One Kubernetes object and where it stands. */
export interface Manifest {
  readonly kind: string
  readonly object: Readonly<Record<string, unknown>>
  readonly at: At
}
