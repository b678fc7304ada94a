/**
 * `kubectl apply --server-side` on an object that was applied client-side before: its annotation follows along, so that
 * going back to client-side apply works (upstream: managedfields/internal/lastappliedupdater.go).
 */
import { isObject } from '../../base/json.ts'
import type { NewObject } from '../../api/meta.ts'

const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

export function refreshLastApplied(draft: NewObject, config: NewObject, manager: string): void {
  const annotations = draft.metadata.annotations
  if (manager !== 'kubectl' || annotations?.[lastAppliedAnnotation] === undefined) return
  const { annotations: given, ...metadata } = config.metadata
  const { [lastAppliedAnnotation]: _own, ...others } = isObject(given) ? given : {}
  const applied = { ...config, metadata: given === undefined ? metadata : { ...metadata, annotations: others } }
  draft.metadata.annotations = { ...annotations, [lastAppliedAnnotation]: `${JSON.stringify(inOrder(applied))}\n` }
}

/** As Go encodes maps: keys sorted. */
const inOrder = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(inOrder) : isObject(value) ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, inOrder(value[key])])) : value
