/** The published documents: written when first asked for, then kept, with a hash that changes when they do. */
import { createHash } from 'node:crypto'
import type { Docs } from '../../api/schema/docs.ts'
import type { SchemaFacts } from '../../api/schema/facts.ts'
import { documentV2 } from './document-v2.ts'
import { documentV3 } from './document-v3.ts'
import { gnosticV2 } from './gnostic-v2.ts'
import { groupVersionPath, operationsOf, type Served } from './operations.ts'
import type { Json } from './schema.ts'

export interface PublishedDocument {
  readonly json: string
  readonly hash: string
}

export interface OpenApi {
  /** Paths below /openapi/v3/: `api/v1`, `apis/apps/v1`… */
  readonly groupVersions: readonly string[]
  v3(groupVersion: string): PublishedDocument | undefined
  v2(): PublishedDocument
  /** The same as v2, as `application/com.github.proto-openapi.spec.v2.v1.0+protobuf`. */
  v2Protobuf(): Uint8Array
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1.'
const everywhere = [`${meta}WatchEvent`, `${meta}APIResourceList`, `${meta}APIGroup`, `${meta}APIGroupList`, `${meta}APIVersions`, `${meta}Status`]

/** `faces`: every kind in every group and version it is served in. */
export function openApi(faces: readonly Served[], facts: SchemaFacts, docs: Docs): OpenApi {
  const byGroupVersion = new Map<string, Served[]>()
  for (const face of faces) {
    const path = groupVersionPath(face.group, face.version)
    byGroupVersion.set(path, [...(byGroupVersion.get(path) ?? []), face])
  }
  const published = new Map<string, PublishedDocument>()
  const keep = (key: string, build: () => Json): PublishedDocument => {
    let document = published.get(key)
    if (document === undefined) {
      const json = JSON.stringify(build())
      document = { json, hash: createHash('sha512').update(json).digest('hex').toUpperCase() }
      published.set(key, document)
    }
    return document
  }
  const rootsOf = (served: readonly Served[]) => [...everywhere, ...served.map(({ schema }) => schema)]
  const v2 = () => documentV2(faces.flatMap(operationsOf), rootsOf(faces), facts, docs)
  let protobuf: Uint8Array | undefined
  return {
    groupVersions: [...byGroupVersion.keys()],
    v3(groupVersion) {
      const served = byGroupVersion.get(groupVersion)
      return served && keep(groupVersion, () => documentV3(served.flatMap(operationsOf), rootsOf(served), facts, docs))
    },
    v2: () => keep('v2', v2),
    v2Protobuf: () => (protobuf ??= gnosticV2(v2())),
  }
}
