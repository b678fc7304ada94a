/** Validation of Ingresses. Upstream: pkg/apis/networking/validation, ValidateIngressSpec. */
import { type FieldError, invalid, notSupported, required } from '../../field-error.ts'
import { isIp } from '../../ip.ts'
import { dns1123Label, dns1123Subdomain, pathSegment, portName, portNumber, wildcardSubdomain } from '../../names.ts'
import type { HTTPIngressPath, Ingress, IngressBackend, IngressClassParametersReference, IngressTLS } from '../../types/networking.ts'

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']
const badSequences = ['//', '/./', '/../', '%2f', '%2F']
const badEnds = ['/..', '/.']

export function validateIngress({ spec }: Ingress): FieldError[] {
  const errors: FieldError[] = []
  const rules = spec.rules ?? []
  if (rules.length === 0 && !spec.defaultBackend) errors.push(invalid('spec', null, 'either `defaultBackend` or `rules` must be specified'))
  if (spec.defaultBackend) validateBackend(spec.defaultBackend, 'spec.defaultBackend', errors)
  for (const [i, { host, http }] of rules.entries()) {
    const path = `spec.rules[${i}]`
    if (host) validateHost(host, `${path}.host`, errors)
    if (!http) continue
    const paths = http.paths ?? []
    if (paths.length === 0) errors.push(required(`${path}.http.paths`))
    for (const [j, one] of paths.entries()) validatePath(one, `${path}.http.paths[${j}]`, errors)
  }
  for (const [i, tls] of (spec.tls ?? []).entries()) validateTls(tls, `spec.tls[${i}]`, errors)
  if (spec.ingressClassName !== undefined) for (const sentence of dns1123Subdomain(spec.ingressClassName)) errors.push(invalid('spec.ingressClassName', spec.ingressClassName, sentence))
  return errors
}

function validateHost(host: string, path: string, errors: FieldError[]): void {
  if (isIp(host)) errors.push(invalid(path, host, 'must be a DNS name, not an IP address'))
  for (const sentence of hostname(host)) errors.push(invalid(path, host, sentence))
}

const hostname = (host: string): string[] => (host.includes('*') ? wildcardSubdomain(host) : dns1123Subdomain(host))

function validatePath({ path = '', pathType, backend }: HTTPIngressPath, at: string, errors: FieldError[]): void {
  if (pathType === undefined) return void errors.push(required(`${at}.pathType`, 'pathType must be specified'))
  const complain = (why: string) => errors.push(invalid(`${at}.path`, path, why))
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!path.startsWith('/')) complain('must be an absolute path')
    for (const bad of badSequences) if (path.includes(bad)) complain(`must not contain '${bad}'`)
    for (const bad of badEnds) if (path.endsWith(bad)) complain(`cannot end with '${bad}'`)
  } else if (pathType === 'ImplementationSpecific') {
    if (path !== '' && !path.startsWith('/')) complain('must be an absolute path')
  } else errors.push(notSupported(`${at}.pathType`, pathType, pathTypes))
  validateBackend(backend ?? {}, `${at}.backend`, errors)
}

function validateBackend({ resource, service }: IngressBackend, at: string, errors: FieldError[]): void {
  if (resource && service) return void errors.push(invalid(at, '', 'cannot set both resource and service backends'))
  if (resource) return validateParameters(resource, `${at}.resource`, errors)
  if (!service) return void errors.push(invalid(at, '', 'resource or service backend is required'))
  if (!service.name) errors.push(required(`${at}.service.name`))
  else for (const sentence of dns1123Label(service.name)) errors.push(invalid(`${at}.service.name`, service.name, sentence))
  const { name, number } = service.port ?? {}
  if (name && number) errors.push(invalid(at, '', 'cannot set both port name & port number'))
  else if (name) for (const sentence of portName(name)) errors.push(invalid(`${at}.service.port.name`, name, sentence))
  else if (number) for (const sentence of portNumber(number)) errors.push(invalid(`${at}.service.port.number`, number, sentence))
  else errors.push(required(at, 'port name or number is required'))
}

function validateTls({ hosts = [], secretName }: IngressTLS, at: string, errors: FieldError[]): void {
  for (const [i, host] of hosts.entries()) for (const sentence of hostname(host)) errors.push(invalid(`${at}.hosts[${i}]`, host, sentence))
  if (secretName) for (const sentence of dns1123Subdomain(secretName)) errors.push(invalid(`${at}.secretName`, secretName, sentence))
}

/** What names any object: a resource backend, or the parameters of a class. */
export function validateParameters({ apiGroup, kind, name }: Pick<IngressClassParametersReference, 'apiGroup' | 'kind' | 'name'>, at: string, errors: FieldError[]): void {
  if (apiGroup !== undefined) for (const sentence of dns1123Subdomain(apiGroup)) errors.push(invalid(`${at}.apiGroup`, apiGroup, sentence))
  for (const [field, value] of [['kind', kind], ['name', name]] as const) {
    if (!value) errors.push(required(`${at}.${field}`))
    else for (const sentence of pathSegment(value)) errors.push(invalid(`${at}.${field}`, value, sentence))
  }
}
