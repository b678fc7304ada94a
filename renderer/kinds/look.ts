/** How each kind looks: its glyph, silhouette and column on the graph, and its words. A forgotten kind does not compile. */
import type { KindName } from '../../core/api/kind-names.ts'
import type { Glyph } from '../ui/glyph-shapes.ts'

export type Silhouette = 'emblem' | 'set' | 'pill' | 'hexagon' | 'tag' | 'cut' | 'barrel' | 'machine' | 'keeper' | 'none'
/** Columns inside an app, left to right: what was asked (an autoscaler or a budget left of what it keeps) | its revisions | Pods | Services | ways in. */
export type Column = 'workload' | 'set' | 'pod' | 'service' | 'way-in' | 'config' | 'none'

export interface KindLook {
  glyph: Glyph
  silhouette: Silhouette
  column: Column
  /** As upstream writes it. */
  label: string
  plural: string
}

export const looks = {
  Namespace: { glyph: 'namespace', silhouette: 'none', column: 'none', label: 'Namespace', plural: 'Namespaces' },
  Node: { glyph: 'machine', silhouette: 'machine', column: 'none', label: 'Node', plural: 'Nodes' },
  Pod: { glyph: 'pod', silhouette: 'pill', column: 'pod', label: 'Pod', plural: 'Pods' },
  Service: { glyph: 'service', silhouette: 'hexagon', column: 'service', label: 'Service', plural: 'Services' },
  Endpoints: { glyph: 'service', silhouette: 'none', column: 'none', label: 'Endpoints', plural: 'Endpoints' },
  EndpointSlice: { glyph: 'service', silhouette: 'none', column: 'none', label: 'EndpointSlice', plural: 'EndpointSlices' },
  ConfigMap: { glyph: 'config', silhouette: 'cut', column: 'config', label: 'ConfigMap', plural: 'ConfigMaps' },
  Secret: { glyph: 'secret', silhouette: 'cut', column: 'config', label: 'Secret', plural: 'Secrets' },
  ServiceAccount: { glyph: 'account', silhouette: 'none', column: 'none', label: 'ServiceAccount', plural: 'ServiceAccounts' },
  Event: { glyph: 'event', silhouette: 'none', column: 'none', label: 'Event', plural: 'Events' },
  Lease: { glyph: 'lease', silhouette: 'none', column: 'none', label: 'Lease', plural: 'Leases' },
  Deployment: { glyph: 'deployment', silhouette: 'emblem', column: 'workload', label: 'Deployment', plural: 'Deployments' },
  ReplicaSet: { glyph: 'replica-set', silhouette: 'set', column: 'set', label: 'ReplicaSet', plural: 'ReplicaSets' },
  ControllerRevision: { glyph: 'revision', silhouette: 'none', column: 'none', label: 'ControllerRevision', plural: 'ControllerRevisions' },
  StatefulSet: { glyph: 'stateful-set', silhouette: 'emblem', column: 'workload', label: 'StatefulSet', plural: 'StatefulSets' },
  DaemonSet: { glyph: 'daemon-set', silhouette: 'emblem', column: 'workload', label: 'DaemonSet', plural: 'DaemonSets' },
  Job: { glyph: 'job', silhouette: 'emblem', column: 'workload', label: 'Job', plural: 'Jobs' },
  CronJob: { glyph: 'cron-job', silhouette: 'emblem', column: 'workload', label: 'CronJob', plural: 'CronJobs' },
  ReplicationController: { glyph: 'replica-set', silhouette: 'emblem', column: 'workload', label: 'ReplicationController', plural: 'ReplicationControllers' },
  PodTemplate: { glyph: 'template', silhouette: 'none', column: 'none', label: 'PodTemplate', plural: 'PodTemplates' },
  HorizontalPodAutoscaler: { glyph: 'autoscaler', silhouette: 'keeper', column: 'workload', label: 'HorizontalPodAutoscaler', plural: 'HorizontalPodAutoscalers' },
  PodDisruptionBudget: { glyph: 'budget', silhouette: 'keeper', column: 'workload', label: 'PodDisruptionBudget', plural: 'PodDisruptionBudgets' },
  PersistentVolume: { glyph: 'disk', silhouette: 'barrel', column: 'config', label: 'PersistentVolume', plural: 'PersistentVolumes' },
  PersistentVolumeClaim: { glyph: 'volume', silhouette: 'barrel', column: 'config', label: 'PersistentVolumeClaim', plural: 'PersistentVolumeClaims' },
  StorageClass: { glyph: 'storage-class', silhouette: 'none', column: 'none', label: 'StorageClass', plural: 'StorageClasses' },
  VolumeAttachment: { glyph: 'attachment', silhouette: 'none', column: 'none', label: 'VolumeAttachment', plural: 'VolumeAttachments' },
  VolumeAttributesClass: { glyph: 'sliders', silhouette: 'none', column: 'none', label: 'VolumeAttributesClass', plural: 'VolumeAttributesClasses' },
  CSIDriver: { glyph: 'driver', silhouette: 'none', column: 'none', label: 'CSIDriver', plural: 'CSIDrivers' },
  CSINode: { glyph: 'driver-node', silhouette: 'none', column: 'none', label: 'CSINode', plural: 'CSINodes' },
  CSIStorageCapacity: { glyph: 'fill-level', silhouette: 'none', column: 'none', label: 'CSIStorageCapacity', plural: 'CSIStorageCapacities' },
  ResourceQuota: { glyph: 'gauge', silhouette: 'none', column: 'none', label: 'ResourceQuota', plural: 'ResourceQuotas' },
  LimitRange: { glyph: 'limits', silhouette: 'none', column: 'none', label: 'LimitRange', plural: 'LimitRanges' },
  PriorityClass: { glyph: 'priority', silhouette: 'none', column: 'none', label: 'PriorityClass', plural: 'PriorityClasses' },
  RuntimeClass: { glyph: 'runtime', silhouette: 'none', column: 'none', label: 'RuntimeClass', plural: 'RuntimeClasses' },
  Ingress: { glyph: 'way-in', silhouette: 'tag', column: 'way-in', label: 'Ingress', plural: 'Ingresses' },
  IngressClass: { glyph: 'way-in-class', silhouette: 'none', column: 'none', label: 'IngressClass', plural: 'IngressClasses' },
  ServiceCIDR: { glyph: 'address-range', silhouette: 'none', column: 'none', label: 'ServiceCIDR', plural: 'ServiceCIDRs' },
  IPAddress: { glyph: 'address', silhouette: 'none', column: 'none', label: 'IPAddress', plural: 'IPAddresses' },
  DeviceClass: { glyph: 'device-class', silhouette: 'none', column: 'none', label: 'DeviceClass', plural: 'DeviceClasses' },
  ResourceClaim: { glyph: 'device-claim', silhouette: 'none', column: 'none', label: 'ResourceClaim', plural: 'ResourceClaims' },
  ResourceClaimTemplate: { glyph: 'device-template', silhouette: 'none', column: 'none', label: 'ResourceClaimTemplate', plural: 'ResourceClaimTemplates' },
  ResourceSlice: { glyph: 'device-slice', silhouette: 'none', column: 'none', label: 'ResourceSlice', plural: 'ResourceSlices' },
  SelfSubjectReview: { glyph: 'account', silhouette: 'none', column: 'none', label: 'SelfSubjectReview', plural: 'SelfSubjectReviews' },
  SelfSubjectAccessReview: { glyph: 'account', silhouette: 'none', column: 'none', label: 'SelfSubjectAccessReview', plural: 'SelfSubjectAccessReviews' },
  TokenReview: { glyph: 'key', silhouette: 'none', column: 'none', label: 'TokenReview', plural: 'TokenReviews' },
} as const satisfies Record<KindName, KindLook>

const unknown: KindLook = { glyph: 'object', silhouette: 'none', column: 'none', label: 'object', plural: 'objects' }

/** Of any kind by name; a kind of a remote cluster that Orrery does not know gets a plain sheet. */
export const lookOf = (kind: string): KindLook => (kind in looks ? looks[kind as KindName] : { ...unknown, label: kind, plural: kind })
