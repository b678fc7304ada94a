/** Defaults of Pods and Pod templates. Upstream: pkg/apis/core/v1/defaults.go. */
import type { Container, EnvVarSource, PodSpec, Probe, Volume } from '../../types/core.ts'

export function defaultPodSpec(spec: PodSpec): void {
  spec.restartPolicy ??= 'Always'
  spec.dnsPolicy ??= 'ClusterFirst'
  spec.terminationGracePeriodSeconds ??= 30
  spec.securityContext ??= {}
  spec.schedulerName ??= 'default-scheduler'
  const account = spec.serviceAccountName ?? spec.serviceAccount
  // Two names of one field since ever; both are stored.
  if (account !== undefined) {
    spec.serviceAccountName = account
    spec.serviceAccount = account
  }
  for (const volume of spec.volumes ?? []) defaultVolume(volume)
  for (const container of spec.initContainers ?? []) defaultContainer(container)
  for (const container of spec.containers ?? []) defaultContainer(container)
  for (const container of spec.ephemeralContainers ?? []) defaultContainer(container)
  if (spec.hostNetwork) for (const container of [...(spec.initContainers ?? []), ...spec.containers]) for (const port of container.ports ?? []) port.hostPort ??= port.containerPort
}

/** Further defaults that only Pods get, never templates. */
export function defaultPod(spec: PodSpec): void {
  spec.enableServiceLinks ??= true
  for (const { resources } of [...(spec.initContainers ?? []), ...spec.containers]) {
    if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests }
  }
}

const latest = /^[^@]*?(?::latest|(?:^|\/)[^:/]+)$/

/** An image without tag and digest means `latest`, which is pulled each time. */
const pullPolicyFor = (image: string): 'Always' | 'IfNotPresent' => (latest.test(image) && !image.includes('@') ? 'Always' : 'IfNotPresent')

function defaultContainer(container: Container): void {
  container.imagePullPolicy ??= pullPolicyFor(container.image ?? '')
  container.terminationMessagePath ??= '/dev/termination-log'
  container.terminationMessagePolicy ??= 'File'
  for (const port of container.ports ?? []) port.protocol ??= 'TCP'
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) if (probe) defaultProbe(probe)
  for (const handler of [container.lifecycle?.postStart, container.lifecycle?.preStop]) if (handler?.httpGet) defaultHttpGet(handler.httpGet)
  defaultDownward((container.env ?? []).flatMap(({ valueFrom }) => valueFrom ?? []))
}

function defaultProbe(probe: Probe): void {
  probe.timeoutSeconds ??= 1
  probe.periodSeconds ??= 10
  probe.successThreshold ??= 1
  probe.failureThreshold ??= 3
  if (probe.httpGet) defaultHttpGet(probe.httpGet)
  if (probe.grpc) probe.grpc.service ??= ''
}

function defaultHttpGet(action: { path?: string; scheme?: 'HTTP' | 'HTTPS' }): void {
  action.path ??= '/'
  action.scheme ??= 'HTTP'
}

const fileMode = 0o644

function defaultDownward(items: readonly Pick<EnvVarSource, 'fieldRef' | 'resourceFieldRef'>[] = []): void {
  for (const { fieldRef, resourceFieldRef } of items) {
    if (fieldRef) fieldRef.apiVersion ??= 'v1'
    if (resourceFieldRef) resourceFieldRef.divisor ??= '0'
  }
}

function defaultVolume(volume: Volume): void {
  if (Object.keys(volume).every((key) => key === 'name')) volume.emptyDir = {}
  if (volume.secret) volume.secret.defaultMode ??= fileMode
  if (volume.configMap) volume.configMap.defaultMode ??= fileMode
  if (volume.hostPath) volume.hostPath.type ??= ''
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= fileMode
    defaultDownward(volume.downwardAPI.items)
  }
  if (volume.projected) {
    volume.projected.defaultMode ??= fileMode
    for (const source of volume.projected.sources ?? []) {
      if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600
      defaultDownward(source.downwardAPI?.items)
    }
  }
  if (volume.image) volume.image.pullPolicy ??= pullPolicyFor(volume.image.reference ?? '')
  if (volume.ephemeral?.volumeClaimTemplate) volume.ephemeral.volumeClaimTemplate.spec.volumeMode ??= 'Filesystem'
  if (volume.iscsi) volume.iscsi.iscsiInterface ??= 'default'
  if (volume.azureDisk) {
    volume.azureDisk.cachingMode ??= 'ReadWrite'
    volume.azureDisk.fsType ??= 'ext4'
    volume.azureDisk.kind ??= 'Shared'
    volume.azureDisk.readOnly ??= false
  }
  if (volume.rbd) {
    volume.rbd.pool ??= 'rbd'
    volume.rbd.user ??= 'admin'
    volume.rbd.keyring ??= '/etc/ceph/keyring'
  }
  if (volume.scaleIO) {
    volume.scaleIO.storageMode ??= 'ThinProvisioned'
    volume.scaleIO.fsType ??= 'xfs'
  }
}
