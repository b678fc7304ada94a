/** Changes of claims, volumes and the CSI kinds that the real server was asked about (record-updates.ts). */
import type { Json } from '../../core/base/json.ts'

type Fields = Record<string, Json>
export interface UpdateBase {
  path: string
  object: Fields
  patches: Record<string, Fields>
}

const object = (apiVersion: string, kind: string, name: string, fields: Fields): Fields => ({ apiVersion, kind, metadata: { name }, ...fields })
const storage = (kind: string, name: string, fields: Fields) => object('storage.k8s.io/v1', kind, name, fields)
const affinity = (host: string): Json => ({ required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [host] }] }] } })

export const storageUpdates = (namespace: string): Record<string, UpdateBase> => ({
  claim: {
    path: `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
    object: object('v1', 'PersistentVolumeClaim', 'u-claim', { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } }, storageClassName: 'u-nobody' } }),
    patches: {
      smaller: { spec: { resources: { requests: { storage: '1Gi' } } } },
      class: { spec: { storageClassName: 'other' } },
      modes: { spec: { accessModes: ['ReadWriteMany'] } },
      'volume mode': { spec: { volumeMode: 'Block' } },
      'volume name': { spec: { volumeName: 'v' } },
      labels: { metadata: { labels: { a: 'b' } } },
      'attributes class': { spec: { volumeAttributesClassName: 'gold' } },
    },
  },
  'claim without class': {
    path: `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
    object: object('v1', 'PersistentVolumeClaim', 'u-classless', { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } } }),
    patches: { class: { spec: { storageClassName: 'late' } } },
  },
  volume: {
    path: '/api/v1/persistentvolumes',
    object: object('v1', 'PersistentVolume', 'u-volume', { spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/data' }, nodeAffinity: affinity('a'), storageClassName: 'u-nobody' } }),
    patches: {
      policy: { spec: { persistentVolumeReclaimPolicy: 'Delete' } },
      capacity: { spec: { capacity: { storage: '5Gi' } } },
      source: { spec: { hostPath: { path: '/other' } } },
      'another source': { spec: { hostPath: null, nfs: { server: 's', path: '/p' } } },
      'volume mode': { spec: { volumeMode: 'Block' } },
      affinity: { spec: { nodeAffinity: affinity('b') } },
      'claim ref': { spec: { claimRef: { namespace: 'other', name: 'c' } } },
    },
  },
  'storage class': {
    path: '/apis/storage.k8s.io/v1/storageclasses',
    object: storage('StorageClass', 'u-class', { provisioner: 'u.example.com', parameters: { a: 'b' } }),
    patches: {
      expansion: { allowVolumeExpansion: true },
      parameters: { parameters: { a: 'c' } },
      provisioner: { provisioner: 'v.example.com' },
      policy: { reclaimPolicy: 'Retain' },
      mode: { volumeBindingMode: 'WaitForFirstConsumer' },
    },
  },
  'csi driver': {
    path: '/apis/storage.k8s.io/v1/csidrivers',
    object: storage('CSIDriver', 'u-driver', { spec: {} }),
    patches: { attaching: { spec: { attachRequired: false } }, modes: { spec: { volumeLifecycleModes: ['Ephemeral'] } }, 'pod info': { spec: { podInfoOnMount: true } } },
  },
  'csi node': {
    path: '/apis/storage.k8s.io/v1/csinodes',
    object: storage('CSINode', 'u-csinode', { spec: { drivers: [{ name: 'd', nodeID: 'n' }] } }),
    patches: { 'another driver': { spec: { drivers: [{ name: 'd', nodeID: 'n' }, { name: 'e', nodeID: 'n' }] } }, 'another id': { spec: { drivers: [{ name: 'd', nodeID: 'm' }] } }, count: { spec: { drivers: [{ name: 'd', nodeID: 'n', allocatable: { count: 2 } }] } } },
  },
  'storage capacity': {
    path: `/apis/storage.k8s.io/v1/namespaces/${namespace}/csistoragecapacities`,
    object: storage('CSIStorageCapacity', 'u-capacity', { storageClassName: 'a', capacity: '1Gi' }),
    patches: { capacity: { capacity: '2Gi' }, class: { storageClassName: 'b' }, topology: { nodeTopology: { matchLabels: { a: 'b' } } } },
  },
  attachment: {
    path: '/apis/storage.k8s.io/v1/volumeattachments',
    object: storage('VolumeAttachment', 'u-attachment', { spec: { attacher: 'a.example.com', nodeName: 'n', source: { persistentVolumeName: 'v' } } }),
    patches: { node: { spec: { nodeName: 'm' } }, labels: { metadata: { labels: { a: 'b' } } } },
  },
  'attributes class': {
    path: '/apis/storage.k8s.io/v1/volumeattributesclasses',
    object: storage('VolumeAttributesClass', 'u-attributes', { driverName: 'd', parameters: { a: 'b' } }),
    patches: { driver: { driverName: 'e' }, parameters: { parameters: { a: 'c' } } },
  },
})
