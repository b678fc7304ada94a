/** Schemas the window asked for, one question a kind. A failed question is asked again next time. */
import { createContext } from 'svelte'
import type { SchemaModel } from '../../electron/contract.ts'
import type { Cluster } from '../cluster/cluster.svelte.ts'

export class Schemas {
  readonly #cluster: Cluster
  readonly #known = new Map<string, Promise<SchemaModel | undefined>>()

  constructor(cluster: Cluster) { this.#cluster = cluster }

  of = (apiVersion: string, kind: string): Promise<SchemaModel | undefined> => {
    if (apiVersion === '' || kind === '') return Promise.resolve(undefined)
    const key = `${apiVersion} ${kind}`
    let asked = this.#known.get(key)
    if (!asked) {
      asked = this.#cluster.call('schema', { apiVersion, kind }).catch(() => { this.#known.delete(key); return undefined })
      this.#known.set(key, asked)
    }
    return asked
  }
}

export const [getSchemas, setSchemas] = createContext<Schemas>()
