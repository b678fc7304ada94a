/** What the fixture answers beyond the first carrier: tables, kinds, schema, review, why, revisions. */
import { parseAllDocuments } from 'yaml'
import type { KindInfo, Problem, Review, SchemaModel, Table } from '../../../electron/contract.ts'
import { refKey, refOf, type KubeObject } from '../../../core/api/meta.ts'
import { ApiError } from '../../../core/api/status.ts'
import type { StoryScene } from './typo.ts'
import { fieldChanges } from '../../../renderer/ui/diff-words.ts'

const kind = (name: string, apiVersion: string, namespaced: boolean, shortNames: string[] = []): KindInfo => ({ kind: name, apiVersion, plural: `${name.toLowerCase()}s`, shortNames, namespaced, verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'] })
export const kinds: KindInfo[] = [
  kind('Deployment', 'apps/v1', true, ['deploy']), kind('ReplicaSet', 'apps/v1', true, ['rs']), kind('Pod', 'v1', true, ['po']), kind('Service', 'v1', true, ['svc']), kind('EndpointSlice', 'discovery.k8s.io/v1', true),
  kind('ConfigMap', 'v1', true, ['cm']), kind('Secret', 'v1', true), kind('Namespace', 'v1', false, ['ns']), kind('Node', 'v1', false, ['no']), kind('Event', 'v1', true, ['ev']),
]

const age = (object: KubeObject, now: number): string => { const s = Math.floor((now - Date.parse(object.metadata.creationTimestamp)) / 1000); return s < 120 ? `${s}s` : s < 7200 ? `${Math.floor(s / 60)}m` : `${Math.floor(s / 3600)}h` }
const column = (name: string, type = 'string', priority = 0) => ({ name, type, priority, description: `${name} of the object` })

export function table(objects: readonly KubeObject[], name: string, now: number): Table {
  const rows = objects.filter((o) => o.kind === name)
  if (name === 'Pod') {
    return {
      columns: [column('Name'), column('Ready'), column('Status'), column('Restarts'), column('Age'), column('IP', 'string', 1), column('Node', 'string', 1)], revision: 1,
      rows: rows.map((o) => {
        const status = o['status'] as { phase?: string; podIP?: string; containerStatuses?: { ready: boolean; restartCount: number; state?: { waiting?: { reason: string } } }[] }
        const one = status.containerStatuses?.[0]
        return { ref: refOf(o), cells: [o.metadata.name, `${one?.ready ? 1 : 0}/1`, one?.state?.waiting?.reason ?? status.phase ?? '', String(one?.restartCount ?? 0), age(o, now), status.podIP ?? '<none>', (o['spec'] as { nodeName?: string }).nodeName ?? '<none>'] }
      }),
    }
  }
  if (name === 'Deployment') {
    return {
      columns: [column('Name'), column('Ready'), column('Up-to-date', 'integer'), column('Available', 'integer'), column('Age'), column('Images', 'string', 1)], revision: 1,
      rows: rows.map((o) => {
        const status = o['status'] as { readyReplicas?: number; updatedReplicas?: number; availableReplicas?: number }
        const spec = o['spec'] as { replicas: number; template: { spec: { containers: { image: string }[] } } }
        return { ref: refOf(o), cells: [o.metadata.name, `${status.readyReplicas ?? 0}/${spec.replicas}`, status.updatedReplicas ?? 0, status.availableReplicas ?? 0, age(o, now), spec.template.spec.containers[0]?.image ?? ''] }
      }),
    }
  }
  return { columns: [column('Name'), column('Age')], rows: rows.map((o) => ({ ref: refOf(o), cells: [o.metadata.name, age(o, now)] })), revision: 1 }
}

const container = {
  doc: 'A single application container.', required: ['name'],
  fields: {
    name: { type: 'string', doc: 'Name of the container specified as a DNS_LABEL. Each container in a pod must have a unique name.' },
    image: { type: 'string', doc: 'Container image name.' },
    imagePullPolicy: { type: 'string', doc: 'Image pull policy. One of Always, Never, IfNotPresent.', enum: ['Always', 'IfNotPresent', 'Never'] },
    ports: { type: 'object', of: 'Port', list: true, doc: 'List of ports to expose from the container.' },
  },
}
export const schema = (name: string): SchemaModel => ({
  root: name,
  models: {
    [name]: { doc: `${name}.`, required: ['spec'], fields: { metadata: { type: 'object', of: 'Meta', doc: 'Standard object metadata.' }, spec: { type: 'object', of: 'Spec', doc: 'The wished state.' } } },
    Meta: { doc: '', required: [], fields: { name: { type: 'string', doc: 'Name must be unique within a namespace.' }, namespace: { type: 'string', doc: 'Where it lives.' }, labels: { type: 'string', map: true, doc: 'Labels.' } } },
    Spec: { doc: '', required: ['selector', 'template'], fields: { replicas: { type: 'integer', doc: 'Number of desired pods. This is a pointer to distinguish between explicit zero and not specified. Defaults to 1.' }, paused: { type: 'boolean', doc: 'Indicates that the deployment is paused.' }, selector: { type: 'object', doc: 'Label selector for pods.' }, template: { type: 'object', of: 'Template', doc: 'Describes the pods that will be created.' }, strategy: { type: 'object', doc: 'How Pods are replaced.' } } },
    Template: { doc: '', required: [], fields: { metadata: { type: 'object', of: 'Meta', doc: 'Metadata.' }, spec: { type: 'object', of: 'PodSpec', doc: 'The Pod.' } } },
    PodSpec: { doc: '', required: ['containers'], fields: { containers: { type: 'object', of: 'Container', list: true, doc: 'List of containers belonging to the pod.' } } },
    Container: container,
    Port: { doc: '', required: ['containerPort'], fields: { containerPort: { type: 'integer', doc: 'Number of port.' }, protocol: { type: 'string', doc: 'Protocol.', enum: ['TCP', 'UDP', 'SCTP'] } } },
  },
})

export function review(scene: StoryScene, yaml: string, namespace: string): Review {
  const starts: number[] = [1]
  yaml.split('\n').forEach((line, i) => { if (/^---/.test(line) && i > 0) starts.push(i + 2) })
  const last = yaml.split('\n').length
  const documents = parseAllDocuments(yaml).map((d) => d.toJS() as KubeObject | null).map((object, index): Review['documents'][number] => {
    const fromLine = starts[index] ?? 1
    const toLine = (starts[index + 1] ?? last + 2) - 2
    const problems: Problem[] = []
    if (!object?.kind) return { index, fromLine, toLine, action: 'invalid', changes: [], problems: [{ severity: 'error', message: 'kind is missing', line: fromLine }] }
    if ('replica' in ((object['spec'] ?? {}) as object)) problems.push({ severity: 'error', message: 'unknown field "spec.replica"', help: 'Closest: replicas.', path: 'spec.replica', line: fromLine + yaml.split('\n').slice(fromLine - 1).findIndex((l) => /replica:/.test(l)) })
    const ref = { kind: object.kind, name: object.metadata.name, namespace: object.metadata.namespace ?? namespace }
    const present = scene.objects.find((o) => refKey(refOf(o)) === refKey(ref))
    const changes = present ? fieldChanges(present['spec'], object['spec'], 'spec').filter((c) => c.after !== undefined && typeof c.after !== 'object') : []
    return { index, ref, apiVersion: object.apiVersion, fromLine, toLine, action: problems.length > 0 ? 'invalid' : present ? (changes.length > 0 ? 'change' : 'same') : 'create', changes, problems, ...(changes.length > 0 && object.kind === 'Deployment' ? { cost: '3 Pods are replaced, never fewer than 3 ready' } : {}) }
  })
  return { documents, ok: documents.every((d) => d.action !== 'invalid') }
}

export const answers = (scene: StoryScene) => ({
  kinds: () => kinds,
  table: (q: { kind: string }) => table(scene.objects, q.kind, scene.nowMs),
  schema: (q: { kind: string }) => schema(q.kind),
  review: (q: { yaml: string; namespace: string }) => review(scene, q.yaml, q.namespace),
  applyReviewed: (q: { yaml: string; namespace: string }) => {
    const all = review(scene, q.yaml, q.namespace).documents
    return { written: all.slice(0, 1).map((d) => ({ ref: d.ref!, action: 'change' as const })), failed: { ref: all[1]?.ref ?? all[0]!.ref!, status: new ApiError('Conflict', 'another tool owns .spec.replicas').toStatus() }, notWritten: all.slice(2).map((d) => d.ref ?? null) }
  },
  why: () => { if (!scene.why) throw new ApiError('NotFound', 'the journal does not reach back to it'); return scene.why },
  scheduling: () => scene.cycle ?? null,
  decisions: () => [],
  create: (q: { object: unknown }) => q.object as KubeObject,
  update: (q: { object: unknown }) => {
    if (/image: ?""/.test(JSON.stringify(q.object))) throw new ApiError('Invalid', 'Required value')
    return q.object as KubeObject
  },
  openPort: () => ({ id: 'p9', url: 'http://127.0.0.1:41234/', port: 41234 }),
  revisions: (q: { name: string }) => scene.objects.filter((o) => o.kind === 'ReplicaSet' && o.metadata.ownerReferences?.some((r) => r.name === q.name)).map((o) => ({
    revision: Number(o.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0), ref: refOf(o), images: ((o['spec'] as { template: { spec: { containers: { image: string }[] } } }).template.spec.containers).map((c) => c.image),
    atMs: Date.parse(o.metadata.creationTimestamp), current: o.metadata.annotations?.['deployment.kubernetes.io/revision'] === scene.objects.find((d) => d.kind === 'Deployment' && d.metadata.name === q.name)?.metadata.annotations?.['deployment.kubernetes.io/revision'], replicas: (o['spec'] as { replicas: number }).replicas,
    changes: [{ path: 'spec.template.spec.containers[0].image', before: 'nginx:1.62', after: 'nginx:1.26' }],
  })),
})
