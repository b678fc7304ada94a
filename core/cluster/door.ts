/** The API's door: everything is served on one port, and the documents are made when somebody first asks for them. */
import { readFileSync } from 'node:fs'
import { noDocs, type Docs } from '../api/schema/docs.ts'
import { kubernetesFacts } from '../api/schema/kubernetes-facts.ts'
import { PortTaken } from '../base/port-taken.ts'
import type { Cache } from '../loop/cache.ts'
import type { Options } from '../options.ts'
import { serveApi, type ApiServer } from '../server/http/serve-api.ts'
import { openApi } from '../server/openapi/openapi.ts'
import { customMetricsApi } from './custom-metrics-api.ts'
import type { Data } from './data.ts'
import { externalMetricsApi } from './external-metrics-api.ts'
import type { Nodes } from './nodes.ts'
import type { Part } from './part.ts'
import { version } from './version.ts'

export interface DoorParts extends Part {
  readonly options: Options
  readonly data: Data
  readonly nodes: Nodes
  readonly cache: Cache
  readonly docs: () => Docs
}

const defaultApiPort = 6443

export async function openDoor({ options, data: { store, registry, authority }, nodes, cache, docs, clock, log, scope }: DoorParts): Promise<ApiServer> {
  const port = options.apiPort ?? defaultApiPort
  const documents = lazily(() => openApi(registry.faces, kubernetesFacts, docs()))
  return await serveApi({
    registry,
    podAccess: nodes.pods,
    customMetrics: customMetricsApi(nodes.scraper, cache),
    externalMetrics: externalMetricsApi(cache),
    authority,
    openApi: { get groupVersions() { return documents().groupVersions }, v3: (path) => documents().v3(path), v2: () => documents().v2(), v2Protobuf: () => documents().v2Protobuf() },
    clock,
    log,
    scope,
    version,
    hosts: [options.listen],
    port,
    portIsExplicit: options.apiPort !== undefined && options.apiPort !== 0,
    health: [
      { name: 'store', check: () => { if (store.failure !== undefined) throw new Error(store.failure) } },
    ],
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error
    throw new PortTaken(`--api-port ${port}: the port is in use on ${options.listen}. Choose another, or 0 for any free one.`)
  })
}

/** Read at first use; a build without them explains less. */
export const readDocs = (file: URL): (() => Docs) => lazily(() => JSON.parse(readFileSync(file, 'utf8')) as Docs, noDocs)

/** Made at first use and kept; `otherwise` where it cannot be made. */
function lazily<T>(make: () => T, otherwise?: T): () => T {
  let value: T | undefined
  return () => {
    if (value !== undefined) return value
    try {
      return (value = make())
    } catch (error) {
      if (otherwise === undefined) throw error
      return (value = otherwise)
    }
  }
}
