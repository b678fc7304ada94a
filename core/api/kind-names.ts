/** Every kind Orrery serves. Tables elsewhere are `satisfies Record<KindName, …>`, so that a forgotten kind does not compile. */
export const kindNames = [
  'Namespace', 'Node', 'Pod', 'Service', 'Endpoints', 'EndpointSlice', 'ConfigMap', 'Secret', 'ServiceAccount', 'Event', 'Lease',
  'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ControllerRevision', 'ReplicationController', 'PodTemplate', 'Job', 'CronJob',
  'HorizontalPodAutoscaler', 'PodDisruptionBudget', 'PriorityClass', 'RuntimeClass', 'ResourceQuota', 'LimitRange',
  'PersistentVolume', 'PersistentVolumeClaim', 'StorageClass', 'VolumeAttachment', 'VolumeAttributesClass', 'CSIDriver', 'CSINode', 'CSIStorageCapacity',
  'Ingress', 'IngressClass', 'ServiceCIDR', 'IPAddress', 'DeviceClass', 'ResourceClaim', 'ResourceClaimTemplate', 'ResourceSlice',
  'SelfSubjectReview', 'SelfSubjectAccessReview', 'TokenReview',
] as const

export type KindName = (typeof kindNames)[number]
