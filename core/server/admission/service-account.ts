/** Every Pod runs as a service account of its namespace and finds that account's token in each container (upstream: plugin/pkg/admission/serviceaccount). */
import type { Container, Pod, ServiceAccount, Volume } from '../../api/types/core.ts'
import { clone } from '../../base/json.ts'
import { objectForbidden } from '../errors.ts'
import { served } from '../registry/faces.ts'
import { generateName } from '../registry/generate-name.ts'
import type { Lookup } from '../registry/lookup.ts'
import { watchedSeconds } from '../subresources/token-request.ts'
import type { Admission } from './admission.ts'

const mirrorAnnotation = 'kubernetes.io/config.mirror'
const enforceAnnotation = 'kubernetes.io/enforce-mountable-secrets'
const volumePrefix = 'kube-api-access-'
const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const goTrue = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])

export const serviceAccount = (lookup: Lookup, random: () => number): Admission => ({
  name: 'ServiceAccount',
  kinds: ['Pod'],
  mutate({ operation, face, namespace, name, draft, subresource }) {
    if (operation !== 'create' || subresource !== undefined) return
    const { metadata, spec } = draft as unknown as Pod
    const refuse = (why: string) => objectForbidden(served(face), name, why)
    if (metadata.annotations?.[mirrorAnnotation] !== undefined) {
      const why = mirrorsWrongly(spec)
      if (why !== undefined) throw refuse(why)
      return
    }
    const wanted = spec.serviceAccountName || 'default'
    spec.serviceAccountName = wanted
    // The deprecated twin is kept the same.
    spec.serviceAccount = wanted
    const account = lookup.get('ServiceAccount', namespace, wanted) as unknown as ServiceAccount | undefined
    if (account === undefined) throw refuse(`error looking up service account ${namespace ?? ''}/${wanted}: serviceaccount "${wanted}" not found`)
    if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(spec, random)
    if ((spec.imagePullSecrets?.length ?? 0) === 0 && (account.imagePullSecrets?.length ?? 0) > 0) spec.imagePullSecrets = clone(account.imagePullSecrets!)
    if (goTrue.has(account.metadata.annotations?.[enforceAnnotation] ?? '')) {
      const why = foreignSecret(spec, account)
      if (why !== undefined) throw refuse(why)
    }
  },
})

function mountToken(spec: Pod['spec'], random: () => number): void {
  const present = spec.volumes?.find(({ name }) => name.startsWith(volumePrefix))?.name
  const name = present ?? generateName(volumePrefix, random)
  let needed = false
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    // A mount of the container's own stands in its place.
    if (container.volumeMounts?.some((mount) => mount.mountPath === mountPath)) continue
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath }]
    needed = true
  }
  if (needed && present === undefined) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)]
}

const tokenVolume = (name: string): Volume => ({
  name,
  projected: {
    defaultMode: 0o644,
    sources: [
      { serviceAccountToken: { expirationSeconds: watchedSeconds, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
    ],
  },
})

/** A node's own static Pod, shown in the API, may lean on nothing that lives there. */
function mirrorsWrongly(spec: Pod['spec']): string | undefined {
  if (spec.serviceAccountName) return 'a mirror pod may not reference service accounts'
  const volumes = spec.volumes ?? []
  const containers = [...(spec.initContainers ?? []), ...spec.containers]
  const reads = (container: Container) => (container.env ?? []).some(({ valueFrom }) => valueFrom?.secretKeyRef) || (container.envFrom ?? []).some(({ secretRef }) => secretRef)
  const secrets = (spec.imagePullSecrets?.length ?? 0) > 0 || volumes.some(({ secret, projected }) => secret ?? projected?.sources?.some((source) => source.secret)) || containers.some(reads)
  if (secrets) return 'a mirror pod may not reference secrets'
  if (volumes.some(({ projected }) => projected?.sources?.some((source) => source.serviceAccountToken))) return 'a mirror pod may not use ServiceAccountToken volume projections'
  return undefined
}

/** What the Pod reads that its account, which asks to be enforced, does not list. */
function foreignSecret(spec: Pod['spec'], account: ServiceAccount): string | undefined {
  const own = new Set((account.secrets ?? []).map(({ name }) => name))
  const end = `is not allowed because service account ${account.metadata.name} does not reference that secret`
  for (const { secret } of spec.volumes ?? []) if (secret && !own.has(secret.secretName)) return `volume with secret.secretName="${secret.secretName ?? ''}" ${end}`
  const lists = [['init container', spec.initContainers ?? []], ['container', spec.containers]] as const
  for (const [what, containers] of lists) {
    for (const { name, env = [], envFrom = [] } of containers) {
      for (const variable of env) {
        const secret = variable.valueFrom?.secretKeyRef?.name
        if (secret !== undefined && !own.has(secret)) return `${what} ${name} with envVar ${variable.name} referencing secret.secretName="${secret}" ${end}`
      }
      for (const { secretRef } of envFrom) if (secretRef && !own.has(secretRef.name)) return `${what} ${name} with envFrom referencing secret.secretName="${secretRef.name ?? ''}" ${end}`
    }
  }
  const pulling = new Set((account.imagePullSecrets ?? []).map(({ name }) => name))
  for (const [i, { name }] of (spec.imagePullSecrets ?? []).entries()) {
    if (!pulling.has(name)) return `imagePullSecrets[${i}].name="${name ?? ''}" is not allowed because service account ${account.metadata.name} does not reference that imagePullSecret`
  }
  return undefined
}
