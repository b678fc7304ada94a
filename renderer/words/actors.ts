/** Who acts, in words: "You" for a person, a component's plain name for a component. Pure. */
const controllers: Record<string, string> = {
  'deployment-controller': 'Deployment', 'replicaset-controller': 'ReplicaSet', 'endpointslice-controller': 'Endpoints', 'endpoint-controller': 'Endpoints',
  'node-controller': 'Node lifecycle', 'node-lifecycle-controller': 'Node lifecycle', 'namespace-controller': 'Namespace', 'generic-garbage-collector': 'Clean-up', 'garbage-collector': 'Clean-up',
  'pod-garbage-collector': 'Clean-up', 'serviceaccount-controller': 'ServiceAccount', 'root-ca-certificate-publisher': 'Certificates',
}

export function actorWords(actor: string): string {
  const colon = actor.indexOf(':')
  const role = colon < 0 ? actor : actor.slice(0, colon)
  const name = colon < 0 ? '' : actor.slice(colon + 1)
  if (role === 'user') return 'You'
  if (role === 'scheduler') return 'Scheduler'
  if (role === 'node') return name
  if (role === 'controller') {
    const known = controllers[name]
    if (known !== undefined) return known
    const words = name.replace(/-?controller$/, '').replace(/-/g, ' ')
    return words === '' ? 'Controller' : words[0]!.toUpperCase() + words.slice(1)
  }
  return role === 'system' ? 'Orrery' : actor
}
export const byPerson = (actor: string): boolean => actor.startsWith('user:')
