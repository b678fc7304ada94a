/** Validation of a Pod's spec, shared by Pods and Pod templates. Upstream: pkg/apis/core/validation, ValidatePodSpec. */
import { type FieldError, invalid, notSupported, required } from '../../field-error.ts'
import { ipMessage, isIp } from '../../ip.ts'
import { validateLabels } from '../../label-selector.ts'
import { dns1123Label, dns1123Subdomain, dns1123SubdomainWithUnderscore, rangeMessage } from '../../names.ts'
import { validateAnnotations } from '../../object-meta.ts'
import type { PodSpec, PodTemplateSpec } from '../../types/core.ts'
import { validateEphemeralContainers } from './ephemeral-containers.ts'
import { validateContainers } from './validate-containers.ts'
import { validateResources } from './validate-resources.ts'
import { validateScheduling, validateTolerations } from './validate-scheduling.ts'
import { validatePodSecurity } from './validate-security.ts'
import { validateVolumes } from './validate-volumes.ts'

const largest = 2_147_483_647
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

export function validatePodSpec(spec: PodSpec, path: string, errors: FieldError[]): void {
  const volumes = validateVolumes(spec.volumes ?? [], `${path}.volumes`, errors)
  validateContainers(spec, volumes, path, errors)
  validateEphemeralContainers(spec, volumes, path, errors)
  validateHostPorts(spec, path, errors)
  choice(spec.restartPolicy, ['Always', 'OnFailure', 'Never'], `${path}.restartPolicy`, errors)
  choice(spec.dnsPolicy, dnsPolicies, `${path}.dnsPolicy`, errors)
  validateScheduling(spec, path, errors)
  validatePodSecurity(spec.securityContext, spec, `${path}.securityContext`, errors)
  validateDnsConfig(spec, `${path}.dnsConfig`, errors)
  name(spec.serviceAccountName, dns1123Subdomain, `${path}.serviceAccountName`, errors)
  name(spec.nodeName, dns1123Subdomain, `${path}.nodeName`, errors)
  const deadline = spec.activeDeadlineSeconds
  if (deadline !== undefined && (deadline < 1 || deadline > largest)) errors.push(invalid(`${path}.activeDeadlineSeconds`, deadline, rangeMessage(1, largest)))
  name(spec.hostname, dns1123Label, `${path}.hostname`, errors)
  name(spec.subdomain, dns1123Label, `${path}.subdomain`, errors)
  validateTolerations(spec.tolerations ?? [], `${path}.tolerations`, errors)
  for (const [i, { ip, hostnames = [] }] of (spec.hostAliases ?? []).entries()) {
    if (!isIp(ip)) errors.push(invalid(`${path}.hostAliases[${i}].ip`, ip, ipMessage))
    for (const [j, hostname] of hostnames.entries()) name(hostname, dns1123Subdomain, `${path}.hostAliases[${i}].hostnames[${j}]`, errors)
  }
  name(spec.priorityClassName, dns1123Subdomain, `${path}.priorityClassName`, errors)
  name(spec.runtimeClassName, dns1123Subdomain, `${path}.runtimeClassName`, errors)
  if (spec.overhead) validateResources({ limits: spec.overhead }, `${path}.overhead`, errors)
  if (spec.preemptionPolicy !== undefined) choice(spec.preemptionPolicy, ['Never', 'PreemptLowerPriority'], `${path}.preemptionPolicy`, errors)
  if (spec.os) {
    if (!spec.os.name) errors.push(required(`${path}.os.name`, 'cannot be empty'))
    else choice(spec.os.name, ['linux', 'windows'], `${path}.os.name`, errors)
  }
}

export function validatePodTemplate(template: PodTemplateSpec, path: string, errors: FieldError[]): void {
  errors.push(...validateLabels(template.metadata.labels, `${path}.labels`))
  errors.push(...validateAnnotations(template.metadata.annotations, `${path}.annotations`))
  validatePodSpec(template.spec, `${path}.spec`, errors)
  if (template.spec.ephemeralContainers?.length) {
    errors.push({ type: 'FieldValueForbidden', field: `${path}.spec.ephemeralContainers`, message: 'Forbidden: ephemeral containers not allowed in pod template' })
  }
}

function choice(value: string | undefined, supported: readonly string[], path: string, errors: FieldError[]): void {
  if (!supported.includes(value ?? '')) errors.push(notSupported(path, value, supported))
}

function name(value: string | undefined, check: (value: string) => string[], path: string, errors: FieldError[]): void {
  if (value) for (const sentence of check(value)) errors.push(invalid(path, value, sentence))
}

function validateHostPorts(spec: PodSpec, path: string, errors: FieldError[]): void {
  if (!spec.hostNetwork) return
  for (const [field, containers] of [['containers', spec.containers ?? []], ['initContainers', spec.initContainers ?? []]] as const) {
    for (const [i, container] of containers.entries()) {
      for (const [j, port] of (container.ports ?? []).entries()) {
        if (port.hostPort !== port.containerPort) errors.push(invalid(`${path}.${field}[${i}].ports[${j}].hostPort`, port.hostPort ?? 0, 'must match `containerPort` when `hostNetwork` is true'))
      }
    }
  }
}

const nameserversAtMost = 3
const searchesAtMost = 32
const searchCharsAtMost = 2048

function validateDnsConfig(spec: PodSpec, path: string, errors: FieldError[]): void {
  const config = spec.dnsConfig
  if (spec.dnsPolicy === 'None') {
    if (!config) return void errors.push(required(path, 'must provide `dnsConfig` when `dnsPolicy` is None'))
    if (!config.nameservers?.length) return void errors.push(required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'))
  }
  if (!config) return
  const { nameservers = [], searches = [], options = [] } = config
  if (nameservers.length > nameserversAtMost) errors.push(invalid(`${path}.nameservers`, nameservers, `must not have more than ${nameserversAtMost} nameservers`))
  for (const [i, server] of nameservers.entries()) if (!isIp(server)) errors.push(invalid(`${path}.nameservers[${i}]`, server, ipMessage))
  if (searches.length > searchesAtMost) errors.push(invalid(`${path}.searches`, searches, `must not have more than ${searchesAtMost} search paths`))
  if (searches.join(' ').length > searchCharsAtMost) errors.push(invalid(`${path}.searches`, searches, `must not have more than ${searchCharsAtMost} characters (including spaces) in the search list`))
  for (const [i, search] of searches.entries()) if (search !== '.') name(search.replace(/\.$/, ''), dns1123SubdomainWithUnderscore, `${path}.searches[${i}]`, errors)
  for (const [i, option] of options.entries()) if (!option.name) errors.push(required(`${path}.options[${i}]`, 'must not be empty'))
}
