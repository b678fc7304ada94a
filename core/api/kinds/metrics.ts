/**
 * metrics.k8s.io: what Pods and nodes use, made of the last samples at each question and never stored. No part of the list
 * of kinds, because nothing can own, watch or select them. Upstream: k8s.io/metrics, metrics-server's tables.
 */
import { type AnyObject, type Column, defineKind } from '../kind.ts'
import { nameColumn } from './parts/columns.ts'

type Amounts = { cpu: string; memory: string }

export interface PodMetrics extends AnyObject {
  timestamp: string
  /** As Go prints a duration. */
  window: string
  containers: { name: string; usage: Amounts }[]
}

export interface NodeMetrics extends AnyObject {
  timestamp: string
  window: string
  usage: Amounts
}

const windowColumn: Column<PodMetrics | NodeMetrics> = { name: 'Window', type: 'string', cell: ({ window }) => window }

export const podMetrics = defineKind<PodMetrics>({
  kind: 'PodMetrics',
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  plural: 'pods',
  singular: 'pod',
  shortNames: [],
  categories: [],
  scope: 'Namespaced',
  schema: 'io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics',
  verbs: ['get', 'list'],
  tracksGeneration: false,
  subresources: {},
  columns: [
    nameColumn,
    { name: 'Cpu', type: 'string', cell: ({ containers }) => `${containers.reduce((sum, { usage }) => sum + nanosOf(usage.cpu), 0)}n` },
    { name: 'Memory', type: 'string', cell: ({ containers }) => `${containers.reduce((sum, { usage }) => sum + kibibytesOf(usage.memory), 0)}Ki` },
    windowColumn,
  ],
  selectableFields: {},
  refs: () => [],
})

export const nodeMetrics = defineKind<NodeMetrics>({
  kind: 'NodeMetrics',
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  plural: 'nodes',
  singular: 'node',
  shortNames: [],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.metrics.pkg.apis.metrics.v1beta1.NodeMetrics',
  verbs: ['get', 'list'],
  tracksGeneration: false,
  subresources: {},
  columns: [nameColumn, { name: 'Cpu', type: 'string', cell: ({ usage }) => usage.cpu }, { name: 'Memory', type: 'string', cell: ({ usage }) => usage.memory }, windowColumn],
  selectableFields: {},
  refs: () => [],
})

/** The two units in which these amounts are always written. */
export const nanosText = (nanos: number): string => `${Math.round(nanos)}n`
export const kibibytesText = (bytes: number): string => `${Math.ceil(bytes / 1024)}Ki`
const nanosOf = (text: string): number => Number(text.slice(0, -1))
const kibibytesOf = (text: string): number => Number(text.slice(0, -2))
