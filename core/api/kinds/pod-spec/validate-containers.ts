/** Validation of containers. Upstream: pkg/apis/core/validation, validateContainers and validateInitContainers. */
import { duplicate, type FieldError, forbidden, invalid, notFound, notSupported, required } from '../../field-error.ts'
import { configMapKey, dns1123Label, dns1123Subdomain, envVarName, portName, portNumber } from '../../names.ts'
import type { Container, ContainerPort, EnvFromSource, EnvVar, PodSpec, VolumeMount } from '../../types/core.ts'
import { validateResizePolicy } from './resize.ts'
import { validateLifecycle, validateProbes } from './validate-probes.ts'
import { validateResources } from './validate-resources.ts'
import { validateContainerSecurity } from './validate-security.ts'
import { descendingPath, validateFieldRef, validateResourceFieldRef } from './validate-volumes.ts'

export function validateContainers(spec: PodSpec, volumes: ReadonlySet<string>, path: string, errors: FieldError[]): void {
  const at = `${path}.containers`
  if (!spec.containers?.length) errors.push(required(at))
  const names = new Set<string>()
  for (const [i, container] of (spec.containers ?? []).entries()) {
    validateContainer(container, spec, volumes, `${at}[${i}]`, errors)
    if (names.has(container.name)) errors.push(duplicate(`${at}[${i}].name`, container.name))
    names.add(container.name)
    if (container.lifecycle) validateLifecycle(container.lifecycle, spec.terminationGracePeriodSeconds, `${at}[${i}].lifecycle`, errors)
    validateProbes(container, spec.terminationGracePeriodSeconds, `${at}[${i}]`, errors)
    restartPolicy(container, ['Always', 'Never', 'OnFailure'], `${at}[${i}]`, errors)
  }
  uniqueHostPorts(spec.containers ?? [], at, errors)

  for (const [i, container] of (spec.initContainers ?? []).entries()) {
    const where = `${path}.initContainers[${i}]`
    validateContainer(container, spec, volumes, where, errors)
    restartPolicy(container, ['Always', 'Never', 'OnFailure'], where, errors)
    if (names.has(container.name)) errors.push(duplicate(`${where}.name`, container.name))
    else if (container.name !== '') names.add(container.name)
    uniqueHostPorts([container], `${path}.initContainers`, errors)
    if (container.restartPolicy === 'Always') {
      if (container.lifecycle) validateLifecycle(container.lifecycle, spec.terminationGracePeriodSeconds, `${where}.lifecycle`, errors)
      validateProbes(container, spec.terminationGracePeriodSeconds, where, errors)
    } else {
      for (const [j, policy] of (container.resizePolicy ?? []).entries()) {
        if (policy.restartPolicy === 'RestartContainer') errors.push(invalid(`${path}.initContainers[${i}].resizePolicy[${j}].restartPolicy`, policy.restartPolicy, "must not be set to 'RestartContainer' for non-sidecar initContainers"))
      }
      for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
        if (container[field]) errors.push(forbidden(`${where}.${field}`, 'may not be set for init containers without restartPolicy=Always'))
      }
    }
  }
}

function restartPolicy(container: Container, supported: readonly string[], path: string, errors: FieldError[]): void {
  const policy = container.restartPolicy
  if (policy !== undefined && !supported.includes(policy)) errors.push(notSupported(`${path}.restartPolicy`, policy, supported))
}

const protocols = ['SCTP', 'TCP', 'UDP']

export function validateContainer(container: Container, spec: PodSpec, volumes: ReadonlySet<string>, path: string, errors: FieldError[]): void {
  if (container.name === '') errors.push(required(`${path}.name`))
  else for (const sentence of dns1123Label(container.name)) errors.push(invalid(`${path}.name`, container.name, sentence))
  if (!container.image) errors.push(required(`${path}.image`))
  const messages = container.terminationMessagePolicy
  if (messages !== 'File' && messages !== 'FallbackToLogsOnError') errors.push(notSupported(`${path}.terminationMessagePolicy`, messages, ['File', 'FallbackToLogsOnError']))
  validatePorts(container.ports ?? [], `${path}.ports`, errors)
  validateEnv(container.env ?? [], `${path}.env`, errors)
  validateEnvFrom(container.envFrom ?? [], `${path}.envFrom`, errors)
  validateMounts(container, volumes, `${path}.volumeMounts`, errors)
  const pull = container.imagePullPolicy
  if (pull !== 'Always' && pull !== 'IfNotPresent' && pull !== 'Never') errors.push(notSupported(`${path}.imagePullPolicy`, pull, ['Always', 'IfNotPresent', 'Never']))
  validateResources(container.resources, `${path}.resources`, errors)
  validateResizePolicy(container.resizePolicy, spec.restartPolicy, `${path}.resizePolicy`, errors)
  validateContainerSecurity(container.securityContext, spec, `${path}.securityContext`, errors)
}

