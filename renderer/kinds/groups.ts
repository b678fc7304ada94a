/** Kinds in the groups people look for them in, each in the order of use. A forgotten kind does not compile. */
import type { KindName } from '../../core/api/kind-names.ts'

export type Group = 'Workloads' | 'Network' | 'Storage' | 'Config' | 'Policy' | 'Devices' | 'Cluster' | 'Other'
export const groups: readonly Group[] = ['Workloads', 'Network', 'Storage', 'Config', 'Policy', 'Devices', 'Cluster', 'Other']

/** In order. Reviews are answers, not objects: they are in no table. */
const groupOf = {
  Deployment: 'Workloads', StatefulSet: 'Workloads', DaemonSet: 'Workloads', Job: 'Workloads', CronJob: 'Workloads', Pod: 'Workloads', ReplicaSet: 'Workloads', ReplicationController: 'Workloads',
  HorizontalPodAutoscaler: 'Workloads', ControllerRevision: 'Workloads', PodTemplate: 'Workloads',
  Service: 'Network', Ingress: 'Network', IngressClass: 'Network', EndpointSlice: 'Network', Endpoints: 'Network', ServiceCIDR: 'Network', IPAddress: 'Network',
  PersistentVolumeClaim: 'Storage', PersistentVolume: 'Storage', StorageClass: 'Storage', VolumeAttributesClass: 'Storage', VolumeAttachment: 'Storage', CSIDriver: 'Storage', CSINode: 'Storage', CSIStorageCapacity: 'Storage',
  ConfigMap: 'Config', Secret: 'Config', ServiceAccount: 'Config',
  PodDisruptionBudget: 'Policy', ResourceQuota: 'Policy', LimitRange: 'Policy', PriorityClass: 'Policy', RuntimeClass: 'Policy',
  ResourceClaim: 'Devices', ResourceClaimTemplate: 'Devices', DeviceClass: 'Devices', ResourceSlice: 'Devices',
  Namespace: 'Cluster', Node: 'Cluster', Event: 'Cluster', Lease: 'Cluster',
  SelfSubjectReview: 'Other', SelfSubjectAccessReview: 'Other', TokenReview: 'Other',
} as const satisfies Record<KindName, Group>

const order = Object.keys(groupOf)
const isKnown = (kind: string): kind is KindName => kind in groupOf
export const groupOfKind = (kind: string): Group => (isKnown(kind) ? groupOf[kind] : 'Other')

/** The kinds given, by group, in order; groups without any are left out. */
export function grouped(kinds: readonly string[]): { group: Group; kinds: string[] }[] {
  const at = (kind: string): number => (isKnown(kind) ? order.indexOf(kind) : order.length)
  const sorted = [...new Set(kinds)].toSorted((a, b) => at(a) - at(b) || (a < b ? -1 : 1))
  return groups.map((group) => ({ group, kinds: sorted.filter((kind) => groupOfKind(kind) === group) })).filter((one) => one.kinds.length > 0)
}
