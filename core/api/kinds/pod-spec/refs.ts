/** What a Pod or Pod template refers to: ConfigMaps, Secrets, its account and its node. */
import type { Reference, ReferenceKind } from '../../kind.ts'
import type { ObjectMeta } from '../../meta.ts'
import type { PodSpec } from '../../types/core.ts'

/** Owners, for every kind. */
export const ownerRefs = (meta: ObjectMeta): Reference[] =>
  (meta.ownerReferences ?? []).map((owner) => ({
    how: 'owner',
    to: { kind: owner.kind, ...(meta.namespace === undefined || owner.kind === 'Node' || owner.kind === 'Namespace' ? {} : { namespace: meta.namespace }), name: owner.name, uid: owner.uid },
  }))

/** Of a kind that has a Pod's spec, or a template of one: its owners, and what its Pods refer to. */
export const podRefs = (meta: ObjectMeta, spec: PodSpec | undefined): Reference[] => [...ownerRefs(meta), ...(spec ? podSpecRefs(spec, meta.namespace ?? '') : [])]

function podSpecRefs(spec: PodSpec, namespace: string): Reference[] {
  const found = new Map<string, Reference>()
  const add = (how: ReferenceKind, kind: string, name: string | undefined, optional: boolean | undefined) => {
    if (!name) return
    const key = `${how}/${kind}/${name}`
    const known = found.get(key)
    // A name that any place demands is not optional.
    if (known && (!known.optional || optional)) return
    found.set(key, { how, to: { kind, namespace, name }, ...(optional ? { optional: true } : {}) })
  }
  for (const container of [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])]) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      add('reads', 'ConfigMap', configMapRef?.name, configMapRef?.optional)
      add('reads', 'Secret', secretRef?.name, secretRef?.optional)
    }
    for (const { valueFrom } of container.env ?? []) {
      add('reads', 'ConfigMap', valueFrom?.configMapKeyRef?.name, valueFrom?.configMapKeyRef?.optional)
      add('reads', 'Secret', valueFrom?.secretKeyRef?.name, valueFrom?.secretKeyRef?.optional)
    }
  }
  for (const { configMap, secret, projected, persistentVolumeClaim } of spec.volumes ?? []) {
    add('mounts', 'PersistentVolumeClaim', persistentVolumeClaim?.claimName, false)
    add('mounts', 'ConfigMap', configMap?.name, configMap?.optional)
    add('mounts', 'Secret', secret?.secretName, secret?.optional)
    for (const source of projected?.sources ?? []) {
      add('mounts', 'ConfigMap', source.configMap?.name, source.configMap?.optional)
      add('mounts', 'Secret', source.secret?.name, source.secret?.optional)
    }
  }
  // A missing pull secret does not keep a Pod from starting.
  for (const { name } of spec.imagePullSecrets ?? []) add('reads', 'Secret', name, true)
  add('uses-account', 'ServiceAccount', spec.serviceAccountName, false)
  return [...found.values(), ...(spec.nodeName ? [{ how: 'runs-on', to: { kind: 'Node', name: spec.nodeName } } satisfies Reference] : [])]
}
