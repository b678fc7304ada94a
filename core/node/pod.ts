/** The Pod as the node agent reads and writes it: the parts of core/v1 Pod that it acts on. */
import type { KubeObject } from '../api/meta.ts'

export interface Pod extends KubeObject {
  spec: PodSpec
  status?: PodStatus
}

export interface PodSpec {
  nodeName?: string
  hostname?: string
  subdomain?: string
  setHostnameAsFQDN?: boolean
  hostNetwork?: boolean
  hostIPC?: boolean
  hostPID?: boolean
  shareProcessNamespace?: boolean
  restartPolicy?: 'Always' | 'OnFailure' | 'Never'
  terminationGracePeriodSeconds?: number
  activeDeadlineSeconds?: number
  dnsPolicy?: 'ClusterFirst' | 'ClusterFirstWithHostNet' | 'Default' | 'None'
  dnsConfig?: { nameservers?: string[]; searches?: string[]; options?: { name?: string; value?: string }[] }
  hostAliases?: { ip: string; hostnames?: string[] }[]
  enableServiceLinks?: boolean
  serviceAccountName?: string
  imagePullSecrets?: { name?: string }[]
  readinessGates?: { conditionType: string }[]
  securityContext?: PodSecurityContext
  volumes?: Volume[]
  initContainers?: Container[]
  containers: Container[]
  ephemeralContainers?: Container[]
}

export interface PodSecurityContext {
  runAsUser?: number
  runAsGroup?: number
  runAsNonRoot?: boolean
  supplementalGroups?: number[]
  fsGroup?: number
  sysctls?: { name: string; value: string }[]
}

export interface Resources {
  requests?: Record<string, string>
  limits?: Record<string, string>
}

export interface Container {
  name: string
  /** Only of ephemeral ones: whose processes it sees. */
  targetContainerName?: string
  image: string
  imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never'
  command?: string[]
  args?: string[]
  workingDir?: string
  env?: EnvVar[]
  envFrom?: { prefix?: string; configMapRef?: NamedSource; secretRef?: NamedSource }[]
  ports?: { name?: string; containerPort: number; hostPort?: number; hostIP?: string; protocol?: 'TCP' | 'UDP' }[]
  resources?: Resources
  resizePolicy?: { resourceName: string; restartPolicy: string }[]
  /** Of init containers: Always makes a sidecar. */
  restartPolicy?: 'Always' | 'OnFailure' | 'Never'
  volumeMounts?: VolumeMount[]
  livenessProbe?: Probe
  readinessProbe?: Probe
  startupProbe?: Probe
  lifecycle?: { postStart?: Handler; preStop?: Handler & { sleep?: { seconds: number } }; stopSignal?: string }
  terminationMessagePath?: string
  terminationMessagePolicy?: 'File' | 'FallbackToLogsOnError'
  securityContext?: SecurityContext
  stdin?: boolean
  stdinOnce?: boolean
  tty?: boolean
}

export interface NamedSource {
  name?: string
  optional?: boolean
}

export interface EnvVar {
  name: string
  value?: string
  valueFrom?: {
    configMapKeyRef?: NamedSource & { key: string }
    secretKeyRef?: NamedSource & { key: string }
    fieldRef?: { fieldPath: string }
    resourceFieldRef?: { containerName?: string; resource: string; divisor?: string | number }
  }
}

export interface VolumeMount {
  name: string
  mountPath: string
  subPath?: string
  subPathExpr?: string
  readOnly?: boolean
  mountPropagation?: 'None' | 'HostToContainer' | 'Bidirectional'
}

export interface Handler {
  exec?: { command?: string[] }
  httpGet?: { path?: string; port: number | string; host?: string; scheme?: 'HTTP' | 'HTTPS'; httpHeaders?: { name: string; value: string }[] }
  tcpSocket?: { port: number | string; host?: string }
  grpc?: { port: number; service?: string }
  sleep?: { seconds: number }
}

