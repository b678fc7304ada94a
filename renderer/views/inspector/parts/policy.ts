/** Panels of quotas (used of hard, and who uses most) and of limit ranges (a table of bounds). Pure. */
import { claimClass } from '../../../../core/api/kinds/storage/names.ts'
import type { KubeObject } from '../../../../core/api/meta.ts'
import { isFinished } from '../../../../core/api/pod-lifecycle.ts'
import type { LimitRange, PersistentVolumeClaim, Pod, ResourceQuota } from '../../../../core/api/types/core.ts'
import { looks } from '../../../kinds/look.ts'
import { bytesInWords, bytesOf, cpuInWords, quantityToNumber } from '../../../words/amounts.ts'
import { shortName, type World } from '../../../words/world.ts'
import { cell, inNamespace, linked, mono, type Cell, type Meter, type Part } from './part.ts'

const isSize = (name: string): boolean => /(memory|storage|hugepages-.*)$/.test(name)
const isCpu = (name: string): boolean => /(^|\.)cpu$/.test(name)

export const amountInWords = (name: string, text: string | undefined): string => {
  const number = quantityToNumber(text)
  return number === undefined ? '' : isSize(name) ? bytesInWords(number) : isCpu(name) ? cpuInWords(number) : (text ?? '')
}

/** "requests.cpu" is how much CPU Pods ask for. */
const labels: Readonly<Record<string, string>> = {
  cpu: 'CPU asked for', 'requests.cpu': 'CPU asked for', memory: 'Memory asked for', 'requests.memory': 'Memory asked for', 'limits.cpu': 'CPU at most', 'limits.memory': 'Memory at most',
  'requests.storage': 'Storage asked for', 'requests.ephemeral-storage': 'Scratch space asked for', 'limits.ephemeral-storage': 'Scratch space at most', pods: 'Pods', services: 'Services', configmaps: 'ConfigMaps', secrets: 'Secrets',
  persistentvolumeclaims: 'Claims on storage', replicationcontrollers: 'ReplicationControllers', resourcequotas: 'Quotas', 'services.nodeports': 'Ports on each machine', 'services.loadbalancers': 'Load balancers',
}
const labelOf = (name: string): string => {
  if (labels[name] !== undefined) return labels[name]
  const ofClass = /^(.+)\.storageclass\.storage\.k8s\.io\/(.+)$/.exec(name)
  if (ofClass) return `${ofClass[2] === 'persistentvolumeclaims' ? 'Claims' : 'Storage'} of class ${ofClass[1]}`
  const counted = /^count\/([^.]+)/.exec(name)
  // A resource is called by its kind's plural, in small letters.
  return counted ? (Object.values(looks).find(({ plural }) => plural.toLowerCase() === counted[1])?.plural ?? `Number of ${counted[1]}`) : name
}

const scopeWords: Readonly<Record<string, string>> = {
  BestEffort: 'Pods that ask for nothing', NotBestEffort: 'Pods that ask for something', Terminating: 'Pods with a deadline', NotTerminating: 'Pods without a deadline', PriorityClass: 'Pods of certain priority classes',
  CrossNamespacePodAffinity: 'Pods with affinity to other namespaces', VolumeAttributesClass: 'claims of certain attributes classes',
}

