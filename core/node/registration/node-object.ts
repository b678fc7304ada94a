/** A Node and its status as the kubelet writes them (upstream: pkg/kubelet/kubelet_node_status.go, nodestatus). Pure. */
import { timestamp, type NewObject } from '../../api/meta.ts'
import type { EngineInfo, RuntimeImage } from '../runtime.ts'

export interface NodeFacts {
  name: string
  ip: string
  engine: EngineInfo
  /** This node's part of the engine: 1 of how many. */
  shareOf: number
  diskBytes: number
  pods: number
  images: readonly RuntimeImage[]
  version: string
  machineId: string
  bootId: string
  nowMs: number
  /** Why it is not ready; undefined where it is. */
  notReady?: string
  before?: { conditions?: { type: string; status: string; lastTransitionTime?: string }[] }
}

/** Upstream shows the largest 50. */
const imagesShown = 50
const arch = (name: string) => ({ x86_64: 'amd64', x64: 'amd64', aarch64: 'arm64' })[name] ?? name

export function nodeObject(facts: NodeFacts): NewObject {
  const machine = arch(facts.engine.arch)
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: facts.name,
      labels: {
        'beta.kubernetes.io/arch': machine,
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': machine,
        'kubernetes.io/hostname': facts.name,
        'kubernetes.io/os': 'linux',
      },
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    },
    spec: {},
  }
}

export function resourcesOf(facts: Pick<NodeFacts, 'engine' | 'shareOf' | 'diskBytes' | 'pods'>): Record<string, string> {
  const cpuMillis = Math.floor((facts.engine.cpus * 1000) / facts.shareOf)
  return {
    cpu: cpuMillis % 1000 === 0 ? String(cpuMillis / 1000) : `${cpuMillis}m`,
    'ephemeral-storage': `${Math.floor(facts.diskBytes / facts.shareOf / 1024)}Ki`,
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: `${Math.floor(facts.engine.memoryBytes / facts.shareOf / 1024)}Ki`,
    pods: String(facts.pods),
  }
}

export function nodeStatus(facts: NodeFacts): Record<string, unknown> {
  const resources = resourcesOf(facts)
  const now = timestamp(facts.nowMs)
  const condition = (type: string, status: 'True' | 'False', reason: string, message: string) => {
    const old = facts.before?.conditions?.find((other) => other.type === type)
    return { type, status, reason, message, lastHeartbeatTime: now, lastTransitionTime: old?.status === status && old.lastTransitionTime ? old.lastTransitionTime : now }
  }
  return {
    addresses: [
      { type: 'InternalIP', address: facts.ip },
      { type: 'Hostname', address: facts.name },
    ],
    capacity: resources,
    allocatable: resources,
    conditions: [
      condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
      condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
      condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
      facts.notReady === undefined ? condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status') : condition('Ready', 'False', 'KubeletNotReady', facts.notReady),
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    images: [...facts.images]
      .filter(({ names }) => names.length > 0)
      .sort((a, b) => b.sizeBytes - a.sizeBytes)
      .slice(0, imagesShown)
      .map(({ names, sizeBytes }) => ({ names, sizeBytes })),
    nodeInfo: {
      architecture: arch(facts.engine.arch),
      bootID: facts.bootId,
      containerRuntimeVersion: `${facts.engine.name}://${facts.engine.version}`,
      kernelVersion: facts.engine.kernel,
      kubeProxyVersion: '',
      kubeletVersion: facts.version,
      machineID: facts.machineId,
      operatingSystem: 'linux',
      osImage: facts.engine.os,
      systemUUID: facts.machineId,
    },
  }
}