function validatePorts(ports: readonly ContainerPort[], path: string, errors: FieldError[]): void {
  const names = new Set<string>()
  for (const [i, port] of ports.entries()) {
    const at = `${path}[${i}]`
    if (port.name) {
      const wrong = portName(port.name)
      for (const sentence of wrong) errors.push(invalid(`${at}.name`, port.name, sentence))
      if (wrong.length === 0 && names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name))
      names.add(port.name)
    }
    if (port.containerPort === 0) errors.push(required(`${at}.containerPort`))
    else for (const sentence of portNumber(port.containerPort)) errors.push(invalid(`${at}.containerPort`, port.containerPort, sentence))
    if (port.hostPort) for (const sentence of portNumber(port.hostPort)) errors.push(invalid(`${at}.hostPort`, port.hostPort, sentence))
    if (!protocols.includes(port.protocol ?? '')) errors.push(notSupported(`${at}.protocol`, port.protocol, protocols))
  }
}

function uniqueHostPorts(containers: readonly Container[], path: string, errors: FieldError[]): void {
  const taken = new Set<string>()
  for (const [i, container] of containers.entries()) {
    for (const [j, { hostPort, protocol, hostIP = '' }] of (container.ports ?? []).entries()) {
      if (!hostPort) continue
      const port = `${protocol}/${hostIP}/${hostPort}`
      if (taken.has(port)) errors.push(duplicate(`${path}[${i}].ports[${j}].hostPort`, port))
      taken.add(port)
    }
  }
}

const envFields = [
  'metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs',
]

function validateEnv(variables: readonly EnvVar[], path: string, errors: FieldError[]): void {
  for (const [i, { name, value, valueFrom }] of variables.entries()) {
    const at = `${path}[${i}]`
    if (name === '') errors.push(required(`${at}.name`))
    else for (const sentence of envVarName(name)) errors.push(invalid(`${at}.name`, name, sentence))
    if (!valueFrom) continue
    const from = `${at}.valueFrom`
    const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom
    if (fieldRef) validateFieldRef(fieldRef, envFields, `${from}.fieldRef`, errors)
    if (resourceFieldRef) validateResourceFieldRef(resourceFieldRef, `${from}.resourceFieldRef`, false, errors)
    if (configMapKeyRef) validateKeyRef(configMapKeyRef, `${from}.configMapKeyRef`, errors)
    if (secretKeyRef) validateKeyRef(secretKeyRef, `${from}.secretKeyRef`, errors)
    const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter((source) => source !== undefined).length
    if (sources === 0) errors.push(invalid(from, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'))
    else if (value) errors.push(invalid(from, '', 'may not be specified when `value` is not empty'))
    else if (sources > 1) errors.push(invalid(from, '', 'may not have more than one field specified at a time'))
  }
}

function validateKeyRef(ref: { name?: string; key: string }, path: string, errors: FieldError[]): void {
  for (const sentence of dns1123Subdomain(ref.name ?? '')) errors.push(invalid(`${path}.name`, ref.name ?? '', sentence))
  if (ref.key === '') errors.push(required(`${path}.key`))
  else for (const sentence of configMapKey(ref.key)) errors.push(invalid(`${path}.key`, ref.key, sentence))
}

function validateEnvFrom(sources: readonly EnvFromSource[], path: string, errors: FieldError[]): void {
  for (const [i, { prefix, configMapRef, secretRef }] of sources.entries()) {
    const at = `${path}[${i}]`
    if (prefix) for (const sentence of envVarName(prefix)) errors.push(invalid(`${at}.prefix`, prefix, sentence))
    for (const [name, ref] of [['configMapRef', configMapRef], ['secretRef', secretRef]] as const) {
      if (ref && !ref.name) errors.push(required(`${at}.${name}.name`))
      else if (ref?.name) for (const sentence of dns1123Subdomain(ref.name)) errors.push(invalid(`${at}.${name}.name`, ref.name, sentence))
    }
    if (!configMapRef && !secretRef) errors.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'))
    else if (configMapRef && secretRef) errors.push(invalid(path, '', 'may not have more than one field specified at a time'))
  }
}

const propagations = ['Bidirectional', 'HostToContainer', 'None']

function validateMounts(container: Container, volumes: ReadonlySet<string>, path: string, errors: FieldError[]): void {
  const points = new Set<string>()
  for (const [i, mount] of (container.volumeMounts ?? []).entries()) {
    const at = `${path}[${i}]`
    if (mount.name === '') errors.push(required(`${at}.name`))
    if (!volumes.has(mount.name)) errors.push(notFound(`${at}.name`, mount.name))
    if (mount.mountPath === '') errors.push(required(`${at}.mountPath`))
    if (points.has(mount.mountPath)) errors.push(invalid(`${at}.mountPath`, mount.mountPath, 'must be unique'))
    points.add(mount.mountPath)
    // Upstream leaves the index out of these paths.
    if (mount.subPath) descendingPath(mount.subPath, `${path}.subPath`, errors)
    if (mount.subPathExpr) {
      if (mount.subPath) errors.push(invalid(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
      descendingPath(mount.subPathExpr, `${path}.subPathExpr`, errors)
    }
    if (mount.mountPropagation !== undefined) validatePropagation(mount, container, `${path}.mountPropagation`, errors)
  }
}

function validatePropagation(mount: VolumeMount, container: Container, path: string, errors: FieldError[]): void {
  const propagation = mount.mountPropagation!
  if (!propagations.includes(propagation)) errors.push(notSupported(path, propagation, propagations))
  else if (propagation === 'Bidirectional' && !container.securityContext?.privileged) {
    errors.push(forbidden(path, 'Bidirectional mount propagation is available only to privileged containers'))
  }
}
