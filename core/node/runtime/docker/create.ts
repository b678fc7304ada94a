/** Specs as the engine's create call wants them. Pure. */
import type Docker from 'dockerode'
import type { ContainerSpec, Mount, SandboxSpec } from '../../runtime.ts'
import { engineName, podLabels } from './labels.ts'
import type { PrivilegeOptions } from './privilege.ts'

/** Upstream's container log limits: 10 MiB, 5 files. */
const logConfig = { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '5' } }
/** Upstream: the pause container is the last to be killed when memory runs out. */
const sandboxOomScore = -998
const cfsPeriodMicros = 100_000

export interface Place {
  cluster: string
  network: string
  image: string
  /** The container that is the node's address, for hostNetwork. */
  nodeContainer: string
  /** Whether the engine may give scores below its own. */
  mayProtect: boolean
}

export function sandboxOptions(spec: SandboxSpec, place: Place): Docker.ContainerCreateOptions {
  const exposed: Record<string, Record<string, never>> = {}
  const bindings: Record<string, { HostIp?: string; HostPort: string }[]> = {}
  if (!spec.hostNetwork)
    for (const port of spec.ports) {
      // A node's own address is nothing the engine could listen on: the traffic rules carry it.
      if (port.hostIP && !/^(0\.0\.0\.0$|127\.)/.test(port.hostIP)) continue
      const key = `${port.containerPort}/${port.protocol.toLowerCase()}`
      exposed[key] = {}
      ;(bindings[key] ??= []).push({ HostPort: String(port.hostPort), ...(port.hostIP ? { HostIp: port.hostIP } : {}) })
    }
  return {
    name: engineName(place.cluster, spec.pod, '', spec.attempt),
    Image: place.image,
    Labels: podLabels(place.cluster, spec, 'sandbox'),
    ...(spec.hostNetwork ? {} : { Hostname: spec.hostname, ExposedPorts: exposed }),
    HostConfig: {
      NetworkMode: spec.hostNetwork ? `container:${place.nodeContainer}` : place.network,
      IpcMode: spec.hostIPC ? 'host' : 'shareable',
      ...(spec.hostPID ? { PidMode: 'host' } : {}),
      ...(Object.keys(spec.sysctls).length > 0 ? { Sysctls: { ...spec.sysctls } } : {}),
      ...(spec.hostNetwork ? {} : { PortBindings: bindings }),
      Mounts: spec.holds.map((volume, i) => mountOption({ source: volume, target: `/held/${i}`, readOnly: false })),
      ...(place.mayProtect ? { OomScoreAdj: sandboxOomScore } : {}),
      ReadonlyRootfs: spec.holds.length === 0,
      LogConfig: { Type: 'none', Config: {} },
    },
  }
}

export type ContainerPlace = Pick<Place, 'cluster' | 'mayProtect'> & {
  /** What a privileged container gets here; nothing for others. */
  privilege?: PrivilegeOptions
}

export function containerOptions(spec: ContainerSpec, { cluster, mayProtect, privilege = {} }: ContainerPlace): Docker.ContainerCreateOptions {
  const { resources, security } = spec
  return {
    name: engineName(cluster, spec.pod, spec.name, spec.attempt),
    Image: spec.image,
    Labels: podLabels(cluster, spec, spec.kind),
    ...(spec.entrypoint ? { Entrypoint: [...spec.entrypoint] } : {}),
    ...(spec.args ? { Cmd: [...spec.args] } : spec.entrypoint ? { Cmd: [] } : {}),
    ...(spec.workingDir ? { WorkingDir: spec.workingDir } : {}),
    ...(security.user ? { User: security.user } : {}),
    ...(spec.stopSignal ? { StopSignal: spec.stopSignal } : {}),
    Env: spec.env.map(({ name, value }) => `${name}=${value}`),
    OpenStdin: spec.stdin,
    StdinOnce: spec.stdinOnce,
    Tty: spec.tty,
    // An image's own health check is not Kubernetes'.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      NetworkMode: `container:${spec.sandbox}`,
      IpcMode: spec.hostIPC ? 'host' : `container:${spec.sandbox}`,
      ...(spec.hostPID ? { PidMode: 'host' } : spec.pidOf !== undefined ? { PidMode: `container:${spec.pidOf}` } : spec.shareProcessNamespace ? { PidMode: `container:${spec.sandbox}` } : {}),
      Mounts: spec.mounts.map(mountOption),
      ...resourceOptions(resources),
      ...(resources.oomScoreAdj === undefined ? {} : { OomScoreAdj: mayProtect ? resources.oomScoreAdj : Math.max(0, resources.oomScoreAdj) }),
      ReadonlyRootfs: security.readOnlyRootFilesystem ?? false,
      ...privilege,
      SecurityOpt: [...(privilege.SecurityOpt ?? []), ...(security.noNewPrivileges ? ['no-new-privileges'] : [])],
      CapAdd: [...(privilege.CapAdd ?? []), ...(security.addCapabilities ?? [])],
      CapDrop: [...(security.dropCapabilities ?? [])],
      GroupAdd: (security.supplementalGroups ?? []).map(String),
      LogConfig: logConfig,
    },
  }
}

/** Swap is off, as upstream: the limit with swap equals the limit. */
export function resourceOptions(resources: ContainerSpec['resources']): { CpuShares?: number; CpuPeriod?: number; CpuQuota?: number; Memory?: number; MemorySwap?: number } {
  return {
    ...(resources.cpuShares === undefined ? {} : { CpuShares: resources.cpuShares }),
    ...(resources.cpuQuotaMillis === undefined ? {} : { CpuPeriod: cfsPeriodMicros, CpuQuota: Math.max(1000, (resources.cpuQuotaMillis * cfsPeriodMicros) / 1000) }),
    ...(resources.memoryBytes === undefined ? {} : { Memory: resources.memoryBytes, MemorySwap: resources.memoryBytes }),
  }
}

function mountOption(mount: Mount): Docker.MountSettings {
  const volume = !mount.source.startsWith('/')
  return {
    Type: volume ? 'volume' : 'bind',
    Source: mount.source,
    Target: mount.target,
    ReadOnly: mount.readOnly,
    ...(volume
      ? { VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: 'local', Options: {} } } }
      : { BindOptions: { Propagation: mount.propagation === undefined || mount.propagation === 'private' ? 'rprivate' : mount.propagation } }),
  } as Docker.MountSettings
}
