/**
 * Keeps what a real server answers to changes: the object before, the merge patch, and the object after or the refusal.
 *
 *   node test/api/record-updates.ts --kubeconfig FILE --namespace NAME
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { realServer } from './real-server.ts'
import { storageUpdates } from './storage-updates.ts'

const { values: options } = parseArgs({ options: { kubeconfig: { type: 'string' }, namespace: { type: 'string' } } })
if (!options.kubeconfig || !options.namespace) throw new Error('usage: record-updates.ts --kubeconfig FILE --namespace NAME')
const ask = realServer(options.kubeconfig)
const namespace = options.namespace
type Json = Record<string, unknown>
const core = `/api/v1/namespaces/${namespace}`
const apps = `/apis/apps/v1/namespaces/${namespace}`

const pod = { containers: [{ name: 'a', image: 'i:1' }], schedulerName: 'nobody', activeDeadlineSeconds: 100, nodeSelector: { a: '1' }, tolerations: [{ key: 'old', operator: 'Exists' }] }
const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } }
const bases: Record<string, { path: string; object: Json; patches: Record<string, Json> }> = {
  ...(storageUpdates(namespace) as Record<string, { path: string; object: Json; patches: Record<string, Json> }>),
  pod: {
    path: `${core}/pods`,
    object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'u-pod' }, spec: pod },
    patches: {
      image: { spec: { containers: [{ name: 'a', image: 'i:2' }] } },
      'no image': { spec: { containers: [{ name: 'a', image: '' }] } },
      'more containers': { spec: { containers: [{ name: 'a', image: 'i:1' }, { name: 'b', image: 'i:1' }] } },
      'shorter deadline': { spec: { activeDeadlineSeconds: 50 } },
      'longer deadline': { spec: { activeDeadlineSeconds: 500 } },
      'no deadline': { spec: { activeDeadlineSeconds: null } },
      'fewer tolerations': { spec: { tolerations: [] } },
      'more tolerations': { spec: { tolerations: [{ key: 'old', operator: 'Exists' }, { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }, { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }, { key: 'x', operator: 'Exists' }] } },
      labels: { metadata: { labels: { a: 'b' } } },
      'new finalizer and owner': { metadata: { finalizers: ['a/b'], ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'u' }] } },
      gates: { spec: { schedulingGates: [{ name: 'a' }] } },
    },
  },
  'gated pod': {
    path: `${core}/pods`,
    object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'u-gated' }, spec: { ...pod, schedulingGates: [{ name: 'a' }, { name: 'b' }] } },
    patches: {
      'fewer gates': { spec: { schedulingGates: [{ name: 'b' }] } },
      'more gates': { spec: { schedulingGates: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] } },
      'node selector added': { spec: { nodeSelector: { b: '2' } } },
      'node selector changed': { spec: { nodeSelector: { a: '2' } } },
    },
  },
  deployment: {
    path: `${apps}/deployments`,
    object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'u-deployment' }, spec: { replicas: 0, paused: true, selector: { matchLabels: { app: 'a' } }, template } },
    patches: {
      selector: { spec: { selector: { matchLabels: { app: 'b' } }, template: { metadata: { labels: { app: 'b' } } } } },
      mismatch: { spec: { template: { metadata: { labels: { app: 'b' } } } } },
      image: { spec: { template: { spec: { containers: [{ name: 'c', image: 'i:2' }] } } } },
      recreate: { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } },
      'replicas null': { spec: { replicas: null } },
    },
  },
  replicaset: {
    path: `${apps}/replicasets`,
    object: { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'u-rs' }, spec: { replicas: 0, selector: { matchLabels: { app: 'a' } }, template } },
    patches: { selector: { spec: { selector: { matchLabels: { app: 'b' } }, template: { metadata: { labels: { app: 'b' } } } } } },
  },
  statefulset: {
    path: `${apps}/statefulsets`,
    object: { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'u-sts' }, spec: { replicas: 0, serviceName: 'web', selector: { matchLabels: { app: 'a' } }, template, volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }] } },
    patches: {
      selector: { spec: { selector: { matchLabels: { app: 'b' } }, template: { metadata: { labels: { app: 'b' } } } } },
      'service name': { spec: { serviceName: 'other' } },
      'pod management': { spec: { podManagementPolicy: 'Parallel' } },
      'claims': { spec: { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } } }] } },
      'what may change': { spec: { replicas: 2, minReadySeconds: 3, ordinals: { start: 1 }, revisionHistoryLimit: 1, persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' }, updateStrategy: { rollingUpdate: { partition: 1, maxUnavailable: 2 } }, template: { spec: { containers: [{ name: 'c', image: 'i:2' }] } } } },
      'on delete': { spec: { updateStrategy: { type: 'OnDelete', rollingUpdate: null } } },
      'on delete with numbers': { spec: { updateStrategy: { type: 'OnDelete' } } },
      'no retention': { spec: { persistentVolumeClaimRetentionPolicy: null } },
      mismatch: { spec: { template: { metadata: { labels: { app: 'b' } } } } },
    },
  },
  daemonset: {
    path: `${apps}/daemonsets`,
    object: { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'u-ds' }, spec: { selector: { matchLabels: { app: 'a' } }, template } },
    patches: {
      selector: { spec: { selector: { matchLabels: { app: 'b' } }, template: { metadata: { labels: { app: 'b' } } } } },
      image: { spec: { template: { spec: { containers: [{ name: 'c', image: 'i:2' }] } } } },
      'on delete': { spec: { updateStrategy: { type: 'OnDelete', rollingUpdate: null } } },
      surge: { spec: { updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }, minReadySeconds: 3 } },
      'template generation': { metadata: { annotations: { 'deprecated.daemonset.template.generation': '7' } } },
      'no annotations': { metadata: { annotations: null } },
      mismatch: { spec: { template: { metadata: { labels: { app: 'b' } } } } },
    },
  },
  rc: {
    path: `${core}/replicationcontrollers`,
    object: { apiVersion: 'v1', kind: 'ReplicationController', metadata: { name: 'u-rc' }, spec: { replicas: 0, template } },
    patches: {
      selector: { spec: { selector: { app: 'b' }, template: { metadata: { labels: { app: 'b' } } } } },
      mismatch: { spec: { selector: { app: 'b' } } },
      'no selector': { spec: { selector: null } },
      'no labels': { metadata: { labels: null } },
      'replicas null': { spec: { replicas: null } },
    },
  },
  'pod template': {
    path: `${core}/podtemplates`,
    object: { apiVersion: 'v1', kind: 'PodTemplate', metadata: { name: 'u-pt' }, template },
    patches: { image: { template: { spec: { containers: [{ name: 'c', image: 'i:2' }] } } }, labels: { metadata: { labels: { a: 'b' } } }, 'no containers': { template: { spec: { containers: [] } } } },
  },
  service: {
    path: `${core}/services`,
    object: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'u-service' }, spec: { ports: [{ port: 80 }], selector: { a: 'b' } } },
    patches: {
      'cluster ip': { spec: { clusterIP: '10.96.1.77', clusterIPs: ['10.96.1.77'] } },
      'cluster ip alone': { spec: { clusterIP: '10.96.1.77' } },
      'no cluster ip': { spec: { clusterIP: null, clusterIPs: null } },
      'to external name': { spec: { type: 'ExternalName', externalName: 'example.com' } },
      'external policy': { spec: { externalTrafficPolicy: 'Local' } },
      headless: { spec: { clusterIP: 'None', clusterIPs: ['None'] } },
      family: { spec: { ipFamilies: ['IPv6'] } },
      port: { spec: { ports: [{ port: 81, targetPort: 'http' }] } },
    },
  },
  'node port service': {
    path: `${core}/services`,
    object: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'u-np' }, spec: { type: 'NodePort', ports: [{ port: 80, name: 'a' }, { port: 81, name: 'b' }], selector: { a: 'b' } } },
    patches: {
      'ports without node ports': { spec: { ports: [{ port: 80, name: 'a' }, { port: 81, name: 'b' }] } },
      'to cluster ip': { spec: { type: 'ClusterIP' } },
      'to load balancer': { spec: { type: 'LoadBalancer' } },
      'policy local': { spec: { externalTrafficPolicy: 'Local' } },
    },
  },
  configmap: {
    path: `${core}/configmaps`,
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'u-cm' }, data: { a: '1' }, immutable: true },
    patches: { data: { data: { a: '2' } }, 'binary data': { binaryData: { b: 'eA==' } }, mutable: { immutable: false }, labels: { metadata: { labels: { a: 'b' } } } },
  },
  secret: {
    path: `${core}/secrets`,
    object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'u-secret' }, stringData: { a: '1' }, immutable: true },
    patches: { type: { type: 'other' }, data: { stringData: { a: '2' } }, mutable: { immutable: null } },
  },
  slice: {
    path: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
    object: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'u-slice' }, addressType: 'IPv4', endpoints: [] },
    patches: { type: { addressType: 'IPv6' }, endpoints: { endpoints: [{ addresses: ['10.0.0.1'] }] } },
  },
  revision: {
    path: `${apps}/controllerrevisions`,
    object: { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: { name: 'u-rev' }, revision: 1, data: { a: 1 } },
    patches: { data: { data: { a: 2 } }, number: { revision: 2 } },
  },
}

const golden: Record<string, unknown> = {}
for (const [base, { path, object, patches }] of Object.entries(bases)) {
  const { name } = object['metadata'] as { name: string }
  const { body: before } = await ask('POST', path, object)
  try {
    delete (before['metadata'] as Json)['managedFields']
    for (const [what, patch] of Object.entries(patches)) {
      const { body: after } = await ask('PATCH', `${path}/${name}?dryRun=All`, patch, { 'content-type': 'application/merge-patch+json' })
      if (after['kind'] === 'Status') {
        golden[`${base}/${what}`] = { before, patch, message: after['message'], causes: (after['details'] as { causes?: unknown }).causes }
      } else {
        delete (after['metadata'] as Json)['managedFields']
        golden[`${base}/${what}`] = { before, patch, after }
      }
    }
  } finally {
    await ask('DELETE', `${path}/${name}?gracePeriodSeconds=0`)
  }
}
const text = Object.entries(golden).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(',\n').replaceAll(namespace, 'namespace')
writeFileSync(new URL('../golden/api/updates.json', import.meta.url), `{\n${text}\n}\n`)
