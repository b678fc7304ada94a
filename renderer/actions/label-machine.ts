/** Gives a machine labels: what is written, field by field, and how kubectl would say it. Pure. */
import { refOf, type KubeObject } from '../../core/api/meta.ts'
import type { FieldChange } from '../../electron/contract.ts'
import { selects, type LabelSelector, type World } from '../words/world.ts'
import { shellWord, type ActionPlan } from './action.ts'

export function labelPlan(node: KubeObject, labels: Readonly<Record<string, string>>): { plan: ActionPlan; changes: FieldChange[] } {
  const { name } = node.metadata
  const now = node.metadata.labels ?? {}
  const words = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  const overwrites = Object.keys(labels).some((key) => now[key] !== undefined && now[key] !== labels[key])
  return {
    plan: {
      calls: [{ call: 'patch', arg: { ref: refOf(node), patch: { type: 'merge', body: { metadata: { labels } } }, say: `labelled ${name} ${words.join(', ')}` } }],
      done: `${name} is labelled ${words.join(', ')}`,
      kubectl: `kubectl label node ${name} ${words.map(shellWord).join(' ')}${overwrites ? ' --overwrite' : ''}`,
    },
    changes: Object.entries(labels).map(([key, after]): FieldChange => ({ path: `labels.${key}`, ...(now[key] === undefined ? {} : { before: now[key] }), after })),
  }
}

/** DaemonSets that come to the machine with its new labels. */
export function labelCost(world: World, node: KubeObject, labels: Readonly<Record<string, string>>): string | undefined {
  const now = node.metadata.labels ?? {}
  const coming = world.list('DaemonSet').filter((set) => {
    const { nodeSelector } = (set['spec'] as { template?: { spec?: { nodeSelector?: Record<string, string> } } } | undefined)?.template?.spec ?? {}
    const selector: LabelSelector = { matchLabels: nodeSelector ?? {} }
    return nodeSelector !== undefined && selects(selector, { ...now, ...labels }) && !selects(selector, now)
  })
  if (coming.length === 0) return undefined
  return `${coming.map(({ metadata }) => metadata.name).join(', ')} ${coming.length === 1 ? 'starts' : 'start'} a Pod there too.`
}
