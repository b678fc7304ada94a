/** nodeSelector and node affinity (upstream: plugins/nodeaffinity). */
import type { Pod } from '../../api/types/core.ts'
import { changedNode, normalise, sayNames, type Plugin } from '../plugin.ts'
import { matchesTerm, nodeDemand } from '../selectors.ts'

const rejection = { reasons: ["node(s) didn't match Pod's node affinity/selector"], unresolvable: true }

/** Names of the only nodes that can match, where each term pins metadata.name: the others are not even looked at. */
function pinnedNames(pod: Pod): ReadonlySet<string> | undefined {
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  if (!terms || terms.length === 0) return undefined
  const names = new Set<string>()
  for (const term of terms) {
    let here: readonly string[] | undefined
    for (const field of term.matchFields ?? []) {
      if (field.key !== 'metadata.name' || field.operator !== 'In') continue
      here = here ? here.filter((name) => field.values?.includes(name)) : (field.values ?? [])
    }
    if (!here) return undefined
    for (const name of here) names.add(name)
  }
  return names
}

function sayDemand(pod: Pod): string {
  const parts = Object.entries(pod.spec.nodeSelector ?? {}).map(([key, value]) => `${key}=${value}`)
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const said = terms.map((term) =>
    [...(term.matchExpressions ?? []), ...(term.matchFields ?? [])]
      .map(({ key, operator, values }) => `${key} ${operator}${values && values.length > 0 ? ` ${values.join('|')}` : ''}`).join(' and '))
  if (said.length > 0) parts.push(said.join(', or '))
  return parts.join(', ')
}

export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  weight: 2,
  filter(pod) {
    const demand = nodeDemand(pod.pod)
    if (!demand) return undefined
    const names = pinnedNames(pod.pod)
    return {
      ...(names ? { only: names } : {}),
      test: (node) => (demand(node) ? undefined : rejection),
      tell: (node) => (demand(node) ? `has ${sayDemand(pod.pod)}` : `lacks ${sayDemand(pod.pod)}`),
      summary: (nodes) => `needs a node with ${sayDemand(pod.pod)}; ${sayNames(nodes.map((node) => node.name))} ${nodes.length === 1 ? 'is' : 'are'} not`,
    }
  },
  score(pod) {
    const preferred = pod.pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    if (preferred.length === 0) return undefined
    const raw: NonNullable<ReturnType<NonNullable<Plugin['score']>>>['raw'] = (node) => {
      let sum = 0
      for (const { weight, preference } of preferred) if (weight !== 0 && matchesTerm(preference, node)) sum += weight
      return sum
    }
    return {
      raw,
      normalise: (scores) => normalise(scores, false),
      tell: (node) => `${raw(node)} of ${preferred.reduce((sum, term) => sum + term.weight, 0)} points of its preferences`,
    }
  },
  wakesOn: ['Node'],
  helps(pod, change) {
    const node = changedNode(change, 'added', 'labels')
    return node !== undefined && nodeDemand(pod.pod)?.(node) !== false
  },
}
