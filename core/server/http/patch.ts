/** PATCH in its four forms, told apart by Content-Type (upstream: apiserver/pkg/endpoints/handlers/patch.go). */
import { isObject } from '../../base/json.ts'
import type { NewObject } from '../../api/meta.ts'
import type { Patch } from '../../api/request.ts'
import { ApiError } from '../../api/status.ts'
import type { User } from '../registry/registry.ts'
import { HttpCaller, type Api, type Target } from './api.ts'
import { sendObject } from './answers.ts'
import { bodyLimitBytes, jsonType, mediaType, parseJson } from './decode-body.ts'
import type { Exchange } from './exchange.ts'
import { keyOf } from './get.ts'
import { patchForce, queryOf, writeParams } from './options.ts'
import { parseYaml } from './yaml.ts'

const mostOperations = 10_000
const types: Readonly<Record<string, Patch['type']>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
}

export async function patch(api: Api, exchange: Exchange, target: Target, user: User): Promise<void> {
  const accepted = api.negotiator.accept(exchange.headers.accept)
  const query = queryOf(exchange)
  const type = types[mediaType(exchange.headers['content-type'])]
  if (type === undefined) {
    throw new ApiError('UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${Object.keys(types).join(', ')}`)
  }
  const params = writeParams(exchange, query, 'PatchOptions', target.subresource)
  const force = patchForce(query, type === 'apply', query.get('fieldManager') !== null && query.get('fieldManager') !== '')
  const bytes = await exchange.readBody(bodyLimitBytes)
  const decoded = await decode(type, bytes)
  const caller = new HttpCaller(user)
  const answer = await api.registry.patch(target.face, keyOf(target), decoded, force === undefined ? params : { ...params, force }, caller)
  await sendObject(api, exchange, query, target.face, accepted, answer.created === true ? 201 : 200, answer, caller.warnings)
}

async function decode(type: Patch['type'], bytes: Buffer): Promise<Patch & { duplicates: readonly string[] }> {
  const { value, duplicates } = await parse(type, bytes)
  if (type === 'json') {
    if (!Array.isArray(value)) throw undecodable(`json: cannot unmarshal ${jsonType(value)} into Go value of type []handlers.jsonPatchOp`)
    if (value.length > mostOperations) {
      throw new ApiError('RequestEntityTooLarge', `The allowed maximum operations in a JSON patch is ${mostOperations}, got ${value.length}`)
    }
    for (const step of value as unknown[]) {
      if (!isObject(step) || typeof step['op'] !== 'string' || typeof step['path'] !== 'string') throw undecodable('each operation must be an object with a string "op" and a string "path"')
    }
    return { type, body: value as Extract<Patch, { type: 'json' }>['body'], duplicates }
  }
  if (!isObject(value)) throw undecodable(`json: cannot unmarshal ${jsonType(value)} into Go value of type map[string]interface {}`)
  return type === 'apply' ? { type, body: value as unknown as NewObject, duplicates } : { type, body: value, duplicates }
}

const undecodable = (why: string) => new ApiError('BadRequest', `error decoding patch: ${why}`)

/** Apply bodies are YAML by type, and JSON in practice, which is read first because it is quicker and means the same. */
async function parse(type: Patch['type'], bytes: Buffer): Promise<{ value: unknown; duplicates: readonly string[] }> {
  if (type !== 'apply') {
    try {
      return parseJson(bytes)
    } catch (error) {
      throw undecodable((error as Error).message)
    }
  }
  if (bytes[0] === 123) {
    try {
      return parseJson(bytes)
    } catch {
      // Flow-style YAML begins with a brace too.
    }
  }
  try {
    return await parseYaml(bytes.toString('utf8'))
  } catch (error) {
    throw new ApiError('BadRequest', `error decoding YAML: error converting YAML to JSON: ${(error as Error).message}`)
  }
}
