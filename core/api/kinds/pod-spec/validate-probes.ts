/** Validation of probes and lifecycle handlers. Upstream: pkg/apis/core/validation, validateProbe, validateHandler. */
import { type FieldError, forbidden, invalid, notSupported, required } from '../../field-error.ts'
import { httpHeaderName, portName, portNumber } from '../../names.ts'
import type { Container, HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from '../../types/core.ts'
import { nonNegative } from '../parts/non-negative.ts'

export function validateProbes(container: Container, grace: number | undefined, path: string, errors: FieldError[]): void {
  const { livenessProbe, readinessProbe, startupProbe } = container
  if (livenessProbe) {
    validateProbe(livenessProbe, grace, `${path}.livenessProbe`, errors)
    mustBeOne(livenessProbe, `${path}.livenessProbe`, errors)
  }
  if (readinessProbe) {
    validateProbe(readinessProbe, grace, `${path}.readinessProbe`, errors)
    const seconds = readinessProbe.terminationGracePeriodSeconds
    if (seconds !== undefined) errors.push(invalid(`${path}.readinessProbe.terminationGracePeriodSeconds`, seconds, 'must not be set for readinessProbes'))
  }
  if (startupProbe) {
    validateProbe(startupProbe, grace, `${path}.startupProbe`, errors)
    mustBeOne(startupProbe, `${path}.startupProbe`, errors)
  }
}

function mustBeOne(probe: Probe, path: string, errors: FieldError[]): void {
  if (probe.successThreshold !== 1) errors.push(invalid(`${path}.successThreshold`, probe.successThreshold, 'must be 1'))
}

const counts = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold']

function validateProbe(probe: Probe, grace: number | undefined, path: string, errors: FieldError[]): void {
  validateHandler(probe, grace, path, errors)
  nonNegative(probe, counts, path, errors)
  const seconds = probe.terminationGracePeriodSeconds
  if (seconds !== undefined && seconds <= 0) errors.push(invalid(`${path}.terminationGracePeriodSeconds`, seconds, 'must be greater than 0'))
}

export function validateLifecycle(lifecycle: Lifecycle, grace: number | undefined, path: string, errors: FieldError[]): void {
  if (lifecycle.postStart) validateHandler(lifecycle.postStart, grace, `${path}.postStart`, errors)
  if (lifecycle.preStop) validateHandler(lifecycle.preStop, grace, `${path}.preStop`, errors)
}

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const

function validateHandler(handler: LifecycleHandler & Probe, grace: number | undefined, path: string, errors: FieldError[]): void {
  let first = true
  for (const name of handlers) {
    if (handler[name] === undefined) continue
    if (!first) {
      errors.push(forbidden(`${path}.${name}`, 'may not specify more than 1 handler type'))
      continue
    }
    first = false
    if (name === 'exec' && !handler.exec?.command?.length) errors.push(required(`${path}.exec.command`))
    if (name === 'httpGet') validateHttpGet(handler.httpGet!, `${path}.httpGet`, errors)
    if (name === 'tcpSocket') validatePort(handler.tcpSocket!.port, `${path}.tcpSocket.port`, errors)
    if (name === 'grpc') validatePort(handler.grpc!.port, `${path}.grpc.port`, errors)
    if (name === 'sleep' && grace !== undefined) {
      const { seconds } = handler.sleep!
      if (seconds < 0 || seconds > grace) errors.push(invalid(`${path}.sleep`, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${grace})`))
    }
  }
  if (first) errors.push(required(path, 'must specify a handler type'))
}

function validateHttpGet(action: HTTPGetAction, path: string, errors: FieldError[]): void {
  if (!action.path) errors.push(required(`${path}.path`))
  validatePort(action.port, `${path}.port`, errors)
  if (action.scheme !== 'HTTP' && action.scheme !== 'HTTPS') errors.push(notSupported(`${path}.scheme`, action.scheme, ['HTTP', 'HTTPS']))
  for (const { name } of action.httpHeaders ?? []) for (const sentence of httpHeaderName(name)) errors.push(invalid(`${path}.httpHeaders`, name, sentence))
}

/** A port by number or by name. */
export function validatePort(port: number | string, path: string, errors: FieldError[]): void {
  for (const sentence of typeof port === 'number' ? portNumber(port) : portName(port)) errors.push(invalid(path, port, sentence))
}
