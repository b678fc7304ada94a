/** All discovery documents of a server, encoded once: they change only when its kinds do. */
import { createHash } from 'node:crypto'
import type { Face } from '../registry/registry.ts'
import { aggregated } from './aggregated.ts'
import { apiGroup, coreVersions, groupList, groupsOf, resourceList, type GroupVersions } from './legacy.ts'

export interface AggregatedDocument {
  readonly json: string
  /** With quotes, as headers carry it. */
  readonly etag: string
}

export interface Discovery {
  /** By path without a closing slash: /api, /apis, /api/v1, /apis/apps, /apis/apps/v1 … */
  readonly documents: ReadonlyMap<string, unknown>
  /** For /api and /apis. */
  readonly aggregated: ReadonlyMap<string, AggregatedDocument>
}

/** `others`: groups that are served besides, whose resources are no kinds. */
export function discoveryOf(faces: readonly Face[], serverAddress: string, others: readonly { readonly group: string; readonly version: string }[] = []): Discovery {
  const groups = [...groupsOf(faces), ...others.map(({ group, version }): GroupVersions => ({ group, versions: [{ version, faces: [] }] }))]
  const documents = new Map<string, unknown>([
    ['/api', coreVersions(groups, serverAddress)],
    ['/apis', groupList(groups)],
  ])
  for (const g of groups) {
    if (g.group !== '') documents.set(`/apis/${g.group}`, { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(g) })
    for (const v of g.versions) documents.set(g.group === '' ? `/api/${v.version}` : `/apis/${g.group}/${v.version}`, resourceList(g.group, v.version, v.faces))
  }
  return {
    documents,
    aggregated: new Map([
      ['/api', encode(aggregated(groups.filter((g) => g.group === '')))],
      ['/apis', encode(aggregated(groups.filter((g) => g.group !== '')))],
    ]),
  }
}

function encode(document: unknown): AggregatedDocument {
  const json = JSON.stringify(document)
  return { json, etag: `"${createHash('sha512').update(json).digest('hex').toUpperCase()}"` }
}
