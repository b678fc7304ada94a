/** Resize: other requests and limits for a running Pod, in place, through its `resize` subresource. Pure. */
import { refOf } from '../../core/api/meta.ts'
import type { Container, Pod } from '../../core/api/types/core.ts'
import { amount } from '../../core/api/state/sentences.ts'
import { cpuTyped, listInWords, memoryTyped, quantityToNumber } from '../words/amounts.ts'
import { kubectlName, nsFlag, shellWord, type ActionPlan } from './action.ts'

export interface Amounts { cpu?: string | undefined; memory?: string | undefined }
export interface Sizes { requests: Amounts; limits: Amounts }
type Resource = 'cpu' | 'memory'
const resources: readonly Resource[] = ['cpu', 'memory']

export const canResize = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp === undefined && pod.spec?.nodeName !== undefined && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed' && pod.metadata.annotations?.['kubernetes.io/config.mirror'] === undefined

export const sizesOf = (container: Container): Sizes => {
  const { requests, limits } = container.resources ?? {}
  return { requests: { cpu: requests?.['cpu'], memory: requests?.['memory'] }, limits: { cpu: limits?.['cpu'], memory: limits?.['memory'] } }
}

/** What was typed as a quantity: "0.1 CPU" and "64 MiB", and quantities as they are; undefined where it is no amount. */
export function amountTyped(resource: Resource, typed: string): string | undefined {
  const text = typed.trim()
  // A capital letter alone is Kubernetes' own thousand, not a slip for the binary unit.
  if (resource === 'memory' && /^\d+(?:\.\d+)?[kMGTPE]$/.test(text)) return text
  return (resource === 'cpu' ? cpuTyped(text) : memoryTyped(text)) ?? (quantityToNumber(text) === undefined ? undefined : text)
}

/** "0.1 CPU", "64 MiB"; a quantity that words would round stays as it is, for it can be typed over. */
export function amountShown(resource: Resource, quantity: string | undefined): string {
  if (quantity === undefined) return ''
  const words = amount(resource, quantity)
  return sameAmount(amountTyped(resource, words), quantity) ? words : quantity
}

export const sameAmount = (a: string | undefined, b: string | undefined): boolean => a === b || (a !== undefined && b !== undefined && quantityToNumber(a) === quantityToNumber(b))

export interface ResizeChange { container: string; side: 'requests' | 'limits'; resource: Resource; before: string | undefined; after: string }

export function resizeChanges(pod: Pod, wanted: ReadonlyMap<string, Sizes>): ResizeChange[] {
  return (pod.spec?.containers ?? []).flatMap((container) => {
    const now = sizesOf(container)
    const to = wanted.get(container.name)
    if (!to) return []
    return (['requests', 'limits'] as const).flatMap((side) => resources.flatMap((resource): ResizeChange[] => {
      const [before, after] = [now[side][resource], to[side][resource]]
      return after === undefined || sameAmount(after, before) ? [] : [{ container: container.name, side, resource, before, after }]
    }))
  })
}

/** Containers that must restart to take a change of this resource. */
export const restartsFor = (pod: Pod, changes: readonly ResizeChange[]): string[] => [...new Set(changes.flatMap(({ container, resource }) => {
  const policy = pod.spec?.containers?.find((one) => one.name === container)?.resizePolicy?.find((one) => one.resourceName === resource)
  return policy?.restartPolicy === 'RestartContainer' ? [container] : []
}))]

export function resizePlan(pod: Pod, changes: readonly ResizeChange[]): ActionPlan {
  const ref = refOf(pod)
  const containers = [...new Set(changes.map(({ container }) => container))].map((name) => {
    const amounts: Record<string, Record<string, string>> = {}
    for (const change of changes) if (change.container === name) (amounts[change.side] ??= {})[change.resource] = change.after
    return { name, resources: amounts }
  })
  const body = { spec: { containers } }
  const said = listInWords(changes.map(({ side, resource, after }) => `${side === 'limits' ? 'at most ' : ''}${amountShown(resource, after)}${resource === 'memory' ? ' of memory' : ''}`))
  const restarts = restartsFor(pod, changes)
  return {
    calls: [{ call: 'patch', arg: { ref, subresource: 'resize', patch: { type: 'strategic', body }, say: `resized ${ref.name} to ${said}` } }],
    done: `${ref.name} gets ${said}${restarts.length === 0 ? ', without a restart' : ''}`,
    kubectl: `kubectl patch ${kubectlName(ref)} --subresource resize -p ${shellWord(JSON.stringify(body))}${nsFlag(ref)}`,
  }
}
