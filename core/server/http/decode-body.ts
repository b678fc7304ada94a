/** Turns a request's bytes into a value, with the keys that stood twice; failures are upstream's 400 and 415. */
import { kubernetesFacts } from '../../api/schema/kubernetes-facts.ts'
import { ApiError } from '../../api/status.ts'
import { decodeProtobuf } from '../protobuf/decode.ts'
import type { Body } from '../registry/registry.ts'
import { duplicateKeys } from './duplicate-keys.ts'
import type { Exchange } from './exchange.ts'
import { jsonComplaint } from './json-complaint.ts'
import { parseYaml } from './yaml.ts'

const protobufType = 'application/vnd.kubernetes.protobuf'
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

const accepted = ['', 'application/json', 'application/yaml', protobufType]

/** The body of create and update. `expected` is the kind that the path stands for. */
export async function readObject(exchange: Exchange, expected: string): Promise<Body> {
  const type = mediaType(exchange.headers['content-type'])
  if (!accepted.includes(type)) {
    exchange.readBody(0).catch(() => {})
    throw unknownFormat()
  }
  const bytes = await exchange.readBody(bodyLimitBytes)
  let complaint: string
  try {
    const body = await parseAs(type, bytes)
    const { value } = body
    if (value === null) return { value: {}, duplicates: [] }
    if (typeof value === 'object' && !Array.isArray(value)) return body
    complaint = `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonType(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`
  } catch (error) {
    const said = (error as Error).message
    complaint = type === '' || type === 'application/json' ? `couldn't get version/kind; json parse error: ${said}` : said
  }
  throw new ApiError('BadRequest', `the object provided is unrecognized (must be of type ${expected}): ${complaint} (${summary(bytes)})`)
}

const unknownFormat = () =>
  new ApiError('UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${accepted.slice(1).join(', ')}`)

/** Throws a plain Error that says what is wrong; UnsupportedMediaType for other types. */
export async function parseAs(type: string, bytes: Buffer): Promise<Body> {
  if (type === '' || type === 'application/json') return parseJson(bytes)
  if (type === 'application/yaml') return parseYaml(bytes.toString('utf8'))
  if (type === protobufType) return { value: decodeProtobuf(bytes, kubernetesFacts), duplicates: [] }
  throw unknownFormat()
}

export const jsonType = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value)

/** The beginning of a body as upstream shows it: text if it looks like JSON, else hexadecimal. */
function summary(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>'
  const head = bytes.subarray(0, 30)
  const shown = bytes[0] === 123 ? head.toString('utf8') : head.toString('hex')
  return bytes.length > 30 ? `${shown} ...` : shown
}
