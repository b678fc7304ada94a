/**
 * Service default/kubernetes and its endpoints: how Pods find the API server.
 * Mirrors pkg/controlplane/controller/kubernetesservice and pkg/controlplane/reconcilers.
 */
import { refOf, type NewObject } from '../../api/meta.ts'
import type { Endpoints, Service } from '../../api/types/core.ts'
import type { EndpointSlice } from '../../api/types/discovery.ts'
import { equal } from '../../base/json.ts'
import { defineController } from '../../loop/controller.ts'
import type { Reason, Step } from '../../loop/plan.ts'

export interface ApiServerAddress {
  /** Where the API server is reached from Pods. */
  readonly address: string
  readonly port: number
  /** First address of the Service range, e.g. 10.96.0.1. */
  readonly clusterIP: string
}

const namespace = 'default'
const name = 'kubernetes'

export const kubernetesService = ({ address, port, clusterIP }: ApiServerAddress) =>
  defineController<Service>({
    name: 'kubernetes-service-controller',
    reconciles: 'Service',
    wakesOn: ['Endpoints', 'EndpointSlice', 'Namespace'],
    seeds: [{ kind: 'Service', namespace, name }],

    concerns: ({ object }) => object.metadata.namespace === namespace && object.metadata.name === name,

    wakes({ type, object }) {
      const mine = object.kind === 'Namespace' ? type === 'ADDED' && object.metadata.name === namespace : object.metadata.namespace === namespace && object.metadata.name === name
      return mine ? [{ kind: 'Service', namespace, name }] : []
    },

    plan({ object: service, snapshot }) {
      const ports = [{ name: 'https', port, protocol: 'TCP' as const }]
      const because: Reason = { code: 'ApiServerPublished', say: 'told Pods where the API server is', why: `it answers at ${address}:${port}` }
      const steps: Step[] = []
      const create = (object: NewObject) => steps.push({ do: 'create', tolerateExisting: true, object, because })

      if (!snapshot.get('Namespace', undefined, namespace)) return { steps, because: { ...because, code: 'Waiting', say: 'waiting for Namespace default', why: 'the Service lives in it' } }
      const wanted = [{ name: 'https', port: 443, protocol: 'TCP' as const, targetPort: port }]
      if (!service) {
        create({
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name, namespace, labels: { component: 'apiserver', provider: 'kubernetes' } },
          spec: { clusterIP, ipFamilies: [clusterIP.includes(':') ? 'IPv6' : 'IPv4'], ipFamilyPolicy: 'SingleStack', ports: wanted, sessionAffinity: 'None', type: 'ClusterIP' },
        })
      } else if (!equal(service.spec.ports?.map(({ name: n, port: p, protocol, targetPort }) => ({ name: n, port: p, protocol, targetPort })), wanted)) {
        steps.push({ do: 'patch', ref: refOf(service), patch: { spec: { ports: wanted } }, because })
      }

      const endpoints = snapshot.get<Endpoints>('Endpoints', namespace, name)
      const subsets = [{ addresses: [{ ip: address }], ports }]
      if (!endpoints) create({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name, namespace, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }, subsets })
      else if (!equal(endpoints.subsets, subsets)) steps.push({ do: 'patch', ref: refOf(endpoints), patch: { subsets }, because })

      const slice = snapshot.get<EndpointSlice>('EndpointSlice', namespace, name)
      const backends = [{ addresses: [address], conditions: { ready: true } }]
      const addressType = address.includes(':') ? 'IPv6' : 'IPv4'
      if (slice && slice.addressType !== addressType) steps.push({ do: 'delete', ref: refOf(slice), because })
      else if (!slice) {
        create({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } }, addressType, endpoints: backends, ports })
      } else if (!equal(slice.endpoints, backends) || !equal(slice.ports, ports)) {
        steps.push({ do: 'patch', ref: refOf(slice), patch: { endpoints: backends, ports }, because })
      }
      return { steps, because: steps.length > 0 ? because : { ...because, code: 'Settled', say: 'Pods know where the API server is' } }
    },
  })
