/**
 * Fills Secrets of type kubernetes.io/service-account-token with a token without an end, and takes them away with their
 * account. Mirrors pkg/controller/serviceaccount/tokens_controller.go.
 */
import { encodeUtf8Base64 } from '../../api/base64.ts'
import { refOf } from '../../api/meta.ts'
import type { Secret, ServiceAccount } from '../../api/types/core.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Reason } from '../../loop/plan.ts'

const tokenType = 'kubernetes.io/service-account-token'
const nameAnnotation = 'kubernetes.io/service-account.name'
const uidAnnotation = 'kubernetes.io/service-account.uid'

/** Signs the claims of a Secret's token; the same input must give the same token. */
export type SecretToken = (namespace: string, account: { name: string; uid: string }, secret: string) => string

export const serviceAccountSecret = (certificate: string, sign: SecretToken) =>
  defineController<Secret>({
    name: 'serviceaccount-token-controller',
    reconciles: 'Secret',
    wakesOn: ['ServiceAccount'],

    concerns: ({ object }) => (object as Secret).type === tokenType,

    wakes({ type, object }, snapshot) {
      if (type === 'MODIFIED') return []
      const { namespace, name } = object.metadata
      return snapshot
        .list<Secret>('Secret', namespace)
        .filter((secret) => secret.type === tokenType && secret.metadata.annotations?.[nameAnnotation] === name)
        .map(refOf)
    },

    plan({ object: secret, snapshot }) {
      if (!secret || secret.type !== tokenType || secret.metadata.deletionTimestamp !== undefined) return nothing({ code: 'Gone', say: 'nothing to do', why: 'there is no token Secret' })
      const { namespace = '', name, annotations = {}, resourceVersion } = secret.metadata
      const wanted = annotations[nameAnnotation] ?? ''
      const account = snapshot.get<ServiceAccount>('ServiceAccount', namespace, wanted)
      const claimed = annotations[uidAnnotation]
      if (!account || (claimed !== undefined && claimed !== '' && claimed !== account.metadata.uid)) {
        const because: Reason = { code: 'TokenSecretDropped', say: `deletes the token Secret of ServiceAccount ${wanted}`, why: account ? 'the ServiceAccount is another one of the same name' : 'the ServiceAccount is gone' }
        return { steps: [{ do: 'delete', ref: refOf(secret), because }], because }
      }
      const { uid } = account.metadata
      const data: Record<string, string> = {}
      const fill = (key: string, value: () => string, exact: boolean) => {
        const present = secret.data?.[key]
        if (present !== undefined && present !== '' && !exact) return
        const text = encodeUtf8Base64(value())
        if (present !== text) data[key] = text
      }
      fill('ca.crt', () => certificate, true)
      fill('namespace', () => namespace, false)
      fill('token', () => sign(namespace, { name: wanted, uid }, name), false)
      const because: Reason = { code: 'TokenSecretFilled', say: `wrote a token of ServiceAccount ${wanted}`, why: 'the Secret asks for one', refs: [refOf(account)] }
      if (Object.keys(data).length === 0 && claimed === uid) return nothing({ ...because, code: 'Settled', say: 'nothing to do', why: 'token, certificate and namespace are in it' })
      return { steps: [{ do: 'patch', ref: refOf(secret), patch: { metadata: { resourceVersion, annotations: { [uidAnnotation]: uid } }, data }, because }], because }
    },
  })
