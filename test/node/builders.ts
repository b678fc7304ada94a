/** Pods and containers for the node agent's pure tests. */
import type { Container, Pod, PodSpec } from '../../core/api/types/core.ts'
import { labelsOfContainer } from '../../core/node/pod.ts'
import type { RuntimeContainer } from '../../core/node/runtime.ts'

export const uid = '3f0c8a52-5f0f-4a44-8a6f-5a7c0d2e1b90'
export const nowMs = Date.parse('2026-11-22T12:00:00Z')

export function pod(spec: Partial<PodSpec> = {}, metadata: Partial<Pod['metadata']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-x2k7m', generateName: 'web-', namespace: 'default', uid, resourceVersion: '7', creationTimestamp: '2026-11-22T11:59:00Z', generation: 1, ...metadata },
    spec: { nodeName: 'n1', restartPolicy: 'Always', containers: [{ name: 'app', image: 'nginx:1.25' }], ...spec },
    status: { phase: 'Pending' },
  }
}

export const container = (name: string, change: Partial<Container> = {}): Container => ({ name, image: 'nginx:1.25', ...change })

export const sandbox = (change: Partial<RuntimeContainer> = {}): RuntimeContainer => ({
  id: 'sandbox-0', pod: { namespace: 'default', name: 'web-x2k7m', uid }, node: 'n1', name: '', kind: 'sandbox', attempt: 0, image: 'pause', imageId: '', state: 'running', createdMs: nowMs - 60_000, ip: '10.244.0.9', labels: {}, ...change,
})

export const run = (name: string, change: Partial<RuntimeContainer> = {}): RuntimeContainer => ({
  id: `${name}-${change.attempt ?? 0}`,
  pod: { namespace: 'default', name: 'web-x2k7m', uid },
  node: 'n1',
  name,
  kind: 'app',
  attempt: 0,
  image: 'nginx:1.25',
  imageId: 'sha256:1',
  state: 'running',
  createdMs: nowMs - 50_000,
  startedMs: nowMs - 50_000,
  ...change,
  labels: { [labelsOfContainer.hash]: 'nginx:1.25', [labelsOfContainer.sandbox]: 'sandbox-0', ...change.labels },
})
export const ended = (name: string, exitCode: number, change: Partial<RuntimeContainer> = {}): RuntimeContainer => run(name, { state: 'exited', exitCode, finishedMs: nowMs - 5_000, ...change })
