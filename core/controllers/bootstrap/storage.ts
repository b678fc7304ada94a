/** The storage classes that every cluster has, and the driver behind them. `standard` is the default one until a person says otherwise. */
import { storageAnnotation } from '../../api/kinds/storage/names.ts'
import type { KubeObject, NewObject } from '../../api/meta.ts'
import { dockerVolumeDriver, hostPathProvisioner } from '../../api/storage/local-storage.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Reason } from '../../loop/plan.ts'

/** `folders`: where on the machine the class `hostpath` keeps its folders; without it there is no such class. */
export function bootstrapStorage(folders: string | undefined) {
  const common = { reclaimPolicy: 'Delete', volumeBindingMode: 'WaitForFirstConsumer', allowVolumeExpansion: true }
  const wanted: (NewObject & { metadata: { name: string } })[] = [
    { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'standard', annotations: { [storageAnnotation.defaultClass]: 'true' } }, provisioner: dockerVolumeDriver, ...common },
    ...(folders === undefined ? [] : [{ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'hostpath' }, provisioner: hostPathProvisioner, parameters: { path: folders }, ...common }]),
    // Nothing is attached: the engine has its volumes at hand.
    { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: dockerVolumeDriver }, spec: { attachRequired: false, fsGroupPolicy: 'File' } },
  ]
  return defineController<KubeObject>({
    name: 'system-storage-controller',
    reconciles: ['StorageClass', 'CSIDriver'],
    wakesOn: [],
    seeds: wanted.map(({ kind, metadata }) => ({ kind, name: metadata.name })),
    concerns: ({ type, object }) => type === 'DELETED' && wanted.some(({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata.name),

    plan({ object, ref }) {
      const missing = wanted.find(({ kind, metadata }) => kind === ref.kind && metadata.name === ref.name)
      if (object || !missing) return nothing({ code: 'Settled', say: 'nothing to do', why: 'it is there' })
      const because: Reason = { code: 'StorageCreated', say: `made ${ref.kind} ${ref.name}`, why: 'every cluster has it' }
      return { steps: [{ do: 'create', tolerateExisting: true, object: missing, because }], because }
    },
  })
}
