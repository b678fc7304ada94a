/**
 * What a scenario came to: every object in the end, the Events, the order in which Pods were made and went, and what
 * was refused. What differs from run to run (uids, times, addresses, hashes, made-up names) is made symbolic.
 */
import type { KubeObject } from './client.ts'
import { kindsOfOutcome, placeOf } from './places.ts'
import type { Scenario } from './scenario.ts'
import type { Change, Stage } from './stage.ts'

export interface Outcome {
  /** By `Kind/name`; several of the same symbolic name in one list, sorted, the same ones once with their number. */
  objects: Record<string, { times: number; object: unknown }[]>
  events: string[]
  pods: string[]
  answers: string[]
  /** What there was after each step, as a digest: who plays the same again knows when to go on. */
  rests: string[]
}

export interface Played {
  stage: Stage
  scenario: Scenario
  namespace: string
  answers: string[]
  rests: string[]
  /** Which of the stage's changes was the first. */
  from: number
}

/** Told again as often as a controller tries, which is a matter of time. */
const repeated = new Set(['FailedScheduling', 'FailedGetResourceMetric', 'FailedComputeMetricsReplicas', 'FailedCreate', 'WaitForFirstConsumer', 'FailedBinding', 'CalculateExpectedPodCountFailed', 'NoPods', 'Preempted', 'FailedGetScale', 'WaitForPodScheduled', 'RecreatingTerminatedPod', 'RecreatingFailedPod', 'FailedDaemonPod', 'ProvisioningFailed', 'UnmanagedPods'])
/** Each node tells its own story; the repair of addresses sees a Service before its address now and then. */
const nodeComponents = /^(kubelet|kwok|node:|ipallocator-repair-controller)/

export function outcomeOf({ stage, scenario, namespace, answers, from, rests }: Played): Outcome {
  const mine = stage.changes.slice(from).filter(({ kind, object }) => belongs(kind, object, namespace))
  const symbols = symbolsOf(stage, scenario, namespace, mine)
  const texts: Record<string, string[]> = {}
  for (const kind of kindsOfOutcome) {
    if (kind === 'Namespace' && !scenario.keepsDefaults) continue
    for (const object of stage.list(kind)) {
      if (!belongs(kind, object, namespace)) continue
      if (!scenario.keepsDefaults && ((kind === 'ServiceAccount' && object.metadata.name === 'default') || (kind === 'ConfigMap' && object.metadata.name === 'kube-root-ca.crt'))) continue
      const list = (texts[`${kind}/${symbols(object.metadata.name)}`] ??= [])
      list.push(symbols(JSON.stringify(bare(kind, object))))
    }
  }
  const objects = Object.fromEntries(Object.entries(texts).map(([name, list]) => [name, [...new Set(list)].sort().map((text) => ({ times: list.filter((other) => other === text).length, object: JSON.parse(text) as unknown }))]))
  return { objects, events: eventsOf(mine, symbols), pods: ordered(mine, scenario, symbols), answers: answers.map(symbols), rests }
}

function belongs(kind: string, { metadata }: KubeObject, namespace: string): boolean {
  return kind !== 'Node' && (placeOf(kind).namespaced ? metadata.namespace === namespace : metadata.labels?.['scenario'] === namespace)
}

/** An object without what only says when, where and by whom; a Pod also without what its node tells of its containers. */
function bare(kind: string, object: KubeObject): object {
  const { uid: _uid, resourceVersion: _version, creationTimestamp: _created, managedFields: _managed, namespace: _namespace, name: _name, ...metadata } = object.metadata
  const rest: Record<string, unknown> = { ...object, metadata }
  delete rest['kind']
  delete rest['apiVersion']
  if (kind === 'Pod') {
    const { phase, reason, message, conditions, nominatedNodeName, resourceClaimStatuses, qosClass } = object['status'] as Record<string, unknown>
    const told = (conditions as { type: string; status: string; reason?: string; message?: string }[] | undefined)
      // kwok leaves a Pod ready that has ended.
      ?.filter(({ type }) => ['PodScheduled', 'DisruptionTarget', ...(phase === 'Running' || phase === 'Pending' ? ['Ready'] : [])].includes(type))
      .map(({ type, status, reason: why, message: words }) => (type === 'Ready' ? { type, status } : { type, status, ...(why && { reason: why }), ...(words && { message: words }) }))
      .sort((a, b) => (a.type < b.type ? -1 : 1))
    rest['status'] = { phase, reason, message, conditions: told, nominatedNodeName, resourceClaimStatuses, qosClass }
    delete metadata['deletionGracePeriodSeconds']
  }
  const claimRef = (object['spec'] as { claimRef?: object } | undefined)?.claimRef
  if (claimRef) rest['spec'] = { ...(object['spec'] as object), claimRef: { ...claimRef, resourceVersion: undefined } }
  // Sets, which the real controllers sort by addresses and by a hash of Go's picture of a port. In how many passes they came about is a matter of time.
  if (kind === 'EndpointSlice') {
    for (const field of ['ports', 'endpoints']) rest[field] = inOrder(object[field])
    delete metadata['generation']
  }
  if (kind === 'Endpoints') rest['subsets'] = (object['subsets'] as Record<string, unknown>[] | undefined)?.map((subset) => Object.fromEntries(Object.entries(subset).map(([field, list]) => [field, inOrder(list)])))
  // When a Pod changed that led to this: which of several changes met in one pass is a matter of time.
  if (kind === 'Endpoints' || kind === 'EndpointSlice') metadata.annotations = { ...metadata.annotations, 'endpoints.kubernetes.io/last-change-trigger-time': '<maybe>' }
  if (kind === 'Secret') rest['data'] = Object.keys((object['data'] as object | undefined) ?? {})
  sortConditions(rest)
  return sorted(rest) as object
}

