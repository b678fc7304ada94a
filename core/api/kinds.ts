/** Every kind, in one fixed order. A kind that kind-names.ts names and this table forgets does not compile. */
import type { AnyObject, KindDefinition } from './kind.ts'
import { type KindName, kindNames } from './kind-names.ts'
import { configMap } from './kinds/config-map.ts'
import { controllerRevision } from './kinds/controller-revision.ts'
import { cronJob } from './kinds/cron-job.ts'
import { csiDriver } from './kinds/csi-driver.ts'
import { csiNode } from './kinds/csi-node.ts'
import { csiStorageCapacity } from './kinds/csi-storage-capacity.ts'
import { daemonSet } from './kinds/daemon-set.ts'
import { deployment } from './kinds/deployment.ts'
import { deviceClass } from './kinds/device-class.ts'
import { endpointSlice } from './kinds/endpoint-slice.ts'
import { endpoints } from './kinds/endpoints.ts'
import { event } from './kinds/event.ts'
import { horizontalPodAutoscaler } from './kinds/horizontal-pod-autoscaler.ts'
import { ingressClass } from './kinds/ingress-class.ts'
import { ingress } from './kinds/ingress.ts'
import { ipAddress } from './kinds/ip-address.ts'
import { job } from './kinds/job.ts'
import { lease } from './kinds/lease.ts'
import { limitRange } from './kinds/limit-range.ts'
import { namespace } from './kinds/namespace.ts'
import { node } from './kinds/node.ts'
import { persistentVolumeClaim } from './kinds/persistent-volume-claim.ts'
import { persistentVolume } from './kinds/persistent-volume.ts'
import { podDisruptionBudget } from './kinds/pod-disruption-budget.ts'
import { podTemplate } from './kinds/pod-template.ts'
import { pod } from './kinds/pod.ts'
import { priorityClass } from './kinds/priority-class.ts'
import { replicaSet } from './kinds/replica-set.ts'
import { replicationController } from './kinds/replication-controller.ts'
import { resourceClaimTemplate } from './kinds/resource-claim-template.ts'
import { resourceClaim } from './kinds/resource-claim.ts'
import { resourceQuota } from './kinds/resource-quota.ts'
import { resourceSlice } from './kinds/resource-slice.ts'
import { runtimeClass } from './kinds/runtime-class.ts'
import { secret } from './kinds/secret.ts'
import { selfSubjectAccessReview } from './kinds/self-subject-access-review.ts'
import { selfSubjectReview } from './kinds/self-subject-review.ts'
import { serviceAccount } from './kinds/service-account.ts'
import { serviceCidr } from './kinds/service-cidr.ts'
import { service } from './kinds/service.ts'
import { statefulSet } from './kinds/stateful-set.ts'
import { storageClass } from './kinds/storage-class.ts'
import { tokenReview } from './kinds/token-review.ts'
import { volumeAttachment } from './kinds/volume-attachment.ts'
import { volumeAttributesClass } from './kinds/volume-attributes-class.ts'

const byName = {
  Namespace: namespace,
  Node: node,
  Pod: pod,
  Service: service,
  Endpoints: endpoints,
  EndpointSlice: endpointSlice,
  ConfigMap: configMap,
  Secret: secret,
  ServiceAccount: serviceAccount,
  Event: event,
  Lease: lease,
  Deployment: deployment,
  ReplicaSet: replicaSet,
  ControllerRevision: controllerRevision,
  StatefulSet: statefulSet,
  DaemonSet: daemonSet,
  Job: job,
  CronJob: cronJob,
  ReplicationController: replicationController,
  PodTemplate: podTemplate,
  HorizontalPodAutoscaler: horizontalPodAutoscaler,
  PodDisruptionBudget: podDisruptionBudget,
  PersistentVolume: persistentVolume,
  PersistentVolumeClaim: persistentVolumeClaim,
  StorageClass: storageClass,
  VolumeAttachment: volumeAttachment,
  VolumeAttributesClass: volumeAttributesClass,
  CSIDriver: csiDriver,
  CSINode: csiNode,
  CSIStorageCapacity: csiStorageCapacity,
  ResourceQuota: resourceQuota,
  LimitRange: limitRange,
  PriorityClass: priorityClass,
  RuntimeClass: runtimeClass,
  Ingress: ingress,
  IngressClass: ingressClass,
  ServiceCIDR: serviceCidr,
  IPAddress: ipAddress,
  DeviceClass: deviceClass,
  ResourceClaim: resourceClaim,
  ResourceClaimTemplate: resourceClaimTemplate,
  ResourceSlice: resourceSlice,
  SelfSubjectReview: selfSubjectReview,
  SelfSubjectAccessReview: selfSubjectAccessReview,
  TokenReview: tokenReview,
} satisfies Record<KindName, unknown>

/** Generic code handles objects of any kind; the definition's own functions then get what their schema promised. */
export const kinds: Readonly<Record<KindName, KindDefinition>> = byName as unknown as Record<KindName, KindDefinition>

export const kindList: readonly KindDefinition<AnyObject>[] = kindNames.map((name) => kinds[name])
