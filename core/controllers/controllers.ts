/**
 * Every controller, in the order in which they start. To add one: its file, and one line here.
 * Upstream: cmd/kube-controller-manager/app/controllermanager.go, NewControllerDescriptors, and what kube-apiserver itself keeps (pkg/controlplane).
 */
import type { KubeObject } from '../api/meta.ts'
import { noCustomMetrics, type CustomMetricsView } from '../api/metrics/custom-metrics.ts'
import { noUsage, type UsageView } from '../api/metrics/usage.ts'
import type { Controller } from '../loop/controller.ts'
import { attachDetach } from './storage/attach-detach.ts'
import { attributesClassProtectionController } from './storage/attributes-class-protection.ts'
import { bootstrapNamespaces } from './bootstrap/namespaces.ts'
import { bootstrapPriorityClasses } from './bootstrap/priority-classes.ts'
import { bootstrapStorage } from './bootstrap/storage.ts'
import { claimProtectionController } from './storage/claim-protection.ts'
import { cronJob } from './cron-job/cron-job.ts'
import { daemonSet } from './daemon-set/daemon-set.ts'
import { deployment } from './deployment/deployment.ts'
import { deviceTaintEviction } from './devices/device-taint-eviction.ts'
import { disruption } from './disruption/disruption.ts'
import { endpointSlice } from './services/endpoint-slice/endpoint-slice.ts'
import { endpointSliceMirroring } from './services/endpoint-slice-mirroring.ts'
import { endpoints } from './services/endpoints.ts'
import { ephemeralVolume } from './storage/ephemeral-volume.ts'
import { garbageCollection } from './clean-up/garbage-collection.ts'
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler/horizontal-pod-autoscaler.ts'
import type { ScalableKind } from './horizontal-pod-autoscaler/target.ts'
import { job } from './job/job.ts'
import { ingressClass } from './ingress/ingress-class.ts'
import { ingressStatus } from './ingress/ingress-status.ts'
import { kubernetesService, type ApiServerAddress } from './bootstrap/kubernetes-service.ts'
import { namespaces } from './clean-up/namespace.ts'
import { nodeHealth } from './nodes/node-health/node-health.ts'
import { nodeTtl } from './nodes/node-ttl.ts'
import { persistentVolumeBinder } from './storage/persistent-volume-binder/persistent-volume-binder.ts'
import { podCleanup } from './clean-up/pod-cleanup.ts'
import { replicaSet } from './replicas/replica-set.ts'
import { replicationController } from './replicas/replication-controller.ts'
import { resourceClaim } from './devices/resource-claim.ts'
import { resourceQuotas } from './resource-quota.ts'
import { rootCa } from './service-account/root-ca.ts'
import { serviceAccount } from './service-account/service-account.ts'
import { serviceAccountSecret, type SecretToken } from './service-account/service-account-secret.ts'
import { serviceCidr } from './services/service-cidr.ts'
import { releasedIp, serviceIp } from './services/service-ip.ts'
import { statefulSet } from './stateful-set/stateful-set.ts'
import { taintEviction } from './nodes/taint-eviction.ts'
import { ttlAfterFinished } from './clean-up/ttl-after-finished.ts'
import { volumeExpansion } from './storage/volume-expansion.ts'
import { volumeProtectionController } from './storage/volume-protection.ts'
import { volumeProvisioner } from './storage/volume-provisioner/volume-provisioner.ts'

/** What the controllers need to know of a kind. */
export interface StoredKind extends ScalableKind {
  readonly scope: 'Namespaced' | 'Cluster'
  readonly outsideGarbageCollection?: boolean
}

export interface ControllersOptions {
  /** Every kind that is stored, not the virtual ones. */
  readonly kinds: readonly StoredKind[]
  /** The cluster's CA certificate in PEM. */
  readonly certificate: string
  readonly apiServer: ApiServerAddress
  /** Signs the tokens that live in Secrets. */
  readonly secretToken: SecretToken
  /** The cluster's own ranges of Service addresses. */
  readonly serviceCidrs: readonly string[]
  /** What Pods use; without it no metric says anything. */
  readonly usage?: UsageView
  /** What Pods tell of themselves. */
  readonly custom?: CustomMetricsView
  /** Where on the machine the class `hostpath` keeps its folders; without it there is no such class. */
  readonly volumeFolders?: string
}

export function controllers({ kinds, certificate, apiServer, secretToken, serviceCidrs, usage = noUsage, custom = noCustomMetrics, volumeFolders }: ControllersOptions): readonly Controller<KubeObject>[] {
  const namespaced = kinds.filter(({ scope }) => scope === 'Namespaced')
  return [
    // What every cluster has, first: without it nothing else is admitted.
    bootstrapNamespaces,
    bootstrapPriorityClasses,
    bootstrapStorage(volumeFolders),
    kubernetesService(apiServer),
    serviceCidr(serviceCidrs),
    // What every namespace has: Pods wait for it.
    serviceAccount,
    serviceAccountSecret(certificate, secretToken),
    rootCa(certificate),
    // What goes, and what is counted.
    namespaces(namespaced),
    garbageCollection(kinds.filter((kind) => !kind.outsideGarbageCollection).map(({ kind, group, scope }) => ({ kind, group, namespaced: scope === 'Namespaced' }))),
    podCleanup,
    ttlAfterFinished,
    resourceQuotas(namespaced),
    // Workloads, from those that make others to those that make Pods; then what scales and guards them.
    deployment,
    replicaSet,
    replicationController,
    statefulSet,
    daemonSet,
    cronJob,
    job,
    horizontalPodAutoscaler({ kinds, usage, custom }),
    disruption,
    // Nodes.
    nodeHealth,
    nodeTtl,
    taintEviction,
    // Services and what leads to them.
    serviceIp,
    releasedIp,
    endpointSlice,
    endpoints,
    endpointSliceMirroring,
    ingressClass,
    ingressStatus,
    // Storage and devices: a claim is made, bound, provided for, grown and let go.
    ephemeralVolume,
    persistentVolumeBinder,
    volumeProvisioner,
    attachDetach,
    volumeExpansion,
    claimProtectionController,
    volumeProtectionController,
    attributesClassProtectionController,
    resourceClaim,
    deviceTaintEviction,
  ]
}
