/** Every controller, in the order in which they start. To add one: its file, and one line here. */
import type { KubeObject } from '../api/meta.ts'
import { noUsage, type UsageView } from '../api/usage.ts'
import type { Controller } from '../loop/controller.ts'
import { attributesClassProtectionController } from './attributes-class-protection.ts'
import { bootstrapNamespaces } from './bootstrap-namespaces.ts'
import { bootstrapPriorityClasses } from './bootstrap-priority-classes.ts'
import { bootstrapStorage } from './bootstrap-storage.ts'
import { claimProtectionController } from './claim-protection.ts'
import { cronJob } from './cron-job/cron-job.ts'
import { daemonSet } from './daemon-set/daemon-set.ts'
import { deployment } from './deployment/deployment.ts'
import { disruption } from './disruption/disruption.ts'
import { endpointSlice } from './endpoint-slice/endpoint-slice.ts'
import { endpointSliceMirroring } from './endpoint-slice-mirroring.ts'
import { endpoints } from './endpoints.ts'
import { ephemeralVolume } from './ephemeral-volume.ts'
import { garbageCollection } from './garbage-collection.ts'
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler/horizontal-pod-autoscaler.ts'
import type { ScalableKind } from './horizontal-pod-autoscaler/target.ts'
import { job } from './job/job.ts'
import { ingressClass } from './ingress/ingress-class.ts'
import { ingressStatus } from './ingress/ingress-status.ts'
import { kubernetesService, type ApiServerAddress } from './kubernetes-service.ts'
import { namespaces } from './namespace.ts'
import { nodeHealth } from './node-health/node-health.ts'
import { nodeTtl } from './node-ttl.ts'
import { persistentVolumeBinder } from './persistent-volume-binder/persistent-volume-binder.ts'
import { podCleanup } from './pod-cleanup.ts'
import { replicaSet } from './replicas/replica-set.ts'
import { replicationController } from './replicas/replication-controller.ts'
import { resourceClaim } from './resource-claim.ts'
import { resourceQuotas } from './resource-quota.ts'
import { rootCa } from './root-ca.ts'
import { serviceAccount } from './service-account.ts'
import { serviceAccountSecret, type SecretToken } from './service-account-secret.ts'
import { serviceCidr } from './service-addresses/service-cidr.ts'
import { releasedIp, serviceIp } from './service-addresses/service-ip.ts'
import { statefulSet } from './stateful-set/stateful-set.ts'
import { taintEviction } from './taint-eviction.ts'
import { ttlAfterFinished } from './ttl-after-finished.ts'
import { volumeExpansion } from './volume-expansion.ts'
import { volumeProtectionController } from './volume-protection.ts'
import { volumeProvisioner } from './volume-provisioner/volume-provisioner.ts'

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
  /** Where on the machine the class `hostpath` keeps its folders; without it there is no such class. */
  readonly volumeFolders?: string
}

export function controllers({ kinds, certificate, apiServer, secretToken, serviceCidrs, usage = noUsage, volumeFolders }: ControllersOptions): readonly Controller<KubeObject>[] {
  return [
    bootstrapNamespaces,
    bootstrapPriorityClasses,
    bootstrapStorage(volumeFolders),
    kubernetesService(apiServer),
    serviceAccount,
    rootCa(certificate),
    serviceAccountSecret(certificate, secretToken),
    serviceCidr(serviceCidrs),
    serviceIp,
    releasedIp,
    ingressClass,
    ingressStatus,
    namespaces(kinds.filter(({ scope }) => scope === 'Namespaced')),
    garbageCollection(kinds.filter((kind) => !kind.outsideGarbageCollection).map(({ kind, group, scope }) => ({ kind, group, namespaced: scope === 'Namespaced' }))),
    resourceQuotas(kinds.filter(({ scope }) => scope === 'Namespaced')),
    deployment,
    replicaSet,
    statefulSet,
    replicationController,
    daemonSet,
    endpointSlice,
    endpoints,
    endpointSliceMirroring,
    nodeHealth,
    nodeTtl,
    taintEviction,
    podCleanup,
    job,
    cronJob,
    ttlAfterFinished,
    disruption,
    horizontalPodAutoscaler({ kinds, usage }),
    persistentVolumeBinder,
    volumeProvisioner,
    claimProtectionController,
    volumeProtectionController,
    attributesClassProtectionController,
    ephemeralVolume,
    volumeExpansion,
    resourceClaim,
  ]
}
