/** Access modes and volume modes, of claims and volumes alike. Upstream: pkg/apis/core/validation. */
import { type FieldError, forbidden, notSupported, required } from '../../field-error.ts'

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const volumeModes = ['Block', 'Filesystem']

export function validateAccessModes(modes: readonly string[] | undefined, path: string, none: string | undefined, errors: FieldError[]): void {
  if (!modes || modes.length === 0) errors.push(required(path, none))
  for (const mode of modes ?? []) if (!accessModes.includes(mode)) errors.push(notSupported(path, mode, accessModes))
  const once = modes?.includes('ReadWriteOncePod')
  if (once && modes?.some((mode) => mode !== 'ReadWriteOncePod' && accessModes.includes(mode))) errors.push(forbidden(path, 'may not use ReadWriteOncePod with other access modes'))
}

export function validateVolumeMode(mode: string | undefined, path: string, errors: FieldError[]): void {
  if (mode !== undefined && !volumeModes.includes(mode)) errors.push(notSupported(path, mode, volumeModes))
}
