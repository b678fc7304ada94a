/** Validation of security contexts. Upstream: pkg/apis/core/validation, ValidateSecurityContext. */
import { type FieldError, invalid, notSupported, required } from '../../field-error.ts'
import { rangeMessage } from '../../names.ts'
import type { AppArmorProfile, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext } from '../../types/core.ts'
import { descendingPath } from './validate-volumes.ts'

const largestId = 2_147_483_647

function id(value: number | undefined, path: string, errors: FieldError[]): void {
  if (value !== undefined && (value < 0 || value > largestId)) errors.push(invalid(path, value, rangeMessage(0, largestId)))
}

export function validateContainerSecurity(context: SecurityContext | undefined, spec: PodSpec, path: string, errors: FieldError[]): void {
  if (!context) return
  id(context.runAsUser, `${path}.runAsUser`, errors)
  id(context.runAsGroup, `${path}.runAsGroup`, errors)
  if (context.procMount !== undefined) {
    if (context.procMount !== 'Default' && context.procMount !== 'Unmasked') errors.push(notSupported(`${path}.procMount`, context.procMount, ['Default', 'Unmasked']))
    else if (context.procMount === 'Unmasked' && spec.hostUsers !== false) errors.push(invalid(`${path}.procMount`, context.procMount, '`hostUsers` must be false to use `Unmasked`'))
  }
  seccomp(context.seccompProfile, `${path}.seccompProfile`, errors)
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged) errors.push(invalid(path, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'))
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) errors.push(invalid(path, context, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'))
  }
  appArmor(context.appArmorProfile, `${path}.appArmorProfile`, errors)
}

export function validatePodSecurity(context: PodSecurityContext | undefined, spec: PodSpec, path: string, errors: FieldError[]): void {
  if (!context) return
  id(context.fsGroup, `${path}.fsGroup`, errors)
  id(context.runAsUser, `${path}.runAsUser`, errors)
  id(context.runAsGroup, `${path}.runAsGroup`, errors)
  for (const [i, group] of (context.supplementalGroups ?? []).entries()) id(group, `${path}.supplementalGroups[${i}]`, errors)
  if (spec.shareProcessNamespace && spec.hostPID) errors.push(invalid(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'))
  validateSysctls(context, path, errors)
  choice(context.fsGroupChangePolicy, ['Always', 'OnRootMismatch'], `${path}.fsGroupChangePolicy`, errors)
  seccomp(context.seccompProfile, `${path}.seccompProfile`, errors)
  appArmor(context.appArmorProfile, `${path}.appArmorProfile`, errors)
  choice(context.supplementalGroupsPolicy, ['Merge', 'Strict'], `${path}.supplementalGroupsPolicy`, errors)
}

const sysctl = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\.\/])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/
const sysctlPattern = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?'

function validateSysctls(context: PodSecurityContext, path: string, errors: FieldError[]): void {
  const names = new Set<string>()
  for (const [i, { name }] of (context.sysctls ?? []).entries()) {
    const at = `${path}.sysctls[${i}].name`
    if (name === '') errors.push(required(at))
    else if (name.length > 253 || !sysctl.test(name)) errors.push(invalid(at, name, `must have at most 253 characters and match regex ^${sysctlPattern}$`))
    else if (names.has(name)) errors.push({ type: 'FieldValueDuplicate', field: at, message: `Duplicate value: ${JSON.stringify(name)}` })
    names.add(name)
  }
}

function choice(value: string | undefined, supported: readonly string[], path: string, errors: FieldError[]): void {
  if (value !== undefined && !supported.includes(value)) errors.push(notSupported(path, value, supported))
}

function seccomp(profile: SeccompProfile | undefined, path: string, errors: FieldError[]): void {
  if (!profile) return
  const { type, localhostProfile } = profile
  if (type === 'Localhost') {
    if (localhostProfile === undefined) errors.push(required(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost'))
    else descendingPath(localhostProfile, `${path}.localhostProfile`, errors)
  } else {
    if (localhostProfile !== undefined) errors.push(invalid(`${path}.localhostProfile`, profile, 'can only be set when seccomp type is Localhost'))
    if (!type) errors.push(required(`${path}.type`, 'type is required when seccompProfile is set'))
    else choice(type, ['Localhost', 'RuntimeDefault', 'Unconfined'], `${path}.type`, errors)
  }
}

function appArmor(profile: AppArmorProfile | undefined, path: string, errors: FieldError[]): void {
  if (!profile) return
  const { type, localhostProfile } = profile
  if (type === 'Localhost') {
    if (localhostProfile === undefined) errors.push(required(`${path}.localhostProfile`, 'must be set when AppArmor type is Localhost'))
    else if (localhostProfile.trim() === '') errors.push(required(`${path}.localhostProfile`, 'must be set when AppArmor type is Localhost'))
  } else {
    if (localhostProfile !== undefined) errors.push(invalid(`${path}.localhostProfile`, localhostProfile, 'can only be set when AppArmor type is Localhost'))
    if (!type) errors.push(required(`${path}.type`, 'type is required when appArmorProfile is set'))
    else choice(type, ['Localhost', 'RuntimeDefault', 'Unconfined'], `${path}.type`, errors)
  }
}