const withoutAddress = (item: unknown) => JSON.stringify(item).replace(/"[0-9.]+"|[0-9a-f-]{36}|"nodeName":"[^"]*"/g, '')
const inOrder = (list: unknown) => (Array.isArray(list) ? list.map(sorted).sort((a, b) => (withoutAddress(a) < withoutAddress(b) ? -1 : 1)) : list)

function sortConditions(object: Record<string, unknown>): void {
  const status = object['status'] as { conditions?: { type: string }[] } | undefined
  if (status?.conditions) object['status'] = { ...status, conditions: [...status.conditions].sort((a, b) => (a.type < b.type ? -1 : 1)) }
}

/** Go writes an empty list as null or not at all. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined && field !== null && !(Array.isArray(field) && field.length === 0)).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, field]) => [key, sorted(field)]))
}

/** Hashes by the order in which their objects came up; made-up names by what they were made from. */
function symbolsOf(stage: Stage, scenario: Scenario, namespace: string, changes: readonly Change[]): (text: string) => string {
  const names = new Map<string, string>()
  const prefixes = new Set<string>()
  const count = { ReplicaSet: 0, ControllerRevision: 0 }
  for (const { kind, object } of changes) {
    const { name, generateName, labels = {} } = object.metadata
    if (names.has(name)) continue
    // The Pods of a StatefulSet say what their names begin with too.
    if (generateName !== undefined && generateName !== '' && name.length === generateName.length + 5) prefixes.add(generateName)
    if (generateName !== undefined && generateName !== '' && labels['statefulset.kubernetes.io/pod-name'] === undefined) names.set(name, `${generateName}*`)
    const hash = kind === 'ReplicaSet' ? labels['pod-template-hash'] : kind === 'ControllerRevision' ? name.slice(name.lastIndexOf('-') + 1) : undefined
    if (hash !== undefined && !names.has(hash)) names.set(hash, kind === 'ReplicaSet' ? `H${++count.ReplicaSet}` : `R${++count.ControllerRevision}`)
  }
  for (const [index, node] of stage.nodes().entries()) names.set(node, scenario.namesNodes ? `node ${index + 1}` : '<node>')
  names.set(namespace, '$NS')
  const known = [...names].sort(([a], [b]) => b.length - a.length)
  const symbols = (text: string): string => {
    let result = text
    for (const [name, symbol] of known) if (result.includes(name)) result = result.replaceAll(name, symbol)
    // Of objects that were refused, only the name is known.
    for (const prefix of prefixes) result = result.replace(new RegExp(`${prefix}[bcdfghjklmnpqrstvwxz2456789]{5}\\b`, 'g'), `${prefix}*`)
    return result
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
      .replace(/\b\d{1,3}(\.\d{1,3}){3}\b/g, '<ip>')
      .replace(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-*')
      .replace(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----(\\n)*/g, '<certificate>')
      .replace(/\d+\/\d+ nodes are available:.*?(?="|$)/g, (words) => words.replace(/\d+/g, '#'))
      .replace(/\(combined from similar events\): /g, '')
  }
  return symbols
}

interface KubeEvent {
  reason?: string
  type?: string
  message?: string
  count?: number
  series?: { count: number }
  source?: { component?: string }
  reportingComponent?: string
  involvedObject: { kind: string; name: string }
}

function eventsOf(changes: readonly Change[], symbols: (text: string) => string): string[] {
  const latest = new Map<string, KubeEvent>()
  for (const { kind, type, object } of changes) if (kind === 'Event' && type !== 'DELETED') latest.set(object.metadata.uid, object as unknown as KubeEvent)
  const counts = new Map<string, number>()
  for (const { reason = '', type = '', message = '', count, series, source, reportingComponent, involvedObject } of latest.values()) {
    const component = reportingComponent || source?.component || ''
    if (nodeComponents.test(component)) continue
    const line = symbols(`${component}: ${type} ${reason} ${involvedObject.kind}/${involvedObject.name}: ${message}`)
    counts.set(line, (counts.get(line) ?? 0) + (series?.count ?? count ?? 1))
  }
  return [...counts].map(([line, count]) => (count === 1 || repeated.has(line.split(' ')[2] ?? '') ? line : `${line} (×${count})`)).sort()
}

/** `+ name` when a Pod came up, `- name` when it was told to go or went. */
function ordered(changes: readonly Change[], { order }: Scenario, symbols: (text: string) => string): string[] {
  if (order === 'none') return []
  const alive = new Set<string>()
  const gone = new Set<string>()
  const lines: string[] = []
  for (const { kind, type, object } of changes) {
    if (kind !== 'Pod') continue
    const { uid, name, deletionTimestamp } = object.metadata
    if (!alive.has(uid)) lines.push(`+ ${symbols(name)}`)
    alive.add(uid)
    if ((type === 'DELETED' || deletionTimestamp !== undefined) && !gone.has(uid)) {
      gone.add(uid)
      lines.push(`- ${symbols(name)}`)
    }
  }
  if (order === 'strict') return lines
  const runs: string[][] = []
  for (const line of lines) {
    const run = runs.at(-1)
    if (run?.[0]?.[0] === line[0]) run!.push(line)
    else runs.push([line])
  }
  return runs.flatMap((run) => run.sort())
}
