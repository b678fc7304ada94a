/** What is created one after another, here and on the real server. */
interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string }
  [field: string]: unknown
}
type Fields = Record<string, unknown>

const pod = (name: string, resources: Fields = {}, spec: Fields = {}): Manifest => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [{ name: 'c', image: 'i', resources }], ...spec } })
const pods = (name: string, ...limits: Fields[]): Manifest => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: limits.map((limit, i) => ({ name: `c${i}`, image: 'i', resources: { limits: limit } })) } })
const quota = (name: string, hard: Fields, spec: Fields = {}): Manifest => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name }, spec: { hard, ...spec } })
const service = (name: string, type: string, ...ports: number[]): Manifest => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { type, ports: ports.map((port) => ({ name: `p${port}`, port })) } })
const claim = (name: string, storage: string): Manifest => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage } } } })
const configMap = (name: string): Manifest => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })
const small = (memory: string, more: Fields = {}): Fields => ({ requests: { cpu: '100m' }, limits: { memory, ...more } })

export const admissionSteps: readonly Manifest[] = [
  pod('no-class', {}, { priorityClassName: 'nobody' }),
  pod('own-priority', {}, { priority: 7 }),
  pod('own-policy', {}, { preemptionPolicy: 'Never' }),
  pod('no-runtime', {}, { runtimeClassName: 'nothing' }),
  pod('own-overhead', {}, { overhead: { cpu: '1m' } }),
  quota('q', { pods: '4', 'requests.cpu': '1', 'limits.memory': '1Gi', 'services.nodeports': '1', 'count/configmaps': '2', persistentvolumeclaims: '1', 'requests.storage': '2Gi', 'requests.nvidia.com/gpu': '1' }),
  pod('a'),
  pod('a', { requests: { cpu: '600m' }, limits: { memory: '512Mi' } }),
  pod('b', { requests: { cpu: '500m' }, limits: { memory: '600Mi' } }),
  pod('b', small('100Mi', { 'nvidia.com/gpu': '2' })),
  pod('b', small('100Mi', { 'nvidia.com/gpu': '1' })),
  pod('c', small('1000k')),
  pod('long', small('1k'), { initContainers: [{ name: 'first', image: 'i', resources: { requests: { cpu: '2' }, limits: { memory: '1' } } }] }),
  pod('unsaid', small('1k'), { initContainers: [{ name: 'first', image: 'i' }] }),
  pod('d', small('100Mi')),
  pod('e', small('100Mi')),
  service('s', 'NodePort', 1, 2),
  service('s', 'LoadBalancer', 1),
  service('t', 'NodePort', 3),
  configMap('a'),
  configMap('b'),
  claim('v', '3Gi'),
  claim('v', '2Gi'),
  claim('w', '1Gi'),
  quota('best', { pods: '0' }, { scopes: ['BestEffort'] }),
  quota('deadline', { pods: '0' }, { scopes: ['Terminating'] }),
  quota('high', { pods: '0' }, { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['system-cluster-critical'] }] } }),
  quota('abroad', { pods: '0' }, { scopes: ['CrossNamespacePodAffinity'] }),
  { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'r' }, spec: { limits: [
    { type: 'Container', min: { cpu: '100m' }, max: { cpu: '1' }, maxLimitRequestRatio: { cpu: '3' } },
    { type: 'Pod', max: { cpu: '2' } },
    { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '2Gi' } },
  ] } },
  pod('f', { requests: { cpu: '50m' } }),
  pod('f', { requests: { cpu: '200m' }, limits: { cpu: '900m' } }),
  pods('g', { cpu: '1' }, { cpu: '1' }, { cpu: '1' }),
  claim('x', '3Gi'),
  claim('x', '500Mi'),
]
