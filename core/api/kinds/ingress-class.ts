/** IngressClass: who fulfils an Ingress. Upstream: pkg/apis/networking/validation, pkg/registry/networking/ingressclass. */
import { type FieldError, forbidden, invalid, notSupported, required, tooLong } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { dns1123Label, dns1123Subdomain, regexMessage } from '../names.ts'
import type { IngressClass } from '../types/networking.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { validateParameters } from './ingress/validate.ts'
import { immutable } from './parts/immutable.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const defaultClassAnnotation = 'ingressclass.kubernetes.io/is-default-class'
const longestController = 250
const pathPattern = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
const path = new RegExp(`^${pathPattern}$`)

export const ingressClass = defineKind<IngressClass>({
  kind: 'IngressClass',
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'ingressclasses',
  singular: 'ingressclass',
  shortNames: [],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.networking.v1.IngressClass',
  tracksGeneration: true,
  generationOf: ({ spec }) => spec,
  subresources: {},

  default({ spec }) {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster'
  },
  validate: validateClass,
  validateUpdate: ({ spec }, old) => immutable('spec.controller', spec?.controller ?? '', old.spec?.controller ?? ''),

  columns: [
    { ...nameColumn, cell: ({ metadata }) => `${metadata.name}${metadata.annotations?.[defaultClassAnnotation] === 'true' ? ' (default)' : ''}` },
    { name: 'Controller', type: 'string', cell: ({ spec }) => spec?.controller ?? '' },
    { name: 'Parameters', type: 'string', cell: parametersText },
    ageColumn,
  ],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})

function parametersText({ spec }: IngressClass): string {
  const parameters = spec?.parameters
  if (!parameters) return '<none>'
  return `${parameters.kind}${parameters.apiGroup === undefined ? '' : `.${parameters.apiGroup}`}/${parameters.name}`
}

function validateClass({ spec }: IngressClass): FieldError[] {
  const errors: FieldError[] = []
  validateController(spec?.controller ?? '', errors)
  const parameters = spec?.parameters
  if (!parameters) return errors
  const at = 'spec.parameters'
  validateParameters(parameters, at, errors)
  const { scope, namespace } = parameters
  if (scope !== 'Cluster' && scope !== 'Namespace') errors.push(notSupported(`${at}.scope`, scope, ['Cluster', 'Namespace']))
  else if (scope === 'Cluster') {
    if (namespace !== undefined) errors.push(forbidden(`${at}.namespace`, "`parameters.scope` is set to 'Cluster'"))
  } else if (namespace === undefined) errors.push(required(`${at}.namespace`, "`parameters.scope` is set to 'Namespace'"))
  else for (const sentence of dns1123Label(namespace)) errors.push(invalid(`${at}.namespace`, namespace, sentence))
  return errors
}

/** A domain, and a path under it (upstream: IsDomainPrefixedPath). */
function validateController(controller: string, errors: FieldError[]): void {
  const at = 'spec.controller'
  if (controller.length > longestController) errors.push(tooLong(at, longestController))
  if (controller === '') return void errors.push(required(at))
  const slash = controller.indexOf('/')
  if (slash <= 0 || slash === controller.length - 1) return void errors.push(invalid(at, controller, 'must be a domain-prefixed path (such as "acme.io/foo")'))
  const [host, rest] = [controller.slice(0, slash), controller.slice(slash + 1)]
  for (const sentence of dns1123Subdomain(host)) errors.push(invalid(at, host, sentence))
  if (!path.test(rest)) errors.push(invalid(at, rest, regexMessage('Invalid path', pathPattern)))
}
