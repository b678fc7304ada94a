/** OpenAPI v3 of one group and version. */
import type { Docs } from '../../api/schema/docs.ts'
import type { SchemaFacts } from '../../api/schema/facts.ts'
import type { Operation } from './operations.ts'
import { type Json, refTo, SchemaWriter } from './schema.ts'

const produced = ['application/json', 'application/yaml']
const statuses: Record<number, string> = { 200: 'OK', 201: 'Created', 202: 'Accepted', 401: 'Unauthorized' }
const patchTypes = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json']

export function documentV3(operations: readonly Operation[], roots: readonly string[], facts: SchemaFacts, docs: Docs): Json {
  const used = new Set<string>(roots)
  const paths: Record<string, Json> = {}
  for (const operation of operations) {
    for (const model of [operation.body, operation.answer]) if (model !== undefined) used.add(model)
    const item = (paths[operation.path] ??= { parameters: pathParameters(operation.path) })
    item[operation.method] = describe(operation, facts)
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: facts.version.replace(/^v(\d+\.\d+).*$/, '$1') },
    paths,
    components: {
      schemas: new SchemaWriter('v3', facts, docs).closure(used),
      securitySchemes: { BearerToken: { type: 'apiKey', description: 'Bearer Token authentication', name: 'authorization', in: 'header' } },
    },
  }
}

function describe(operation: Operation, facts: SchemaFacts): Json {
  const { body, answer, gvk } = operation
  const schema = answer === undefined ? { type: 'string' } : refTo('v3', answer)
  const types = operation.plainText ? ['text/plain', ...produced] : answer === undefined ? ['*/*'] : operation.watches ? [...produced, 'application/json;stream=watch'] : produced
  const content = Object.fromEntries(types.map((type) => [type, { schema }]))
  return {
    tags: [operation.tag],
    description: operation.about,
    operationId: operation.id,
    parameters: Object.entries(facts.parameters[operation.parameters] ?? {}).map(([name, type]) => ({ name, in: 'query', schema: { type, uniqueItems: true } })),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            content: Object.fromEntries((operation.action === 'patch' ? patchTypes : ['*/*']).map((type) => [type, { schema: refTo('v3', body) }])),
            ...(operation.bodyRequired ? { required: true } : {}),
          },
        }),
    responses: {
      ...Object.fromEntries(operation.codes.map((code) => [code, { description: statuses[code], content }])),
      401: { description: statuses[401] },
    },
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': gvk,
  }
}

export function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)]
    .map(([, name]) => ({ name: name!, in: 'path', description: pathNames[name!] ?? '', required: true, schema: { type: 'string', uniqueItems: true } }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

const pathNames: Record<string, string> = { name: 'name of the object', namespace: 'object name and auth scope, such as for teams and projects' }
