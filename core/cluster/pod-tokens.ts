/**
 * Where node agents get the tokens of Pods: asked for like any client does, bound to the Pod, and asked for again at
 * 80 % of their life or after a day (upstream: pkg/kubelet/token/token_manager.go). One pass over a Pod's volumes may ask
 * for the same token twice; each file has its own.
 */
import type { TokenRequest } from '../api/types/authentication.ts'
import type { Clock } from '../base/clock.ts'
import type { TokenSource } from '../node/node-context.ts'
import type { Registry } from '../server/registry/registry.ts'

const longestMs = 24 * 3_600_000
const share = 0.8
const defaultSeconds = 3600
/** Nodes that renew at the same moment do not all ask in the same second. */
const spreadMs = 10_000

export function podTokens(registry: Registry, clock: Clock, random: () => number = Math.random): TokenSource {
  return async (pod, { audience, expirationSeconds = defaultSeconds }) => {
    const { namespace = '', name, uid } = pod.metadata
    const spec = { ...(audience === undefined ? {} : { audiences: [audience] }), expirationSeconds, boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid } }
    const value = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec }
    const { status } = (await registry.requestToken({ namespace, name: pod.spec.serviceAccountName ?? 'default' }, { value, duplicates: [] })) as TokenRequest
    const now = clock.now()
    const lifeMs = Date.parse(status.expirationTimestamp ?? '') - now
    return { token: status.token ?? '', renewAtMs: now + Math.min(lifeMs * share, longestMs) - random() * spreadMs }
  }
}
