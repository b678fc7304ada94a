/** What keeps an object whose deletion was asked for. A Namespace has finalizers of its own in `spec.finalizers`. */
import { isObject } from '../../base/json.ts'
import type { AnyObject } from '../../api/kind.ts'
import type { Face } from './registry.ts'

export function keepsAlive(face: Face, object: AnyObject & { [field: string]: unknown }): boolean {
  if ((object.metadata.finalizers?.length ?? 0) > 0) return true
  if (face.definition.kind !== 'Namespace') return false
  const spec = object['spec']
  return isObject(spec) && Array.isArray(spec['finalizers']) && spec['finalizers'].length > 0
}
