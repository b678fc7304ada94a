/** Claims, volumes, their classes and the CSI kinds: good ones and what is wrong with others. */
import type { Json } from '../../core/base/json.ts'

type Fields = Record<string, Json>
const GiB: Json = { requests: { storage: '1Gi' } }
const claim = (spec: Fields, metadata: Fields = {}): Json => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'x', ...metadata }, spec: { accessModes: ['ReadWriteOnce'], resources: GiB, ...spec } })
const volume = (spec: Fields, metadata: Fields = {}): Json => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'x', ...metadata }, spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, ...spec } })
const onHost = (spec: Fields = {}, metadata: Fields = {}): Json => volume({ hostPath: { path: '/data' }, ...spec }, metadata)
const storage = (kind: string, fields: Fields, metadata: Fields = {}): Json => ({ apiVersion: 'storage.k8s.io/v1', kind, metadata: { name: 'x', ...metadata }, ...fields })
const attachment = (spec: Fields): Json => storage('VolumeAttachment', { spec: { attacher: 'a.example.com', nodeName: 'n1', source: { persistentVolumeName: 'pv' }, ...spec } })
const withTemplate = (volumeClaimTemplate: Json): Json => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate } }] } })
const affinity = (key: string): Json => ({ required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: ['a'] }] }] } })

