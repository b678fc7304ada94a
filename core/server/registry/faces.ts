/** The served faces of the kinds: one for each group and version under which a kind can be reached. */
import type { KindDefinition } from '../../api/kind.ts'
import type { Face } from './registry.ts'

export function facesOf(kinds: readonly KindDefinition[]): Face[] {
  return kinds.flatMap((definition): Face[] => [
    { definition, group: definition.group, version: definition.version, schema: definition.schema },
    ...(definition.alsoServedAs ?? []).map((other): Face => ({
      definition,
      group: other.group,
      version: other.version,
      schema: other.schema,
      toWire: (object) => other.toWire(object),
      fromWire: (object) => other.fromWire(object),
    })),
  ])
}

export const served = (face: Face) => ({ group: face.group, plural: face.definition.plural, kind: face.definition.kind })
