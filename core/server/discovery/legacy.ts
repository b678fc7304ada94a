/** Discovery as it was before aggregation: one document a path (upstream: apimachinery/pkg/apis/meta/v1, APIResourceList and others). */
import { apiVersionOf } from '../../api/kind.ts'
import type { Face } from '../registry/registry.ts'
import { subresourcesOf, verbsOf } from './subresources.ts'

export interface GroupVersions {
  readonly group: string
  readonly versions: readonly { readonly version: string; readonly faces: readonly Face[] }[]
}

/** Core first, then the groups in the order in which kinds name them; resources by name. */
export function groupsOf(faces: readonly Face[]): GroupVersions[] {
  const groups = new Map<string, Map<string, Face[]>>()
  for (const face of faces) {
    const versions = groups.get(face.group) ?? new Map<string, Face[]>()
    groups.set(face.group, versions)
    versions.set(face.version, [...(versions.get(face.version) ?? []), face])
  }
  return [...groups]
    .sort(([a], [b]) => Number(a !== '') - Number(b !== ''))
    .map(([group, versions]) => ({
      group,
      versions: [...versions].map(([version, list]) => ({ version, faces: list.sort((a, b) => (a.definition.plural < b.definition.plural ? -1 : 1)) })),
    }))
}

export function resourceList(group: string, version: string, faces: readonly Face[]) {
  const resources = faces.flatMap((face) => {
    const { plural, singular, scope, kind, shortNames, categories } = face.definition
    const namespaced = scope === 'Namespaced'
    return [
      {
        name: plural,
        singularName: singular,
        namespaced,
        kind,
        verbs: verbsOf(face),
        ...(shortNames.length === 0 ? {} : { shortNames }),
        ...(categories.length === 0 ? {} : { categories }),
      },
      ...subresourcesOf(face).map((s) => ({
        name: `${plural}/${s.name}`,
        singularName: '',
        namespaced,
        ...(s.group === undefined ? {} : { group: s.group, version: s.version }),
        kind: s.kind ?? kind,
        verbs: s.verbs,
      })),
    ]
  })
  const core = group === ''
  return { kind: 'APIResourceList', ...(core ? {} : { apiVersion: 'v1' }), groupVersion: apiVersionOf({ group, version }), resources }
}

export function apiGroup({ group, versions }: GroupVersions) {
  const listed = versions.map(({ version }) => ({ groupVersion: apiVersionOf({ group, version }), version }))
  return { name: group, versions: listed, preferredVersion: listed[0] }
}

export const groupList = (groups: readonly GroupVersions[]) => ({ kind: 'APIGroupList', apiVersion: 'v1', groups: groups.filter((g) => g.group !== '').map(apiGroup) })

export const coreVersions = (groups: readonly GroupVersions[], serverAddress: string) => ({
  kind: 'APIVersions',
  versions: groups.find((g) => g.group === '')?.versions.map((v) => v.version) ?? [],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
})
