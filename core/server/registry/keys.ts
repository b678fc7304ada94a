/** Where objects live in the store: `/core/pods/default/web-1`, `/apps/deployments/default/web`, `/core/nodes/n1`. */
import type { KindDefinition } from '../../api/kind.ts'

type Resource = Pick<KindDefinition, 'group' | 'plural'>

/** Every key of the kind, or of one namespace of it. */
export const prefixOf = (resource: Resource, namespace?: string): string =>
  `/${resource.group === '' ? 'core' : resource.group}/${resource.plural}/${namespace === undefined || namespace === '' ? '' : `${namespace}/`}`

export const keyOf = (resource: Resource, namespace: string | undefined, name: string): string => prefixOf(resource, namespace) + name

export interface ParsedKey {
  /** `pods`, `deployments.apps`: as qualifiedResource gives it. */
  readonly resource: string
  readonly namespace: string | undefined
  readonly name: string
}

export function parseKey(key: string): ParsedKey {
  const [, group = '', plural = '', first = '', second] = key.split('/')
  return {
    resource: group === 'core' ? plural : `${plural}.${group}`,
    namespace: second === undefined ? undefined : first,
    name: second ?? first,
  }
}
