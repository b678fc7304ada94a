/** What classes of volumes share: who provides them, with which parameters. Upstream: pkg/apis/storage/validation. */
import { type FieldError, invalid, required, tooLong } from '../../field-error.ts'
import { labelKey } from '../../names.ts'

const mostParameters = 512
const mostBytes = 256 * 1024

export function validateProvisioner(name: string, path: string, errors: FieldError[]): void {
  if (!name) errors.push(required(path))
  else for (const sentence of labelKey(name.toLowerCase())) errors.push(invalid(path, name.toLowerCase(), sentence))
}

export function validateParameters(parameters: Readonly<Record<string, string>> = {}, mayBeEmpty: boolean, path: string, errors: FieldError[]): void {
  const entries = Object.entries(parameters)
  if (entries.length > mostParameters) return void errors.push(tooLong(path, mostParameters))
  const encoder = new TextEncoder()
  let bytes = 0
  for (const [key, value] of entries) {
    if (key === '') errors.push(invalid(path, key, 'field can not be empty.'))
    bytes += encoder.encode(key).length + encoder.encode(value).length
  }
  if (bytes > mostBytes) errors.push(tooLong(path, mostBytes))
  if (!mayBeEmpty && entries.length === 0) errors.push(required(path, 'must contain at least one key/value pair'))
}
