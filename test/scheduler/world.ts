/** Nodes and Pods for the scheduler's tests. */
import type { Node, Pod, PodSpec } from '../../core/api/types/core.ts'

let made = 0
const meta = (name: string, more: object = {}) => ({ name, uid: `uid-${name}`, resourceVersion: String(++made), creationTimestamp: '2026-01-01T00:00:00Z', ...more })

export const node = (name: string, parts: { labels?: Record<string, string>; spec?: object; allocatable?: Record<string, string>; images?: object[] } = {}): Node => ({
  apiVersion: 'v1', kind: 'Node',
  metadata: meta(name, { labels: { 'kubernetes.io/hostname': name, ...parts.labels } }),
  spec: parts.spec ?? {},
  status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...parts.allocatable }, ...(parts.images ? { images: parts.images } : {}) },
}) as unknown as Node

export const pod = (name: string, parts: { labels?: Record<string, string>; spec?: Partial<PodSpec>; requests?: Record<string, string>; status?: object; meta?: object } = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod',
  metadata: meta(name, { namespace: 'default', labels: parts.labels ?? {}, ...parts.meta }),
  spec: { schedulerName: 'default-scheduler', containers: [{ name: 'c', image: 'x:1', ...(parts.requests ? { resources: { requests: parts.requests } } : {}) }], ...parts.spec },
  status: parts.status ?? { phase: 'Pending' },
}) as unknown as Pod
