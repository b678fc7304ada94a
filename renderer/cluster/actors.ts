/** Who wrote something, as the feed names it, with the glyph of the one who acts. */
import type { Glyph } from '../ui/glyph-shapes.ts'

export interface Actor {
  name: string
  glyph: Glyph
  person: boolean
}

const controllers: Readonly<Record<string, Omit<Actor, 'person'>>> = {
  deployment: { name: 'Deployment', glyph: 'deployment' },
  replicaset: { name: 'ReplicaSet', glyph: 'replica-set' },
  'replica-set': { name: 'ReplicaSet', glyph: 'replica-set' },
  statefulset: { name: 'StatefulSet', glyph: 'stateful-set' },
  daemonset: { name: 'DaemonSet', glyph: 'daemon-set' },
  job: { name: 'Job', glyph: 'job' },
  cronjob: { name: 'CronJob', glyph: 'cron-job' },
  replicationcontroller: { name: 'ReplicationController', glyph: 'replica-set' },
  'horizontal-pod-autoscaler': { name: 'Autoscaler', glyph: 'autoscaler' },
  disruption: { name: 'Disruption budget', glyph: 'budget' },
  'ttl-after-finished': { name: 'Clean-up', glyph: 'object' },
  'endpointslice-mirroring': { name: 'Service', glyph: 'service' },
  'persistentvolume-binder': { name: 'Volume binder', glyph: 'volume' },
  'volume-provisioner': { name: 'Volume maker', glyph: 'disk' },
  'persistentvolume-expander': { name: 'Volume maker', glyph: 'disk' },
  attachdetach: { name: 'Volume attacher', glyph: 'disk' },
  'ephemeral-volume': { name: 'Volume binder', glyph: 'volume' },
  'persistentvolume-protection': { name: 'Volume watch', glyph: 'disk' },
  'persistentvolumeclaim-protection': { name: 'Volume watch', glyph: 'volume' },
  'volumeattributesclass-protection': { name: 'Volume watch', glyph: 'sliders' },
  'ingress-class': { name: 'Ingress', glyph: 'way-in' },
  'ingress-status': { name: 'Ingress', glyph: 'way-in' },
  'service-cidr': { name: 'Addresses', glyph: 'address-range' },
  'ipaddress-release': { name: 'Addresses', glyph: 'address' },
  'ipallocator-repair': { name: 'Addresses', glyph: 'address' },
  resourcequota: { name: 'Quota', glyph: 'gauge' },
  resourceclaim: { name: 'Device claims', glyph: 'device-claim' },
  'serviceaccount-token': { name: 'ServiceAccount', glyph: 'account' },
  'system-storage': { name: 'Orrery', glyph: 'object' },
  'system-priority-classes': { name: 'Orrery', glyph: 'object' },
  ttl: { name: 'Machine watch', glyph: 'machine' },
  endpointslice: { name: 'Service', glyph: 'service' },
  'endpoint-slice': { name: 'Service', glyph: 'service' },
  endpoint: { name: 'Service', glyph: 'service' },
  endpoints: { name: 'Service', glyph: 'service' },
  'kubernetes-service': { name: 'Orrery', glyph: 'object' },
  'system-namespaces': { name: 'Orrery', glyph: 'object' },
  'root-ca-certificate-publisher': { name: 'Certificates', glyph: 'secret' },
  namespace: { name: 'Namespace', glyph: 'namespace' },
  serviceaccount: { name: 'ServiceAccount', glyph: 'account' },
  'service-account': { name: 'ServiceAccount', glyph: 'account' },
  'node-lifecycle': { name: 'Machine watch', glyph: 'machine' },
  'node-health': { name: 'Machine watch', glyph: 'machine' },
  'taint-eviction': { name: 'Machine watch', glyph: 'machine' },
  'device-taint-eviction': { name: 'Device watch', glyph: 'device-claim' },
  'generic-garbage-collector': { name: 'Clean-up', glyph: 'object' },
  'pod-garbage-collector': { name: 'Clean-up', glyph: 'object' },
  'garbage-collector': { name: 'Clean-up', glyph: 'object' },
  'garbage-collection': { name: 'Clean-up', glyph: 'object' },
  'pod-cleanup': { name: 'Clean-up', glyph: 'object' },
  podgc: { name: 'Clean-up', glyph: 'object' },
}

/** The journal says `user:you` for the person at this machine, by the window or by the cluster's own kubeconfig. */
const you: ReadonlySet<string> = new Set(['you', 'admin', 'kubernetes-admin', ''])

export function actorOf(actor: string): Actor {
  const [kind = '', ...rest] = actor.split(':')
  const name = rest.join(':')
  if (kind === 'user') return { name: you.has(name) ? 'You' : name, glyph: 'person', person: true }
  if (kind === 'scheduler') return { name: 'Scheduler', glyph: 'machine', person: false }
  if (kind === 'node') return { name: name || 'a machine', glyph: 'image', person: false }
  if (kind === 'controller') {
    const known = controllers[name.replace(/-controller$/, '')]
    return { ...(known ?? { name: name.replace(/-controller$/, ''), glyph: 'object' }), person: false }
  }
  return { name: 'Orrery', glyph: 'object', person: false }
}
