/**
 * Keeps tables as a real server prints them, with the objects behind their rows.
 *
 *   node test/api/record-tables.ts --kubeconfig FILE --namespace NAME
 *
 * Creates a few objects in the namespace, shows them in many states by dry runs only, and takes them away again.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { realServer } from './real-server.ts'

const { values: options } = parseArgs({ options: { kubeconfig: { type: 'string' }, namespace: { type: 'string' } } })
if (!options.kubeconfig || !options.namespace) throw new Error('usage: record-tables.ts --kubeconfig FILE --namespace NAME')
const ask = realServer(options.kubeconfig)
const namespace = options.namespace
const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }
type Json = Record<string, unknown>

const golden: Record<string, { columns: Json[]; rows: { now: number; cells: unknown[]; object: Json }[] }> = {}
async function record(kind: string, method: string, path: string, body: Json, headers: Record<string, string> = {}): Promise<void> {
  const separator = path.includes('?') ? '&' : '?'
  const { body: answer, date } = await ask(method, `${path}${separator}includeObject=Object`, body, { ...table, ...headers })
  const rows = answer['rows'] as { cells: unknown[]; object: Json }[] | undefined
  if (!rows) throw new Error(`${kind}: ${JSON.stringify(answer)}`)
  const kept = (golden[kind] ??= { columns: (answer['columnDefinitions'] as Json[]).map(({ description: _, ...column }) => column), rows: [] })
  for (const { cells, object } of rows) {
    delete (object['metadata'] as Json)['managedFields']
    kept.rows.push({ now: date, cells, object })
  }
}
const merge = { 'content-type': 'application/merge-patch+json' }
const core = (plural: string) => `/api/v1/namespaces/${namespace}/${plural}`
const apps = (plural: string) => `/apis/apps/v1/namespaces/${namespace}/${plural}`

const long = (agoMs: number) => new Date(Date.now() - agoMs).toISOString().replace(/\.\d+Z/, 'Z')
const day = 86_400_000
const status = (name: string, state: Json, more: Json = {}): Json => ({ name, image: 'i', imageID: '', ready: false, restartCount: 0, state, ...more })
const running = { running: { startedAt: long(60_000) } }
const terminated = (exitCode: number, more: Json = {}) => ({ terminated: { exitCode, finishedAt: long(300_000), ...more } })
const waiting = (reason: string) => ({ waiting: { reason } })

const pods: Record<string, Json> = {
  'tp-one': { containers: [{ name: 'a', image: 'i:1' }] },
  'tp-two': { containers: [{ name: 'a', image: 'i:1' }, { name: 'b', image: 'i:1' }], readinessGates: [{ conditionType: 'x/y' }] },
  'tp-init': { containers: [{ name: 'a', image: 'i:1' }], initContainers: [{ name: 'i', image: 'i:1' }, { name: 's', image: 'i:1', restartPolicy: 'Always' }] },
}
const podStates: [string, Json][] = [
  ['tp-one', {}],
  ['tp-one', { phase: 'Running', podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }], containerStatuses: [status('a', running, { ready: true, restartCount: 3, lastState: terminated(1) })], conditions: [{ type: 'Ready', status: 'True' }] }],
  ['tp-one', { phase: 'Running', containerStatuses: [status('a', waiting('CrashLoopBackOff'), { restartCount: 12, lastState: terminated(137, { finishedAt: long(2 * day) }) })] }],
  ['tp-one', { phase: 'Pending', containerStatuses: [status('a', waiting('ImagePullBackOff'))] }],
  ['tp-one', { phase: 'Succeeded', containerStatuses: [status('a', terminated(0, { reason: 'Completed' }))] }],
  ['tp-one', { phase: 'Failed', containerStatuses: [status('a', terminated(2, { reason: 'Error' }))] }],
  ['tp-one', { phase: 'Failed', reason: 'Evicted' }],
  ['tp-one', { phase: 'Running', containerStatuses: [status('a', terminated(3))] }],
  ['tp-one', { phase: 'Running', containerStatuses: [status('a', terminated(0, { signal: 9 }))] }],
  ['tp-one', { phase: 'Pending', nominatedNodeName: 'n1', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }],
  ['tp-two', { phase: 'Running', containerStatuses: [status('a', running, { ready: true, restartCount: 1, lastState: terminated(1) }), status('b', terminated(0, { reason: 'Completed' }), { restartCount: 2 })], conditions: [{ type: 'Ready', status: 'False' }] }],
  ['tp-two', { phase: 'Running', containerStatuses: [status('a', running, { ready: true }), status('b', terminated(0, { reason: 'Completed' }))], conditions: [{ type: 'Ready', status: 'True' }, { type: 'x/y', status: 'True' }] }],
  ['tp-two', { phase: 'Running', containerStatuses: [status('a', terminated(1, { reason: 'Error' })), status('b', terminated(0, { reason: 'Completed' }))] }],
  ['tp-init', { phase: 'Pending', initContainerStatuses: [status('i', running)] }],
  ['tp-init', { phase: 'Pending', initContainerStatuses: [status('i', waiting('PodInitializing'))] }],
  ['tp-init', { phase: 'Pending', initContainerStatuses: [status('i', waiting('CrashLoopBackOff'), { restartCount: 4, lastState: terminated(1) })] }],
  ['tp-init', { phase: 'Pending', initContainerStatuses: [status('i', terminated(1))] }],
  ['tp-init', { phase: 'Pending', initContainerStatuses: [status('i', terminated(1, { reason: 'Error' }))] }],
  ['tp-init', { phase: 'Pending', initContainerStatuses: [status('i', terminated(0)), status('s', running)] }],
  ['tp-init', { phase: 'Running', initContainerStatuses: [status('i', terminated(0), { restartCount: 5 }), status('s', running, { started: true, ready: true, restartCount: 2, lastState: terminated(1) })], containerStatuses: [status('a', running, { ready: true, restartCount: 1 })], conditions: [{ type: 'Initialized', status: 'True' }, { type: 'Ready', status: 'True' }] }],
]

const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'nginx:1.25' }, { name: 'd', image: 'x' }] } }
const workload = { selector: { matchLabels: { app: 'a', tier: 'x' }, matchExpressions: [{ key: 'e', operator: 'In', values: ['2', '1'] }, { key: 'n', operator: 'Exists' }] }, replicas: 0, template: { ...template, metadata: { labels: { app: 'a', tier: 'x', e: '1', n: '' } } } }

try {
  for (const [name, spec] of Object.entries(pods)) await ask('POST', core('pods'), { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { schedulerName: 'nobody', ...spec } })
  for (const [name, state] of podStates) await record('Pod', 'PATCH', `${core('pods')}/${name}/status?dryRun=All`, { status: state }, merge)
  await ask('POST', apps('deployments'), { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'td' }, spec: { ...workload, paused: true } })
  await record('Deployment', 'PATCH', `${apps('deployments')}/td/status?dryRun=All`, { status: { replicas: 4, updatedReplicas: 2, readyReplicas: 3, availableReplicas: 1 } }, merge)
  await record('Deployment', 'PATCH', `${apps('deployments')}/td?dryRun=All`, { spec: { replicas: 3 } }, merge)
  await ask('POST', apps('replicasets'), { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'tr' }, spec: workload })
  await record('ReplicaSet', 'PATCH', `${apps('replicasets')}/tr/status?dryRun=All`, { status: { replicas: 4, readyReplicas: 3 } }, merge)
  const plainly = { ...workload, selector: { app: 'a', tier: 'x' } }
  await ask('POST', core('replicationcontrollers'), { apiVersion: 'v1', kind: 'ReplicationController', metadata: { name: 'tc' }, spec: plainly })
  await record('ReplicationController', 'PATCH', `${core('replicationcontrollers')}/tc/status?dryRun=All`, { status: { replicas: 4, readyReplicas: 3 } }, merge)
  const { replicas: _, ...daemons } = workload
  await ask('POST', apps('daemonsets'), { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'ta' }, spec: daemons })
  await record('DaemonSet', 'PATCH', `${apps('daemonsets')}/ta/status?dryRun=All`, { status: { desiredNumberScheduled: 5, currentNumberScheduled: 4, numberReady: 3, updatedNumberScheduled: 2, numberAvailable: 1 } }, merge)
  await record('DaemonSet', 'PATCH', `${apps('daemonsets')}/ta?dryRun=All`, { spec: { template: { spec: { nodeSelector: { disk: 'ssd', arch: 'x' } } } } }, merge)
  for (const labels of [{ b: '2', a: '1' }, {}]) await record('PodTemplate', 'POST', `${core('podtemplates')}?dryRun=All`, { apiVersion: 'v1', kind: 'PodTemplate', metadata: { name: 't' }, template: { ...template, metadata: { labels } } })
  await ask('POST', apps('statefulsets'), { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'tst' }, spec: { ...workload, replicas: 0 } })
  await record('StatefulSet', 'PATCH', `${apps('statefulsets')}/tst?dryRun=All`, { spec: { replicas: 3 } }, merge)
  await record('StatefulSet', 'PATCH', `${apps('statefulsets')}/tst/status?dryRun=All`, { status: { replicas: 4, readyReplicas: 3 } }, merge)
  const service = { apiVersion: 'v1', kind: 'Service' }
  const services: Json[] = [
    { ports: [{ port: 80 }], selector: { b: '2', a: '1' } },
    { ports: [{ port: 80, name: 'a' }, { port: 53, name: 'b', protocol: 'UDP' }], type: 'NodePort' },
    { ports: [{ port: 80 }], type: 'LoadBalancer' },
    { ports: [{ port: 80 }], clusterIP: 'None' },
    { type: 'ExternalName', externalName: 'example.com' },
    { ports: [{ port: 80 }], externalIPs: ['8.8.8.8', '9.9.9.9'] },
    { ports: [{ port: 80 }], type: 'LoadBalancer', externalIPs: ['8.8.8.8'] },
  ]
  for (const [i, spec] of services.entries()) await record('Service', 'POST', `${core('services')}?dryRun=All`, { ...service, metadata: { name: `ts-${i}` }, spec })
  await ask('POST', core('services'), { ...service, metadata: { name: 'tl' }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } })
  for (const ingress of [[{ ip: '1.2.3.4' }], [{ hostname: 'a-very-long-name.example.com' }, { ip: '1.2.3.4' }]]) {
    await record('Service', 'PATCH', `${core('services')}/tl/status?dryRun=All`, { status: { loadBalancer: { ingress } } }, merge)
  }
  const node = (name: string, more: Json, labels: Json = {}): Json => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, ...more })
  for (const object of [
    node('tn-1', { status: { conditions: [{ type: 'Ready', status: 'True' }], addresses: [{ type: 'InternalIP', address: '10.0.0.9' }], nodeInfo: { kubeletVersion: 'v1.36.0', osImage: 'Debian', kernelVersion: '6.1', containerRuntimeVersion: 'docker://20', architecture: 'amd64' } } }, { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/control-plane': '', 'kubernetes.io/role': 'x' }),
    node('tn-2', { spec: { unschedulable: true }, status: { conditions: [{ type: 'Ready', status: 'Unknown' }], addresses: [{ type: 'ExternalIP', address: '1.1.1.1' }] } }),
    node('tn-3', {}),
  ]) await record('Node', 'POST', '/api/v1/nodes?dryRun=All', object)
  const about = { kind: 'Pod', name: 'p', namespace, fieldPath: 'spec.containers{a}' }
  const events: Json[] = [
    { involvedObject: about, reason: 'R', message: ' m \n', type: 'Normal', count: 3, firstTimestamp: long(3 * day), lastTimestamp: long(125_000), source: { component: 'kubelet', host: 'n' } },
    { involvedObject: about, reason: 'R', message: 'm', type: 'Warning', eventTime: long(3_600_000).replace('Z', '.000000Z'), reportingComponent: 'x.y/z', reportingInstance: 'i', action: 'A', series: { count: 7, lastObservedTime: long(60_000).replace('Z', '.000000Z') } },
    { involvedObject: about, reason: 'R', message: 'm', type: 'Normal', eventTime: long(400 * day).replace('Z', '.000000Z'), reportingComponent: 'c', reportingInstance: 'i', action: 'A' },
    { involvedObject: { kind: 'Node', namespace } },
  ]
  for (const [i, more] of events.entries()) await record('Event', 'POST', `${core('events')}?dryRun=All`, { apiVersion: 'v1', kind: 'Event', metadata: { name: `te-${i}` }, ...more })
  await record('ConfigMap', 'POST', `${core('configmaps')}?dryRun=All`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 't' }, data: { a: '1' }, binaryData: { b: 'eA==' } })
  await record('Secret', 'POST', `${core('secrets')}?dryRun=All`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 't' }, stringData: { a: '1' } })
  await record('ServiceAccount', 'POST', `${core('serviceaccounts')}?dryRun=All`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 't' } })
  await record('Namespace', 'POST', '/api/v1/namespaces?dryRun=All', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 't-new' } })
  await record('Lease', 'POST', `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases?dryRun=All`, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 't' }, spec: { holderIdentity: 'h' } })
  const subsets = [{ addresses: [1, 2, 3].map((n) => ({ ip: `10.0.0.${n}` })), ports: [{ port: 80, name: 'a' }, { port: 81, name: 'b' }] }]
  for (const more of [{ subsets }, {}, { subsets: [{ addresses: [{ ip: '10.0.0.1' }] }] }]) await record('Endpoints', 'POST', `${core('endpoints')}?dryRun=All`, { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 't' }, ...more })
  for (const more of [{ endpoints: [{ addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.2', '10.0.0.3', '10.0.0.4'] }], ports: [{ port: 80, name: 'a' }, { name: 'b' }] }, { endpoints: [] }]) {
    await record('EndpointSlice', 'POST', `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?dryRun=All`, { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 't' }, addressType: 'IPv4', ...more })
  }
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 's', uid: 'u', controller: true }
  for (const ownerReferences of [[], [owner]]) {
    await record('ControllerRevision', 'POST', `${apps('controllerrevisions')}?dryRun=All`, { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: { name: 't', ownerReferences }, revision: 4, data: {} })
  }
} finally {
  for (const name of Object.keys(pods)) await ask('DELETE', `${core('pods')}/${name}?gracePeriodSeconds=0`)
  await ask('DELETE', `${apps('deployments')}/td`)
  await ask('DELETE', `${apps('replicasets')}/tr`)
  await ask('DELETE', `${apps('statefulsets')}/tst`)
  await ask('DELETE', `${apps('daemonsets')}/ta`)
  await ask('DELETE', `${core('replicationcontrollers')}/tc`)
  await ask('DELETE', `${core('services')}/tl`)
}
const text = JSON.stringify(golden).replaceAll(namespace, 'namespace').replaceAll('"rows":[', '"rows":[\n').replaceAll('},{"now"', '},\n{"now"')
writeFileSync(new URL('../golden/api/tables.json', import.meta.url), `${text}\n`)
