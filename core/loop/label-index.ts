/** Objects by label pair within a kind and namespace: a lookup reads the smallest set among the wanted pairs. */
import type { KubeObject } from '../api/meta.ts'

type Bucket = Map<string, KubeObject>

const none: readonly never[] = []

export class LabelIndex {
  readonly #buckets = new Map<string, Bucket>()

  put(object: KubeObject): void {
    const labels = object.metadata.labels
    for (const label in labels) {
      const key = keyOf(object.kind, object.metadata.namespace, label, labels[label]!)
      let bucket = this.#buckets.get(key)
      if (!bucket) this.#buckets.set(key, (bucket = new Map()))
      bucket.set(object.metadata.uid, object)
    }
  }

  remove(object: KubeObject): void {
    const labels = object.metadata.labels
    for (const label in labels) {
      const key = keyOf(object.kind, object.metadata.namespace, label, labels[label]!)
      const bucket = this.#buckets.get(key)
      bucket?.delete(object.metadata.uid)
      if (bucket?.size === 0) this.#buckets.delete(key)
    }
  }

  /** Undefined where no label is wanted: every object of the kind matches. */
  find(kind: string, namespace: string, wanted: Readonly<Record<string, string>>): readonly KubeObject[] | undefined {
    const pairs = Object.entries(wanted)
    if (pairs.length === 0) return undefined
    let smallest: Bucket | undefined
    for (const [label, value] of pairs) {
      const bucket = this.#buckets.get(keyOf(kind, namespace, label, value))
      if (!bucket) return none
      if (!smallest || bucket.size < smallest.size) smallest = bucket
    }
    const found = [...smallest!.values()]
    return pairs.length === 1 ? found : found.filter(({ metadata }) => pairs.every(([label, value]) => metadata.labels?.[label] === value))
  }
}

// Neither kinds, namespaces nor label keys can hold a newline.
const keyOf = (kind: string, namespace: string | undefined, label: string, value: string) => `${kind}\n${namespace ?? ''}\n${label}\n${value}`