export const storageCases: Readonly<Record<string, Json>> = {
  'pod/ephemeral volume': withTemplate({ metadata: { labels: { a: 'b' } }, spec: { accessModes: ['ReadWriteOnce'], resources: GiB } }),
  'pod/ephemeral volume with a name': withTemplate({ metadata: { name: 'x' }, spec: { accessModes: ['ReadWriteOnce'], resources: GiB } }),
  'pod/ephemeral volume of nothing': withTemplate({ spec: {} }),
  'pod/ephemeral volume without template': { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'v', ephemeral: {} }] } },
  'claim/plain': claim({ storageClassName: 'fast', selector: { matchLabels: { a: 'b' } } }),
  'claim/with status': { ...(claim({}) as Fields), status: { phase: 'Bound', capacity: { storage: '1Gi' } } },
  'claim/empty': { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'x' }, spec: {} },
  'claim/bad name': claim({}, { name: 'A_b' }),
  'claim/bad modes': claim({ accessModes: ['ReadWriteOnce', 'Sometimes'], volumeMode: 'Tape' }),
  'claim/once among others': claim({ accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'] }),
  'claim/nothing wanted': claim({ resources: { requests: { storage: '0' } } }),
  'claim/less than nothing': claim({ resources: { requests: { storage: '-1Gi' } } }),
  'claim/part of a byte': claim({ resources: { requests: { storage: '1500m' }, limits: { storage: '2500m' } } }),
  'claim/bad class and selector': claim({ storageClassName: 'Not_Good', volumeAttributesClassName: 'B_b', selector: { matchExpressions: [{ key: 'a b', operator: 'In' }, { key: 'c', operator: 'Near' }] } }),
  'claim/annotated class': claim({}, { annotations: { 'volume.beta.kubernetes.io/storage-class': 'old' } }),
  'claim/from a claim': claim({ dataSource: { kind: 'PersistentVolumeClaim', name: 'other' } }),
  'claim/from a snapshot': claim({ dataSourceRef: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'other' } }),
  'claim/from something else': claim({ dataSource: { apiGroup: 'x.example.com', kind: 'Thing', name: 'other' } }),
  'claim/from two things': claim({ dataSource: { kind: 'PersistentVolumeClaim', name: 'a' }, dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'b' } }),
  'claim/from another namespace': claim({ dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'b', namespace: 'other' } }),
  'claim/bad source': claim({ dataSourceRef: { apiGroup: 'A b', kind: '', name: '' } }),
  'volume/plain': onHost(),
  'volume/empty': { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'x' }, spec: {} },
  'volume/nothing in it': volume({}),
  'volume/two sources': onHost({ nfs: { server: 's', path: '/p' } }),
  'volume/capacity': onHost({ capacity: { storage: '0' } }),
  'volume/capacity of something else': onHost({ capacity: { cpu: '1' } }),
  'volume/bad words': onHost({ persistentVolumeReclaimPolicy: 'Burn', volumeMode: 'Tape', storageClassName: 'A_b', accessModes: ['Never'] }),
  'volume/recycled root': onHost({ persistentVolumeReclaimPolicy: 'Recycle', hostPath: { path: '/' } }),
  'volume/bad host path': onHost({ hostPath: { path: '/a/../b', type: 'Tape' } }),
  'volume/local': volume({ local: { path: '/data' }, nodeAffinity: affinity('kubernetes.io/hostname') }),
  'volume/local anywhere': volume({ local: { path: '' } }),
  'volume/old node labels': onHost({ nodeAffinity: affinity('failure-domain.beta.kubernetes.io/zone') }),
  'volume/bad affinity': onHost({ nodeAffinity: {} }),
  'volume/no terms': onHost({ nodeAffinity: { required: { nodeSelectorTerms: [] } } }),
  'volume/csi': volume({ csi: { driver: 'a.example.com', volumeHandle: 'h', fsType: 'ext4' }, volumeAttributesClassName: 'gold' }),
  'volume/bad csi': volume({ csi: { driver: 'A b', volumeHandle: '', nodePublishSecretRef: { name: 'A_', namespace: '' } } }),
  'volume/attributes without csi': onHost({ volumeAttributesClassName: '' }),
  'volume/nfs': volume({ nfs: { server: '', path: 'relative' } }),
  'volume/set aside': onHost({ claimRef: { namespace: 'other', name: 'c' } }),
  'volume/annotations': onHost({}, { annotations: { 'volume.beta.kubernetes.io/storage-class': 'old', 'volume.beta.kubernetes.io/mount-options': 'ro' } }),
  'volume/mount options of nfs': volume({ nfs: { server: 's', path: '/p' }, mountOptions: ['ro'] }, { annotations: { 'volume.beta.kubernetes.io/mount-options': 'ro' } }),
  'volume/gone kinds': volume({ glusterfs: { endpoints: 'e', path: 'p' } }),
  'class/plain': storage('StorageClass', { provisioner: 'a.example.com/b' }),
  'class/empty': storage('StorageClass', { provisioner: '' }),
  'class/bad words': storage('StorageClass', { provisioner: 'not good', reclaimPolicy: 'Recycle', volumeBindingMode: 'Later', parameters: { '': 'a' } }),
  'class/topologies': storage('StorageClass', { provisioner: 'p', allowedTopologies: [{ matchLabelExpressions: [{ key: 'failure-domain.beta.kubernetes.io/zone', values: ['a', 'b'] }] }] }),
  'class/bad topologies': storage('StorageClass', { provisioner: 'p', allowedTopologies: [{ matchLabelExpressions: [{ key: 'a b', values: ['a', 'a'] }, { key: 'z', values: [] }, { key: 'z', values: ['c'] }] }] }),
  'attributes class/plain': storage('VolumeAttributesClass', { driverName: 'a.example.com', parameters: { iops: '5' } }),
  'attributes class/empty': storage('VolumeAttributesClass', { driverName: '' }),
  'driver/plain': storage('CSIDriver', { spec: {} }),
  'driver/full': storage('CSIDriver', { spec: { attachRequired: false, podInfoOnMount: true, fsGroupPolicy: 'File', tokenRequests: [{ audience: 'a', expirationSeconds: 600 }], volumeLifecycleModes: ['Ephemeral'], preventPodSchedulingIfMissing: true } }),
  'driver/bad words': storage('CSIDriver', { spec: { fsGroupPolicy: 'Maybe', volumeLifecycleModes: ['Forever'], nodeAllocatableUpdatePeriodSeconds: 1, serviceAccountTokenInSecrets: true } }),
  'driver/bad tokens': storage('CSIDriver', { spec: { tokenRequests: [{ audience: '' }, { audience: '' }, { audience: 'b', expirationSeconds: 1 }] } }),
  'csi node/plain': storage('CSINode', { spec: { drivers: [{ name: 'a.example.com', nodeID: 'n', topologyKeys: ['zone'], allocatable: { count: 3 } }] } }),
  'csi node/bad drivers': storage('CSINode', { spec: { drivers: [{ name: '', nodeID: '', topologyKeys: ['', 'a', 'a'] }, { name: 'A b', nodeID: 'x', allocatable: { count: -1 } }, { name: 'c', nodeID: 'x' }, { name: 'c', nodeID: 'x' }] } }),
  'storage capacity/plain': storage('CSIStorageCapacity', { storageClassName: 'fast', capacity: '1Gi', nodeTopology: { matchLabels: { zone: 'a' } } }),
  'storage capacity/bad': storage('CSIStorageCapacity', { storageClassName: 'A_', capacity: '-1', nodeTopology: { matchLabels: { 'a b': 'c' } } }),
  'attachment/plain': attachment({}),
  'attachment/with status': { ...(attachment({}) as Fields), status: { attached: true } },
  'attachment/nothing': attachment({ attacher: '', nodeName: '', source: {} }),
  'attachment/both': attachment({ source: { persistentVolumeName: 'a', inlineVolumeSpec: { accessModes: ['ReadWriteOnce'], csi: { driver: 'd', volumeHandle: 'h' } } } }),
  'attachment/inline': attachment({ source: { inlineVolumeSpec: { accessModes: ['ReadWriteOnce'], csi: { driver: 'd', volumeHandle: 'h' } } } }),
  'attachment/inline with too much': attachment({ source: { inlineVolumeSpec: { capacity: { storage: '1Gi' }, claimRef: { name: 'a' }, storageClassName: 'a', persistentVolumeReclaimPolicy: 'Delete', hostPath: { path: '/a' }, volumeMode: 'Block' } } }),
}
