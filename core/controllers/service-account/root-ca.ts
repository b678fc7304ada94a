/** ConfigMap kube-root-ca.crt in every Namespace, so that Pods can trust the API server. Mirrors pkg/controller/certificates/rootcacertpublisher/publisher.go. */
import { refOf } from '../../api/meta.ts'
import type { ConfigMap, Namespace } from '../../api/types/core.ts'
import { equal } from '../../base/json.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Reason } from '../../loop/plan.ts'

const name = 'kube-root-ca.crt'
const annotation = 'kubernetes.io/description'
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

/** `certificate` is the CA in PEM. */
export const rootCa = (certificate: string) =>
  defineController<Namespace>({
    name: 'root-ca-certificate-publisher-controller',
    reconciles: 'Namespace',
    wakesOn: ['ConfigMap'],

    wakes: ({ object }) => (object.metadata.name === name && object.metadata.namespace !== undefined ? [{ kind: 'Namespace', name: object.metadata.namespace }] : []),

    concerns: ({ type }) => type === 'ADDED',

    plan({ object: ns, snapshot }) {
      if (!ns || ns.metadata.deletionTimestamp !== undefined) return nothing({ code: 'Gone', say: 'nothing to do', why: 'the Namespace is going' })
      const data = { 'ca.crt': certificate }
      const current = snapshot.get<ConfigMap>('ConfigMap', ns.metadata.name, name)
      const because: Reason = { code: 'RootCertificatePublished', say: `wrote ConfigMap ${name}`, why: current ? 'its content differed from the cluster’s certificate' : 'every Namespace has one' }
      if (!current) {
        const metadata = { name, namespace: ns.metadata.name, annotations: { [annotation]: description } }
        return { steps: [{ do: 'create', tolerateExisting: true, object: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }, because }], because }
      }
      if (equal(current.data, data) && current.metadata.annotations?.[annotation] !== undefined) return nothing({ code: 'Settled', say: 'nothing to do', why: `${name} is up to date` })
      const stale = Object.keys(current.data ?? {}).filter((key) => key !== 'ca.crt')
      const patch = { metadata: { annotations: { [annotation]: description } }, data: { ...Object.fromEntries(stale.map((key) => [key, null])), ...data } }
      return { steps: [{ do: 'patch', ref: refOf(current), patch, because }], because }
    },
  })
