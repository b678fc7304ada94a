/** What a scheduler and drivers write into a ResourceClaim's status. Upstream: pkg/apis/resource/validation/validation.go, validateDeviceStatus. */
import { duplicate, type FieldError, invalid, tooLong, tooMany } from '../../field-error.ts'
import { dns1123Label } from '../../names.ts'
import type { AllocatedDeviceStatus, DeviceRequestAllocationResult, ResourceClaimStatus } from '../../types/resource.ts'
import { validateConditions } from '../parts/status-conditions.ts'
import { validateDriverName, validateList, validatePoolName } from './claim-names.ts'
import { validateRaw } from './claim-spec.ts'
import { validateBinding } from './device.ts'

const conditionsAtMost = 8
const interfaceNameAtMost = 256
const hardwareAddressAtMost = 128
const addressesAtMost = 16
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const deviceName = (name: string | undefined, at: string): FieldError[] => dns1123Label(name ?? '').map((sentence) => invalid(`${at}.device`, name ?? '', sentence))

function shareId(id: string | undefined, at: string): FieldError[] {
  if (id === undefined || uuid.test(id)) return []
  if (id.length === 36 && uuid.test(id.toLowerCase())) return [invalid(`${at}.shareID`, id, 'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters')]
  return [invalid(`${at}.shareID`, id, `error validating uid: invalid UUID ${id.length === 36 ? 'format' : `length: ${id.length}`}`)]
}

export const validateResultExtras = ({ device, bindingConditions = [], bindingFailureConditions = [], shareID }: DeviceRequestAllocationResult, at: string): FieldError[] => [
  ...deviceName(device, at), ...validateBinding(bindingConditions, bindingFailureConditions, at), ...shareId(shareID, at),
]

type Named = Pick<AllocatedDeviceStatus, 'driver' | 'pool' | 'device' | 'shareID'>
/** As upstream prints it. */
const keyOf = ({ driver, pool, device, shareID }: Named): string => `${driver}/${pool}/${device}${shareID === undefined ? '' : `/${shareID}`}`

export function validateClaimDevices({ allocation, devices }: ResourceClaimStatus): FieldError[] {
  const allocated = new Set((allocation?.devices?.results ?? []).map(keyOf))
  return validateList(devices, 'status.devices', Number.MAX_SAFE_INTEGER, (one, at) => {
    const { conditions = [], data, networkData } = one
    const errors = [...validateDriverName(one.driver, `${at}.driver`), ...validatePoolName(one.pool, `${at}.pool`), ...deviceName(one.device, at), ...shareId(one.shareID, at)]
    if (!allocated.has(keyOf(one))) errors.push(invalid(at, keyOf(one), 'must be an allocated device in the claim'))
    if (conditions.length > conditionsAtMost) errors.push(tooMany(`${at}.conditions`, conditions.length, conditionsAtMost))
    errors.push(...validateConditions(conditions, `${at}.conditions`), ...(data === undefined ? [] : validateRaw(data, `${at}.data`)))
    const { interfaceName = '', hardwareAddress = '', ips = [] } = networkData ?? {}
    const network = `${at}.networkData`
    if (interfaceName.length > interfaceNameAtMost) errors.push(tooLong(`${network}.interfaceName`, interfaceNameAtMost))
    if (hardwareAddress.length > hardwareAddressAtMost) errors.push(tooLong(`${network}.hardwareAddress`, hardwareAddressAtMost))
    if (ips.length > addressesAtMost) errors.push(tooMany(`${network}.ips`, ips.length, addressesAtMost))
    ips.forEach((ip, i) => {
      if (ips.indexOf(ip) < i) errors.push(duplicate(`${network}.ips[${i}]`, ip))
    })
    return errors
  }, keyOf)
}
