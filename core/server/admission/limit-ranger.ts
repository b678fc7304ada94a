/**
 * A namespace's LimitRanges: what they give Pods that say nothing, and what they refuse.
 * Upstream: plugin/pkg/admission/limitranger/admission.go; messages are its own.
 */
import { type Amounts, formatAmounts } from '../../api/amounts.ts'
import { podLimits, podRequests } from '../../api/pod-resources.ts'
import { compareQuantities, quantityMilli } from '../../api/quantity.ts'
import type { Container, LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod } from '../../api/types/core.ts'
import { objectForbidden } from '../errors.ts'
import { served } from '../registry/faces.ts'
import type { Lookup } from '../registry/lookup.ts'
import type { Admission, AdmissionRequest } from './admission.ts'

const annotation = 'kubernetes.io/limit-ranger'
type List = Readonly<Record<string, string>>

export const limitRanger = (lookup: Lookup): Admission => {
  const rangesFor = (request: AdmissionRequest): readonly LimitRange[] =>
    applies(request) ? (lookup.list('LimitRange', request.namespace) as unknown as LimitRange[]) : []
  return {
    name: 'LimitRanger',
    kinds: ['Pod', 'PersistentVolumeClaim'],
    mutate(request) {
      if (request.face.definition.kind !== 'Pod') return
      for (const range of rangesFor(request)) fill(request.draft as unknown as Pod, range)
    },
    validate(request) {
      for (const { spec } of rangesFor(request)) {
        const found = spec.limits.flatMap((item) => complaints(request, item))
        const unique = [...new Set(found)]
        if (unique.length > 0) throw objectForbidden(served(request.face), request.name, unique.length === 1 ? unique[0]! : `[${unique.join(', ')}]`)
      }
    },
  }
}

function applies({ operation, face, subresource, old }: AdmissionRequest): boolean {
  if (operation === 'delete' || old?.metadata.deletionTimestamp !== undefined) return false
  if (face.definition.kind === 'Pod') return operation === 'create' ? subresource === undefined : subresource === 'resize'
  return subresource === undefined
}

function fill({ metadata, spec }: Pod, range: LimitRange): void {
  const limits: Record<string, string> = {}
  const requests: Record<string, string> = {}
  for (const item of range.spec.limits) {
    if (item.type !== 'Container') continue
    Object.assign(limits, item.default)
    Object.assign(requests, item.defaultRequest)
  }
  const set = [
    ...spec.containers.flatMap((container) => fillContainer(container, requests, limits, 'container')),
    ...(spec.initContainers ?? []).flatMap((container) => fillContainer(container, requests, limits, 'init container')),
  ]
  if (set.length > 0) metadata.annotations = { ...metadata.annotations, [annotation]: `LimitRanger plugin set: ${set.join('; ')}` }
}

function fillContainer(container: Container, requests: List, limits: List, what: string): string[] {
  const missing = (given: List | undefined, wanted: List) => Object.keys(wanted).filter((name) => given?.[name] === undefined).sort()
  const { resources = {} } = container
  const newRequests = missing(resources.requests, requests)
  const newLimits = missing(resources.limits, limits)
  const extended = (given: List | undefined, wanted: List, names: readonly string[]) => ({ ...given, ...Object.fromEntries(names.map((name) => [name, wanted[name]!])) })
  if (newRequests.length + newLimits.length > 0) {
    container.resources = {
      ...resources,
      ...(newRequests.length > 0 ? { requests: extended(resources.requests, requests, newRequests) } : {}),
      ...(newLimits.length > 0 ? { limits: extended(resources.limits, limits, newLimits) } : {}),
    }
  }
  return [
    ...(newRequests.length > 0 ? [`${newRequests.join(', ')} request for ${what} ${container.name}`] : []),
    ...(newLimits.length > 0 ? [`${newLimits.join(', ')} limit for ${what} ${container.name}`] : []),
  ]
}

function complaints({ face, draft }: AdmissionRequest, item: LimitRangeItem): string[] {
  if (face.definition.kind === 'PersistentVolumeClaim') {
    if (item.type !== 'PersistentVolumeClaim') return []
    const requests = (draft as unknown as PersistentVolumeClaim).spec.resources?.requests ?? {}
    return [...each(item.min, (name, least) => belowMin(item.type, name, least, requests, {})), ...each(item.max, (name, most) => requestAboveMax(item.type, name, most, requests))]
  }
  const pod = draft as unknown as Pod
  if (item.type === 'Container') {
    return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap(({ resources }) => outside(item, resources?.requests ?? {}, resources?.limits ?? {}))
  }
  if (item.type !== 'Pod') return []
  // What the spec says; neither a resize under way nor overhead counts here.
  const { overhead: _, ...spec } = pod.spec
  const asked = { ...pod, spec, status: {} } as Pod
  return outside(item, textOf(podRequests(asked)), textOf(podLimits(asked)))
}

const textOf = (amounts: Amounts): List => formatAmounts(amounts)

const outside = (item: LimitRangeItem, requests: List, limits: List): string[] => [
  ...each(item.min, (name, least) => belowMin(item.type, name, least, requests, limits)),
  ...each(item.max, (name, most) => aboveMax(item.type, name, most, requests, limits)),
  ...each(item.maxLimitRequestRatio, (name, ratio) => aboveRatio(item.type, name, ratio, requests[name], limits[name])),
]

const each = (list: List | undefined, check: (name: string, amount: string) => string | undefined): string[] =>
  Object.keys(list ?? {})
    .sort()
    .flatMap((name) => check(name, list![name]!) ?? [])

function belowMin(type: string, name: string, least: string, requests: List, limits: List): string | undefined {
  const [request, limit] = [requests[name], limits[name]]
  const head = `minimum ${name} usage per ${type} is ${least}`
  if (request === undefined) return `${head}.  No request is specified`
  if (compareQuantities(request, least) < 0) return `${head}, but request is ${request}`
  return limit !== undefined && compareQuantities(limit, least) < 0 ? `${head}, but limit is ${limit}` : undefined
}

function aboveMax(type: string, name: string, most: string, requests: List, limits: List): string | undefined {
  const [request, limit] = [requests[name], limits[name]]
  const head = `maximum ${name} usage per ${type} is ${most}`
  if (limit === undefined) return `${head}.  No limit is specified`
  if (compareQuantities(limit, most) > 0) return `${head}, but limit is ${limit}`
  return request !== undefined && compareQuantities(request, most) > 0 ? `${head}, but request is ${request}` : undefined
}

function requestAboveMax(type: string, name: string, most: string, requests: List): string | undefined {
  const request = requests[name]
  const head = `maximum ${name} usage per ${type} is ${most}`
  if (request === undefined) return `${head}.  No request is specified`
  return compareQuantities(request, most) > 0 ? `${head}, but request is ${request}` : undefined
}

function aboveRatio(type: string, name: string, most: string, request: string | undefined, limit: string | undefined): string | undefined {
  const head = `${name} max limit to request ratio per ${type} is ${most}`
  if (request === undefined || quantityMilli(request) === 0) return `${head}, but no request is specified or request is 0`
  if (limit === undefined || quantityMilli(limit) === 0) return `${head}, but no limit is specified or limit is 0`
  const ratio = quantityMilli(limit) / quantityMilli(request)
  return ratio * 1000 > quantityMilli(most) ? `${head}, but provided ratio is ${ratio.toFixed(6)}` : undefined
}
