/** Turns a request's bytes into a value, with the keys that stood twice; failures are upstream's 400 and 415. */
import { ApiError } from '../../api/status.ts'
import type { Body } from '../registry.ts'
import { duplicateKeys } from './duplicate-keys.ts'
import type { Exchange } from './exchange.ts'
import { jsonComplaint } from './json-complaint.ts'
import { parseYaml } from './yaml.ts'

export const bodyLimitBytes = 3 * 1024 * 1024

/** The media type without parameters. */
export function mediaType(header: string | undefined): string {
  if (header === undefined) return ''
  const end = header.indexOf(';')
  return (end === -1 ? header : header.slice(0, end)).trim().toLowerCase()
}

export function parseJson(bytes: Buffer): Body {
  const text = bytes.toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text) as unknown
  } catch {
    throw new Error(jsonComplaint(text))
  }
  return { value, duplicates: duplicateKeys(text) }
}

/** The body of create and update. `expected` is the kind that the path stands for. */
export async function readObject(exchange: Exchange, expected: string): Promise<Body> {
  const type = mediaType(exchange.headers['content-type'])
  if (type !== '' && type !== 'application/json' && type !== 'application/yaml') {
    exchange.readBody(0).catch(() => {})
    throw new ApiError('UnsupportedMediaType', 'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml')
  }
  const bytes = await exchange.readBody(bodyLimitBytes)
  let complaint: string
  try {
    const body = type === 'application/yaml' ? await parseYaml(bytes.toString('utf8')) : parseJson(bytes)
    const { value } = body
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return body
    complaint = `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonType(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`
  } catch (error) {
    const said = (error as Error).message
    complaint = type === 'application/yaml' ? said : `couldn't get version/kind; json parse error: ${said}`
  }
  throw new ApiError('BadRequest', `the object provided is unrecognized (must be of type ${expected}): ${complaint} (${summary(bytes)})`)
}

export const jsonType = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value)

/** The beginning of a body as upstream shows it: text if it looks like JSON, else hexadecimal. */
function summary(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>'
  const head = bytes.subarray(0, 30)
  const shown = bytes[0] === 123 ? head.toString('utf8') : head.toString('hex')
  return bytes.length > 30 ? `${shown} ...` : shown
}
