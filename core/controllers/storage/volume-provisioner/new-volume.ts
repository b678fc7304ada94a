/** The PersistentVolume for a claim. Pure: its name follows from the claim, so that making it twice makes one. */
import type { NewObject } from '../../../api/meta.ts'
import { storageAnnotation } from '../../../api/kinds/storage/names.ts'
import { dockerVolumeDriver, hostnameLabel, volumeDataFinalizer } from '../../../api/storage/local-storage.ts'
import type { Node, PersistentVolumeClaim, PersistentVolumeSpec } from '../../../api/types/core.ts'
import type { StorageClass } from '../../../api/types/storage.ts'

export interface Refused {
  readonly refusal: string
}
export const isRefused = (made: object): made is Refused => 'refusal' in made

export function newVolume(claim: PersistentVolumeClaim, storageClass: StorageClass, node: Node | undefined): NewObject | Refused {
  const name = `pvc-${claim.metadata.uid}`
  if (claim.spec.volumeMode === 'Block') return { refusal: 'block volumes are not offered' }
  if (claim.spec.dataSource ?? claim.spec.dataSourceRef) return { refusal: 'volumes cannot be made from other volumes or snapshots here' }
  if (claim.spec.selector) return { refusal: 'claim Selector is not supported' }
  const source = sourceOf(name, claim, storageClass, node)
  if (isRefused(source)) return source
  const hostname = node?.metadata.labels?.[hostnameLabel] ?? node?.metadata.name
  const { namespace = '', name: claimName, uid, resourceVersion } = claim.metadata
  const reclaims = storageClass.reclaimPolicy ?? 'Delete'
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name,
      annotations: { [storageAnnotation.provisionedBy]: storageClass.provisioner },
      ...(reclaims === 'Delete' ? { finalizers: [volumeDataFinalizer] } : {}),
    },
    spec: {
      capacity: { storage: claim.spec.resources?.requests?.['storage'] ?? '0' },
      accessModes: claim.spec.accessModes ?? [],
      persistentVolumeReclaimPolicy: reclaims,
      storageClassName: storageClass.metadata.name,
      ...(storageClass.mountOptions?.length ? { mountOptions: storageClass.mountOptions } : {}),
      ...(claim.spec.volumeAttributesClassName ? { volumeAttributesClassName: claim.spec.volumeAttributesClassName } : {}),
      volumeMode: 'Filesystem',
      ...source,
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: claimName, uid, resourceVersion },
      ...(hostname === undefined ? {} : { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: hostnameLabel, operator: 'In', values: [hostname] }] }] } } }),
    },
  }
}

function sourceOf(name: string, claim: PersistentVolumeClaim, { provisioner, parameters = {} }: StorageClass, node: Node | undefined): Pick<PersistentVolumeSpec, 'csi' | 'local'> | Refused {
  if (provisioner === dockerVolumeDriver) {
    const { namespace = '', name: claimName } = claim.metadata
    // Readable in `docker volume ls`; unique, because the claim's uid is in it.
    return { csi: { driver: dockerVolumeDriver, volumeHandle: `orrery-${name}`, volumeAttributes: { 'orrery.dev/claim': `${namespace}/${claimName}` } } }
  }
  const { path } = parameters
  if (!path?.startsWith('/')) return { refusal: 'the class has no parameter "path" that says where its folders are' }
  // Upstream allows folders of a machine only where the machine is named.
  if (!node) return { refusal: 'a folder needs a node: the class must have volumeBindingMode WaitForFirstConsumer' }
  return { local: { path: `${path.replace(/\/+$/, '')}/${name}` } }
}
