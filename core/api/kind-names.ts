/** Every kind Orrery serves. Tables elsewhere are `satisfies Record<KindName, …>`, so that a forgotten kind does not compile. */
export const kindNames = [
  'Namespace', 'Node', 'Pod', 'Service', 'Endpoints', 'EndpointSlice', 'ConfigMap', 'Secret', 'ServiceAccount', 'Event', 'Lease',
  'Deployment', 'ReplicaSet', 'ControllerRevision', 'SelfSubjectReview', 'SelfSubjectAccessReview',
] as const

export type KindName = (typeof kindNames)[number]
