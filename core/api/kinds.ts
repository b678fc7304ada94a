/** Every kind, in one fixed order. A kind that kind-names.ts names and this table forgets does not compile. */
import type { AnyObject, KindDefinition } from './kind.ts'
import { type KindName, kindNames } from './kind-names.ts'
import { configMap } from './kinds/config-map.ts'
import { controllerRevision } from './kinds/controller-revision.ts'
import { deployment } from './kinds/deployment.ts'
import { endpointSlice } from './kinds/endpoint-slice.ts'
import { endpoints } from './kinds/endpoints.ts'
import { event } from './kinds/event.ts'
import { lease } from './kinds/lease.ts'
import { namespace } from './kinds/namespace.ts'
import { node } from './kinds/node.ts'
import { pod } from './kinds/pod.ts'
import { replicaSet } from './kinds/replica-set.ts'
import { secret } from './kinds/secret.ts'
import { selfSubjectAccessReview } from './kinds/self-subject-access-review.ts'
import { selfSubjectReview } from './kinds/self-subject-review.ts'
import { serviceAccount } from './kinds/service-account.ts'
import { service } from './kinds/service.ts'

const byName = {
  Namespace: namespace,
  Node: node,
  Pod: pod,
  Service: service,
  Endpoints: endpoints,
  EndpointSlice: endpointSlice,
  ConfigMap: configMap,
  Secret: secret,
  ServiceAccount: serviceAccount,
  Event: event,
  Lease: lease,
  Deployment: deployment,
  ReplicaSet: replicaSet,
  ControllerRevision: controllerRevision,
  SelfSubjectReview: selfSubjectReview,
  SelfSubjectAccessReview: selfSubjectAccessReview,
} satisfies Record<KindName, unknown>

/** Generic code handles objects of any kind; the definition's own functions then get what their schema promised. */
export const kinds: Readonly<Record<KindName, KindDefinition>> = byName as unknown as Record<KindName, KindDefinition>

export const kindList: readonly KindDefinition<AnyObject>[] = kindNames.map((name) => kinds[name])
