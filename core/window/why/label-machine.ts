/**
 * A Pod that wants a machine with certain labels, and none has them: which machine could be given them. Offered only where
 * that would let the Pod run; what a label states as a fact (name, system, architecture) is not made up. Pure.
 */
import type { Fix } from '../../../electron/contract.ts'
import { refOf } from '../../api/meta.ts'
import { matchesNodeTerm, requiredNodeAffinity, tolerates } from '../../api/node-selector.ts'
import { cpuAndMemoryRequests } from '../../api/pod-resources.ts'
import { freeOn } from '../../api/state/unscheduled.ts'
import type { StateView } from '../../api/state/view.ts'
import type { Node, NodeSelectorTerm, Pod } from '../../api/types/core.ts'

const mostOffers = 2
const facts = /^(?:beta\.)?kubernetes\.io\/(?:hostname|os|arch)$/
const isSystem = (key: string): boolean => /(?:^|\.)(?:kubernetes|k8s)\.io\//.test(key)

type Labels = Readonly<Record<string, string>>

export function labelFixes(pod: Pod, nodes: readonly Node[], snapshot: Pick<StateView, 'podsOn'>): Fix[] {
  const accepts = pod.spec && requiredNodeAffinity(pod.spec)
  const labelsOf = ({ metadata }: Node): Labels => metadata.labels ?? {}
  if (!accepts || nodes.some((node) => accepts({ name: node.metadata.name, labels: labelsOf(node) }))) return []
  const wanted = cpuAndMemoryRequests(pod)
  const offers = nodes.flatMap((node) => {
    const free = freeOn(node, snapshot)
    if (!takesPods(node, pod) || free.cpu < wanted.cpu || free.memory < wanted.memory) return []
    const labels = fewest(pod, node.metadata.name, labelsOf(node))
    if (!labels || !accepts({ name: node.metadata.name, labels: { ...labelsOf(node), ...labels } })) return []
    const before = Object.keys(labels).filter((key) => labelsOf(node)[key] !== undefined)
    return [{ node, labels, before }]
  })
  offers.sort((a, b) => a.before.length - b.before.length || Object.keys(a.labels).length - Object.keys(b.labels).length || (a.node.metadata.name < b.node.metadata.name ? -1 : 1))
  return offers.slice(0, mostOffers).map(({ node, labels, before }): Fix => {
    const { name } = node.metadata
    const now = before.map((key) => `${key}=${labelsOf(node)[key]}`).join(', ')
    return {
      id: `label-${name}`,
      label: `Label ${name} ${Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(', ')}`,
      say: now === '' ? `No machine has what the Pod wants; ${name} has room for it` : `No machine has what the Pod wants; ${name} has room for it, and ${now} now`,
      do: 'label',
      ref: refOf(node),
      labels,
    }
  })
}

const takesPods = ({ spec, status }: Node, pod: Pod): boolean =>
  !spec?.unschedulable
  && status?.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True') === true
  && (spec?.taints ?? []).every((taint) => taint.effect === 'PreferNoSchedule' || tolerates(pod.spec?.tolerations, taint))

/** What has to be added for the selector and for the term that lacks least; undefined where labels do not help. */
function fewest(pod: Pod, name: string, labels: Labels): Record<string, string> | undefined {
  const selected = Object.fromEntries(Object.entries(pod.spec?.nodeSelector ?? {}).filter(([key, value]) => labels[key] !== value))
  const terms = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const ways = (terms ?? [{}]).flatMap((term) => {
    const more = terms ? missing(term, name, { ...labels, ...selected }) : {}
    const all = more && { ...selected, ...more }
    return all && Object.keys(all).length > 0 && Object.keys(all).every((key) => !facts.test(key) && !(isSystem(key) && labels[key] !== undefined)) ? [all] : []
  })
  return ways.sort((a, b) => Object.keys(a).length - Object.keys(b).length)[0]
}

function missing({ matchExpressions = [], matchFields }: NodeSelectorTerm, name: string, labels: Labels): Record<string, string> | undefined {
  if (matchFields && !matchesNodeTerm({ matchFields }, name, labels)) return undefined
  const added: Record<string, string> = {}
  for (const requirement of matchExpressions) {
    if (matchesNodeTerm({ matchExpressions: [requirement] }, name, { ...labels, ...added })) continue
    const { key, operator, values = [] } = requirement
    const value = operator === 'In' ? values[0] : operator === 'Exists' ? 'true' : operator === 'Gt' ? String(Number(values[0]) + 1) : operator === 'Lt' ? String(Number(values[0]) - 1) : undefined
    if (value === undefined) return undefined
    added[key] = value
  }
  return added
}
