/** Where the API serves each kind that a scenario makes or that belongs to its outcome. */
const served: Record<string, { groupVersion: string; plural: string; namespaced: boolean }> = {}
const serve = (groupVersion: string, namespaced: boolean, kinds: Record<string, string>) => {
  for (const [kind, plural] of Object.entries(kinds)) served[kind] = { groupVersion, plural, namespaced }
}
serve('api/v1', true, {
  Pod: 'pods', ReplicationController: 'replicationcontrollers', Service: 'services', Endpoints: 'endpoints', PersistentVolumeClaim: 'persistentvolumeclaims',
  ConfigMap: 'configmaps', ServiceAccount: 'serviceaccounts', ResourceQuota: 'resourcequotas', LimitRange: 'limitranges', Event: 'events', Secret: 'secrets',
})
serve('api/v1', false, { Node: 'nodes', Namespace: 'namespaces', PersistentVolume: 'persistentvolumes' })
serve('apis/apps/v1', true, { Deployment: 'deployments', ReplicaSet: 'replicasets', StatefulSet: 'statefulsets', DaemonSet: 'daemonsets', ControllerRevision: 'controllerrevisions' })
serve('apis/batch/v1', true, { Job: 'jobs', CronJob: 'cronjobs' })
serve('apis/policy/v1', true, { PodDisruptionBudget: 'poddisruptionbudgets' })
serve('apis/autoscaling/v2', true, { HorizontalPodAutoscaler: 'horizontalpodautoscalers' })
serve('apis/discovery.k8s.io/v1', true, { EndpointSlice: 'endpointslices' })
serve('apis/networking.k8s.io/v1', true, { Ingress: 'ingresses' })
serve('apis/networking.k8s.io/v1', false, { IngressClass: 'ingressclasses', ServiceCIDR: 'servicecidrs' })
serve('apis/resource.k8s.io/v1', true, { ResourceClaim: 'resourceclaims', ResourceClaimTemplate: 'resourceclaimtemplates' })
serve('apis/resource.k8s.io/v1', false, { DeviceClass: 'deviceclasses', ResourceSlice: 'resourceslices' })
serve('apis/storage.k8s.io/v1', false, { StorageClass: 'storageclasses' })
serve('apis/scheduling.k8s.io/v1', false, { PriorityClass: 'priorityclasses' })

/** In the order of an outcome. */
export const kindsOfOutcome = Object.keys(served).filter((kind) => !['Event', 'Node'].includes(kind))

export interface Place {
  apiVersion: string
  namespaced: boolean
  /** Of the kind in all namespaces. */
  all: string
  of: (namespace: string, name?: string) => string
}

export function placeOf(kind: string): Place {
  const place = served[kind]
  if (!place) throw new Error(`no place is known for ${kind}: add it to places.ts`)
  const { groupVersion, plural, namespaced } = place
  const all = `/${groupVersion}/${plural}`
  return {
    apiVersion: groupVersion.replace(/^apis?\//, ''),
    namespaced,
    all,
    of: (namespace, name) => (namespaced ? `/${groupVersion}/namespaces/${namespace}/${plural}` : all) + (name === undefined ? '' : `/${name}`),
  }
}
