/** Discovery in one document for /api and one for /apis (upstream: api/apidiscovery/v2). */
import type { Face } from '../registry/registry.ts'
import type { GroupVersions } from './legacy.ts'
import { subresourcesOf, verbsOf } from './subresources.ts'

export const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

export const aggregated = (groups: readonly GroupVersions[]) => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  metadata: {},
  items: groups.map(({ group, versions }) => ({
    metadata: group === '' ? {} : { name: group },
    versions: versions.map(({ version, faces }) => ({ version, resources: faces.map(resource), freshness: 'Current' })),
  })),
})

function resource(face: Face) {
  const { plural, singular, kind, scope, shortNames, categories } = face.definition
  const subresources = subresourcesOf(face)
  return {
    resource: plural,
    responseKind: { group: '', version: '', kind },
    scope: scope === 'Namespaced' ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: verbsOf(face),
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(subresources.length === 0
      ? {}
      : {
          subresources: subresources.map((s) => ({
            subresource: s.name,
            responseKind: { group: s.group ?? '', version: s.version ?? '', kind: s.kind ?? kind },
            verbs: s.verbs,
          })),
        }),
  }
}
