/** What can be asked of each kind, in neither version's form yet. Both documents are written from this one list. */
import type { KindDefinition, Verb } from '../../api/kind.ts'
import { patchModel } from './schema.ts'

export interface Gvk {
  readonly group: string
  readonly version: string
  readonly kind: string
}

export interface Operation {
  readonly path: string
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  readonly id: string
  readonly tag: string
  readonly about: string
  /** x-kubernetes-action */
  readonly action: string
  readonly gvk: Gvk
  /** Label in the facts' table of query parameters. */
  readonly parameters: string
  readonly body?: string
  readonly bodyRequired?: boolean
  /** Model of the answer; absent: text. */
  readonly answer?: string
  readonly codes: readonly number[]
  readonly watches?: boolean
  readonly plainText?: boolean
}

/** One served face of a kind. */
export interface Served {
  readonly definition: KindDefinition
  readonly group: string
  readonly version: string
  readonly schema: string
}

const status = 'io.k8s.apimachinery.pkg.apis.meta.v1.Status'
const deleteOptions = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'
const scale = { model: 'io.k8s.api.autoscaling.v1.Scale', gvk: { group: 'autoscaling', version: 'v1', kind: 'Scale' } }
const everyVerb: readonly Verb[] = ['create', 'get', 'list', 'watch', 'update', 'patch', 'delete', 'deletecollection']

export const groupVersionPath = (group: string, version: string): string => (group === '' ? `api/${version}` : `apis/${group}/${version}`)