export function quotaParts(world: World, quota: ResourceQuota): Part[] {
  const { spec, status } = quota
  const rows = Object.entries(spec?.hard ?? {}).map(([name, hard]) => {
    const used = status?.used?.[name]
    const [most, now] = [quantityToNumber(hard) ?? 0, quantityToNumber(used) ?? 0]
    return { name, hard, used, share: most > 0 ? now / most : now > 0 ? 2 : 0, now, most }
  }).toSorted((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1))
  const meters = rows.map(({ name, hard, used, share, now, most }): Meter => {
    const both = isSize(name) ? bytesOf(now, most) : { part: amountInWords(name, used), whole: amountInWords(name, hard) }
    return { label: labelOf(name), share, text: used === undefined ? `being counted, of ${both.whole}` : `${both.part} of ${both.whole}`, ...(labelOf(name) === name ? {} : { note: name }) }
  })
  const scopes = [...(spec?.scopes ?? []), ...(spec?.scopeSelector?.matchExpressions ?? []).map(({ scopeName }) => scopeName)]
  const parts: Part[] = [{ title: 'Used of what is allowed', ...(scopes.length === 0 ? {} : { say: `Counts only ${[...new Set(scopes)].map((scope) => scopeWords[scope] ?? scope).join(', and ')}.` }), meters }]
  const nearest = rows.find(({ name, now }) => now > 0 && countersOf(name) !== undefined)
  if (nearest) {
    const who = mostOf(world, quota.metadata.namespace, nearest.name)
    if (who.length > 0) parts.push({ title: `Who uses most of it: ${labelOf(nearest.name).toLowerCase().replace(/cpu/, 'CPU')}`, table: { columns: ['Name', 'Uses', 'Share'], rows: who.slice(0, 6).map(({ object, amount }) => [linked(inNamespace(object.kind, object.metadata.namespace, object.metadata.name), { note: object.kind === 'Pod' && shortName(object) !== object.metadata.name ? object.kind : object.kind }), cell(isSize(nearest.name) ? bytesInWords(amount) : cpuInWords(amount), { numeric: true }), cell(`${Math.round((amount / nearest.most) * 100)} %`, { numeric: true })]) } })
  }
  return parts
}

type Counter = { kind: 'Pod' | 'PersistentVolumeClaim'; of(object: KubeObject): number }

/** How one object counts towards a limit; undefined for limits that count heads. */
function countersOf(name: string): Counter | undefined {
  const compute = /^(?:(requests|limits)\.)?(cpu|memory|ephemeral-storage)$/.exec(name)
  if (compute) {
    const side = compute[1] === 'limits' ? 'limits' : 'requests'
    return { kind: 'Pod', of: (object) => isFinished(object as Pod) ? 0 : (object as Pod).spec.containers.reduce((sum, container) => sum + (quantityToNumber(container.resources?.[side]?.[compute[2]!]) ?? 0), 0) }
  }
  const ofClass = /^(.+)\.storageclass\.storage\.k8s\.io\/requests\.storage$/.exec(name)
  if (name === 'requests.storage' || ofClass) return { kind: 'PersistentVolumeClaim', of: (object) => (ofClass && claimClass(object as PersistentVolumeClaim) !== ofClass[1] ? 0 : (quantityToNumber((object as PersistentVolumeClaim).spec.resources?.requests?.['storage']) ?? 0)) }
  return undefined
}

function mostOf(world: World, namespace: string | undefined, name: string): { object: KubeObject; amount: number }[] {
  const counter = countersOf(name)
  if (!counter) return []
  return world.list(counter.kind, namespace).map((object) => ({ object, amount: counter.of(object) })).filter(({ amount }) => amount > 0).toSorted((a, b) => b.amount - a.amount || (a.object.metadata.name < b.object.metadata.name ? -1 : 1))
}

const typeWords: Readonly<Record<string, string>> = { Container: 'Each container', Pod: 'Each Pod', PersistentVolumeClaim: 'Each claim on storage' }

export const limitParts = ({ spec }: LimitRange): Part[] => spec.limits.map((item): Part => {
  const names = [...new Set([item.min, item.defaultRequest, item.default, item.max, item.maxLimitRequestRatio].flatMap((map) => Object.keys(map ?? {})))].toSorted()
  const columns: [string, Record<string, string> | undefined][] = [['At least', item.min], ['Asks for, if unsaid', item.defaultRequest], ['Limit, if unsaid', item.default], ['At most', item.max], ['Limit to request', item.maxLimitRequestRatio]]
  const shown = columns.filter(([, map]) => Object.keys(map ?? {}).length > 0)
  return {
    title: typeWords[item.type] ?? item.type,
    table: { columns: ['', ...shown.map(([title]) => title)], rows: names.map((name): Cell[] => [mono(name), ...shown.map(([title, map]) => cell(map?.[name] === undefined ? '' : title === 'Limit to request' ? `${map[name]} to 1` : amountInWords(name, map[name]), { numeric: true }))]) },
  }
})