export interface Probe extends Handler {
  initialDelaySeconds?: number
  timeoutSeconds?: number
  periodSeconds?: number
  successThreshold?: number
  failureThreshold?: number
  terminationGracePeriodSeconds?: number
}

export interface SecurityContext {
  runAsUser?: number
  runAsGroup?: number
  runAsNonRoot?: boolean
  readOnlyRootFilesystem?: boolean
  privileged?: boolean
  allowPrivilegeEscalation?: boolean
  capabilities?: { add?: string[]; drop?: string[] }
}

export interface KeyToPath {
  key: string
  path: string
  mode?: number
}
export interface DownwardItem {
  path: string
  fieldRef?: { fieldPath: string }
  resourceFieldRef?: { containerName?: string; resource: string; divisor?: string | number }
  mode?: number
}
export interface Projection {
  configMap?: NamedSource & { items?: KeyToPath[] }
  secret?: NamedSource & { items?: KeyToPath[] }
  downwardAPI?: { items?: DownwardItem[] }
  serviceAccountToken?: { path: string; audience?: string; expirationSeconds?: number }
}
export interface Volume {
  name: string
  emptyDir?: { medium?: string; sizeLimit?: string }
  hostPath?: { path: string; type?: string }
  configMap?: NamedSource & { items?: KeyToPath[]; defaultMode?: number }
  secret?: { secretName?: string; optional?: boolean; items?: KeyToPath[]; defaultMode?: number }
  downwardAPI?: { items?: DownwardItem[]; defaultMode?: number }
  projected?: { sources?: Projection[]; defaultMode?: number }
  persistentVolumeClaim?: { claimName: string; readOnly?: boolean }
  ephemeral?: object
  image?: { reference?: string; pullPolicy?: 'Always' | 'IfNotPresent' | 'Never' }
  csi?: { driver: string }
  [other: string]: unknown
}

export interface Condition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason?: string
  message?: string
  lastProbeTime?: string | null
  lastTransitionTime?: string
  observedGeneration?: number
}

export interface TerminatedState {
  exitCode: number
  signal?: number
  reason?: string
  message?: string
  startedAt?: string
  finishedAt?: string
  containerID?: string
}
export interface ContainerState {
  waiting?: { reason?: string; message?: string }
  running?: { startedAt?: string }
  terminated?: TerminatedState
}
export interface ContainerStatus {
  name: string
  state: ContainerState
  lastState: ContainerState
  ready: boolean
  restartCount: number
  image: string
  imageID: string
  containerID?: string
  started?: boolean
  resources?: Resources
  allocatedResources?: Record<string, string>
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean; recursiveReadOnly?: string }[]
}

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'

export interface PodStatus {
  phase?: Phase
  conditions?: Condition[]
  message?: string
  reason?: string
  hostIP?: string
  hostIPs?: { ip: string }[]
  podIP?: string
  podIPs?: { ip: string }[]
  startTime?: string
  qosClass?: 'Guaranteed' | 'Burstable' | 'BestEffort'
  observedGeneration?: number
  initContainerStatuses?: ContainerStatus[]
  containerStatuses?: ContainerStatus[]
  ephemeralContainerStatuses?: ContainerStatus[]
}

export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always'
export const isFinal = (phase: Phase | undefined): boolean => phase === 'Succeeded' || phase === 'Failed'
/** As upstream prints a Pod in messages: name_namespace(uid). */
export const podText = (pod: Pod): string => `${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid})`
/** What people call it: the part its owner made up, or its whole name. */
export const shortName = (pod: Pod): string => (pod.metadata.generateName && pod.metadata.name.startsWith(pod.metadata.generateName) ? pod.metadata.name.slice(pod.metadata.generateName.length) : pod.metadata.name)
export const labelsOfContainer = { hash: 'orrery.dev/hash', sandbox: 'orrery.dev/sandbox' } as const
/** Annotations that tell the simulated runtime how containers behave. */
export const simulatePrefix = 'simulate.orrery.dev/'