export function operationsOf({ definition, group, version, schema }: Served): Operation[] {
  const { kind, plural } = definition
  const verbs = definition.verbs ?? everyVerb
  const namespaced = definition.scope === 'Namespaced'
  const root = `/${groupVersionPath(group, version)}`
  const all = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`
  const one = `${all}/{name}`
  const name = `${titled(group === '' ? 'core' : group.split('.')[0]!)}${titled(version)}`
  const scoped = namespaced ? `Namespaced${kind}` : kind
  const shared = { tag: `${group === '' ? 'core' : group.replace(/\.k8s\.io$/, '')}_${version}`, gvk: { group, version, kind } }
  const virtual = verbs.join() === 'create'
  const answered = definition.deleteReturnsObject ? schema : status
  const found: Operation[] = []
  const add = (verb: Verb, operation: Omit<Operation, 'tag' | 'gvk'>) => {
    if (verbs.includes(verb)) found.push({ ...shared, ...operation })
  }

  const list = { method: 'get', action: 'list', parameters: 'list', answer: `${schema}List`, codes: [200], watches: true } as const
  if (namespaced) add('list', { ...list, path: `${root}/${plural}`, id: `list${name}${kind}ForAllNamespaces`, about: `list or watch objects of kind ${kind}` })
  add('list', { ...list, path: all, id: `list${name}${scoped}`, about: `list or watch objects of kind ${kind}` })
  add('create', { path: all, method: 'post', id: `create${name}${scoped}`, about: `create ${article(kind)}`, action: 'post', parameters: 'create', body: schema, bodyRequired: true, answer: schema, codes: [200, 201, 202] })
  add('deletecollection', { path: all, method: 'delete', id: `delete${name}Collection${scoped}`, about: `delete collection of ${kind}`, action: 'deletecollection', parameters: 'deletecollection', body: deleteOptions, answer: status, codes: [200] })
  add('get', { path: one, method: 'get', id: `read${name}${scoped}`, about: `read the specified ${kind}`, action: 'get', parameters: 'get', answer: schema, codes: [200] })
  add('update', { path: one, method: 'put', id: `replace${name}${scoped}`, about: `replace the specified ${kind}`, action: 'put', parameters: 'update', body: schema, bodyRequired: true, answer: schema, codes: [200, 201] })
  add('patch', { path: one, method: 'patch', id: `patch${name}${scoped}`, about: `partially update the specified ${kind}`, action: 'patch', parameters: 'patch', body: patchModel, bodyRequired: true, answer: schema, codes: [200, 201] })
  add('delete', { path: one, method: 'delete', id: `delete${name}${scoped}`, about: `delete ${article(kind)}`, action: 'delete', parameters: 'delete', body: deleteOptions, answer: answered, codes: [200, 202] })
  if (virtual) return found

  const part = (sub: string, model: string, gvk: Gvk) => {
    const [path, suffix] = [`${one}/${sub}`, `${scoped}${titled(sub)}`]
    found.push(
      { ...shared, gvk, path, method: 'get', id: `read${name}${suffix}`, about: `read ${sub} of the specified ${kind}`, action: 'get', parameters: 'get', answer: model, codes: [200] },
      { ...shared, gvk, path, method: 'put', id: `replace${name}${suffix}`, about: `replace ${sub} of the specified ${kind}`, action: 'put', parameters: 'update', body: model, bodyRequired: true, answer: model, codes: [200, 201] },
      { ...shared, gvk, path, method: 'patch', id: `patch${name}${suffix}`, about: `partially update ${sub} of the specified ${kind}`, action: 'patch', parameters: 'patch', body: patchModel, bodyRequired: true, answer: model, codes: [200, 201] },
    )
  }
  if (definition.subresources.status) part('status', schema, shared.gvk)
  for (const name of Object.keys(definition.subresources.parts ?? {})) part(name, schema, shared.gvk)
  if (definition.subresources.scale) part('scale', scale.model, scale.gvk)
  for (const sub of definition.subresources.others ?? []) found.push(...further(sub, one, name, scoped, schema, { kind, ...shared }))
  return found
}

/** Options of streaming subresources; their kinds have no model of their own. */
const connections: Record<string, string> = { attach: 'PodAttachOptions', exec: 'PodExecOptions', portforward: 'PodPortForwardOptions' }
const posted: Record<string, { model: string; gvk: Gvk }> = {
  binding: { model: 'io.k8s.api.core.v1.Binding', gvk: { group: '', version: 'v1', kind: 'Binding' } },
  eviction: { model: 'io.k8s.api.policy.v1.Eviction', gvk: { group: 'policy', version: 'v1', kind: 'Eviction' } },
}

function further(sub: string, one: string, name: string, scoped: string, schema: string, shared: { kind: string; tag: string; gvk: Gvk }): Operation[] {
  const { kind, tag, gvk } = shared
  const path = `${one}/${sub}`
  const suffix = `${scoped}${titled(sub)}`
  const streamed = connections[sub]
  if (streamed !== undefined) {
    return (['get', 'post'] as const).map((method) => ({
      path, method, tag, id: `connect${name}${titled(method)}${suffix}`, about: `connect ${method.toUpperCase()} requests to ${sub} of ${kind}`,
      action: 'connect', gvk: { group: '', version: 'v1', kind: streamed }, parameters: `pods/${sub} ${method === 'get' ? 'get' : 'create'}`, codes: [200],
    }))
  }
  const sent = posted[sub]
  if (sent !== undefined) {
    return [{ path, method: 'post', tag, id: `create${name}${suffix}`, about: `create ${sub} of ${article(kind)}`, action: 'post', gvk: sent.gvk, parameters: 'create', body: sent.model, bodyRequired: true, answer: sent.model, codes: [200, 201, 202] }]
  }
  if (sub === 'log') return [{ path, method: 'get', tag, id: `read${name}${suffix}`, about: `read log of the specified ${kind}`, action: 'get', gvk, parameters: 'pods/log get', codes: [200], plainText: true }]
  if (sub === 'finalize') return [{ path, method: 'put', tag, id: `replace${name}${suffix}`, about: `replace finalize of the specified ${kind}`, action: 'put', gvk, parameters: 'update', body: schema, bodyRequired: true, answer: schema, codes: [200, 201] }]
  return []
}

const titled = (text: string) => (text === 'portforward' ? 'Portforward' : `${text[0]!.toUpperCase()}${text.slice(1)}`)
const article = (kind: string) => `${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}`
